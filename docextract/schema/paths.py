"""Paths such as ``lines[0].net`` in a tree of values, and what is asked of as one.

Knows nothing of what stands at a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of a value tree with its concrete path, such as ``lines[0].net``."""
    if isinstance(tree, Mapping):
        for key, child in tree.items():
            yield from leaves(child, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from leaves(child, f"{path}[{index}]")
    else:
        yield path, tree


def rows_of(paths: Iterable[str]) -> dict[str, int]:
    """Return how many rows each list has, by its concrete path, from the paths of all leaves."""
    rows: dict[str, int] = {}
    for path in paths:
        for index in re.finditer(r"\[(\d+)\]", path):
            head = path[: index.start()]
            rows[head] = max(rows.get(head, 0), int(index[1]) + 1)
    return rows


def shape_of(by_path: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands at schema paths such as ``lines[].net`` as a tree.

    A group is a dict; a list holds what one of its rows looks like.
    """
    root: dict[str, Any] = {}
    for path, leaf in by_path.items():
        *parents, name = path.split(".")
        group = root
        for parent in parents:
            group = _child(group, parent)
        if name.endswith("[]"):
            group[name.removesuffix("[]")] = [leaf]
        else:
            group[name] = leaf
    return root


def _child(group: dict[str, Any], name: str) -> dict[str, Any]:
    if not name.endswith("[]"):
        inner: dict[str, Any] = group.setdefault(name, {})
        return inner
    rows: list[dict[str, Any]] = group.setdefault(name.removesuffix("[]"), [{}])
    return rows[0]


def put(tree: Any, path: str, value: str | None) -> None:
    """Set the leaf at a concrete path; its groups and rows must be there."""
    *parents, last = path.replace("[", ".[").split(".")
    for part in parents:
        tree = tree[int(part[1:-1])] if part.startswith("[") else tree[part]
    tree[last] = value


def unit_of(path: str) -> str:
    """Return what a leaf is asked for with: its outermost list, else the leaf itself."""
    return path.partition("[")[0]


def get(tree: Any, unit: str) -> Any:
    """Return what stands at a unit's path; None where it or a group above it is missing."""
    for part in unit.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def put_unit(tree: dict[str, Any], unit: str, value: Any) -> None:
    """Set a unit's leaf or list; groups above it are made where they are missing."""
    *parents, last = unit.split(".")
    for part in parents:
        if not isinstance(tree.get(part), dict):
            tree[part] = {}
        tree = tree[part]
    tree[last] = value


def at(tree: Any, path: str) -> Any:
    """Return what stands at a concrete path such as ``lines[0].net``; None where nothing does."""
    for part in path.replace("[", ".[").split("."):
        if part.startswith("["):
            index = int(part[1:-1])
            tree = tree[index] if isinstance(tree, list) and index < len(tree) else None
        elif part:
            tree = tree.get(part) if isinstance(tree, dict) else None
    return tree
