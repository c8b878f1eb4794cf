"""Gathers what else the page prints for a field, each value grounded like any other.

Knows nothing of checks. The engine's own alternatives come first, then the amounts that stand
beside one of the field's labels, for account numbers their lookalikes. An engine that weighs
alternatives has seen the labels of what it left out: of its gaps only key fields get more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from docextract.core import Alternative, Match, Place, WordSource
from docextract.normalise import LocaleEvidence, Reading, normalise, same_value
from docextract.normalise.text.identifiers import is_valid_iban
from docextract.schema import Kind
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.grounding.page_text import plain
from docextract.verify.repair.lookalikes import lookalikes
from docextract.verify.value import MIN_FIT, FieldValue, FieldValues, Grounded

MAX_CANDIDATES = 6

_KINDS = (Kind.MONEY, Kind.DATE, Kind.IBAN)


@dataclass(frozen=True)
class PrintedCandidates:
    """What one document prints in place of its values.

    A candidate is the value as it would be: its ``probability`` says how well its place suits
    the field.

    Attributes:
        values: as they were read.
        grounder: of the document.
        locale: of the document.
    """

    values: FieldValues
    grounder: Grounder
    locale: LocaleEvidence

    def may_replace(self, value: FieldValue) -> bool:
        """Whether a value is of a kind that is repaired: amounts, dates and account numbers."""
        return value.field.kind in _KINDS

    def strength(self, value: FieldValue) -> float:
        """Return how well the page supports a value, 0 to 1."""
        found = self._ground(value)
        return found[0].fit if found and found[0].evidence.match is not Match.FUZZY else 0.0

    def candidates(self, value: FieldValue) -> list[FieldValue]:
        """Return what else could stand in place of a value, best first."""
        found: dict[str | None, FieldValue] = {}
        for other in self._all(value):
            if value.value is None or not _is_same(other, value):
                found.setdefault(other.value, other)
        return list(found.values())[:MAX_CANDIDATES]

    @cached_property
    def _in_rows(self) -> frozenset[str]:
        """Plain values of the amounts in tables."""
        rows = (value.value for path, value in self.values.items() if "[" in path)
        return frozenset(plain(text) for text in rows if text)

    @cached_property
    def _held(self) -> frozenset[Place]:
        """Where the amounts outside tables stand."""
        amounts = (
            self._ground(value)[:1]
            for path, value in self.values.items()
            if "[" not in path and value.value and value.field.kind is Kind.MONEY
        )
        evidence = [item.evidence for found in amounts for item in found]
        return frozenset(Place(e.page, e.box) for e in evidence if e.page and e.box)

    def _ground(self, value: FieldValue) -> list[Grounded]:
        if value.value is None:
            return []
        return self.grounder.ground(
            value.field, value.value, value.reading.raw, value.place, value.probability
        )

    def _all(self, value: FieldValue) -> Iterator[FieldValue]:
        for alternative in value.alternatives or ():
            yield from self._read(value, alternative)
        is_weighed = (
            value.alternatives is not None and value.value is None and not value.field.is_key
        )
        if value.field.kind is Kind.MONEY and not is_weighed and "[" not in value.path:
            for number, quote, place in self.grounder.announced(value.field):
                # A printed amount serves one field: a subtotal is no second total.
                if number not in self._in_rows and place not in self._held:
                    yield from self._read(value, Alternative(quote, place))
        if value.field.kind is Kind.IBAN and value.value is not None:
            yield from self._respelled(value, value.value)

    def _read(self, value: FieldValue, alternative: Alternative) -> Iterator[FieldValue]:
        reading = normalise(alternative.raw, value.field, self.locale)
        if reading.value is None or reading.is_ambiguous:
            return
        raw, place, probability = alternative
        found = self.grounder.ground(value.field, reading.value, raw, place, probability)
        yield from _replaced(value, reading, found[:1])

    def _respelled(self, value: FieldValue, text: str) -> Iterator[FieldValue]:
        """Yield the one right spelling of an account number, if OCR or the engine misread it.

        Either the page prints that spelling, or the wrong one was read by OCR. What a text
        layer spells wrongly is the document's own mistake.
        """
        right = {code for code in lookalikes(text) if is_valid_iban(code)}
        if len(right) != 1:
            return
        (code,) = right
        reading = replace(value.reading, value=code, readings=(code,), note=None)
        found = self.grounder.ground(value.field, code, None)
        if not found:
            misread = self._ground(value)
            found = [item for item in misread if item.evidence.source is WordSource.OCR]
        yield from _replaced(value, reading, found[:1])


def _is_same(one: FieldValue, other: FieldValue) -> bool:
    assert one.value is not None and other.value is not None
    return same_value(one.value, other.value, one.field)


def _replaced(value: FieldValue, reading: Reading, found: list[Grounded]) -> Iterator[FieldValue]:
    for evidence, fit, *_ in found:
        if evidence.match is Match.FUZZY or evidence.page is None or evidence.box is None:
            continue
        if fit < MIN_FIT:
            continue
        yield replace(
            value,
            value=reading.value,
            reading=reading.of(evidence.quote),
            place=Place(evidence.page, evidence.box),
            probability=fit,
        )
