"""Order and plausibility of dates.

Knows nothing of how dates are printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from docextract.core import Check
from docextract.schema import Kind
from docextract.verify.checks.view import View, failed, not_applicable, passed

EARLIEST = dt.date(1990, 1, 1)
"""Business papers older than this are rarer than misread years."""

MAX_FUTURE = dt.timedelta(days=2 * 365 + 1)
"""How far ahead due dates and contract ends may lie."""

_NEVER_IN_FUTURE = frozenset({"issue_date", "invoice_date", "date", "receipt_date", "value_date"})
_ONE_DAY = dt.timedelta(days=1)


def ordered(first: str, second: str) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that the second date is not before the first, row by row in lists."""

    def check(rule: str, view: View) -> Iterator[Check]:
        for early, late in zip(view.expand(first), view.expand(second), strict=True):
            start, end = view.date(early), view.date(late)
            if start is None or end is None:
                yield not_applicable(rule, early, late)
            elif end < start:
                yield failed(rule, early, late, message=f"{end} is before {start}")
            else:
                yield passed(rule, early, late)

    return check


def check_plausible(rule: str, view: View) -> Iterator[Check]:
    """Yield for each date whether it lies between 1990 and two years ahead.

    The date of issue may be tomorrow at most: time zones differ, clocks too.
    """
    for path, field, value in view.leaves:
        is_asked = field.kind is Kind.DATE and not _is_personal(field.name)
        day = view.date(path) if is_asked else None
        if day is None:
            continue
        latest = view.today + (_ONE_DAY if field.name in _NEVER_IN_FUTURE else MAX_FUTURE)
        if EARLIEST <= day <= latest:
            yield passed(rule, path)
        else:
            yield failed(rule, path, message=f"{value} is not between {EARLIEST} and {latest}")


def _is_personal(name: str) -> bool:
    """Whether people may be older than papers."""
    return "birth" in name or name == "dob"


def check_dates_in_period(rule: str, view: View) -> Iterator[Check]:
    """Yield whether every booking lies within the statement's period."""
    start, end = view.date("statement_start"), view.date("statement_end")
    for path in view.expand("accounts[].transactions[].date"):
        day = view.date(path)
        if start is None or end is None or day is None:
            continue
        if start <= day <= end:
            yield passed(rule, path, "statement_start", "statement_end")
        else:
            yield failed(rule, path, message=f"{day} is outside {start} to {end}")
