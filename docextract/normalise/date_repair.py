"""Puts right the characters of a date that OCR engines confuse: letters, digits, dots.

Knows nothing of what makes a date; whoever reads the repaired text finds that out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.normalise.months import month_number
from docextract.normalise.number_search import LOOKALIKES

_TO_DIGITS = str.maketrans(LOOKALIKES, "0000111582")
_TO_LETTERS = str.maketrans("0158", "olsb")
_MISREAD_PART = re.compile(rf"(?<![^\W_])(?=[{LOOKALIKES}]*\d)[\d{LOOKALIKES}]{{1,4}}(?![^\W_])")
_MISREAD_NAME = re.compile(r"(?<![^\W_])(?=[^\W\d_]*[0158])[^\W_]{3,10}(?![^\W_])")
_LOST_DOT = re.compile(r"(?<![\d.,])(\d\d?)([., ])(\d\d)([., ]?)((?:19|20)\d\d)(?![\d.,]\d)")
_MISREAD_BEFORE = re.compile(rf"(?<![^\W_])[\d{LOOKALIKES}]{{0,3}}[{LOOKALIKES}]$")
_MISREAD_AFTER = re.compile(rf"[{LOOKALIKES}][\d{LOOKALIKES}]?(?!\w)")


def repairs(text: str) -> Iterator[str]:
    """Yield what a printed date may have been, the likelier first; nothing where none.

    Letters become digits in parts that hold a digit (``3O.O1.2O24``), digits become letters
    in a month's name (``0ct``), and a lost or misread dot is put back (``31.01 2024``).
    """
    repaired = _MISREAD_NAME.sub(_month_name, text)
    repaired = _MISREAD_PART.sub(lambda found: found[0].translate(_TO_DIGITS), repaired)
    if repaired != text:
        yield repaired
    dotted = _LOST_DOT.sub(_with_dots, repaired)
    if dotted != repaired:
        yield dotted


def is_misread_around(text: str, start: int, end: int) -> bool:
    """Whether a letter taken for a digit is cut off what looks like a date (``l5/01/24``)."""
    if _MISREAD_BEFORE.search(text[max(0, start - 5) : start]):
        return True
    has_long_year = text[end - 4 : end].isdigit()
    return not has_long_year and _MISREAD_AFTER.match(text, end) is not None


def _month_name(found: re.Match[str]) -> str:
    name = found[0].translate(_TO_LETTERS)
    return name if name.isalpha() and month_number(name) is not None else found[0]


def _with_dots(found: re.Match[str]) -> str:
    day, first, month, second, year = found.groups()
    if first == second == " ":
        return found[0]
    return f"{day}.{month}.{year}"
