"""The rules of invoices and orders, as data.

Knows nothing of how a rule is evaluated.
"""

from __future__ import annotations

from docextract.verify.checks.arithmetic import (
    check_line_nets,
    check_tax_rows,
    equation,
    minus,
    minus_if,
    plus,
    plus_if,
)
from docextract.verify.checks.date_order import ordered
from docextract.verify.checks.plausibility import any_of, not_negative, tax_share
from docextract.verify.checks.view import Repair, Rule

SUM = "0.01 per summand, 0.05 at most; 0 between whole numbers"
LINE = "0.01; no verdict within the rounding of the unit price or for prices per 10, 100, 1000"

_NET, _TAX, _GROSS = "totals.net", "totals.tax", "totals.gross"
_DISCOUNT, _CHARGES = "totals.discount", "totals.charges"

INVOICE_RULES = (
    Rule(
        "BR-CO-10",
        "sum of the lines = line total",
        ("totals.line_total", "lines[].net"),
        equation("totals.line_total", (plus("lines[].net"),)),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "BR-CO-13",
        "lines (or line total) - discount + charges = net; lines may include the tax",
        (_NET, "lines[].net"),
        equation(
            _NET,
            (plus("lines[].net", "totals.line_total"), minus_if(_DISCOUNT), plus_if(_CHARGES)),
            # Amounts of lines that include tax are common outside EN 16931.
            (plus("lines[].net"), minus_if(_DISCOUNT), plus_if(_CHARGES), minus(_TAX)),
            (plus("totals.line_total"), minus_if(_DISCOUNT), plus_if(_CHARGES)),
        ),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "BR-CO-14",
        "sum of the tax rows = tax",
        (_TAX, "taxes[].amount"),
        equation(_TAX, (plus("taxes[].amount"),)),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "BR-CO-15",
        "net + tax (+ freight on orders) = gross",
        (_NET, _TAX, _GROSS),
        equation(
            _GROSS,
            (plus(_NET), plus(_TAX)),
            # Orders print freight after the net.
            (plus(_NET), plus(_TAX), plus(_CHARGES)),
        ),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "BR-CO-16",
        "gross - paid + rounding = amount due",
        ("totals.amount_due", _GROSS),
        equation(
            "totals.amount_due",
            (plus(_GROSS), minus_if("totals.paid"), plus_if("totals.rounding")),
        ),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "tax-share",
        "the tax is 0 to 40 % of the net, with the same sign",
        (_NET, _TAX),
        tax_share(_NET, _TAX),
    ),
    Rule(
        "BR-27",
        "a unit price is not negative, except on credit notes",
        ("lines[].unit_price", "lines[].net"),
        not_negative("lines[].unit_price"),
    ),
    Rule(
        "BR-28",
        "a unit price before discount is not negative, except on credit notes",
        ("lines[].gross_unit_price",),
        not_negative("lines[].gross_unit_price"),
    ),
    Rule(
        "line-net",
        "quantity x unit price - discount = net of the line",
        ("lines[].quantity", "lines[].unit_price", "lines[].net"),
        check_line_nets,
        tolerance=LINE,
        is_proof=True,
    ),
    Rule(
        "BR-29",
        "the period does not end before it starts",
        ("period_start", "period_end"),
        ordered("period_start", "period_end"),
        repair=Repair.DATE,
    ),
    Rule(
        "BR-30",
        "a line's period does not end before it starts",
        ("lines[].period_start", "lines[].period_end"),
        ordered("lines[].period_start", "lines[].period_end"),
    ),
    Rule(
        "due-date",
        "payment is not due before the day of issue",
        ("issue_date", "due_date"),
        ordered("issue_date", "due_date"),
        repair=Repair.DATE,
    ),
    Rule(
        "BR-CO-26",
        "the seller can be identified: tax id, tax number or register entry; a warning if not",
        ("seller.name", "seller.tax_id"),
        any_of("seller.name", "seller.tax_id", "seller.tax_number", "seller.registration_number"),
    ),
)

TAX_RULES = (
    Rule(
        "BR-CO-17",
        "base x rate / 100 = tax of the row; on receipts the base may include the tax",
        ("taxes[].base", "taxes[].rate", "taxes[].amount"),
        check_tax_rows,
        tolerance="0.01 per line, 0.05 at most; 0.5 where the tax is a whole number",
        is_proof=True,
    ),
)
"""Rules that invoices and receipts share."""
