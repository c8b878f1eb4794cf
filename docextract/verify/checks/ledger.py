"""Follows an account from balance to balance and says where a booking is missing.

Knows nothing of banks beyond deposits, withdrawals and balances.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check
from docextract.verify.checks.arithmetic import CENT
from docextract.verify.checks.view import View, failed, not_applicable, passed


class Booking(NamedTuple):
    """One row: path, number from 1, what it changes, the balance after it, and its page."""

    path: str
    row: int
    change: Decimal
    balance: Decimal | None
    page: int | None = None


class Step(NamedTuple):
    """From one printed balance to the next.

    Attributes:
        paths: the bookings between and the balance they should lead to.
        row: number of the last of them as read, from 1.
        expected: the balance they lead to.
        printed: the balance that is printed.
        pages: the pages before and after, where the step crosses a page's end.
    """

    paths: tuple[str, ...]
    row: int
    expected: Decimal
    printed: Decimal
    pages: tuple[int, int] | None = None

    @property
    def holds(self) -> bool:
        """Whether the printed balance follows, to the cent."""
        return abs(self.expected - self.printed) <= CENT

    def check(self, rule: str) -> Check:
        """Return the step as a check that says where it breaks, and by how much."""
        if self.holds:
            return passed(rule, *self.paths)
        place = f"row {self.row}"
        if self.pages:
            place += f", page {self.pages[0]} to {self.pages[1]}"
        missing = f"{self.printed - self.expected:+} is missing or misread"
        message = f"{place}: {self.expected} expected, {self.printed} printed; {missing}"
        return failed(rule, *self.paths, message=message)


def check_running_balance(rule: str, view: View) -> Iterator[Check]:
    """Yield, for each account, whether every printed balance follows from the one before.

    After a break the printed balance is taken up again, so each break is named once.
    Statements that list the newest booking first are read from the bottom.
    """
    for account, steps in _accounts(view):
        within = [step for step in steps if not step.pages]
        if not within:
            yield not_applicable(rule, f"{account}.transactions")
        yield from (step.check(rule) for step in within)


def check_carry_over(rule: str, view: View) -> Iterator[Check]:
    """Yield, for each account, whether a page goes on from the balance the last one ended with.

    A break here is a missing page, or a row lost at the page's end.
    """
    for account, steps in _accounts(view):
        across = [step for step in steps if step.pages]
        if not across:
            yield not_applicable(rule, f"{account}.transactions")
        yield from (step.check(rule) for step in across)


def _accounts(view: View) -> Iterator[tuple[str, list[Step]]]:
    for path in view.expand("accounts[].beginning_balance"):
        account = path.rpartition(".")[0]
        bookings = _bookings(view, account)
        start = view.number(path)
        down, up = _follow(start, bookings), _follow(start, bookings[::-1])
        yield account, min(down, up, key=lambda steps: sum(not step.holds for step in steps))


def _bookings(view: View, account: str) -> list[Booking]:
    found = []
    for number, path in enumerate(view.expand(f"{account}.transactions[].balance"), start=1):
        row = path.rpartition(".")[0]
        deposit = view.number(f"{row}.deposit") or Decimal(0)
        withdrawal = view.number(f"{row}.withdrawal") or Decimal(0)
        change = deposit - abs(withdrawal)
        found.append(Booking(row, number, change, view.number(path), view.page(path)))
    return found


def _follow(start: Decimal | None, bookings: Sequence[Booking]) -> list[Step]:
    steps: list[Step] = []
    balance = start
    page: int | None = None
    since: list[str] = []
    for booking in bookings:
        since.append(f"{booking.path}.{'deposit' if booking.change > 0 else 'withdrawal'}")
        if balance is not None:
            balance += booking.change
        if booking.balance is None:
            continue
        if balance is not None:
            pages = (page, booking.page) if page and booking.page and page != booking.page else None
            paths = (*since, f"{booking.path}.balance")
            steps.append(Step(paths, booking.row, balance, booking.balance, pages))
        balance, page, since = booking.balance, booking.page, []
    return steps


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
