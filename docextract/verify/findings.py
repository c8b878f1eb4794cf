"""Brings together all that is known of each leaf: value, reading, evidence, disagreement, repair.

Knows nothing of what any of it is worth; that is for ``assessment`` to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docextract.engine.base import Answer
from docextract.normalise.reading import NOTHING, Reading
from docextract.schema import Field, Kind, Schema
from docextract.verify.field_status import Finding
from docextract.verify.grounding import Grounder
from docextract.verify.merging import Disagreement, Merged, leaves
from docextract.verify.repair import Repaired

_ALWAYS_PRINTED = (Kind.IDENTIFIER, Kind.DATE, Kind.MONEY)
"""Kinds whose key values every page prints: in 77 e-invoices that agree with their page none
lacked its number, date or total."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One document's answer on its way to findings.

    Attributes:
        answer: of the engine, all pages together.
        merged: typed values after merging and repairs.
        readings: of the page's values, by path.
        disagreements: between pages, or between page and embedded data, by path.
        grounder: finds values on the pages.
        repaired: what was put in place of what the engine said.
        is_exact_text: whether all pages were read and their words are exact, so that what is
            not found on them is not printed.
    """

    answer: Answer
    merged: Merged
    readings: Mapping[str, Reading]
    disagreements: Mapping[str, Disagreement]
    grounder: Grounder
    repaired: Repaired
    is_exact_text: bool = False


def make_findings(schema: Schema, answered: Answered) -> Iterator[Finding]:
    """Yield the finding of every leaf of the merged values, absent ones too."""
    for path, value in leaves(answered.merged.values):
        field = schema.field_at(path)
        if field is None:
            continue
        if value is None:
            yield Finding(path, field, None, answered.readings.get(path), ())
        elif path in answered.merged.quotes:
            yield _embedded(path, str(value), field, answered)
        elif path in answered.repaired.candidates:
            yield _repaired(path, str(value), field, answered)
        else:
            yield _read(path, str(value), field, answered)


def _embedded(path: str, value: str, field: Field, answered: Answered) -> Finding:
    grounded = answered.grounder.ground(field, value, None)
    disagreement = answered.disagreements.get(path)
    if disagreement and answered.grounder.is_printed(field, value):
        # The page prints the XML's value too, so the reading of the page was wrong.
        disagreement = None
    quote = answered.merged.quotes[path]
    is_missing = (
        disagreement is None
        and answered.is_exact_text
        and field.is_key
        and field.kind in _ALWAYS_PRINTED
        and not answered.grounder.is_printed(field, value)
    )
    return Finding(
        path, field, value, None, grounded, None, disagreement, quote, is_unprinted=is_missing
    )


def _repaired(path: str, value: str, field: Field, answered: Answered) -> Finding:
    _, reading, place, fit = answered.repaired.candidates[path]
    grounded = answered.grounder.ground(field, value, reading.raw, place, fit)
    repair = answered.repaired.repairs[path]
    disagreement = answered.disagreements.get(path)
    return Finding(path, field, value, reading, grounded, fit, disagreement, repair=repair)


def _read(path: str, value: str, field: Field, answered: Answered) -> Finding:
    reading = answered.readings.get(path, NOTHING)
    source = reading.source_path or path
    place, probability = (
        answered.answer.places.get(source),
        answered.answer.probabilities.get(source),
    )
    grounded = answered.grounder.ground(field, value, reading.raw, place, probability)
    return Finding(
        path, field, value, reading, grounded, probability, answered.disagreements.get(path)
    )
