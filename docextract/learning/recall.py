"""Says what memory knows of a document's values, as strong evidence and no more.

Knows nothing of engines. What it gives is grounded, checked and weighed like any other value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from docextract.core import Page
from docextract.learning.clues.follower import Follower, Found, Ground
from docextract.learning.layout import marks_of
from docextract.learning.memory import Clue, LayoutMemory, Memory
from docextract.normalise import NOTHING, LocaleEvidence, same_value
from docextract.schema import Field, Kind
from docextract.verify.value import FieldValue, FieldValues

_MIN_WEIGHT = 0.75
"""A clue that was wrong as often as right says nothing any more."""
_SINGLE = 0.7
_SURER = 0.3
"""By how much memory must be surer than an engine that was never seen to be wrong here.

Not where several documents taught it and all its clues agree.
"""
_MOST = 0.75
"""Of what clues say: what they have to agree on where a single document taught them."""
_ENOUGH = 3
"""More documents than these say no more."""
_FIRST, _LAST = 5, 3
"""Pages that are looked at: a file of thousands has its header on few."""


def known_layout(schema: str, pages: Sequence[Page], memory: Memory) -> LayoutMemory | None:
    """Return the layout that a document has, if something is remembered of it.

    Args:
        schema: name of what is asked for.
        pages: of the document.
        memory: of all layouts.
    """
    return memory.known_of(schema, marks_of(pages)) if memory.layouts and pages else None


def recall(
    values: FieldValues,
    pages: Sequence[Page],
    layout: LayoutMemory,
    ground: Ground,
    locale: LocaleEvidence,
) -> FieldValues:
    """Return values with what is remembered of the document's layout.

    Args:
        values: as an engine read them.
        pages: of the document.
        layout: that it has.
        ground: finds a typed value on the pages.
        locale: how they are written.
    """
    few = (*pages[:_FIRST], *pages[_FIRST:][-_LAST:])
    follower = Follower(few, ground, locale)
    return values.map(lambda value: _remembered(value, layout, follower))


@dataclass(frozen=True, slots=True)
class _Belief:
    """A value that clues lead to.

    Attributes:
        clue: the best of them.
        found: what it led to.
        strength: of all of them together.
        share: of that in what all clues say of the field, 0 to 1.
    """

    clue: Clue
    found: Found
    strength: float
    share: float = 1.0

    @property
    def is_strong(self) -> bool:
        """Whether it is enough to fill a field that was always read right before."""
        is_shared = self.strength > 1 and self.share > _MOST
        return self.clue.is_by_hand or self.clue.num_right > 1 or is_shared

    @property
    def is_settled(self) -> bool:
        """Whether several documents taught it and no clue says otherwise."""
        return self.clue.num_right > 1 and self.share == 1

    @property
    def probability(self) -> float:
        """How probably it is right, 0 to 1."""
        return self.clue.weight * self.share

    @property
    def alone(self) -> float:
        """The same where nobody else has read it so: one document is not enough for sure."""
        is_single = self.clue.num_right == 1 and not self.clue.is_by_hand
        return self.probability * (_SINGLE if is_single else 1)


def _remembered(value: FieldValue, layout: LayoutMemory, follower: Follower) -> FieldValue:
    is_misread = value.path in layout.misread
    if is_misread and value.path in layout.absent and not layout.clues.get(value.path):
        return _withdrawn(value, layout.absent[value.path])
    belief = _believed(
        _clues(layout, value.path), value.field, follower, _labels(layout, value.path)
    )
    return value if belief is None else _weighed(value, belief, is_misread=is_misread)


def _clues(layout: LayoutMemory, path: str) -> tuple[Clue, ...]:
    clues = layout.clues.get(path, ())
    if len({clue.constant for clue in clues} - {""}) > 1:
        # Several parties share the layout, so none of them is its own.
        return tuple(clue for clue in clues if not clue.constant)
    return clues


def _labels(layout: LayoutMemory, path: str) -> frozenset[str]:
    """Return the labels by which other fields of a layout stand, and this one does not."""
    found = {own: {it.label for it in clues} for own, clues in layout.clues.items()}
    return frozenset().union(*found.values()) - found.get(path, set()) - {""}


def _believed(
    clues: Sequence[Clue], field: Field, follower: Follower, others: frozenset[str]
) -> _Belief | None:
    """Return what most of the clues say; None where none of them that is any good says a thing.

    Args:
        clues: of the field.
        field: that is asked for.
        follower: on the document.
        others: labels of other fields: what stands by one of them is theirs, as a row is missing.
    """
    beliefs: list[_Belief] = []
    for clue in sorted(clues, key=lambda clue: (-clue.weight, -clue.num_right)):
        found = follower.follow(clue, field) if clue.weight >= _MIN_WEIGHT else None
        is_placed = not clue.label and not clue.constant
        if found is None or (is_placed and follower.stands_by(found, others)):
            continue
        strength = clue.weight * min(clue.num_right, _ENOUGH) * found.worth
        for number, old in enumerate(beliefs):
            if same_value(old.found.reading.value or "", found.reading.value or "", field):
                beliefs[number] = replace(old, strength=old.strength + strength)
                break
        else:
            beliefs.append(_Belief(clue, found, strength))
    best = max(beliefs, key=lambda it: it.strength, default=None)
    whole = sum(it.strength for it in beliefs)
    return None if best is None else replace(best, share=best.strength / whole)


def _withdrawn(value: FieldValue, number: int) -> FieldValue:
    """Return no value where runs give one and people said each time that there is none."""
    if value.value is None:
        return value
    told = f"{_told(number)}: there is none; {value.reading.raw} was read"
    return replace(value, value=None, reading=NOTHING, place=None, probability=None, memory=told)


def _told(number: int) -> str:
    return f"as in {number} document{'s' if number > 1 else ''} confirmed before"


def _weighed(value: FieldValue, belief: _Belief, *, is_misread: bool) -> FieldValue:
    """Return a value that memory agrees with, or memory's where reading went wrong before.

    Where reading has always been right in this layout, memory that says otherwise is silent.
    """
    clue, found = belief.clue, belief.found
    told = "as written down by hand" if clue.is_by_hand else _told(clue.num_right)
    read, said = value.value, found.reading.value
    if read is not None and said is not None and _is_same(read, said, value.field):
        sure = max(value.probability or 0.0, belief.probability)
        if clue.constant and clue.num_right >= _ENOUGH:
            # OCR slipped; the place is where it was read.
            read = said
        return replace(value, value=read, probability=sure, memory=told)
    if not _replaces(belief, value, is_misread=is_misread):
        return value
    return replace(
        value,
        value=said,
        reading=found.reading,
        place=found.place,
        probability=belief.alone,
        disagreement=None,
        memory=told if read is None else f"{told}; {value.reading.raw} was read",
    )


def _replaces(belief: _Belief, value: FieldValue, *, is_misread: bool) -> bool:
    """Whether what memory says stands in the place of what was read, or of nothing."""
    if value.value is not None and value.field.kind is Kind.ADDRESS and not belief.clue.constant:
        # What stands close below, such as a telephone, is no part of it.
        return False
    return is_misread or _is_own(belief, value) or _is_surer(belief, value)


def _is_own(belief: _Belief, value: FieldValue) -> bool:
    """Whether memory knows what no reading can: the party's own name, the order of its dates."""
    clue, found = belief.clue, belief.found
    if clue.constant:
        # A number that stands there too may be another party's on this template.
        return found.place is not None and value.field.kind is Kind.NAME
    return bool(clue.order) and value.reading.raw == found.reading.raw


def _is_surer(belief: _Belief, value: FieldValue) -> bool:
    """Whether memory is to be believed where reading was right whenever a person looked."""
    if value.value is None:
        return belief.is_strong
    surer = 0.0 if belief.is_settled else _SURER
    return belief.is_strong and belief.probability > (value.probability or 1.0) + surer


def _is_same(read: str, said: str, field: Field) -> bool:
    """Whether two values are one; a deduction may be printed with a minus."""
    if field.kind.is_number and said.startswith("-"):
        return same_value(read, said, field) or same_value(read, said[1:], field)
    return same_value(read, said, field)
