"""The shapes an equation of amounts may have, and how far it may be missed.

Knows nothing of any equation, nor of pages and values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import NamedTuple, TypeVar

Real = TypeVar("Real", float, Decimal)


class Tolerance(NamedTuple):
    """How far an equation may be missed.

    Attributes:
        words: for people.
        each: what the checks allow an amount.
        most: what they allow all amounts together.
        cash_step: what a total may be rounded to; 0 where it may not.
        printed: hundredths that the text engine allows a sum of however many amounts.
    """

    words: str
    each: Decimal = Decimal("0.01")
    most: Decimal = Decimal("0.05")
    cash_step: Decimal = Decimal(0)
    printed: int = 0


SUM = Tolerance("0.01 per summand, 0.05 at most; 0 between whole numbers", printed=2)
"""Amounts have two decimals at most (EN 16931-1, BR-DEC-01 to BR-DEC-28), so each printed summand
may be off by a cent; beyond five cents something is misread."""

CASH = SUM._replace(
    words=f"{SUM.words}; cash totals may be rounded to 0.05", cash_step=Decimal("0.05")
)
"""Cash totals are rounded to this in Malaysia, Switzerland, Australia and elsewhere."""

ROW_TAX = Tolerance("0.01 per line, 0.05 at most; 0.5 where the tax is a whole number")
"""Tax may have been rounded line by line."""

PRICE = Tolerance(
    "0.01; no verdict within the rounding of the unit price or for prices per 10, 100, 1000"
)
BALANCE = Tolerance("0.01", most=Decimal("0.01"))


class Term(NamedTuple):
    """A summand.

    Attributes:
        sign: 1 or -1.
        names: of the amount; the first that has values counts.
        is_optional: whether it counts as 0 where it is absent, in some rows or altogether.
    """

    sign: int
    names: tuple[str, ...]
    is_optional: bool = False


_TERM = re.compile(r"([+-]?) *([a-z_|]+)(\??)")


# Repairs ask for the same few sums again and again.
@cache
def terms_of(text: str) -> tuple[Term, ...]:
    """Return the terms of a sum such as ``line_net|line_total - discount? + charges?``.

    ``|`` stands between names of which the first with values counts, ``?`` after what may be
    absent. An amount that stands in rows is summed over those of the result's own row.
    """
    return tuple(
        Term(-1 if sign == "-" else 1, tuple(names.split("|")), bool(mark))
        for sign, names, mark in _TERM.findall(text)
    )


class Way(NamedTuple):
    """One way to calculate a sum.

    Attributes:
        text: its terms, as ``terms_of`` reads them.
        is_checked: whether the checks try it, in the table's order.
        is_read: whether the text engine does, where all its terms are printed.
        unread: the optional terms that the text engine leaves out.
        unless: an amount that rules the way out for the checks where it is given: with a total of
            the lines beside it, the net is what discounts have left of that.
    """

    text: str
    is_checked: bool = True
    is_read: bool = False
    unread: tuple[str, ...] = ()
    unless: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """What an amount must be.

    Attributes:
        id: of the rule, as records have it; unique among those of one kind of document.
        places: the paths that schemas of this kind of document give the amounts, by name.
        result: the name of the amount.
        holds: what must hold, for people.
        asked: the names of what a schema must have for the checks to ask.
        tolerance: how far it may be missed.
    """

    id: str
    places: Mapping[str, str]
    result: str
    holds: str
    asked: tuple[str, ...]
    tolerance: Tolerance = SUM


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum(Equation):
    """An amount that is the sum of others.

    Attributes:
        ways: to calculate it, likeliest first.
        is_upward: whether missing it only ever says that the result is too small.
        may_hold: amounts that a document may count in; where a schema has no field for one,
            missing the sum says nothing. Names that mean the same with ``|`` between them.
        settled_by: an amount that explains a result of zero, printed or not: what was paid.
    """

    ways: tuple[Way, ...]
    is_upward: bool = False
    may_hold: tuple[str, ...] = ()
    settled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Equation):
    """An amount that is the product of two numbers, less a discount where there is one."""

    factors: tuple[str, str]
    discount: str

    def of(self, quantity: Real, price: Real) -> Real:
        """Return the product, before discount."""
        return quantity * price


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Equation):
    """An amount that is so many percent of another.

    Attributes:
        base: what the share is taken of.
        rate: the percentage.
    """

    base: str
    rate: str

    def of(self, base: Real, rate: Real, whole: Real) -> Real:
        """Return the share of a base; ``whole`` is what the rate is out of, such as 100."""
        return base * rate / whole

    def within(self, total: Real, rate: Real, whole: Real) -> Real:
        """Return the share that a total already holds."""
        return total * rate / (whole + rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSum(Equation):
    """An amount of a row that is the one of the row before and what the row moves.

    Attributes:
        start: what stands before the first row.
        added: what a row may add.
        taken: what a row may take off.
        is_across_pages: whether it is asked from page to page, or within each.
    """

    start: str
    added: str
    taken: str
    is_across_pages: bool = False
