"""What EN 16931 says of the prices and nets of lines that an e-invoice's XML states.

Knows nothing of other rules, nor of pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from docextract.core import Check, InvoiceTerms, LineTerms
from docextract.verify.checks.view import failed, not_applicable, passed

_CENT = Decimal("0.01")
_SLACK = Decimal("0.02")
"""What Peppol's rule R120 allows a line."""


def check_prices(rule: str, terms: InvoiceTerms, *, is_gross: bool = False) -> Iterator[Check]:
    """Yield whether each price, or each before discount, is 0 or more; also on credit notes."""
    for line in terms.lines:
        path = f"lines[{line.row}].{'gross_unit_price' if is_gross else 'unit_price'}"
        price = line.gross_price if is_gross else line.price
        if price is None:
            yield not_applicable(rule, path)
        elif price < 0:
            yield failed(rule, path, message=f"a price of {price}; the sign belongs elsewhere")
        else:
            yield passed(rule, path)


def check_line_nets(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    """Yield whether each line's amounts multiply, with the quantity that the price is for."""
    slack = _slack(terms)
    for line in terms.lines:
        names = ("quantity", "unit_price", "discount", "net")
        paths = [f"lines[{line.row}].{name}" for name in names]
        if line.quantity is None or line.price is None or line.net is None:
            yield not_applicable(rule, *paths)
            continue
        product = line.quantity * line.price
        # Some programs write the price again where its base quantity belongs.
        ways = (_net_of(line, product / line.base_quantity), _net_of(line, product))
        difference = min(abs(way - line.net) for way in ways)
        if difference <= slack:
            yield passed(rule, *paths)
        elif difference <= _rounding(line, line.quantity, line.net):
            yield not_applicable(rule, *paths, message="within the rounding of the unit price")
        else:
            yield failed(rule, *paths, message=_figures(line))


def _slack(terms: InvoiceTerms) -> Decimal:
    """Return Peppol's slack, or half a unit where a currency has no hundredths."""
    nets = [line.net for line in terms.lines if line.net is not None]
    is_whole = len(nets) > 1 and all(net == net.to_integral_value() for net in nets)
    return Decimal("0.5") if is_whole else _SLACK


def _net_of(line: LineTerms, product: Decimal) -> Decimal:
    """Return a line's net from its product of quantity and price (Peppol BIS Billing 3.0, R120)."""
    return product - sum(line.allowances, Decimal(0)) + sum(line.charges, Decimal(0))


def _rounding(line: LineTerms, quantity: Decimal, net: Decimal) -> Decimal:
    """Return how far half a cent of the price takes the net; 1 % of it at most."""
    return min(abs(quantity / line.base_quantity) * _CENT / 2 + _CENT / 2, abs(net) / 100)


def _figures(line: LineTerms) -> str:
    base = "" if line.base_quantity == 1 else f" / {line.base_quantity}"
    others = [f" - {amount}" for amount in line.allowances]
    others += [f" + {amount}" for amount in line.charges]
    return f"{line.quantity} x {line.price}{base}{''.join(others)} is not {line.net}"
