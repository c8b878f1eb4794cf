"""Printed text to typed value, for one leaf and for a whole answer in a schema's shape.

Knows nothing of pages or engines: the field's kind and the document's habits decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from docextract.core import Tree
from docextract.normalise.dates.dates import parse_date, read_dates
from docextract.normalise.dates.periods import settle_years
from docextract.normalise.dates.times import parse_time
from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.numbers.deductions import settle_deductions
from docextract.normalise.numbers.numbers import parse_number
from docextract.normalise.numbers.quantities import split_quantity
from docextract.normalise.reading import NOTHING, Reading, certain, refused
from docextract.normalise.text.choices import parse_choice
from docextract.normalise.text.clean_text import cap, clean_text, mask_cards, mask_cards_at
from docextract.normalise.text.identifiers import (
    parse_bic,
    parse_boolean,
    parse_country,
    parse_currency,
    parse_email,
    parse_iban,
    parse_phone,
    parse_tax_id,
    parse_url,
)
from docextract.schema import Field, Kind, Schema

__all__ = ["Reading", "normalise", "normalise_tree"]


def normalise(raw: object, field: Field, evidence: LocaleEvidence = NO_EVIDENCE) -> Reading:
    """Return what a printed text means for a field.

    Args:
        raw: text as printed; numbers and booleans of a JSON answer are read as text. None,
            blanks and stand-ins such as ``N/A`` mean absent.
        field: its kind chooses the reader.
        evidence: the document's habits.

    Returns:
        A reading that carries ``raw``. Its value is None where the text is absent or means
        nothing of that kind.
    """
    if raw is None or isinstance(raw, (dict, list)):
        return NOTHING
    printed = str(raw).lower() if isinstance(raw, bool) else str(raw)
    text = clean_text(printed)
    if text is None:
        return NOTHING
    return _READERS[field.kind](text, field, evidence).of(mask_cards_at(field.path, cap(printed)))


_Reader = Callable[[str, Field, LocaleEvidence], Reading]


def _text(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    return certain(cap(mask_cards(text)))


def _identifier(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    stripped = text.strip(" :;,")
    return certain(cap(mask_cards_at(field.path, stripped))) if stripped else NOTHING


def _number(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    reading = parse_number(text, evidence, field.kind)
    if reading.note and ("credit" in reading.note or "debit" in reading.note):
        return _settle_booking(reading, field)
    return reading


_BANKING = ("account", "balance", "deposit", "statement", "transaction", "withdrawal")


def _settle_booking(reading: Reading, field: Field) -> Reading:
    """Read CR and DR: a credit adds to a bank account and lowers an invoice.

    Columns for one direction (deposits, withdrawals) hold amounts without a sign.
    """
    negative = tuple(value for value in reading.readings if value.startswith("-"))
    positive = tuple(value for value in reading.readings if not value.startswith("-"))
    is_banking = any(word in field.path for word in _BANKING)
    is_credit = "credit" in (reading.note or "")
    is_directed = field.name in ("deposit", "withdrawal", "total_in", "total_out")
    chosen = positive if is_directed or is_banking is is_credit else negative
    return replace(reading, value=chosen[0], readings=chosen, is_ambiguous=len(chosen) > 1)


def _quantity(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    number, _ = split_quantity(text)
    reading = parse_number(number, evidence, field.kind)
    return reading if reading.value is not None else _number(text, field, evidence)


def _unit(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    _, unit = split_quantity(text)
    return certain(cap(unit or text))


_FIRST_OF_TWO = frozenset({"start", "from", "begin", "since"})
_LAST_OF_TWO = frozenset({"end", "to", "until", "till"})


def _date(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    reading = parse_date(text, evidence)
    words = set(field.name.split("_"))
    if reading.value is None and words & (_FIRST_OF_TWO | _LAST_OF_TWO):
        dates = read_dates(text, evidence)
        if len(dates) == 2:
            return dates[0] if words & _FIRST_OF_TWO else dates[1]
    return reading


def _moment(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    """Read a date with the time of day beside it; without one the date stands alone."""
    day, clock = _date(text, field, evidence), parse_time(text)
    if day.value is None or clock.value is None:
        return day
    readings = tuple(f"{date}T{clock.value}" for date in day.readings)
    is_repaired = day.is_repaired or clock.is_repaired
    return replace(day, value=readings[0], readings=readings, is_repaired=is_repaired)


def _currency(text: str, field: Field, evidence: LocaleEvidence) -> Reading:
    reading = parse_currency(text, evidence)
    allowed = tuple(code for code in reading.readings if code in field.choices)
    if not field.choices or allowed == reading.readings:
        return reading
    if not allowed:
        return refused(f"{text} is none of {', '.join(field.choices)}")
    return replace(reading, value=allowed[0], readings=allowed, is_ambiguous=len(allowed) > 1)


def _without_evidence(parse: Callable[[str], Reading]) -> _Reader:
    return lambda text, field, evidence: parse(text)


_READERS: dict[Kind, _Reader] = {
    Kind.TEXT: _text,
    Kind.NAME: _text,
    Kind.ADDRESS: _text,
    Kind.IDENTIFIER: _identifier,
    Kind.MONEY: _number,
    Kind.DECIMAL: _number,
    Kind.PERCENT: _number,
    Kind.QUANTITY: _quantity,
    Kind.UNIT: _unit,
    Kind.DATE: _date,
    Kind.TIME: _without_evidence(parse_time),
    Kind.DATETIME: _moment,
    Kind.CURRENCY: _currency,
    Kind.COUNTRY: _without_evidence(parse_country),
    Kind.IBAN: _without_evidence(parse_iban),
    Kind.BIC: _without_evidence(parse_bic),
    Kind.TAX_ID: _without_evidence(parse_tax_id),
    Kind.EMAIL: _without_evidence(parse_email),
    Kind.PHONE: _without_evidence(parse_phone),
    Kind.URL: _without_evidence(parse_url),
    Kind.BOOLEAN: _without_evidence(parse_boolean),
    Kind.ENUM: lambda text, field, evidence: parse_choice(text, field.choices),
}


def normalise_tree(
    values: Tree, schema: Schema, evidence: LocaleEvidence = NO_EVIDENCE
) -> tuple[Tree, dict[str, Reading]]:
    """Return an answer's typed values in the schema's full shape, and every leaf's reading.

    Args:
        values: raw values in the schema's shape; keys it does not know are dropped.
        schema: says what each leaf is.
        evidence: the document's habits.

    Returns:
        The tree: typed text or None at every leaf, lists without rows that hold nothing.
        The readings, by concrete path in that tree (``lines[0].net``); where rows were
        dropped, ``source_path`` says where the leaf stood in ``values``.
    """
    walk = _Walk(evidence)
    tree = walk.group(schema.shape, values, "", "")
    tree, readings = settle_deductions(tree, walk.readings, schema)
    return settle_years(tree, readings, schema, evidence)


class _Walk:
    """Visits an answer by the schema's shape and collects readings on the way."""

    def __init__(self, evidence: LocaleEvidence) -> None:
        self.readings: dict[str, Reading] = {}
        self._evidence = evidence

    def group(self, shape: dict[str, Any], source: object, old: str, new: str) -> Tree:
        given = source if isinstance(source, dict) else {}
        return {
            name: self._visit(inner, given.get(name), f"{old}{name}", f"{new}{name}")
            for name, inner in shape.items()
        }

    def _visit(self, inner: object, source: object, old: str, new: str) -> Any:
        if isinstance(inner, Field):
            reading = normalise(source, inner, self._evidence)
            self.readings[new] = replace(reading, source_path=old)
            return reading.value
        if isinstance(inner, dict):
            return self.group(inner, source, f"{old}.", f"{new}.")
        assert isinstance(inner, list)
        return self._rows(inner[0], source, old, new)

    def _rows(self, inner: object, source: object, old: str, new: str) -> list[Any]:
        given = source if isinstance(source, list) else [] if source is None else [source]
        rows: list[Any] = []
        for index, row in enumerate(given):
            trial = _Walk(self._evidence)
            value = trial._visit(inner, row, f"{old}[{index}]", f"{new}[{len(rows)}]")
            if any(_leaf_values(value)):
                rows.append(value)
                self.readings |= trial.readings
        return rows


def _leaf_values(tree: object) -> Iterator[object]:
    if isinstance(tree, dict):
        for child in tree.values():
            yield from _leaf_values(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _leaf_values(child)
    else:
        yield tree
