"""Says what memory knows of a document's values, as strong evidence and no more.

Knows nothing of engines. What it gives is grounded, checked and weighed like any other value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docextract.core import Page
from docextract.learning.clues import Follower, Found, Ground
from docextract.learning.layout import marks_of
from docextract.learning.memory import Clue, LayoutMemory, Memory
from docextract.normalise import NOTHING, LocaleEvidence, same_value
from docextract.verify.value import FieldValue, FieldValues

_MIN_WEIGHT = 0.75
"""A clue that was wrong as often as right says nothing any more."""


def recall(
    values: FieldValues,
    pages: Sequence[Page],
    memory: Memory,
    ground: Ground,
    locale: LocaleEvidence,
) -> FieldValues:
    """Return values with what is remembered of the document's layout; the same where nothing is.

    Args:
        values: as an engine read them.
        pages: of the document.
        memory: of all layouts.
        ground: finds a typed value on the pages.
        locale: how they are written.
    """
    if not memory.layouts or not pages:
        return values
    layout = memory.known_of(values.schema.name, marks_of(pages))
    if layout is None:
        return values
    follower = Follower(pages, ground, locale)
    return values.map(lambda value: _remembered(value, layout, follower))


def _remembered(value: FieldValue, layout: LayoutMemory, follower: Follower) -> FieldValue:
    clues = layout.clues.get(value.path, ())
    if len({clue.constant for clue in clues} - {""}) > 1:
        # Several parties share the layout, so none of them is its own.
        clues = tuple(clue for clue in clues if not clue.constant)
    is_misread = value.path in layout.misread
    if is_misread and value.path in layout.absent and not layout.clues.get(value.path):
        return _withdrawn(value, layout.absent[value.path])
    for clue in sorted(clues, key=lambda clue: -clue.weight):
        if clue.weight < _MIN_WEIGHT:
            break
        found = follower.follow(clue, value.field)
        if found is not None:
            return _weighed(value, clue, found, is_misread=is_misread)
    return value


def _withdrawn(value: FieldValue, number: int) -> FieldValue:
    """Return no value where runs give one and people said each time that there is none."""
    if value.value is None:
        return value
    told = f"{_told(number)}: there is none; {value.reading.raw} was read"
    return replace(value, value=None, reading=NOTHING, place=None, probability=None, memory=told)


def _told(number: int) -> str:
    return f"as in {number} document{'s' if number > 1 else ''} confirmed before"


def _weighed(value: FieldValue, clue: Clue, found: Found, *, is_misread: bool) -> FieldValue:
    """Return a value that memory agrees with, or memory's where reading went wrong before.

    Where reading has always been right in this layout, memory that says otherwise is silent.
    """
    told = "as written down by hand" if clue.is_by_hand else _told(clue.num_right)
    read, said = value.value, found.reading.value
    if read is not None and said is not None and same_value(read, said, value.field):
        sure = max(value.probability or 0.0, clue.weight)
        return replace(value, probability=sure, memory=told)
    if not is_misread:
        return value
    return replace(
        value,
        value=said,
        reading=found.reading,
        place=found.place,
        probability=clue.weight,
        disagreement=None,
        memory=told if read is None else f"{told}; {value.reading.raw} was read",
    )
