"""Gives rows their year: statements print ``07/17`` and name the year in their period alone.

Knows nothing of pages or engines.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from docextract.core import Tree
from docextract.normalise.dates.calendar_names import month_number
from docextract.normalise.locale.habits import LocaleEvidence
from docextract.normalise.numbers.number_search import fold_characters
from docextract.normalise.reading import Reading, doubtful
from docextract.schema import Kind, Schema, put

LONGEST = dt.timedelta(days=366)
"""A statement covers a year at most; where only its end is printed, it is this long."""

NOTE = "the year is that of the period"

_PARTIAL = re.compile(
    r"(?P<a>\d{1,2})\s?[./-]\s?(?P<b>\d{1,2})\.?"
    r"|(?P<day>\d{1,2})\.?[\s-]?(?P<name>[^\W\d_]{3,12})\.?"
    r"|(?P<name2>[^\W\d_]{3,12})\.?[\s-]?(?P<day2>\d{1,2})"
)
_STARTS = ("statement_start", "period_start")
_ENDS = ("statement_end", "period_end")


def settle_years(
    tree: Tree, readings: dict[str, Reading], schema: Schema, evidence: LocaleEvidence
) -> tuple[Tree, dict[str, Reading]]:
    """Return tree and readings with the dates of rows that lack a year completed.

    A day and month become the one date of that kind inside the statement's period; where the
    period holds several (day and month could be either way round), all are kept as readings.
    What lies outside stays absent.

    Args:
        tree: typed values; changed in place.
        readings: by concrete path.
        schema: says which leaves are dates.
        evidence: whether the day stands first.
    """
    period = _period(readings)
    if period is None:
        return tree, readings
    settled = {}
    for path, reading in readings.items():
        field = schema.field_at(path)
        is_open = reading.value is None and reading.raw and "[" in path
        if is_open and field is not None and field.kind is Kind.DATE:
            found = _complete(reading, period, evidence)
            if found is not None:
                settled[path] = found
                put(tree, path, found.value)
    return tree, readings | settled


def _period(readings: dict[str, Reading]) -> tuple[dt.date, dt.date] | None:
    start = next(filter(None, (_date(readings.get(name)) for name in _STARTS)), None)
    end = next(filter(None, (_date(readings.get(name)) for name in _ENDS)), None)
    if end is None:
        return None
    return start or end - LONGEST + dt.timedelta(days=1), end


def _date(reading: Reading | None) -> dt.date | None:
    if reading is None or reading.value is None or reading.is_ambiguous:
        return None
    return dt.date.fromisoformat(reading.value)


def _complete(
    reading: Reading, period: tuple[dt.date, dt.date], evidence: LocaleEvidence
) -> Reading | None:
    start, end = period
    match = _PARTIAL.fullmatch(fold_characters(reading.raw or "").strip())
    if match is None:
        return None
    dates = dict.fromkeys(
        found.isoformat()
        for month, day in _month_days(match, evidence)
        for year in range(start.year, end.year + 1)
        if (found := _make(year, month, day)) is not None and start <= found <= end
    )
    if not dates:
        return None
    values = tuple(dates)
    return replace(doubtful(values, NOTE), raw=reading.raw, source_path=reading.source_path)


def _month_days(match: re.Match[str], evidence: LocaleEvidence) -> Iterator[tuple[int, int]]:
    """Yield month and day in every order the document's habits allow, likeliest first."""
    name = match["name"] or match["name2"]
    if name:
        yield month_number(name) or 0, int(match["day"] or match["day2"])
        return
    first, second = int(match["a"]), int(match["b"])
    if evidence.day_first is not False:
        yield second, first
    if evidence.day_first is not True:
        yield first, second


def _make(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
