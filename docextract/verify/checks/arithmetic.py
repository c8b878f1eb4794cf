"""Sums and products that must hold between amounts, within the rounding of their print.

Knows nothing of which amounts: equations are data in ``schema.equations``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from docextract.core import Check, Outcome
from docextract.schema.equations import (
    INVOICE,
    MORE,
    RECEIPT,
    SUM,
    Equation,
    Product,
    Share,
    Sum,
    Term,
    Tolerance,
    Way,
    terms_of,
)
from docextract.verify.checks.view import (
    CheckFunction,
    View,
    failed,
    not_applicable,
    passed,
    row_of,
)

_HUNDRED = Decimal(100)
CENT = SUM.each


class Operand(NamedTuple):
    """A term of an equation, as a schema has it.

    Attributes:
        paths: the first of which has values counts.
        sign: 1 or -1.
        is_optional: whether it counts as 0 where it is absent.
        is_column: whether rows may leave it empty, as a deposit beside withdrawals.
    """

    paths: tuple[str, ...]
    sign: int
    is_optional: bool
    is_column: bool


def operands_of(equation: Sum, way: Way, row: str = "") -> list[Operand]:
    """Return the terms of one way to calculate a sum.

    Args:
        equation: that the way belongs to.
        way: the terms.
        row: concrete path of the row whose sum it is, empty outside lists.
    """
    outer = row_of(equation.places[equation.result]) if row else ""
    return [_operand(equation, term, outer, row) for term in terms_of(way.text)]


def _operand(equation: Sum, term: Term, outer: str, row: str) -> Operand:
    inner = [equation.places[name].removeprefix(outer) for name in term.names]
    is_column = term.is_optional and "[]" in inner[0]
    return Operand(tuple(row + path for path in inner), term.sign, term.is_optional, is_column)


@dataclass(frozen=True, slots=True)
class Summand:
    """An operand with the amounts found for it."""

    amounts: tuple[Decimal, ...]
    paths: tuple[str, ...]
    operand: Operand

    def total(self, *, as_magnitude: bool) -> Decimal:
        """Return the signed sum.

        As a magnitude, the minus some print before what is taken off or went out is ignored.
        """
        is_absolute = as_magnitude and (self.operand.sign < 0 or self.operand.is_column)
        amounts = (abs(amount) if is_absolute else amount for amount in self.amounts)
        return self.operand.sign * sum(amounts, Decimal(0))


def sum_check(equation: Sum) -> CheckFunction:
    """Return a check that an amount is the sum of one of an equation's ways.

    It is asked for each row where the result stands in rows. It fails with the figures of the
    first way that could be calculated. Where a way has one single amount other than zero,
    equality is no evidence (both may be the same misread print): such a check can fail but
    does not pass.
    """
    result = equation.places[equation.result]
    is_in_rows = "[]" in result
    ways = [way for way in equation.ways if way.is_checked]

    def check(rule: str, view: View) -> Iterator[Check]:
        open_ways = [way for way in ways if not _is_ruled_out(equation, way, view)]
        for path in view.expand(result):
            row = row_of(path) if is_in_rows else ""
            operands = [operands_of(equation, way, row) for way in open_ways]
            found = _check_sum(rule, view, path, operands, equation.tolerance)
            if found.outcome is Outcome.FAILED and (lacking := _lacking(equation, view)):
                message = f"the document may have a {lacking}, the schema has no field for it"
                found = not_applicable(rule, *found.paths, message=message)
            if found.outcome is Outcome.FAILED and _is_settled(equation, view, path):
                found = not_applicable(rule, *found.paths, message="what was paid is not printed")
            yield found

    return check


def _is_ruled_out(equation: Sum, way: Way, view: View) -> bool:
    return bool(way.unless) and view.number(equation.places[way.unless]) is not None


def _is_settled(equation: Sum, view: View, path: str) -> bool:
    """Whether nothing is left, and what settled it stands nowhere."""
    settled_by = equation.settled_by
    is_nothing = bool(settled_by) and view.number(path) == 0
    return is_nothing and view.number(equation.places[settled_by]) is None


def _lacking(equation: Sum, view: View) -> str | None:
    """Return an amount that a sum may hold and a schema has no field for."""
    for names in equation.may_hold:
        each = names.split("|")
        if not any(view.knows(equation.places[name]) for name in each):
            return each[0]
    return None


def _check_sum(
    rule: str, view: View, path: str, ways: Sequence[Sequence[Operand]], tolerance: Tolerance
) -> Check:
    result = view.number(path)
    if result is None:
        return not_applicable(rule, path)
    complaint: Check | None = None
    for operands in ways:
        summands = find_summands(view, operands)
        if not summands:
            continue
        paths = (path, *(item for summand in summands for item in summand.paths))
        if holds(result, summands, tolerance):
            amounts = [amount for summand in summands for amount in summand.amounts if amount]
            if len(amounts) > 1:
                return passed(rule, *paths)
            return not_applicable(rule, *paths, message="two equal amounts prove nothing")
        complaint = complaint or failed(rule, *paths, message=_figures(result, summands))
    return complaint or not_applicable(rule, path)


def find_summands(view: View, operands: Sequence[Operand]) -> list[Summand]:
    """Return the amounts of every operand that has some; nothing if a needed one lacks."""
    found = []
    for operand in operands:
        each = (_summand(view, path, operand) for path in operand.paths)
        summand = next(filter(None, each), None)
        if summand is not None:
            found.append(summand)
        elif not operand.is_optional:
            return []
    return found


def _summand(view: View, path: str, operand: Operand) -> Summand | None:
    paths = view.expand(path)
    found = [(item, amount) for item in paths if (amount := view.number(item)) is not None]
    if not found or (len(found) < len(paths) and not operand.is_column):
        return None
    return Summand(tuple(amount for _, amount in found), tuple(item for item, _ in found), operand)


def holds(result: Decimal, summands: Sequence[Summand], tolerance: Tolerance = SUM) -> bool:
    """Return whether the summands give the result within the rounding of their print."""
    amounts = [amount for summand in summands for amount in summand.amounts]
    most, step = sum_tolerance([result, *amounts]), tolerance.cash_step
    for as_magnitude in (False, True):
        total = sum((summand.total(as_magnitude=as_magnitude) for summand in summands), Decimal(0))
        if abs(total - result) <= most:
            return True
        if step and abs(total - result) < step and result % step == 0:
            return True
    return False


def sum_tolerance(amounts: Sequence[Decimal]) -> Decimal:
    """Return how far a sum may be off: a cent per summand, nothing between whole numbers."""
    if all(amount == amount.to_integral_value() for amount in amounts):
        return Decimal(0)
    return min(SUM.each * (len(amounts) - 1), SUM.most)


def _figures(result: Decimal, summands: Sequence[Summand]) -> str:
    parts = [f"{'-' if item.operand.sign < 0 else '+'} {sum(item.amounts)}" for item in summands]
    return f"{' '.join(parts).removeprefix('+ ')} is not {result}"


def share_check(equation: Share) -> CheckFunction:
    """Return a check for each tax row that amount = base x rate / 100 (EN 16931 BR-CO-17).

    Tax may have been rounded line by line, hence a cent per line up to the most allowed.
    On receipts the base may be printed with the tax in it.
    """
    names = (equation.base, equation.rate, equation.result)

    def check(rule: str, view: View) -> Iterator[Check]:
        num_lines = max(1, len(view.expand("lines[].description")))
        for path in view.expand(equation.places[equation.result]):
            paths = _beside(path, equation, names)
            base, rate, amount = (view.number(item) for item in paths)
            if base is None or rate is None or amount is None:
                yield not_applicable(rule, *paths)
                continue
            allowed = _shares(equation, base, rate, may_include=view.knows(RECEIPT["tax"]))
            by_lines = min(equation.tolerance.each * num_lines, equation.tolerance.most)
            tolerance = max(product_tolerance(amount), by_lines)
            if any(abs(value - amount) <= tolerance for value in allowed):
                yield passed(rule, *paths)
            else:
                yield failed(rule, *paths, message=f"{rate} % of {base} is not {amount}")

    return check


def _beside(path: str, equation: Equation, names: Sequence[str]) -> list[str]:
    """Return the concrete paths of some amounts in the row of a concrete path."""
    leaves = (equation.places[name].rpartition(".")[2] for name in names)
    return [f"{row_of(path)}.{leaf}" for leaf in leaves]


def _shares(equation: Share, base: Decimal, rate: Decimal, *, may_include: bool) -> list[Decimal]:
    shares = [equation.of(base, rate, _HUNDRED)]
    if may_include and rate != -_HUNDRED:
        shares.append(equation.within(base, rate, _HUNDRED))
    return shares


def product_tolerance(result: Decimal) -> Decimal:
    """Return how far a product may be off: a cent, or half a unit of a whole amount."""
    return CENT if result != result.to_integral_value() else Decimal("0.5")


class _Line(NamedTuple):
    """The amounts of one line."""

    product: Decimal
    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal

    def nearest(self) -> Decimal:
        """Return how far the net is from any way to apply the discount."""
        ways = (
            self.product - self.discount,
            self.product - abs(self.discount),
            self.product * (1 - self.discount / 100),
            self.product,
        )
        return min(abs(way - self.net) for way in ways)


def product_check(equation: Product) -> CheckFunction:
    """Return a check for each line that quantity x unit price - discount = net.

    A discount counts as an amount or a percentage, or as already in the unit price. Neither
    proof nor contradiction is a difference within the rounding of the unit price, nor a
    product of 10, 100 or 1000 times the net: the price may be for so many units (BT-149).
    """

    def check(rule: str, view: View) -> Iterator[Check]:
        # Where lines have a net amount, that is meant, whatever else they have.
        has_net = view.knows(INVOICE[equation.result])
        for path in view.expand((INVOICE if has_net else equation.places)[equation.result]):
            paths = [*_beside(path, equation, equation.factors), path]
            quantity, price, net = (view.number(item) for item in paths)
            if quantity is None or price is None or net is None:
                yield not_applicable(rule, *paths)
                continue
            (off,) = _beside(path, equation, (equation.discount,))
            discount = view.number(off)
            if discount is not None:
                paths.append(off)
            line = _Line(equation.of(quantity, price), quantity, price, discount or Decimal(0), net)
            yield _check_line(rule, tuple(paths), line)

    return check


def _check_line(rule: str, paths: tuple[str, ...], line: _Line) -> Check:
    difference = line.nearest()
    if difference <= CENT:
        return passed(rule, *paths)
    if difference <= min(abs(line.quantity) * CENT / 2 + CENT / 2, abs(line.net) / 100):
        return not_applicable(rule, *paths, message="within the rounding of the unit price")
    scaled = (abs(line.product / scale - line.net) <= CENT for scale in (10, 100, 1000))
    if line.net and any(scaled):
        return not_applicable(rule, *paths, message="the price may be for 10, 100 or 1000")
    if line.net < 0 < min(line.quantity, line.price) and abs(line.product + line.net) <= CENT:
        return not_applicable(rule, *paths, message="the amount alone has the minus of a credit")
    is_more = abs(line.product) > abs(line.net) and line.product * line.net >= 0
    verdict = MORE if is_more else "is not"
    figures = f"{line.quantity} x {line.price} - {line.discount} {verdict} {line.net}"
    return failed(rule, *paths, message=figures)
