"""Fits what a model wrote into the shape that was asked for, however it put it.

Knows nothing of text or tokens: values come with the path at which they were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from docextract.engine.answer_format import fitted_leaf
from docextract.records import Tree

_NAME_KEYS = ("field", "name", "key", "path", "label", "fieldname")
_VALUE_KEYS = ("value", "text", "answer", "content", "raw", "fieldvalue")
_MAX_DEPTH = 3
_MAX_MEMBERS = 100
"""Of an object that may be a wrapper; a schema's own members are looked for by name."""
_NO_LETTER = re.compile(r"[\W_]+")
_STEP = re.compile(r"[^.\[\]]+")


class Node(NamedTuple):
    """A value, and where it was read."""

    value: Any
    path: str


class Shaped(NamedTuple):
    """An answer in the shape that was asked for.

    Attributes:
        values: null or empty for what is not there or does not fit.
        sources: by path of a leaf that has text, where it was read.
        num_named: members of the shape that the answer has.
        num_lost: values of the answer that went nowhere.
    """

    values: Tree
    sources: dict[str, str]
    num_named: int
    num_lost: int

    @property
    def is_understood(self) -> bool:
        """Whether it holds something, or is empty because the answer is."""
        return bool(self.sources) or (self.num_named > 0 and not self.num_lost)


def shaped(root: Any, shape: Tree) -> Shaped:
    """Return an answer in its shape.

    Wrappers are taken off, lists of fields become objects, and keys count as the same where
    only case and punctuation differ: ``invoiceNumber`` is ``invoice_number``.

    Args:
        root: the object or list that was read.
        shape: what ``answer_schema`` returned.
    """
    found = next((node for node in _unwrapped(root) if _num_named(node.value, shape)), None)
    if found is None:
        return _Fitting().shaped(Node(_rows_alone(root, shape), ""), shape)
    return _Fitting().shaped(found, shape)


def keys_of(root: Any) -> list[str]:
    """Return what an answer names, for people."""
    first = next((row for row in root if isinstance(row, dict)), {}) if _is_list(root) else root
    return [str(key) for key in first][:_MAX_MEMBERS]


class _Fitting:
    """One walk over a shape, which notes where its values came from."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._num_lost = 0

    def shaped(self, root: Node, shape: Tree) -> Shaped:
        num_named = _num_named(root.value, shape)
        values = self._object(root, shape, "")
        is_obedient = num_named == len(shape["properties"])
        return Shaped(values, self._sources, num_named, 0 if is_obedient else self._num_lost)

    def _object(self, node: Node, shape: Tree, path: str) -> Tree:
        members = _members(node, shape)
        num_left = len(node.value) - len(members) if isinstance(node.value, dict) else 1
        self._num_lost += num_left if _is_something(node.value) else 0
        return {
            name: self._fit(members.get(name, Node(None, "")), inner, f"{path}.{name}".lstrip("."))
            for name, inner in shape["properties"].items()
        }

    def _fit(self, node: Node, shape: Tree, path: str) -> Any:
        if "properties" in shape:
            return self._object(node, shape, path)
        if "items" in shape:
            return self._rows(node, shape, path)
        return self._leaf(_plain(node), shape, path)

    def _rows(self, node: Node, shape: Tree, path: str) -> list[Any]:
        rows = list(_rows(node))[: shape["maxItems"]]
        self._num_lost += not rows and _is_something(node.value)
        inner = shape["items"]
        return [self._fit(row, inner, f"{path}[{number}]") for number, row in enumerate(rows)]

    def _leaf(self, node: Node, shape: Tree, path: str) -> str | None:
        text = fitted_leaf(_choice(node.value, shape), shape)
        if text is not None:
            self._sources[path] = node.path
        self._num_lost += text is None and _is_something(node.value)
        return text


def _unwrapped(root: Any) -> Iterator[Node]:
    """Yield an answer and what it wraps, the outermost first."""
    level = [Node(root, "")]
    for _ in range(_MAX_DEPTH + 1):
        yield from (_named(node) for node in level)
        level = [child for node in level for child in _children(node)]


def _children(node: Node) -> Iterator[Node]:
    """Yield what a node may only be there to wrap."""
    if isinstance(node.value, dict):
        for key in list(node.value)[:_MAX_MEMBERS]:
            if isinstance(node.value[key], dict | list):
                yield Node(node.value[key], _join(node.path, key))
    elif _is_list(node.value) and len(node.value) == 1:
        yield Node(node.value[0], f"{node.path}[0]")


def _named(node: Node) -> Node:
    """Return a list of fields, or an object of paths, as the object that it stands for."""
    if _is_list(node.value) and node.value:
        pairs = [_pair(row, f"{node.path}[{number}]") for number, row in enumerate(node.value)]
        whole = [pair for pair in pairs if pair is not None]
        return Node(_nested(whole), node.path) if len(whole) == len(pairs) else node
    if isinstance(node.value, dict) and any("." in key or "[" in key for key in node.value):
        return Node(_nested(_by_path(node)), node.path)
    return node


def _pair(row: Any, path: str) -> tuple[str, Node] | None:
    """Return the name and value that a row of a list of fields has."""
    if not isinstance(row, dict):
        return None
    by_fold = {_fold(key): key for key in row}
    name_key = next((by_fold[key] for key in _NAME_KEYS if key in by_fold), None)
    value_key = next((by_fold[key] for key in _VALUE_KEYS if key in by_fold), None)
    if name_key is None or value_key is None or not isinstance(row[name_key], str):
        return None
    return row[name_key], Node(row[value_key], _join(path, value_key))


def _by_path(node: Node) -> Iterator[tuple[str, Node]]:
    for key, value in node.value.items():
        yield key, Node(value, _join(node.path, key))


def _nested(pairs: Iterable[tuple[str, Node]]) -> Tree:
    """Return the object in which values stand at their paths; rows are keyed by number."""
    root: Tree = {}
    for path, node in pairs:
        steps = _STEP.findall(path)
        target = root
        for step in steps[:-1]:
            inner = target.setdefault(step, {})
            target = inner if isinstance(inner, dict) else {}
        if steps and (node.value is not None or steps[-1] not in target):
            target[steps[-1]] = node
    return root


def _members(node: Node, shape: Tree) -> dict[str, Node]:
    """Return the members of an object that its shape has, by the names of the shape."""
    if not isinstance(node.value, dict):
        return {}
    found = {}
    by_fold = {_fold(key): key for key in reversed(node.value)}
    for name in shape["properties"]:
        key = name if name in node.value else by_fold.get(_fold(name))
        if key is not None:
            found[name] = _child(node, key)
    return found


def _child(node: Node, key: Any) -> Node:
    value = node.value[key]
    return value if isinstance(value, Node) else Node(value, _join(node.path, str(key)))


def _rows(node: Node) -> Iterator[Node]:
    if _is_list(node.value):
        for number, value in enumerate(node.value):
            yield Node(value, f"{node.path}[{number}]")
    elif isinstance(node.value, dict) and all(str(key).isdecimal() for key in node.value):
        for key in node.value:
            yield _child(node, key)


def _rows_alone(root: Any, shape: Tree) -> Any:
    """Return rows that stand without the list's name, with it, where there is but one list."""
    lists = [name for name, inner in shape["properties"].items() if "items" in inner]
    if len(lists) != 1 or not _is_list(root) or not root:
        return root
    inner = shape["properties"][lists[0]]["items"]
    is_named = all(_num_named(row, inner) for row in root) if "properties" in inner else False
    nodes = [Node(row, f"[{number}]") for number, row in enumerate(root)]
    return (
        {lists[0]: {str(number): node for number, node in enumerate(nodes)}} if is_named else root
    )


def _num_named(value: Any, shape: Tree) -> int:
    """Return how many members of a shape an object has, in the kind that the shape wants."""
    if not isinstance(value, dict):
        return 0
    members = _members(Node(value, ""), shape)
    return sum(_is_of_kind(members[name].value, shape["properties"][name]) for name in members)


def _is_of_kind(value: Any, shape: Tree) -> bool:
    if value is None:
        return True
    if "properties" in shape:
        return isinstance(value, dict)
    if "items" in shape:
        return isinstance(value, dict | list)
    return not isinstance(value, dict | list) or _value_key(value) is not None


def _plain(node: Node) -> Node:
    """Return the value of a leaf that came with more than that, such as a confidence."""
    key = _value_key(node.value)
    return node if key is None else _child(node, key)


def _value_key(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return next((key for key in value if _fold(key) in _VALUE_KEYS), None)


def _choice(value: Any, shape: Tree) -> Any:
    """Return a choice as the shape has it."""
    if not isinstance(value, str) or "enum" not in shape:
        return value
    same = (choice for choice in shape["enum"] if choice and _fold(choice) == _fold(value))
    return next(same, value)


def _is_something(value: Any) -> bool:
    """Return whether a value says anything; looks no deeper than a schema does."""
    return _says(value, 2 * _MAX_DEPTH)


def _says(value: Any, depth: int) -> bool:
    inner = value.value if isinstance(value, Node) else value
    if isinstance(inner, str):
        return bool(inner.strip())
    if not isinstance(inner, dict | list):
        return inner is not None
    children = inner.values() if isinstance(inner, dict) else inner
    return depth == 0 or any(_says(child, depth - 1) for child in children)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _fold(key: Any) -> str:
    return _NO_LETTER.sub("", str(key)).casefold()


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
