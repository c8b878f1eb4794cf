"""Concrete paths such as ``lines[0].net`` in a tree of values.

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
