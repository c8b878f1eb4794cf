"""Says what memory knows of a document's values, as strong evidence and no more.

Knows nothing of engines. What it gives is grounded, checked and weighed like any other value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from docextract.core import Page, WordSource
from docextract.learning.belief import Belief, beliefs
from docextract.learning.clues.clue import Clue
from docextract.learning.clues.follower import Follower, Found, Ground, is_other_party
from docextract.learning.layout import fold, marks_of
from docextract.learning.memory import LayoutMemory, Memory
from docextract.learning.party import is_of_party, template_of
from docextract.normalise import NOTHING, LocaleEvidence, same_value
from docextract.schema import Field, Kind
from docextract.verify.value import Disagreement, FieldValue, FieldValues

_SURER = 0.3
"""By how much memory must be surer than an engine that was never seen to be wrong here.

Not where several documents or kinds of clues taught it and all agree.
"""
_TORN = 0.25
"""Of what the strongest clues say: what others have to say to be weighed against it by sums."""
_SHARED = 0.75
"""What another field's value is worth that stood at the same place in a confirmed document."""
_FIRST, _LAST = 5, 3
"""Pages that are looked at: a file of thousands has its header on few."""

Failures = Callable[[FieldValues, str], int]
"""How many rules fail that touch a value at a path."""


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
    failures: Failures,
) -> FieldValues:
    """Return values with what is remembered of the document's layout.

    Where it is another party's document on the same template, nothing that was read gets surer.

    Args:
        values: as an engine read them.
        pages: of the document.
        layout: that it has.
        ground: finds a typed value on the pages.
        locale: how they are written.
        failures: counts broken rules.
    """
    few = (*pages[:_FIRST], *pages[_FIRST:][-_LAST:])
    follower = Follower(few, ground, locale)
    is_own = is_of_party(layout, values.schema, follower.prints)
    layout = layout if is_own else template_of(layout, values.schema)

    def follow(clue: Clue, field: Field) -> Found | None:
        return follower.follow(clue, field) or _shared(clue, field, layout, values)

    told = {
        path: beliefs(layout, it.field, follow, follower.stands_by) for path, it in values.items()
    }
    scans = {page.number for page in pages if page.word_source is WordSource.OCR}
    known = values.map(lambda it: _remembered(it, layout, told[it.path], scans))
    known = _with_sums(known, told, values, failures)
    known = known.map(lambda it: _unswapped(it, told[it.path], values, known))
    if is_own:
        return known.map(lambda it: _paid_as_before(it, layout))
    return known.map(lambda it: values[it.path] if it.value == values[it.path].value else it)


def _shared(clue: Clue, field: Field, layout: LayoutMemory, read: FieldValues) -> Found | None:
    """Return what was read for a field that stood at the very place a clue is about.

    A sheet in another language prints one amount for two fields as well, by other words.
    """
    for path, value in read.items():
        if path == field.path or value.field.kind is not field.kind or value.value is None:
            continue
        if clue.label and any(it.is_same_place(clue) for it in layout.clues.get(path, ())):
            return Found(value.reading, value.place, _SHARED)
    return None


def _remembered(
    value: FieldValue,
    layout: LayoutMemory,
    told: Sequence[Belief[Found]],
    scans: Collection[int],
) -> FieldValue:
    is_misread = value.path in layout.misread
    if is_misread and value.path in layout.absent and not layout.clues.get(value.path):
        return _withdrawn(value, layout.absent[value.path])
    if not told:
        return value
    place = told[0].found.place
    is_scanned = place is not None and place.page in scans
    return _weighed(value, told[0], is_misread=is_misread, is_scanned=is_scanned)


def _withdrawn(value: FieldValue, number: int) -> FieldValue:
    """Return no value where runs give one and people said each time that there is none."""
    if value.value is None:
        return value
    told = f"{_told(number)}: there is none; {value.reading.raw} was read"
    return replace(value, value=None, reading=NOTHING, place=None, probability=None, memory=told)


def _told(number: int) -> str:
    return f"as in {_documents(number)} confirmed before"


def _documents(number: int) -> str:
    return f"{number} document{'s' if number > 1 else ''}"


def _weighed(
    value: FieldValue, belief: Belief[Found], *, is_misread: bool, is_scanned: bool
) -> FieldValue:
    """Return a value that memory agrees with, or memory's where reading went wrong before.

    Where reading has always been right in this layout, memory that says otherwise is silent.
    """
    if value.value is not None and _is_same(value.value, belief.value, value.field):
        sure = max(value.probability or 0.0, belief.probability)
        # OCR slipped; the place is where it was read.
        is_slip = belief.is_constant or (is_scanned and _is_spelling(value, belief))
        read = belief.value if is_slip else value.value
        return replace(value, value=read, probability=sure, memory=_source(belief))
    return _given(value, belief) if _replaces(belief, value, is_misread=is_misread) else value


def _is_spelling(value: FieldValue, belief: Belief[Found]) -> bool:
    """Whether a name that somebody confirmed differs from the one read in letters alone.

    Who looked at it spelled it better than OCR does; another number tells another branch.
    """
    read, said = (re.findall(r"\d", text or "") for text in (value.value, belief.value))
    return bool(belief.clue.constant) and value.field.kind is Kind.NAME and read == said


def _given(value: FieldValue, belief: Belief[Found]) -> FieldValue:
    """Return what memory says in the place of what was read, or of nothing."""
    was_read = "" if value.value is None else f"; {value.reading.raw} was read"
    return replace(
        value,
        value=belief.value,
        reading=belief.found.reading,
        place=belief.found.place,
        probability=belief.alone,
        disagreement=None,
        memory=_source(belief) + was_read,
    )


def _source(belief: Belief[Found]) -> str:
    is_by_hand = belief.clue.is_by_hand
    return "as written down by hand" if is_by_hand else _told(belief.clue.num_right)


def _replaces(belief: Belief[Found], value: FieldValue, *, is_misread: bool) -> bool:
    """Whether what memory says stands in the place of what was read, or of nothing."""
    if _is_own(belief, value):
        return True
    if value.value is not None and value.field.kind is Kind.ADDRESS and not belief.clue.constant:
        # What stands close below, such as a telephone, is no part of it. Lines above are, but for
        # the party itself, whose branches have names.
        is_longer = fold(belief.value).endswith(fold(value.value)) and is_other_party(value.field)
        return is_longer and (is_misread or belief.is_strong)
    return is_misread or _is_surer(belief, value)


def _is_own(belief: Belief[Found], value: FieldValue) -> bool:
    """Whether memory knows what no reading can: the party's own name, the order of its dates."""
    clue, found = belief.clue, belief.found
    if clue.constant and value.field.kind is Kind.CURRENCY:
        # Of a sign that several have, such as kr, which one is meant was guessed.
        return value.reading.is_ambiguous
    if clue.constant:
        # A number that stands there too may be another party's on this template.
        return found.place is not None and value.field.kind in (Kind.NAME, Kind.ADDRESS)
    return bool(clue.order) and value.reading.raw == found.reading.raw


def _is_surer(belief: Belief[Found], value: FieldValue) -> bool:
    """Whether memory is to be believed where reading was right whenever a person looked."""
    if value.value is None:
        return belief.is_strong
    read = value.probability or 1.0
    if belief.is_settled:
        return belief.sureness > read
    return belief.is_strong and belief.probability > read + _SURER


def _is_same(read: str, said: str, field: Field) -> bool:
    """Whether two values are one; a deduction may be printed with a minus."""
    if field.kind.is_number and said.startswith("-"):
        return same_value(read, said, field) or same_value(read, said[1:], field)
    return same_value(read, said, field)


def _with_sums(
    known: FieldValues,
    told: Mapping[str, Sequence[Belief[Found]]],
    read: FieldValues,
    failures: Failures,
) -> FieldValues:
    """Return values of which memory was torn as fewest sums fail.

    Where a confirmed document prints an amount in several places, each of them leads somewhere
    else in the next one; and what was read may be what adds up, if clues differ.
    """
    for path, value in known.items():
        if value.memory is None or not told[path] or not value.field.kind.is_number:
            continue
        others = [it for it in told[path][1:] if it.strength >= _TORN * told[path][0].strength]
        trials = [_given(read[path], belief) for belief in others]
        if read[path].value not in (None, value.value) and told[path][0].share < 1:
            trials.append(_doubted(read[path], told[path][0]))
        fails = failures(known, path) if trials else 0
        better = (it for it in trials if failures(known.put(it), path) < fails)
        known = known.put(next(better, value))
    return known


def _doubted(value: FieldValue, belief: Belief[Found]) -> FieldValue:
    """Return what was read where most of memory says otherwise."""
    return replace(value, probability=min(value.probability or 0.0, 1 - belief.probability))


def _unswapped(
    value: FieldValue, told: Sequence[Belief[Found]], read: FieldValues, known: FieldValues
) -> FieldValue:
    """Return what stands where this field stood, if it was read as another field's value.

    Memory has put that field right: so what was read as its value, such as the seller's address,
    is the buyer's, as the place says.
    """
    if not told or value.memory is not None:
        return value
    said = told[0]
    for path, other in known.items():
        was = read[path].value
        is_freed = was is not None and other.value is not None and other.value != was
        is_own = other.field.kind is value.field.kind and other.memory is not None
        if is_freed and is_own and same_value(said.value, was or "", value.field):
            return _given(value, said)
    return value


def _paid_as_before(value: FieldValue, layout: LayoutMemory) -> FieldValue:
    """Return an account with the one that was confirmed before, if it is another.

    Who copies a letterhead to be paid changes nothing else, and may print the old one as well.
    """
    known = layout.clues.get(value.path, ())
    clues = [it for it in known if it.constant and not it.is_unprinted]
    if value.field.kind is not Kind.IBAN or value.value is None or not clues:
        return value
    if any(same_value(value.value, it.constant, value.field) for it in clues):
        return value
    best = max(clues, key=lambda clue: clue.weight)
    who = f"{_documents(best.num_right)} confirmed before had"
    who = "somebody wrote down" if best.is_by_hand else who
    told = f"{value.value} is another account than before: {who} {best.constant}"
    other = Disagreement(value.path, value.value, best.constant)
    return replace(value, disagreement=other, memory=told)
