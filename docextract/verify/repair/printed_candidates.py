"""Gathers what else the page prints for a field, each value grounded like any other.

Knows nothing of checks. The engine's own alternatives come first, then the amounts that stand
beside one of the field's labels, for account numbers their lookalikes. An engine that weighs
alternatives has seen the labels of what it left out: of its gaps only key fields get more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from docextract.engine.base import Alternative, Answer, Place
from docextract.normalise.locale.habits import LocaleEvidence
from docextract.normalise.reading import Reading
from docextract.normalise.text.identifiers import is_valid_iban
from docextract.normalise.values import normalise, same_value
from docextract.records import Match, Tree, WordSource
from docextract.schema import Field, Kind, Schema
from docextract.verify.grounding import Grounded, Grounder, plain
from docextract.verify.merging import leaves
from docextract.verify.repair.lookalikes import lookalikes
from docextract.verify.repair.target import Candidate, Target

MAX_CANDIDATES = 6
MIN_FIT = 0.6
"""How well a place must suit the field: beside a label, or the only place of its kind."""

_KINDS = (Kind.MONEY, Kind.DATE, Kind.IBAN)


@dataclass(frozen=True)
class Sources:
    """Where candidates of one document come from."""

    answer: Answer
    schema: Schema
    readings: Mapping[str, Reading]
    grounder: Grounder
    locale: LocaleEvidence

    def targets(self, values: Tree) -> dict[str, Target]:
        """Return by concrete path what may be changed: amounts, dates and account numbers.

        Args:
            values: typed text in the schema's shape, read from the page.
        """
        return {
            path: Target(
                value, partial(self._strength, path, field, value),
                partial(self._candidates, path, field, value),
            )
            for path, value in leaves(values)
            if (field := self.schema.field_at(path)) is not None
            and field.kind in _KINDS
            and path in self.readings
        }  # fmt: skip

    @cached_property
    def _in_rows(self) -> frozenset[str]:
        """Plain values of the amounts in tables."""
        rows = (reading for path, reading in self.readings.items() if "[" in path)
        return frozenset(plain(reading.value) for reading in rows if reading.value)

    @cached_property
    def _held(self) -> frozenset[Place]:
        """Where the amounts outside tables stand."""
        amounts = (
            self._ground_current(path, field, reading.value)[:1]
            for path, reading in self.readings.items()
            if "[" not in path
            and reading.value
            and (field := self.schema.field_at(path)) is not None
            and field.kind is Kind.MONEY
        )
        evidence = [item.evidence for found in amounts for item in found]
        return frozenset(Place(e.page, e.box) for e in evidence if e.page and e.box)

    def _strength(self, path: str, field: Field, value: str | None) -> float:
        found = [] if value is None else self._ground_current(path, field, value)
        return found[0].fit if found and found[0].evidence.match is not Match.FUZZY else 0.0

    def _ground_current(self, path: str, field: Field, value: str) -> list[Grounded]:
        reading = self.readings[path]
        source = reading.source_path or path
        place, probability = self.answer.places.get(source), self.answer.probabilities.get(source)
        return self.grounder.ground(field, value, reading.raw, place, probability)

    def _candidates(self, path: str, field: Field, value: str | None) -> list[Candidate]:
        found: dict[str, Candidate] = {}
        for candidate in self._all(path, field, value):
            if value is None or not same_value(candidate.value, value, field):
                found.setdefault(candidate.value, candidate)
        return list(found.values())[:MAX_CANDIDATES]

    def _all(self, path: str, field: Field, value: str | None) -> Iterator[Candidate]:
        for alternative in (self.answer.alternatives or {}).get(path, ()):
            yield from self._ground(field, alternative)
        is_weighed = self.answer.alternatives is not None and value is None and not field.is_key
        if field.kind is Kind.MONEY and not is_weighed and "[" not in path:
            for number, quote, place in self.grounder.announced(field):
                # A printed amount serves one field: a subtotal is no second total.
                if number not in self._in_rows and place not in self._held:
                    yield from self._ground(field, Alternative(quote, place))
        if field.kind is Kind.IBAN and value is not None:
            yield from self._respelled(path, field, value)

    def _ground(self, field: Field, alternative: Alternative) -> Iterator[Candidate]:
        reading = normalise(alternative.raw, field, self.locale)
        if reading.value is None or reading.is_ambiguous:
            return
        raw, place, probability = alternative
        found = self.grounder.ground(field, reading.value, raw, place, probability)
        yield from _grounded(reading, found[:1])

    def _respelled(self, path: str, field: Field, value: str) -> Iterator[Candidate]:
        """Yield the one right spelling of an account number, if OCR or the engine misread it.

        Either the page prints that spelling, or the wrong one was read by OCR. What a text
        layer spells wrongly is the document's own mistake.
        """
        right = {code for code in lookalikes(value) if is_valid_iban(code)}
        if len(right) != 1:
            return
        (code,) = right
        reading = replace(self.readings[path], value=code, readings=(code,), note=None)
        found = self.grounder.ground(field, code, None)
        if not found:
            misread = self._ground_current(path, field, value)
            found = [item for item in misread if item.evidence.source is WordSource.OCR]
        yield from _grounded(reading, found[:1])


def _grounded(reading: Reading, found: list[Grounded]) -> Iterator[Candidate]:
    for evidence, fit, _ in found:
        if evidence.match is Match.FUZZY or evidence.page is None or evidence.box is None:
            continue
        if fit < MIN_FIT:
            continue
        assert reading.value is not None
        place = Place(evidence.page, evidence.box)
        yield Candidate(reading.value, reading.of(evidence.quote), place, fit)
