"""Sums and products that must hold between amounts, within the rounding of their print.

Knows nothing of which amounts: equations are data in ``rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check
from docextract.verify.checks.view import View, failed, not_applicable, passed

CENT = Decimal("0.01")
"""Amounts have two decimals at most (EN 16931-1, BR-DEC-01 to BR-DEC-28)."""
MAX_TOLERANCE = Decimal("0.05")
"""Each printed summand may be off by a cent; beyond five cents something is misread."""
CASH_STEP = Decimal("0.05")
"""Cash totals are rounded to this in Malaysia, Switzerland, Australia and elsewhere."""


class Term(NamedTuple):
    """A summand of an equation.

    Attributes:
        paths: the first of which has values counts.
        sign: 1 or -1.
        is_optional: whether it counts as 0 where it is absent.
        is_column: whether rows may leave it empty, as a deposit beside withdrawals.
    """

    paths: tuple[str, ...]
    sign: int = 1
    is_optional: bool = False
    is_column: bool = False


def plus(*paths: str) -> Term:
    """Return a summand that must be there; the first path with values counts."""
    return Term(paths)


def plus_if(*paths: str) -> Term:
    """Return a summand that counts as 0 where it is absent."""
    return Term(paths, is_optional=True)


def minus(*paths: str) -> Term:
    """Return a subtrahend that must be there; printed with or without a minus."""
    return Term(paths, -1)


def minus_if(*paths: str) -> Term:
    """Return a subtrahend that counts as 0 where it is absent."""
    return Term(paths, -1, is_optional=True)


def column(path: str, sign: int = 1) -> Term:
    """Return the sum over rows, some or all of which may leave the amount empty."""
    return Term((path,), sign, is_optional=True, is_column=True)


@dataclass(frozen=True, slots=True)
class Summand:
    """A term with the amounts found for it."""

    amounts: tuple[Decimal, ...]
    paths: tuple[str, ...]
    term: Term

    def total(self, *, as_magnitude: bool) -> Decimal:
        """Return the signed sum.

        As a magnitude, the minus some print before what is taken off or went out is ignored.
        """
        is_absolute = as_magnitude and (self.term.sign < 0 or self.term.is_column)
        amounts = (abs(amount) if is_absolute else amount for amount in self.amounts)
        return self.term.sign * sum(amounts, Decimal(0))


def equation(
    result: str, *variants: tuple[Term, ...], is_cash: bool = False
) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that ``result`` is the sum of one of the variants' terms.

    It fails with the figures of the first variant that could be calculated. Where a
    variant has one single amount other than zero, equality is no evidence (both may be the
    same misread print): such a check can fail but does not pass.

    Args:
        result: path of the sum; with ``[]`` it is checked for each row of the outer list.
        variants: ways to calculate it, likeliest first.
        is_cash: whether a total may be rounded to ``CASH_STEP``.
    """

    def check(rule: str, view: View) -> Iterator[Check]:
        for path in view.expand(result):
            prefix = path.rpartition(".")[0] if "[]" in result else ""
            yield _check_sum(rule, view, path, _scope(variants, prefix), is_cash)

    return check


def _scope(variants: tuple[tuple[Term, ...], ...], prefix: str) -> list[list[Term]]:
    if not prefix:
        return [list(terms) for terms in variants]
    return [
        [term._replace(paths=tuple(f"{prefix}.{path}" for path in term.paths)) for term in terms]
        for terms in variants
    ]


def _check_sum(
    rule: str, view: View, path: str, variants: Sequence[Sequence[Term]], is_cash: bool
) -> Check:
    result = view.number(path)
    if result is None:
        return not_applicable(rule, path)
    complaint: Check | None = None
    for terms in variants:
        summands = find_summands(view, terms)
        if not summands:
            continue
        paths = (path, *(item for summand in summands for item in summand.paths))
        if holds(result, summands, is_cash=is_cash):
            amounts = [amount for summand in summands for amount in summand.amounts if amount]
            if len(amounts) > 1:
                return passed(rule, *paths)
            return not_applicable(rule, *paths, message="two equal amounts prove nothing")
        complaint = complaint or failed(rule, *paths, message=_figures(result, summands))
    return complaint or not_applicable(rule, path)


def find_summands(view: View, terms: Sequence[Term]) -> list[Summand]:
    """Return the amounts of every term that has some; nothing if a needed one lacks."""
    found = []
    for term in terms:
        summand = next(filter(None, (_summand(view, path, term) for path in term.paths)), None)
        if summand is not None:
            found.append(summand)
        elif not term.is_optional:
            return []
    return found


def _summand(view: View, path: str, term: Term) -> Summand | None:
    paths = view.expand(path)
    found = [(item, amount) for item in paths if (amount := view.number(item)) is not None]
    if not found or (len(found) < len(paths) and not term.is_column):
        return None
    return Summand(tuple(amount for _, amount in found), tuple(item for item, _ in found), term)


def holds(result: Decimal, summands: Sequence[Summand], *, is_cash: bool = False) -> bool:
    """Return whether the summands give the result within the rounding of their print."""
    amounts = [amount for summand in summands for amount in summand.amounts]
    tolerance = sum_tolerance([result, *amounts])
    for as_magnitude in (False, True):
        total = sum((summand.total(as_magnitude=as_magnitude) for summand in summands), Decimal(0))
        if abs(total - result) <= tolerance:
            return True
        if is_cash and abs(total - result) < CASH_STEP and result % CASH_STEP == 0:
            return True
    return False


def sum_tolerance(amounts: Sequence[Decimal]) -> Decimal:
    """Return how far a sum may be off: a cent per summand, nothing between whole numbers."""
    if all(amount == amount.to_integral_value() for amount in amounts):
        return Decimal(0)
    return min(CENT * (len(amounts) - 1), MAX_TOLERANCE)


def _figures(result: Decimal, summands: Sequence[Summand]) -> str:
    parts = [f"{'-' if item.term.sign < 0 else '+'} {sum(item.amounts)}" for item in summands]
    return f"{' '.join(parts).removeprefix('+ ')} is not {result}"


def check_tax_rows(rule: str, view: View) -> Iterator[Check]:
    """Yield for each tax row whether amount = base x rate / 100 (EN 16931 BR-CO-17).

    Tax may have been rounded line by line, hence a cent per line up to ``MAX_TOLERANCE``.
    On receipts the base may be printed with the tax in it.
    """
    num_lines = max(1, len(view.expand("lines[].description")))
    for path in view.expand("taxes[].amount"):
        row = path.rpartition(".")[0]
        paths = (f"{row}.base", f"{row}.rate", path)
        base, rate, amount = (view.number(item) for item in paths)
        if base is None or rate is None or amount is None:
            yield not_applicable(rule, *paths)
            continue
        expected = base * rate / 100
        inclusive = base * rate / (100 + rate) if rate != -100 else expected
        allowed = [expected, inclusive] if view.knows("tax_total") else [expected]
        tolerance = max(product_tolerance(amount), min(CENT * num_lines, MAX_TOLERANCE))
        if any(abs(value - amount) <= tolerance for value in allowed):
            yield passed(rule, *paths)
        else:
            yield failed(rule, *paths, message=f"{rate} % of {base} is not {amount}")


def product_tolerance(result: Decimal) -> Decimal:
    """Return how far a product may be off: a cent, or half a unit of a whole amount."""
    return CENT if result != result.to_integral_value() else Decimal("0.5")


class _Line(NamedTuple):
    """The amounts of one line."""

    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal

    @property
    def product(self) -> Decimal:
        return self.quantity * self.price

    def nearest(self) -> Decimal:
        """Return how far the net is from any way to apply the discount."""
        ways = (
            self.product - self.discount,
            self.product - abs(self.discount),
            self.product * (1 - self.discount / 100),
            self.product,
        )
        return min(abs(way - self.net) for way in ways)


def check_line_nets(rule: str, view: View) -> Iterator[Check]:
    """Yield for each line whether quantity x unit price - discount = net.

    A discount counts as an amount or a percentage, or as already in the unit price. Neither
    proof nor contradiction is a difference within the rounding of the unit price, nor a
    product of 10, 100 or 1000 times the net: the price may be for so many units (BT-149).
    """
    name = "net" if view.knows("lines[].net") else "total"
    for path in view.expand(f"lines[].{name}"):
        row = path.rpartition(".")[0]
        paths = [f"{row}.quantity", f"{row}.unit_price", path]
        quantity, price, net = (view.number(item) for item in paths)
        if quantity is None or price is None or net is None:
            yield not_applicable(rule, *paths)
            continue
        discount = view.number(f"{row}.discount")
        if discount is not None:
            paths.append(f"{row}.discount")
        line = _Line(quantity, price, discount or Decimal(0), net)
        yield _check_line(rule, tuple(paths), line)


def _check_line(rule: str, paths: tuple[str, ...], line: _Line) -> Check:
    difference = line.nearest()
    if difference <= CENT:
        return passed(rule, *paths)
    if difference <= min(abs(line.quantity) * CENT / 2 + CENT / 2, abs(line.net) / 100):
        return not_applicable(rule, *paths, message="within the rounding of the unit price")
    scaled = (abs(line.product / scale - line.net) <= CENT for scale in (10, 100, 1000))
    if line.net and any(scaled):
        return not_applicable(rule, *paths, message="the price may be for 10, 100 or 1000")
    figures = f"{line.quantity} x {line.price} - {line.discount} is not {line.net}"
    return failed(rule, *paths, message=figures)
