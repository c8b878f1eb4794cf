"""Says whether a value is what the truth says, field type by field type.

Knows nothing of records or files.
"""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from decimal import Decimal, InvalidOperation

from rapidfuzz.distance import Levenshtein

from docextract.normalise import MIN_SIMILARITY, normalise, same_value
from docextract.normalise.text.clean_text import clean_text
from docextract.schema import Comparison, Field, Kind

_MIN_CONTAINED = 3
"""Letters and digits a name must have to be accepted as part of a longer one."""
_FREE = frozenset((Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.IDENTIFIER, Kind.UNIT))
"""Kinds whose values stay as they are printed."""


def is_right(value: str, truth: str, field: Field) -> bool:
    """Return whether a value is right.

    Numbers: equal amounts. Dates and codes: equal. Identifiers: letters and digits, without
    case. Names, addresses and texts: edit similarity of at least 0.8, with or without white
    space and punctuation. Of two names either may also be a part of the other ("Alder" and
    "Alder & Finch Ltd"), and a text may print more than the truth keeps of it.
    """
    if field.comparison is not Comparison.SIMILAR:
        return same_value(value, truth, field)
    given, wanted = _letters(value), _letters(truth)
    if not given or not wanted:
        return value == truth
    if _is_similar(given, wanted) or _is_contained(given, wanted, field.kind):
        return True
    return _is_similar(_folded(value), _folded(truth))


def _is_contained(given: str, wanted: str, kind: Kind) -> bool:
    if kind is Kind.NAME:
        short, long = sorted((given, wanted), key=len)
        return len(short) >= _MIN_CONTAINED and short in long
    return kind is Kind.TEXT and len(wanted) >= _MIN_CONTAINED and wanted in given


def _is_similar(given: str, wanted: str) -> bool:
    cutoff = MIN_SIMILARITY
    return Levenshtein.normalized_similarity(given, wanted, score_cutoff=cutoff) >= cutoff


@functools.lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@functools.lru_cache(maxsize=4096)
def _letters(text: str) -> str:
    return "".join(char for char in _folded(text) if char.isalnum())


def canonical(label: object, field: Field) -> str | None:
    """Return a label as records write it, or None where it says that nothing is there.

    People write labels as they like (``18.03.2025`` in a spreadsheet); they are read as a
    page's text would be, with no evidence but the label itself.

    Raises:
        ValueError: the label is no amount or date, or could be two.
    """
    text = clean_text(str(label).lower() if isinstance(label, bool) else _text(label))
    if text is None or field.kind in _FREE or _is_canonical(text, field.kind):
        return text
    reading = normalise(text, field)
    if not (field.kind.is_number or field.kind is Kind.DATE):
        return reading.value or text
    if reading.value is None or reading.is_ambiguous:
        meanings = " or ".join(reading.readings)
        raise ValueError(f"could be {meanings}" if meanings else f"is no {field.kind.value}")
    return reading.value


def _text(label: object) -> str | None:
    return None if label is None else str(label)


def _is_canonical(text: str, kind: Kind) -> bool:
    try:
        if kind.is_number:
            return Decimal(text).is_finite()
        if kind is Kind.DATE:
            return dt.date.fromisoformat(text).isoformat() == text
    except (InvalidOperation, ValueError):
        pass
    return False
