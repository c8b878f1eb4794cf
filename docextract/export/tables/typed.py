"""Values of records as typed ones, and what can be told of a value that has no such type.

Knows nothing of files.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from docextract.core import Tree, to_json, to_text
from docextract.schema import Kind

Typed = Decimal | dt.date | bool | int | float | str | None

NUMBER_KINDS = frozenset(kind.value for kind in Kind if kind.is_number)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_BOOLEANS = {"true": True, "false": False}


def typed(value: Any, kind: str) -> Typed:
    """Return a leaf of a record as its kind's type.

    Args:
        value: the leaf.
        kind: of its column, see ``csv_tables.Column``.

    Returns:
        A Decimal, date, datetime or bool where the kind is one and the value is written as
        records write it; else text, numbers that are no field's as they are, None where there is
        nothing.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return Decimal(str(value)) if kind in NUMBER_KINDS else value
    text = value if isinstance(value, str) else to_json(value)
    if kind in NUMBER_KINDS and _NUMBER.fullmatch(text):
        return Decimal(text)
    if kind == Kind.DATE and _DATE.fullmatch(text):
        return _date(text)
    if kind == Kind.DATETIME:
        return _moment(text)
    if kind == Kind.BOOLEAN and text in _BOOLEANS:
        return _BOOLEANS[text]
    return to_text(text)


def _date(text: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _moment(text: str) -> dt.date | str:
    """Return a date, with its time of day where that is known."""
    if _DATE.fullmatch(text):
        return _date(text)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return text


def first_evidence(field: Tree) -> Tree:
    """Return where a field's value was found first; empty where it was not."""
    found: Tree = next(iter(field.get("evidence", ())), {})
    return found
