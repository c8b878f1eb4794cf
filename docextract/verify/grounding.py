"""Finds where each value stands on the page: evidence whose box, read back, gives its quote.

Knows nothing of which engine answered; it believes words on the page and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz

from docextract.engine.base import Place
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.locale.habits import LocaleEvidence
from docextract.normalise.numbers.numbers import find_numbers, parse_number
from docextract.normalise.text.clean_text import mask_cards
from docextract.normalise.values import normalise, same_value
from docextract.records import Box, Evidence, Match, Page, Word
from docextract.schema import Comparison, Field, Kind

_DISTINCTIVE = {Kind.IBAN, Kind.BIC, Kind.EMAIL, Kind.URL, Kind.TAX_ID, Kind.PHONE}
_WORDY = {Kind.TEXT, Kind.NAME, Kind.ADDRESS}
_FUZZY_MIN = 88.0
"""rapidfuzz ratio from which OCR slips in long text still count as the same text."""


_MAX_SPANS = 5
"""An amount printed more often than this is looked at where it stands first."""


class Grounded(NamedTuple):
    """Evidence for a value.

    Attributes:
        evidence: where it stands.
        fit: how well that place suits the field, 0 to 1.
        legibility: lowest confidence of the words there, 0 to 1; 1 for exact text.
    """

    evidence: Evidence
    fit: float
    legibility: float = 1.0


def fold(text: str) -> str:
    """Return text for comparison: no case, accents, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())


def words_in(page: Page, box: Box) -> list[Word]:
    """Return the page's words whose centre lies in the box, in reading order."""
    return [
        word
        for word in page.words
        if box.left <= (word.box.left + word.box.right) / 2 <= box.right
        and box.top <= word.box.middle <= box.bottom
    ]


def read_box(page: Page, box: Box) -> str:
    """Return what the page's words inside the box say, joined by single spaces."""
    return " ".join(word.text for word in words_in(page, box))


@dataclass(frozen=True)
class PageText:
    """One page's words as searchable text.

    Attributes:
        page: the page.
        evidence: the document's locale, by which numbers and dates are read.
    """

    page: Page
    evidence: LocaleEvidence

    @cached_property
    def text(self) -> str:
        """All words joined by single spaces."""
        return " ".join(word.text for word in self.page.words)

    @cached_property
    def _starts(self) -> list[int]:
        starts, position = [], 0
        for word in self.page.words:
            starts.append(position)
            position += len(word.text) + 1
        return starts

    @cached_property
    def folded(self) -> tuple[str, list[int]]:
        """Folded text, and for each of its characters the index of its word."""
        pieces, owners = [], []
        for index, word in enumerate(self.page.words):
            piece = fold(word.text)
            pieces.append(piece)
            owners += [index] * len(piece)
        return "".join(pieces), owners

    @cached_property
    def numbers(self) -> dict[str, list[tuple[int, int]]]:
        """Word spans (first, last) of every number, by plain decimal value."""
        return self._by_value(find_numbers(self.text), is_date=False)

    @cached_property
    def dates(self) -> dict[str, list[tuple[int, int]]]:
        """Word spans (first, last) of every date, by ISO value."""
        return self._by_value(find_dates(self.text), is_date=True)

    def _by_value(
        self, found: Iterator[tuple[int, int, str]], *, is_date: bool
    ) -> dict[str, list[tuple[int, int]]]:
        parse = parse_date if is_date else parse_number
        spans: dict[str, list[tuple[int, int]]] = {}
        for start, end, text in found:
            for value in parse(text, self.evidence).readings:
                key = value if is_date else plain(value)
                spans.setdefault(key, []).append(self._span(start, end))
        return spans

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1

    def find_text(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield word spans whose folded text equals that of ``text``."""
        wanted = fold(text)
        folded, owners = self.folded
        position = folded.find(wanted) if wanted else -1
        while position >= 0:
            end = position + len(wanted) - 1
            if _is_whole(owners, position, end):
                yield owners[position], owners[end]
            position = folded.find(wanted, position + 1)

    def find_similar(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the word span most similar to ``text``, if similar enough."""
        wanted = fold(text)
        folded, owners = self.folded
        if len(wanted) < 6 or len(folded) < len(wanted):
            return
        found = fuzz.partial_ratio_alignment(wanted, folded, score_cutoff=_FUZZY_MIN)
        if found is not None and found.dest_end > found.dest_start:
            yield owners[found.dest_start], owners[found.dest_end - 1]

    def box(self, span: tuple[int, int]) -> Box:
        """Return the box around the words from first to last."""
        first, last = span
        box = self.page.words[first].box
        for word in self.page.words[first + 1 : last + 1]:
            box = box.union(word.box)
        return box


def _is_whole(owners: Sequence[int], start: int, end: int) -> bool:
    """Whether a match begins and ends at word borders; what does not is not worth reading."""
    starts = start == 0 or owners[start - 1] != owners[start]
    ends = end == len(owners) - 1 or owners[end + 1] != owners[end]
    return starts and ends


def plain(value: str) -> str:
    """Return a decimal without sign or trailing zeros, so that 59.4 equals -59.40."""
    text = value.lstrip("+-")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Grounder:
    """Grounds the values of one document."""

    def __init__(self, pages: Sequence[Page], evidence: LocaleEvidence) -> None:
        self._locale = evidence
        self._pages = {page.number: PageText(page, evidence) for page in pages if page.words}
        self._nearby: dict[tuple[int, Box], tuple[str, str]] = {}

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
            return [Grounded(hinted, fit, self._legibility(hinted))]
        found = list(self._search(field, value, raw or value))
        ranked = [
            Grounded(e, self._fit(field, e, len(found)), self._legibility(e)) for e in found[:20]
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
                found = next((b for b in boxes if self._has_label(field, text.page, b)), None)
                if found is not None and value not in seen:
                    seen.add(value)
                    yield value, read_box(text.page, found), Place(number, found)

    def is_printed(self, field: Field, value: str) -> bool:
        """Whether the value stands anywhere on the pages, as text or by value."""
        found = self._search(field, value, value)
        return any(item.match is not Match.FUZZY for item in found)

    def _at_place(self, field: Field, value: str, raw: str | None, place: Place) -> Evidence | None:
        text = self._pages.get(place.page)
        if text is None:
            return None
        quote = read_box(text.page, place.box)
        match = self._match(field, value, raw, quote)
        if match is Match.NONE:
            return None
        return Evidence(place.page, place.box, mask_cards(quote), match, text.page.word_source)

    def _match(self, field: Field, value: str, raw: str | None, quote: str) -> Match:
        if not quote:
            return Match.NONE
        if raw is not None and _squash(raw) == _squash(quote):
            return Match.EXACT
        if field.kind in _WORDY and fold(quote) in {fold(value), fold(raw or value)}:
            return Match.NORMALIZED
        readings = normalise(quote, field, self._locale).readings
        if any(_is_equal(reading, value, field) for reading in readings):
            return Match.NORMALIZED
        if field.kind in _WORDY and fuzz.ratio(fold(quote), fold(raw or value)) >= _FUZZY_MIN:
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
                quote = read_box(text.page, box)
                match = self._match(field, value, raw, quote)
                if match is not Match.NONE:
                    yield Evidence(number, box, mask_cards(quote), match, text.page.word_source)

    def _spans(
        self, text: PageText, field: Field, value: str, raw: str
    ) -> Iterator[tuple[int, int]]:
        yield from text.find_text(raw)
        if field.kind.is_number:
            yield from text.numbers.get(plain(value), ())
        elif field.kind is Kind.DATE:
            yield from text.dates.get(value, ())
        else:
            if raw != value:
                yield from text.find_text(value)
            if field.kind in _WORDY:
                yield from text.find_similar(raw)

    def _legibility(self, evidence: Evidence) -> float:
        assert evidence.page is not None and evidence.box is not None
        words = words_in(self._pages[evidence.page].page, evidence.box)
        return min((word.confidence for word in words), default=1.0)

    def _fit(self, field: Field, evidence: Evidence, num_places: int) -> float:
        """How well a place suits the field: a label near it, or a value no other has."""
        assert evidence.page is not None and evidence.box is not None
        if self._has_label(field, self._pages[evidence.page].page, evidence.box):
            return 0.98
        is_long = len(fold(evidence.quote)) >= 8 and field.kind not in (
            Kind.DATE,
            Kind.MONEY,
        )
        if field.kind in _DISTINCTIVE or is_long:
            return 0.85
        return 0.6 if num_places == 1 else 0.4

    def _has_label(self, field: Field, page: Page, box: Box) -> bool:
        nearby = self._nearby.get((page.number, box))
        if nearby is None:
            nearby = self._nearby[page.number, box] = _around(page, box)
        return any(f" {_spaced(label)} " in text for label in field.labels for text in nearby)


def _around(page: Page, box: Box) -> tuple[str, str]:
    """Return what stands left of a box and above it, where labels stand."""
    reach = max(box.height, 0.008)
    left = Box(0.0, box.top - reach / 4, box.left + 0.001, box.bottom + reach / 4)
    above = Box(box.left - 0.12, box.top - 4 * reach, box.right + 0.12, box.top + reach / 4)
    return f" {_spaced(read_box(page, left))} ", f" {_spaced(read_box(page, above))} "


def _is_equal(reading: str, value: str, field: Field) -> bool:
    # Similar is not equal: only numbers and identifiers have more than one spelling.
    if field.comparison is Comparison.SIMILAR:
        return reading == value
    # A deduction may be printed with a minus that its value does not have.
    return same_value(reading, value, field) or reading == f"-{value}"


def _squash(text: str) -> str:
    return "".join(text.split())


@lru_cache(maxsize=4096)
def _spaced(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
