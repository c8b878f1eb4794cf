"""A value of an answer with the place where it was read, and its members by a shape's names.

Knows nothing of text, tokens or wrappers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from docextract.core import Tree

VALUE_KEYS = ("value", "text", "answer", "content", "raw", "fieldvalue")
"""Where the value stands in an object that tells more of it, such as a confidence."""
_MAX_DEPTH = 6
"""As deep as schemas go; what stands deeper says something."""
_NO_LETTER = re.compile(r"[\W_]+")


class Node(NamedTuple):
    """A value, and where it was read."""

    value: Any
    path: str


def members_of(node: Node, shape: Tree) -> dict[str, Node]:
    """Return the members of an object that its shape has, by the names of the shape."""
    if not isinstance(node.value, dict):
        return {}
    found = {}
    by_fold = {fold(key): key for key in reversed(node.value)}
    for name in shape["properties"]:
        key = name if name in node.value else by_fold.get(fold(name))
        if key is not None:
            found[name] = child_of(node, key)
    return found


def child_of(node: Node, key: Any) -> Node:
    """Return a member of an object; one that was put there from elsewhere knows where."""
    value = node.value[key]
    return value if isinstance(value, Node) else Node(value, join(node.path, str(key)))


def rows_of(node: Node) -> Iterator[Node]:
    """Yield the rows of a list, or of an object that has them by number."""
    if isinstance(node.value, list):
        for number, value in enumerate(node.value):
            yield Node(value, f"{node.path}[{number}]")
    elif isinstance(node.value, dict) and all(str(key).isdecimal() for key in node.value):
        for key in node.value:
            yield child_of(node, key)


def num_named(value: Any, shape: Tree) -> int:
    """Return how many members of a shape an object has, in the kind that the shape wants."""
    if not isinstance(value, dict):
        return 0
    members = members_of(Node(value, ""), shape)
    return sum(_is_of_kind(members[name].value, shape["properties"][name]) for name in members)


def _is_of_kind(value: Any, shape: Tree) -> bool:
    if value is None:
        return True
    if "properties" in shape:
        return isinstance(value, dict)
    if "items" in shape:
        return isinstance(value, dict | list)
    return not isinstance(value, dict | list) or value_key(value) is not None


def value_key(value: Any) -> str | None:
    """Return the key of the value in an object that tells more of it; None where it is none."""
    if not isinstance(value, dict):
        return None
    return next((key for key in value if fold(key) in VALUE_KEYS), None)


def is_something(value: Any) -> bool:
    """Return whether a value says anything; looks no deeper than a schema does."""
    return _says(value, _MAX_DEPTH)


def _says(value: Any, depth: int) -> bool:
    inner = value.value if isinstance(value, Node) else value
    if isinstance(inner, str):
        return bool(inner.strip())
    if not isinstance(inner, dict | list):
        return inner is not None
    children = inner.values() if isinstance(inner, dict) else inner
    return depth == 0 or any(_says(child, depth - 1) for child in children)


def fold(key: Any) -> str:
    """Return a key without what differs between ways to write it."""
    return _NO_LETTER.sub("", str(key)).casefold()


def join(path: str, key: str) -> str:
    """Return the path of a member."""
    return f"{path}.{key}" if path else key
