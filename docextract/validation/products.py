"""Products that must hold: rate times base is the tax, quantity times price is the line.

Knows nothing of sums between lines and totals.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check
from docextract.validation.arithmetic import CENT, MAX_TOLERANCE
from docextract.validation.view import View, failed, not_applicable, passed


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
