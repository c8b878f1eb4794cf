"""Whether what stands at a place may be the value of a field, by how it is written.

Knows nothing of pages or of how the place was found.
"""

from __future__ import annotations

from docextract.learning.clues.shape import fits
from docextract.schema import Field, Kind


def may_be(printed: str, field: Field) -> bool:
    """Whether what stands by a label may be its value: hardly any number is without digits."""
    return field.kind is not Kind.IDENTIFIER or any(map(str.isdigit, printed))


def has_shape(value: str, shape: str, field: Field) -> bool:
    """Whether a number looks as all before; of amounts any may have decimals."""
    return field.kind is Kind.MONEY or fits(value, shape)


def is_cut(printed: str, field: Field) -> bool:
    """Whether an amount shows no decimals: OCR loses a point more often than prices lack it."""
    return field.kind is Kind.MONEY and printed.strip() != "0" and not has_decimals(printed)


def has_decimals(printed: str) -> bool:
    """Whether an amount is printed with a point or a comma."""
    return bool(set(printed) & set(".,"))
