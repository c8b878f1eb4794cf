"""Fits what a model wrote into the shape that was asked for, however it put it.

Knows nothing of text or tokens: values come with the path at which they were read.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from docextract.core import Tree
from docextract.engine.answers.answer_json import fitted_leaf
from docextract.engine.server.replies.nodes import (
    Node,
    child_of,
    fold,
    is_something,
    members_of,
    num_named,
    rows_of,
    value_key,
)
from docextract.engine.server.replies.unwrapping import answer_node


class Shaped(NamedTuple):
    """An answer in the shape that was asked for.

    Attributes:
        values: null or empty for what is not there or does not fit.
        sources: by path of a leaf that has text, where it was read.
        num_named: members of the shape that the answer has.
        num_lost: values of the answer that went nowhere.
        is_cut: whether it has longer values, or more rows, than the shape allows.
    """

    values: Tree
    sources: dict[str, str]
    num_named: int
    num_lost: int
    is_cut: bool

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
    return _Fitting().shaped(answer_node(root, shape), shape)


def keys_of(root: Any) -> list[str]:
    """Return what an answer names, for people."""
    rows = root if isinstance(root, list) else [root]
    return [str(key) for row in rows[:1] if isinstance(row, dict) for key in row]


class _Fitting:
    """One walk over a shape, which notes where its values came from."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._num_lost = 0
        self._is_cut = False

    def shaped(self, root: Node, shape: Tree) -> Shaped:
        values, num_members = self._object(root, shape, ""), num_named(root.value, shape)
        return Shaped(values, self._sources, num_members, self._num_lost, self._is_cut)

    def _object(self, node: Node, shape: Tree, path: str) -> Tree:
        members = members_of(node, shape)
        num_left = len(node.value) - len(members) if isinstance(node.value, dict) else 1
        # What has every member may say more: it is empty as the model found nothing.
        is_obedient = len(members) == len(shape["properties"])
        self._num_lost += num_left if is_something(node.value) and not is_obedient else 0
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
        rows, most, inner = list(rows_of(node)), shape["maxItems"], shape["items"]
        self._num_lost += not rows and is_something(node.value)
        self._is_cut |= len(rows) > most
        return [self._fit(row, inner, f"{path}[{at}]") for at, row in enumerate(rows[:most])]

    def _leaf(self, node: Node, shape: Tree, path: str) -> str | None:
        text = fitted_leaf(_choice(node.value, shape), shape)
        if text is not None:
            self._sources[path] = node.path
            self._is_cut |= isinstance(node.value, str) and len(node.value) > len(text)
        # A choice that is none is no misunderstanding.
        is_text = isinstance(node.value, str)
        self._num_lost += text is None and not is_text and is_something(node.value)
        return text


def _plain(node: Node) -> Node:
    """Return the value of a leaf that came with more than that, such as a confidence."""
    key = value_key(node.value)
    return node if key is None else child_of(node, key)


def _choice(value: Any, shape: Tree) -> Any:
    """Return a choice as the shape has it."""
    if not isinstance(value, str) or "enum" not in shape:
        return value
    same = (choice for choice in shape["enum"] if choice and fold(choice) == fold(value))
    return next(same, value)
