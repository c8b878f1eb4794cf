"""Decides what is worth a closer look, on which page and where.

Knows nothing of engines, or of what becomes of the answers (``revision``). A question about
one page asks for all its doubtful fields together; places come from evidence and from labels
found among the page's words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from docextract.core import Box, FieldStatus, Page
from docextract.engine.base import Question
from docextract.normalise import NO_EVIDENCE
from docextract.schema import Field, Schema, unit_of
from docextract.verify.grounding.page_text import PageText, fold
from docextract.verify.status.field_status import Judgement
from docextract.verify.value import FieldValue

MAX_PAGES = 4
"""Pages of one document looked at again."""

_MAX_FOCUS_HEIGHT = 0.35
"""Fields farther apart have no common focus: the whole page is then shown in larger parts."""

_MIN_LABEL_LENGTH = 3
"""Shorter labels (``no``, ``to``) stand on every page."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A field or list worth a closer look.

    Attributes:
        unit: the leaf's path, or the list's.
        places: by page, where its value or label stands.
        is_everywhere: whether every page must be asked, places or not.
    """

    unit: str
    places: Mapping[int, Box]
    is_everywhere: bool

    def concerns(self, page: int) -> bool:
        """Whether a page is asked for it."""
        return self.is_everywhere or not self.places or page in self.places


def closer_questions(
    document_id: str, pages: Sequence[Page], schema: Schema, judged: Judgement
) -> list[Question]:
    """Return a question for each page worth a closer look; none where nothing is in doubt.

    Args:
        document_id: of the document.
        pages: all its pages, with pixels if the engine needs them.
        schema: what was asked for.
        judged: the judgement of the first answer.
    """
    doubts = list(_doubts(pages, schema, judged))
    if len(pages) > MAX_PAGES:
        # A list is replaced as a whole, so all its pages would have to be looked at.
        doubts = [doubt for doubt in doubts if not doubt.is_everywhere]
    by_page = {p.number: [d for d in doubts if d.concerns(p.number)] for p in pages}
    placed = Counter(number for doubt in doubts for number in doubt.places)
    chosen = sorted(pages, key=lambda page: -placed[page.number])[:MAX_PAGES]
    return [
        _question(document_id, page, schema, by_page[page.number])
        for page in sorted(chosen, key=lambda page: page.number)
        if by_page[page.number]
    ]


def doubtful_questions(
    document_id: str, pages: Sequence[Page], schema: Schema, first: Judgement
) -> list[Question]:
    """Return one question for each page that holds what a first reading left in doubt.

    They are those of ``closer_questions`` to a reader who has not seen the page: about the
    neighbourhood of the doubtful fields where it is known, else about the page as a whole.
    """
    found = closer_questions(document_id, pages, schema, first)
    return [replace(question, is_closer=question.focus is not None) for question in found]


def _question(document_id: str, page: Page, schema: Schema, doubts: Sequence[_Doubt]) -> Question:
    wanted = schema.only(doubt.unit for doubt in doubts)
    focus = _focus(page.number, doubts)
    return Question(document_id, (page,), wanted, is_closer=True, focus=focus)


def _focus(page: int, doubts: Sequence[_Doubt]) -> Box | None:
    """Return the region that holds all places, if it is small and no place is unknown."""
    if any(page not in doubt.places for doubt in doubts):
        return None
    region = doubts[0].places[page]
    for doubt in doubts[1:]:
        region = region.union(doubt.places[page])
    return region if region.height <= _MAX_FOCUS_HEIGHT else None


def _doubts(pages: Sequence[Page], schema: Schema, judged: Judgement) -> Iterator[_Doubt]:
    texts = [PageText(page, NO_EVIDENCE) for page in pages if page.words]
    disagreed = {unit_of(item.path) for item in judged.disagreements}
    for item in schema.fields:
        if "[]" in item.path:
            continue
        labels = _label_places(item, texts)
        if _is_doubtful(item, judged, is_announced=bool(labels)):
            places = _united(labels, _value_places(judged.fields.get(item.path)))
            yield _Doubt(item.path, places, item.path in disagreed)
    for unit in dict.fromkeys(unit_of(item.path) for item in schema.fields if "[]" in item.path):
        if _is_doubtful_list(unit, schema, judged, texts):
            yield _Doubt(unit, {}, is_everywhere=True)


def _is_doubtful(item: Field, judged: Judgement, *, is_announced: bool) -> bool:
    found = judged.fields.get(item.path)
    if found is None or found.status is FieldStatus.ABSENT:
        is_invalid = found is not None and found.reading.raw is not None
        return item.is_key or is_invalid or is_announced
    return _is_unsure(found)


def _is_unsure(found: FieldValue) -> bool:
    """Whether pixels may settle it; two readings of one clear print they do not."""
    is_ambiguous = found.status is FieldStatus.UNVERIFIED and bool(found.readings)
    doubted = (FieldStatus.UNVERIFIED, FieldStatus.CONFLICT)
    return found.status in doubted and not (is_ambiguous and found.evidence)


def _is_doubtful_list(
    unit: str, schema: Schema, judged: Judgement, texts: Sequence[PageText]
) -> bool:
    """Whether a list has a wrong or unseen value, or is empty below a printed table head."""
    rows = [found for path, found in judged.fields.items() if path.startswith(f"{unit}[")]
    if rows:
        return any(
            found.status is FieldStatus.CONFLICT or (_is_unsure(found) and not found.evidence)
            for found in rows
        )
    members = [item for item in schema.fields if item.path.startswith(f"{unit}[]")]
    num_needed = min(2, len(members))
    return any(
        sum(_label(item, text) is not None for item in members) >= num_needed for text in texts
    )


def _label_places(item: Field, texts: Sequence[PageText]) -> dict[int, Box]:
    found = ((text.page.number, _label(item, text)) for text in texts)
    return {number: box for number, box in found if box is not None}


def _label(item: Field, text: PageText) -> Box | None:
    for label in item.labels:
        if len(fold(label)) >= _MIN_LABEL_LENGTH:
            for span in text.find_text(label):
                return text.box(span)
    return None


def _value_places(found: FieldValue | None) -> dict[int, Box]:
    evidence = found.evidence if found is not None else ()
    return {e.page: e.box for e in evidence if e.page is not None and e.box is not None}


def _united(one: Mapping[int, Box], other: Mapping[int, Box]) -> dict[int, Box]:
    both = {number: box.union(other[number]) for number, box in one.items() if number in other}
    return {**one, **other, **both}
