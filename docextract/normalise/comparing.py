"""Says whether two typed values of a field mean the same.

Knows nothing of where the values come from.
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from rapidfuzz.distance import Levenshtein

from docextract.schema import Comparison, Field

MIN_SIMILARITY = 0.8
"""Normalised Levenshtein similarity from which two texts count as the same."""


def same_value(first: str, second: str, field: Field) -> bool:
    """Return whether two typed values are the same by the field's own comparison.

    Equal: numbers by amount (``59.4`` and ``59.40``), everything else letter by letter
    without case. Identifier: letters and digits only, without case. Similar: at least
    ``MIN_SIMILARITY`` after case and white space are folded.
    """
    if field.comparison is Comparison.IDENTIFIER:
        return _letters_and_digits(first) == _letters_and_digits(second)
    if field.comparison is Comparison.SIMILAR:
        similarity = Levenshtein.normalized_similarity(_folded(first), _folded(second))
        return similarity >= MIN_SIMILARITY
    if field.kind.is_number:
        amounts = _decimal(first), _decimal(second)
        if None not in amounts:
            return amounts[0] == amounts[1]
    return _folded(first) == _folded(second)


def _decimal(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _letters_and_digits(text: str) -> str:
    return "".join(char for char in _folded(text) if char.isalnum())
