"""Finds where each value stands on the page: evidence whose box, read back, gives its quote.

Knows nothing of which engine answered; it believes words on the page and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from docextract.core import Box, Evidence, Match, Page, Place
from docextract.normalise import NOTHING, LocaleEvidence, normalise, same_value
from docextract.normalise.text.clean_text import mask_cards_at
from docextract.schema import Comparison, Field, Kind
from docextract.verify.grounding.accounts import printed_ibans
from docextract.verify.grounding.page_text import (
    FUZZY_MIN,
    PageText,
    fold,
    narrowed,
    plain,
)
from docextract.verify.value import Disagreement, FieldValue, FieldValues, Grounded

_DISTINCTIVE = {Kind.IBAN, Kind.BIC, Kind.EMAIL, Kind.URL, Kind.TAX_ID, Kind.PHONE}
_WORDY = {Kind.TEXT, Kind.NAME, Kind.ADDRESS}
_NUMBERED = {Kind.IDENTIFIER, Kind.TAX_ID}
_WRAPPED = {Kind.IBAN, Kind.DATE}
_MAX_SPANS = 5
"""An amount printed more often than this is looked at where it stands first."""
_MIN_COMPOUND = 6
_LABEL_BEFORE = re.compile(r"^[^\W\d]{1,7}[.:#°º]+(?=\w)")
"""The end of a label that touches its number: ``No.4711``."""
_MARKS = re.compile(r"[:;|·•]")
_NUMBER_BEHIND = re.compile(r"\([^()]*\d[^()]*\)$")
"""A registration number in brackets, printed without a space behind a name."""
_TYPE_CODE = re.compile(r"\(\d{1,3}\)")
"""A code of UNTDID 1001 behind a title, which parts it from its ``No.``."""

_ALWAYS_PRINTED = (Kind.IDENTIFIER, Kind.DATE, Kind.MONEY)
"""Kinds whose key values every page prints: in 77 e-invoices that agree with their page none
lacked its number, date or total."""

_PAID_BY = frozenset({"amount_due", "account_name", "account_holder", "payee"})
"""Names of fields that money goes by, beside account numbers and key fields."""


def ground_values(
    values: FieldValues,
    grounder: Grounder,
    *,
    is_exact_text: bool,
    accounts: frozenset[str] = frozenset(),
) -> FieldValues:
    """Return values with their evidence on the pages.

    Args:
        values: checked.
        grounder: of the document.
        is_exact_text: whether all pages were read and their words are exact, so that what is
            not found on them is not printed.
        accounts: all that embedded data name; another one on a page contradicts them.
    """

    def ground(value: FieldValue) -> FieldValue:
        if value.value is None:
            return value
        if value.quote is not None:
            return _embedded(value, value.value, grounder, is_exact_text, accounts)
        found = grounder.ground(
            value.field, value.value, value.reading.raw, value.place, value.probability
        )
        return replace(value, grounded=tuple(found))

    return values.map(ground)


def _embedded(
    value: FieldValue,
    text: str,
    grounder: Grounder,
    is_exact_text: bool,
    accounts: frozenset[str],
) -> FieldValue:
    """Ground a value of the XML; how the page's own value was read says nothing of it."""
    field = value.field
    found = grounder.ground(field, text, None)
    is_printed = grounder.is_printed(field, text)
    # Where the page prints the XML's value too, the reading of the page was wrong.
    disagreement = None if is_printed else value.disagreement
    if field.kind is Kind.IBAN:
        others = sorted(grounder.ibans - accounts - {text})
        disagreement = Disagreement(value.path, text, others[0]) if others else disagreement
    is_unprinted = (
        disagreement is None
        and is_exact_text
        and field.is_key
        and field.kind in _ALWAYS_PRINTED
        and not is_printed
    )
    is_unseen = grounder.has_pages and _must_be_seen(field) and not found
    return replace(
        value,
        reading=NOTHING,
        place=None,
        probability=None,
        disagreement=disagreement,
        grounded=tuple(found),
        is_unprinted=is_unprinted,
        is_unseen=is_unseen and not is_unprinted,
    )


def _must_be_seen(field: Field) -> bool:
    """Whether people pay by a field, so that data nobody sees are no proof of it.

    A currency is printed as a sign, which ``one-currency`` judges.
    """
    if field.kind is Kind.CURRENCY:
        return False
    return field.is_key or field.kind in (Kind.IBAN, Kind.BIC) or field.name in _PAID_BY


class Grounder:
    """Grounds the values of one document.

    Args:
        pages: that were read.
        evidence: the document's locale.
        has_pages: whether there is anything to see; an XML file has no page.
    """

    def __init__(
        self, pages: Sequence[Page], evidence: LocaleEvidence, *, has_pages: bool = True
    ) -> None:
        self._locale = evidence
        self.has_pages = has_pages
        self._pages = {page.number: PageText(page, evidence) for page in pages if page.words}
        self._nearby: dict[tuple[int, Box], str] = {}

    def ground(
        self,
        field: Field,
        value: str,
        raw: str | None,
        place: Place | None = None,
        probability: float | None = None,
    ) -> list[Grounded]:
        """Return evidence for one value, best place first; empty where there is none.

        Args:
            field: the leaf it belongs to.
            value: its typed value as text.
            raw: how the engine says it is printed.
            place: where the engine says it stands, checked anew.
            probability: the engine's own probability that this place suits the field.
        """
        hinted = self._at_place(field, value, raw, place) if place else None
        if hinted is not None:
            # Who names a place has weighed its labels; a label near by adds nothing new.
            fit = self._fit(field, hinted, 1) if probability is None else probability
            return [self._grounded(field, hinted, fit)]
        found = list(self._search(field, value, raw or value))
        ranked = [
            self._grounded(field, item, self._fit(field, item, len(found))) for item in found[:20]
        ]
        return sorted(ranked, key=lambda item: -item.fit)[:3]

    def announced(self, field: Field) -> Iterator[tuple[str, str, Place]]:
        """Yield printed numbers that a label of the field stands beside.

        Yields:
            Plain value (``59.4``), quote and place; each value once.
        """
        seen: set[str] = set()
        for number, text in self._pages.items():
            for value, spans in text.numbers.items():
                boxes = (text.box(span) for span in spans[:_MAX_SPANS])
                found = next((b for b in boxes if self._has_label(field, text, b)), None)
                if found is not None and value not in seen:
                    seen.add(value)
                    yield value, text.read_box(found), Place(number, found)

    @cached_property
    def ibans(self) -> frozenset[str]:
        """All account numbers that the pages print."""
        texts = (text.text for text in self._pages.values())
        return frozenset(iban for text in texts for iban in printed_ibans(text))

    def is_printed(self, field: Field, value: str) -> bool:
        """Whether the value stands anywhere on the pages, as text or by value."""
        found = self._search(field, value, value)
        return any(item.match is not Match.FUZZY for item in found)

    def _at_place(self, field: Field, value: str, raw: str | None, place: Place) -> Evidence | None:
        text = self._pages.get(place.page)
        if text is None:
            return None
        boxes = [place.box]
        if field.kind in _WORDY:
            boxes.append(narrowed(text.words_in(place.box), place.box, raw or value))
        for box in boxes:
            quote = text.read_box(box)
            match = self._match(field, value, raw, quote)
            if match is not Match.NONE:
                said = mask_cards_at(field.path, quote)
                return Evidence(place.page, box, said, match, text.page.word_source)
        return None

    def _match(self, field: Field, value: str, raw: str | None, quote: str) -> Match:
        if not quote:
            return Match.NONE
        if raw is not None and _squash(raw) == _squash(quote):
            return Match.EXACT
        is_wordy = field.kind in _WORDY
        if field.kind in _NUMBERED and fold(value) in _parts(quote):
            return Match.NORMALIZED
        known = {fold(value), fold(raw or value)}
        if is_wordy and {fold(quote), fold(_NUMBER_BEHIND.sub("", quote))} & known:
            return Match.NORMALIZED
        readings = normalise(quote, field, self._locale).readings
        if any(_is_equal(reading, value, field) for reading in readings):
            return Match.NORMALIZED
        if is_wordy and fuzz.ratio(fold(quote), fold(raw or value)) >= FUZZY_MIN:
            return Match.FUZZY
        # Lines of a tilted page are read a little out of order.
        if is_wordy and _words(quote) == _words(raw or value):
            return Match.FUZZY
        return Match.NONE

    def _search(self, field: Field, value: str, raw: str) -> Iterator[Evidence]:
        for number, text in self._pages.items():
            seen: set[tuple[int, int]] = set()
            for span in self._spans(text, field, value, raw):
                if span in seen:
                    continue
                seen.add(span)
                box = text.box(span)
                quote = text.read_box(box)
                match = self._match(field, value, raw, quote)
                if match is Match.NONE and field.kind in _WRAPPED:
                    # Wrapped in a text: the box holds both lines, and so other words.
                    quote = text.read_span(span)
                    match = self._match(field, value, raw, quote)
                if match is not Match.NONE:
                    yield Evidence(
                        number, box, mask_cards_at(field.path, quote), match, text.page.word_source
                    )

    def _spans(
        self, text: PageText, field: Field, value: str, raw: str
    ) -> Iterator[tuple[int, int]]:
        yield from text.find_text(raw)
        if field.kind.is_number:
            yield from text.numbers.get(plain(value), ())
        elif field.kind in (Kind.DATE, Kind.DATETIME):
            yield from text.dates.get(value, ())
        else:
            if raw != value:
                yield from text.find_text(value)
            if field.kind in _WORDY:
                yield from text.find_similar(raw)

    def _grounded(self, field: Field, evidence: Evidence, fit: float) -> Grounded:
        assert evidence.page is not None and evidence.box is not None
        text = self._pages[evidence.page]
        is_labelled = field.list_path is None and self._has_label(field, text, evidence.box)
        return Grounded(evidence, fit, self._legibility(evidence), is_labelled)

    def _legibility(self, evidence: Evidence) -> float:
        assert evidence.page is not None and evidence.box is not None
        words = self._pages[evidence.page].words_in(evidence.box)
        return min((word.confidence for word in words), default=1.0)

    def _fit(self, field: Field, evidence: Evidence, num_places: int) -> float:
        """How well a place suits the field: a label near it, or a value no other has."""
        assert evidence.page is not None and evidence.box is not None
        if self._has_label(field, self._pages[evidence.page], evidence.box):
            return 0.98
        is_long = len(fold(evidence.quote)) >= 8 and field.kind not in (
            Kind.DATE,
            Kind.MONEY,
        )
        if field.kind in _DISTINCTIVE or is_long:
            return 0.85
        return 0.6 if num_places == 1 else 0.4

    def _has_label(self, field: Field, text: PageText, box: Box) -> bool:
        nearby = self._nearby.get((text.page.number, box))
        if nearby is None:
            nearby = self._nearby[text.page.number, box] = _around(text, box)
        return any(label in nearby for label in _looked_for(field.labels))


def _around(text: PageText, box: Box) -> str:
    """Return what stands left of a box and, on another line, above it, where labels stand."""
    reach = max(box.height, 0.008)
    left = Box(0.0, box.top - reach / 4, box.left + 0.001, box.bottom + reach / 4)
    above = Box(box.left - 0.12, box.top - 4 * reach, box.right + 0.12, box.top + reach / 4)
    return f" {_spaced(text.read_box(left))} \n {_spaced(text.read_box(above))} "


@lru_cache(maxsize=1024)
def _looked_for(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_begins, labels))


def _begins(label: str) -> str:
    """Return a label's words as they are looked for: whole, but the last of a compound will do.

    ``Handelsrechnung Nr.`` holds ``Rechnung Nr.``; a word of a few letters ends too many others.
    """
    spaced = _spaced(label)
    is_long = " " in spaced and len(spaced.partition(" ")[0]) >= _MIN_COMPOUND
    return f"{spaced} " if is_long else f" {spaced} "


def _is_equal(reading: str, value: str, field: Field) -> bool:
    # Similar is not equal: only numbers and identifiers have more than one spelling.
    if field.comparison is Comparison.SIMILAR:
        return reading == value
    # A deduction may be printed with a minus that its value does not have.
    return same_value(reading, value, field) or reading == f"-{value}"


def _words(text: str) -> list[str]:
    return sorted(filter(None, map(fold, text.split())))


def _parts(quote: str) -> set[str]:
    """Return a printed number without what touches it: its label, what the next mark parts off."""
    return {fold(part) for part in (_LABEL_BEFORE.sub("", quote), *_MARKS.split(quote))}


def _squash(text: str) -> str:
    return "".join(text.split())


@lru_cache(maxsize=4096)
def _spaced(text: str) -> str:
    return " ".join(re.findall(r"\w+", _TYPE_CODE.sub(" ", text.lower())))
