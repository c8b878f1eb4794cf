"""Reads what a person typed or clicked: one clear value, or the question what it means.

Knows nothing of documents: what a person writes is not read by the habits of a page.
"""

from __future__ import annotations

from docextract.core import UnclearValueError
from docextract.normalise import NO_EVIDENCE, LocaleEvidence, normalise
from docextract.schema import Field, Kind

_EXAMPLES = {
    Kind.DATE: "2025-04-03",
    Kind.TIME: "14:30",
    Kind.DATETIME: "2025-04-03 14:30",
    Kind.CURRENCY: "EUR",
    Kind.COUNTRY: "DE",
    Kind.BOOLEAN: "true or false",
    Kind.IBAN: "DE89 3704 0044 0532 0130 00",
    Kind.EMAIL: "name@example.com",
}
_NUMBER = "1234.50"


def read_typed(text: str, field: Field, habits: LocaleEvidence = NO_EVIDENCE) -> str:
    """Return the typed value that a text clearly means.

    Args:
        text: as a person typed it, or as the words they clicked are printed.
        field: what it is to be.
        habits: of the page, where its words were clicked; of the file, where it was edited.

    Raises:
        UnclearValueError: it means nothing of the field's kind, or more than one thing.
    """
    reading = normalise(text, field, habits)
    if reading.value is None:
        told = f": {reading.note}" if reading.note else ""
        raise UnclearValueError(f"{text!r} is no {_noun(field)}{told}", _hint(field))
    if reading.is_ambiguous or reading.is_repaired:
        choices = tuple(_spelled(value, field) for value in dict.fromkeys(reading.readings))
        told = " or ".join(choices)
        raise UnclearValueError(f"{text}: which? {told}", f"Write {told}.", choices)
    return reading.value


def _spelled(value: str, field: Field) -> str:
    """Return a value so that it is clear when it is typed: 1.234 as 1.2340."""
    _, point, decimals = value.partition(".")
    return f"{value}0" if field.kind.is_number and point and len(decimals) == 3 else value


def _noun(field: Field) -> str:
    return f"choice of {field.path}" if field.choices else field.kind.value.replace("_", " ")


def _hint(field: Field) -> str:
    if field.choices:
        return f"Write one of {', '.join(field.choices)}."
    example = _NUMBER if field.kind.is_number else _EXAMPLES.get(field.kind)
    return f"Write it as {example}." if example else "Leave it empty where there is none."
