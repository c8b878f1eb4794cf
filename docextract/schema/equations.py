"""The equations of amounts as data: which sums, products and shares a document's amounts obey.

Knows nothing of pages or values. The text engine reads them by concept, in whole hundredths, to
choose what fits together; the checks read them by path, in decimals, to judge what was chosen.
Rules named BR-* are those of EN 16931-1:2017.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeVar

Amount = TypeVar("Amount", int, float, Decimal)
Real = TypeVar("Real", float, Decimal)

PLACES: Mapping[str, Mapping[str, str]] = {
    "invoice": {
        "line_total": "totals.line_total", "discount": "totals.discount",
        "charges": "totals.charges", "net": "totals.net", "tax": "totals.tax",
        "gross": "totals.gross", "paid": "totals.paid", "rounding": "totals.rounding",
        "amount_due": "totals.amount_due",
        "tax_rate": "taxes[].rate", "tax_base": "taxes[].base", "tax_amount": "taxes[].amount",
        "quantity": "lines[].quantity", "unit_price": "lines[].unit_price",
        "line_discount": "lines[].discount", "line_net": "lines[].net",
    },
    "receipt": {
        "net": "subtotal", "tax": "tax_total", "plain_tax": "tax", "discount": "discount",
        "tip": "tip", "rounding": "rounding", "gross": "total",
        "cash_given": "cash_given", "change": "change", "payment": "payments[].amount",
        "tax_amount": "taxes[].amount",
        "quantity": "lines[].quantity", "unit_price": "lines[].unit_price",
        "line_discount": "lines[].discount", "line_net": "lines[].total",
    },
    "statement": {
        "beginning_balance": "accounts[].beginning_balance", "total_in": "accounts[].total_in",
        "total_out": "accounts[].total_out", "ending_balance": "accounts[].ending_balance",
        "deposit": "accounts[].transactions[].deposit",
        "withdrawal": "accounts[].transactions[].withdrawal",
        "balance": "accounts[].transactions[].balance",
    },
}  # fmt: skip
"""By kind of document, the path that a schema gives each amount of its equations."""

CONCEPTS_OF = {"receipt_total": "gross", "line_discount": "discount", "plain_tax": "tax"}
"""Second names of an amount: the vocabulary's for a receipt's total, the table's for others."""


class Tolerance(NamedTuple):
    """How far an equation may be missed.

    Attributes:
        words: for people.
        each: what the checks allow per amount.
        most: what they allow altogether.
        cash_step: what a total may be rounded to; 0 where it may not.
        printed: hundredths that the text engine allows, however many amounts there are.
    """

    words: str
    each: Decimal = Decimal("0.01")
    most: Decimal = Decimal("0.05")
    cash_step: Decimal = Decimal(0)
    printed: int = 2


SUM = Tolerance("0.01 per summand, 0.05 at most; 0 between whole numbers")
"""Amounts have two decimals at most (EN 16931-1, BR-DEC-01 to BR-DEC-28), so each printed summand
may be off by a cent; beyond five cents something is misread."""

CASH = SUM._replace(
    words=f"{SUM.words}; cash totals may be rounded to 0.05", cash_step=Decimal("0.05")
)
"""Cash totals are rounded to 0.05 in Malaysia, Switzerland, Australia and elsewhere."""

ROW_TAX = Tolerance("0.01 per line, 0.05 at most; 0.5 where the tax is a whole number")
"""Tax may have been rounded line by line, hence a cent per line."""

PRICE = Tolerance(
    "0.01; no verdict within the rounding of the unit price or for prices per 10, 100, 1000"
)
STEP = Tolerance("0.01", most=Decimal("0.01"))


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


def terms_of(text: str) -> tuple[Term, ...]:
    """Return the terms of a sum such as ``net|line_total - discount? + charges?``.

    ``|`` stands between names of which the first with values counts, ``?`` after what may be
    absent. The sum of a column is meant where an amount stands in rows and the result does not.
    """
    return tuple(
        Term(-1 if sign == "-" else 1, tuple(names.split("|")), bool(mark))
        for sign, names, mark in _TERM.findall(text)
    )


class Way(NamedTuple):
    """One way to calculate a result.

    Attributes:
        text: its terms, as ``terms_of`` reads them.
        is_checked: whether the checks try it; they do so in the table's order.
        is_read: whether the text engine knows it, by concepts of the vocabulary.
        unread: an optional term that the text engine leaves out; it asks for all others.
    """

    text: str
    is_checked: bool = True
    is_read: bool = False
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """What an amount must be.

    Attributes:
        id: of the rule, as it appears in records; unique among one kind of document.
        document: the kind of document, a key of ``PLACES``.
        result: the name of the amount.
        holds: what must hold, for people.
        asked: names of what a schema must have for the checks to ask.
        tolerance: how far it may be missed.
    """

    id: str
    document: str
    result: str
    holds: str
    asked: tuple[str, ...]
    tolerance: Tolerance = SUM

    def path(self, name: str) -> str:
        """Return the path of an amount in schemas of this kind of document."""
        return PLACES[self.document][name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum(Equation):
    """An amount that is the sum of others.

    Attributes:
        ways: to calculate it, likeliest first.
        is_upward: whether missing it only ever says that the result is too small.
    """

    ways: tuple[Way, ...]
    is_upward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Equation):
    """An amount that is the product of two numbers, less a discount where there is one."""

    factors: tuple[str, str]
    discount: str

    def of(self, quantity: Amount, price: Amount) -> Amount:
        """Return the product."""
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
        """Return the share that a total already includes."""
        return total * rate / (whole + rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Equation):
    """An amount of a row that follows from that of the row before and what the row moves."""

    moves: str
    is_across_pages: bool = False
