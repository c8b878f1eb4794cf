"""Follows an account from balance to balance and says where a booking is missing.

Knows nothing of banks beyond deposits, withdrawals and balances.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check
from docextract.validation.arithmetic import CENT
from docextract.validation.view import View, failed, not_applicable, passed


class Booking(NamedTuple):
    """One row: its path, what it changes, and the balance printed after it, if any."""

    path: str
    change: Decimal
    balance: Decimal | None


def check_running_balance(rule: str, view: View) -> Iterator[Check]:
    """Yield, for each account, whether every printed balance follows from the one before.

    After a break the printed balance is taken up again, so each break is named once.
    Statements that list the newest booking first are read from the bottom.
    """
    for path in view.expand("accounts[].beginning_balance"):
        account = path.rpartition(".")[0]
        bookings = _bookings(view, account)
        if not any(booking.balance is not None for booking in bookings):
            yield not_applicable(rule, f"{account}.transactions")
            continue
        start = view.number(path)
        down = _follow(rule, start, bookings)
        up = _follow(rule, start, bookings[::-1])
        yield from min(down, up, key=lambda checks: sum(bool(c.message) for c in checks))


def _bookings(view: View, account: str) -> list[Booking]:
    found = []
    for path in view.expand(f"{account}.transactions[].balance"):
        row = path.rpartition(".")[0]
        deposit = view.number(f"{row}.deposit") or Decimal(0)
        withdrawal = view.number(f"{row}.withdrawal") or Decimal(0)
        found.append(Booking(row, deposit - abs(withdrawal), view.number(path)))
    return found


def _follow(rule: str, start: Decimal | None, bookings: Sequence[Booking]) -> list[Check]:
    checks: list[Check] = []
    balance = start
    since: list[str] = []
    for number, booking in enumerate(bookings, start=1):
        since.append(f"{booking.path}.{'deposit' if booking.change > 0 else 'withdrawal'}")
        if balance is not None:
            balance += booking.change
        if booking.balance is None:
            continue
        paths = (*since, f"{booking.path}.balance")
        if balance is not None and abs(balance - booking.balance) <= CENT:
            checks.append(passed(rule, *paths))
        elif balance is not None:
            message = (
                f"row {number}: {balance} expected, {booking.balance} printed; "
                f"{booking.balance - balance:+} is missing or misread"
            )
            checks.append(failed(rule, *paths, message=message))
        balance, since = booking.balance, []
    return checks


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
