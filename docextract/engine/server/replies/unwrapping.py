"""Takes off what models put around an answer, and makes one object of a list of its fields.

Knows nothing of text or tokens, nor of what single values should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from docextract.core import Tree
from docextract.engine.server.replies.nodes import VALUE_KEYS, Node, fold, join, num_named

_NAME_KEYS = ("field", "name", "key", "path", "label", "fieldname")
_MAX_DEPTH = 3
_MAX_MEMBERS = 100
"""Of an object that may be a wrapper; a schema's own members are looked for by name."""
_STEP = re.compile(r"[^.\[\]]+")


def answer_node(root: Any, shape: Tree) -> Node:
    """Return the part of what was read that has members of a shape; all of it where none has.

    Args:
        root: the object or list that was read.
        shape: what ``answer_schema`` returned.
    """
    found = (node for node in _unwrapped(root) if num_named(node.value, shape))
    return next(found, None) or Node(_rows_alone(root, shape), "")


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
                yield Node(node.value[key], join(node.path, key))
    elif isinstance(node.value, list) and len(node.value) == 1:
        yield Node(node.value[0], f"{node.path}[0]")


def _named(node: Node) -> Node:
    """Return a list of fields, or an object of paths, as the object that it stands for."""
    if isinstance(node.value, list) and node.value:
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
    by_fold = {fold(key): key for key in row}
    name_key = next((by_fold[key] for key in _NAME_KEYS if key in by_fold), None)
    value_key = next((by_fold[key] for key in VALUE_KEYS if key in by_fold), None)
    if name_key is None or value_key is None or not isinstance(row[name_key], str):
        return None
    return row[name_key], Node(row[value_key], join(path, value_key))


def _by_path(node: Node) -> Iterator[tuple[str, Node]]:
    for key, value in node.value.items():
        yield key, Node(value, join(node.path, key))


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


def _rows_alone(root: Any, shape: Tree) -> Any:
    """Return rows that stand without the list's name, with it, where there is but one list."""
    lists = [name for name, inner in shape["properties"].items() if "items" in inner]
    if len(lists) != 1 or not isinstance(root, list) or not root:
        return root
    inner = shape["properties"][lists[0]]["items"]
    is_named = all(num_named(row, inner) for row in root) if "properties" in inner else False
    nodes = [Node(row, f"[{number}]") for number, row in enumerate(root)]
    return (
        {lists[0]: {str(number): node for number, node in enumerate(nodes)}} if is_named else root
    )
