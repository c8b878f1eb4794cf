"""Concrete paths such as ``lines[0].net`` in a tree of values, and what is asked of as one.

Knows nothing of what stands at a path.
"""

from __future__ import annotations

from typing import Any


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
