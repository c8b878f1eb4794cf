"""Whether a layout writes the day or the month first, where a date could be read both ways.

Knows nothing of layouts; print and value in, order out, and back. The year may stand before both.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from docextract.normalise.reading import Reading

_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-]\d{2,4}(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)\d{4}[./-](\d{1,2})[./-](\d{1,2})(?!\d)")
DAY, MONTH = "day", "month"


def order_of(printed: str, value: str) -> str:
    """Return what stands first in a date such as 04/09/20; empty where that cannot be told.

    Args:
        printed: the date as printed.
        value: ISO 8601, as confirmed.
    """
    numbers, date = _numbers(printed), dt.date.fromisoformat(value)
    if numbers is None or date.day == date.month:
        return ""
    orders = {(date.day, date.month): DAY, (date.month, date.day): MONTH}
    return orders.get(numbers, "")


def in_order(reading: Reading, order: str) -> Reading:
    """Return the reading of a date as a layout orders it; the same where that changes nothing."""
    numbers = _numbers(reading.raw or "")
    if not order or numbers is None or reading.value is None:
        return reading
    day, month = numbers if order == DAY else numbers[::-1]
    try:
        value = dt.date.fromisoformat(reading.value).replace(day=day, month=month).isoformat()
    except ValueError:
        return reading
    return replace(reading, value=value, readings=(value,), is_ambiguous=False)


def _numbers(printed: str) -> tuple[int, int] | None:
    found = _YEAR_FIRST.search(printed) or _NUMERIC.search(printed)
    return (int(found[1]), int(found[2])) if found else None


def is_year_first(reading: Reading) -> bool:
    """Whether the year stands before day and month."""
    return _YEAR_FIRST.search(reading.raw or "") is not None
