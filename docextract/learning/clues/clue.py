"""A clue: one way to a field's value, how often it led to the right one, and its form in a file.

Knows nothing of pages or of how it is followed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from docextract.learning.clues.anchors import Anchor

_BY_HAND = 3.25 / 3.5
_SAME_PLACE = 0.005
"""Of the page: how far clues to one place may differ."""
_MAX_LETTERS = 1000
"""Of a text in a file of memories; labels and addresses are shorter."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One way to a field's value, and how often it led to the right one.

    Attributes:
        label: folded words the value stands by; empty for a constant.
        constant: the value itself, where the layout always has the same; else empty.
        left: from the label's left edge to the value's, as a fraction of the page's width; of a
            constant, from the page's.
        right: from the label's left edge to the value's right edge.
        down: from the label's middle to the value's, as a fraction of the page's height; of a
            constant, from the page's top.
        nth: which of the label's places it is, counted from the last, which is 0.
        order: of a date: whether ``day`` or ``month`` comes first; empty where that is open.
        num_right: confirmed documents in which it led to the right value.
        num_wrong: those in which it led to another.
        is_by_hand: whether a person wrote it down; a label then has no distance to its value.
        height: of a place, as a fraction of the page's height.
        near: words by which it is found again where there is no label.
        shape: of a number's value; see ``clues/shape.py``.
        is_unprinted: whether pages of the layout do not print it: its name stands in a logo.
        is_to_gap: of an address: whether it goes on until white space ends it.
    """

    label: str = ""
    constant: str = ""
    left: float = 0.0
    right: float = 0.0
    down: float = 0.0
    nth: int = 0
    order: str = ""
    num_right: int = 1
    num_wrong: int = 0
    is_by_hand: bool = False
    height: float = 0.0
    near: tuple[Anchor, ...] = ()
    shape: str = ""
    is_unprinted: bool = False
    is_to_gap: bool = False

    @property
    def weight(self) -> float:
        """How probably it is right again, 0 to 1; a miss costs twice what a hit gains.

        Set by hand so that what a single document taught is not yet enough for ``verified``.
        What a person wrote down counts as three documents.
        """
        if self.is_by_hand:
            return _BY_HAND
        return (self.num_right + 0.25) / (self.num_right + 2 * self.num_wrong + 0.5)

    @property
    def way(self) -> tuple[object, ...]:
        """What tells it from another clue of the same field, besides its place."""
        return self.label, self.constant, self.near

    def is_same_place(self, other: Clue) -> bool:
        """Whether another field's clue is about the very same place."""
        apart = (self.left - other.left, self.right - other.right, self.down - other.down)
        is_near = all(abs(it) < _SAME_PLACE for it in apart)
        return self.way == other.way and self.nth == other.nth and is_near

    def judged(self, *, is_right: bool) -> Clue:
        """Return it with one more document in its record."""
        return replace(
            self, num_right=self.num_right + is_right, num_wrong=self.num_wrong + (not is_right)
        )


def clue_of(tree: dict[str, Any]) -> Clue:
    """Return the clue that a file of somebody's own writing holds.

    Raises:
        ValueError: a value is of another type, no number, or beyond all measure.
        TypeError: there is no such value.
    """
    near = tuple(Anchor(str(mark), _finite(x), _finite(y)) for mark, x, y in tree.get("near", ()))
    for field in fields(Clue):
        if field.name != "near" and field.name in tree:
            _check(field.name, tree[field.name], type(field.default))
    return Clue(**tree | {"near": near})


def _check(name: str, value: object, wanted: type) -> None:
    is_wanted = type(value) is wanted or (wanted is float and type(value) is int)
    if not is_wanted:
        raise ValueError(f"{name} is no {wanted.__name__}")
    if wanted is int and isinstance(value, int) and value < 0:
        raise ValueError(f"{name} is below zero")
    if wanted is float:
        _finite(value)
    if isinstance(value, str) and len(value) > _MAX_LETTERS:
        raise ValueError(f"{name} is longer than {_MAX_LETTERS} letters")


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number")
    return number
