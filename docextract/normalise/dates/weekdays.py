"""Tells a weekday by its name, and so which way round the date beside it is.

Knows nothing of dates; a name goes in, a number from 0 (Monday) comes out.
"""

from __future__ import annotations

from docextract.normalise.dates.months import fold_name
from docextract.schema.languages import numbered

_WEEKDAYS = {fold_name(name): day for name, day in numbered("dates", "weekdays").items()}


def weekday_number(name: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday, or None for what is no weekday.

    Example:
        >>> weekday_number("Mié.")
        2
    """
    return _WEEKDAYS.get(fold_name(name.rstrip(".")))
