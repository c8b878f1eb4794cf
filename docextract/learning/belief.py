"""What the clues of a field say together: the value most of them lead to, and how surely.

Knows nothing of pages, of what was read, or of what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from docextract.learning.clues.clue import Clue
from docextract.learning.memory import LayoutMemory
from docextract.normalise import same_value
from docextract.schema import Field

_MIN_WEIGHT = 0.75
"""A clue that was wrong as often as right says nothing any more."""
_SINGLE = 0.7
_MOST = 0.75
"""Of what clues say: what they have to agree on where a single document taught them."""
_SEVERAL = 2
"""Clues of one document: its label, the words about it and its place say the same."""
_ENOUGH = 3
"""More documents than these say no more."""


class Led(Protocol):
    """What a clue led to: a typed value, and its worth."""

    @property
    def value(self) -> str:
        """The value, typed."""

    @property
    def worth(self) -> float:
        """Of what was found where it stood before, 0 to 1."""


L = TypeVar("L", bound=Led)


@dataclass(frozen=True, slots=True)
class Belief(Generic[L]):
    """A value that clues lead to.

    Attributes:
        clue: the best of them.
        found: what it led to.
        strength: of all of them together.
        share: of that in what all clues say of the field, 0 to 1.
    """

    clue: Clue
    found: L
    strength: float
    share: float = 1.0

    @property
    def value(self) -> str:
        """The value, typed."""
        return self.found.value

    @property
    def is_strong(self) -> bool:
        """Whether it is enough to fill a field that was always read right before."""
        is_shared = self.strength > 1 and self.share > _MOST
        return self.clue.is_by_hand or self.clue.num_right > 1 or is_shared

    @property
    def is_settled(self) -> bool:
        """Whether several documents or kinds of clues taught it, and none says otherwise."""
        return (self.clue.num_right > 1 or self.strength > _SEVERAL) and self.share == 1

    @property
    def sureness(self) -> float:
        """How probably it is right by all clues that say so, as ``Clue.weight`` of one of them."""
        return (self.strength + 0.25) / (self.strength + 0.5) * self.share

    @property
    def is_constant(self) -> bool:
        """Whether the value itself is known so well that OCR slipped where it differs."""
        return bool(self.clue.constant) and self.clue.num_right >= _ENOUGH

    @property
    def probability(self) -> float:
        """How probably it is right, 0 to 1."""
        return self.clue.weight * self.share

    @property
    def alone(self) -> float:
        """The same where nobody else has read it so: one document is not enough for sure."""
        is_single = self.clue.num_right == 1 and not self.clue.is_by_hand
        return self.probability * (_SINGLE if is_single else 1)


def beliefs(
    layout: LayoutMemory,
    field: Field,
    follow: Callable[[Clue, Field], L | None],
    stands_by: Callable[[L, frozenset[str]], bool],
) -> tuple[Belief[L], ...]:
    """Return what clues of a layout say of a field, what most of them say first.

    Args:
        layout: that the document has.
        field: that is asked for.
        follow: says what a clue leads to.
        stands_by: whether that stands by one of some labels.
    """
    found: list[Belief[L]] = []
    clues = _clues(layout, field.path)
    others = _labels(layout, field.path) if clues else frozenset()
    for clue in sorted(clues, key=lambda clue: (-clue.weight, -clue.num_right)):
        led = follow(clue, field) if clue.weight >= _MIN_WEIGHT else None
        is_placed = not clue.label and not clue.constant
        # What stands by the label of another field is that one's, as a row is missing here.
        if led is None or (is_placed and stands_by(led, others)):
            continue
        strength = clue.weight * min(clue.num_right, _ENOUGH) * led.worth
        for number, old in enumerate(found):
            if same_value(old.value, led.value, field):
                found[number] = replace(old, strength=old.strength + strength)
                break
        else:
            found.append(Belief(clue, led, strength))
    whole = sum(it.strength for it in found)
    ordered = sorted(found, key=lambda it: -it.strength)
    return tuple(replace(it, share=it.strength / whole) for it in ordered)


def _clues(layout: LayoutMemory, path: str) -> Sequence[Clue]:
    """Return the clues of a field; no unprinted names where several parties share the layout."""
    clues = layout.clues.get(path, ())
    constants = [clue for clue in clues if clue.constant]
    # A name that was mistyped once is not another party's.
    if any(it.num_right > 1 and it.weight >= _MIN_WEIGHT for it in constants):
        constants = [it for it in constants if it.weight >= _MIN_WEIGHT]
    if len({clue.constant for clue in constants}) < 2:
        return clues
    return [clue for clue in clues if not clue.constant or not clue.is_unprinted]


def _labels(layout: LayoutMemory, path: str) -> frozenset[str]:
    """Return the labels by which other fields of a layout stand, and this one does not."""
    found = {own: {it.label for it in clues} for own, clues in layout.clues.items()}
    return frozenset().union(*found.values()) - found.get(path, set()) - {""}
