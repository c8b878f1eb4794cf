"""Years counted from the first year of an era: 令和6年 is 2024.

Knows nothing of months and days.
"""

from __future__ import annotations

from docextract.schema.languages import words

_BEFORE = {name: int(year) for name, year in map(str.split, words("dates", "eras"))}
_FIRST = "元"

ERAS = "|".join(_BEFORE)
"""Matches the name of an era."""

YEARS = rf"{_FIRST}|\d{{1,3}}"
"""Matches a year of an era; the first has a character of its own."""


def year_of(era: str, year: str) -> str:
    """Return the year of the Gregorian calendar as text.

    Args:
        era: a name that ``ERAS`` matches.
        year: what ``YEARS`` matches.
    """
    return str(_BEFORE[era] + (1 if year == _FIRST else int(year)))
