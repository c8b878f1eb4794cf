"""Follows an account from balance to balance and says where a booking is missing.

Knows nothing of banks beyond deposits, withdrawals and balances.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from docextract.core import Check
from docextract.schema.equations import SUM, RunningSum
from docextract.verify.checks.view import (
    CheckFunction,
    View,
    failed,
    not_applicable,
    passed,
    row_of,
)


class Booking(NamedTuple):
    """One row of an account.

    Attributes:
        moved: path of the amount that changes the balance.
        path: path of the balance after it.
        row: its number, from 1.
        change: by how much the balance changes.
        balance: as printed; None where it is not.
        page: it stands on, where that is known.
    """

    moved: str
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
        return abs(self.expected - self.printed) <= SUM.each

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


def running_check(equation: RunningSum) -> CheckFunction:
    """Return a check, for each account, that every printed balance follows from the one before.

    After a break the printed balance is taken up again, so each break is named once.
    Statements that list the newest booking first are read from the bottom. Across pages, a
    break is a missing page, or a row lost at the page's end.
    """
    account = row_of(equation.places[equation.start])
    rows = row_of(equation.places[equation.result]).removeprefix(account)

    def check(rule: str, view: View) -> Iterator[Check]:
        for path in view.expand(equation.places[equation.start]):
            bookings = _bookings(view, equation, row_of(path) + rows)
            steps = _likelier(view.number(path), bookings)
            asked = [step for step in steps if bool(step.pages) is equation.is_across_pages]
            if not asked:
                yield not_applicable(rule, row_of(path) + rows.removesuffix("[]"))
            yield from (step.check(rule) for step in asked)

    return check


def _likelier(start: Decimal | None, bookings: Sequence[Booking]) -> list[Step]:
    """Return the steps down or up the rows, whichever break less often."""
    down, up = _follow(start, bookings), _follow(start, bookings[::-1])
    return min(down, up, key=lambda steps: sum(not step.holds for step in steps))


def _bookings(view: View, equation: RunningSum, rows: str) -> list[Booking]:
    names = (equation.added, equation.taken, equation.result)
    added, taken, balance = (equation.places[name].rpartition(".")[2] for name in names)
    found = []
    for number, path in enumerate(view.expand(f"{rows}.{balance}"), start=1):
        row = row_of(path)
        plus = view.number(f"{row}.{added}") or Decimal(0)
        minus = view.number(f"{row}.{taken}") or Decimal(0)
        change = plus - abs(minus)
        moved = f"{row}.{added if change > 0 else taken}"
        balanced = view.number(path)
        found.append(Booking(moved, path, number, change, balanced, view.page(path)))
    return found


def _follow(start: Decimal | None, bookings: Sequence[Booking]) -> list[Step]:
    steps: list[Step] = []
    balance = start
    page: int | None = None
    since: list[str] = []
    for booking in bookings:
        since.append(booking.moved)
        if balance is not None:
            balance += booking.change
        if booking.balance is None:
            continue
        if balance is not None:
            pages = (page, booking.page) if page and booking.page and page != booking.page else None
            paths = (*since, booking.path)
            steps.append(Step(paths, booking.row, balance, booking.balance, pages))
        balance, page, since = booking.balance, booking.page, []
    return steps
