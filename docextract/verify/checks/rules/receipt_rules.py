"""The rules of till receipts, as data.

Knows nothing of how a rule is evaluated.
"""

from __future__ import annotations

from docextract.verify.checks.arithmetic import (
    check_line_nets,
    column,
    equation,
    minus,
    minus_if,
    plus,
    plus_if,
)
from docextract.verify.checks.plausibility import tax_share
from docextract.verify.checks.rules.invoice_rules import LINE, SUM
from docextract.verify.checks.view import Repair, Rule

_CASH = f"{SUM}; cash totals may be rounded to 0.05"

RECEIPT_RULES = (
    Rule(
        "receipt-total",
        "subtotal + tax (unless included) - discount (unless applied) + tip = total",
        ("subtotal", "total"),
        equation(
            "total",
            (plus("subtotal"), plus("tax_total", "tax"), minus_if("discount"), plus_if("tip")),
            (plus("subtotal"), plus("tax_total", "tax"), plus_if("tip")),
            # Several rates are often printed without their sum.
            (plus("subtotal"), plus("taxes[].amount"), plus_if("tip")),
            (plus("subtotal"), minus_if("discount"), plus_if("tip")),
            (plus("subtotal"), plus_if("tip")),
            is_cash=True,
        ),
        tolerance=_CASH,
        is_proof=True,
        # Charges between subtotal and total are often not read: smaller proves nothing.
        repair=Repair.LARGER_AMOUNT,
    ),
    Rule(
        "receipt-lines",
        "sum of the lines - discount (unless applied) + tax (unless included) + tip = total",
        ("total", "lines[].total"),
        equation(
            "total",
            (plus("lines[].total"), minus_if("discount"), plus_if("tip")),
            (plus("lines[].total"), plus_if("tip")),
            (plus("lines[].total"), minus_if("discount"), plus("tax_total"), plus_if("tip")),
            (plus("lines[].total"), plus("tax_total"), plus_if("tip")),
            is_cash=True,
        ),
        tolerance=_CASH,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "receipt-taxes",
        "sum of the tax rows = tax",
        ("tax_total", "taxes[].amount"),
        equation("tax_total", (plus("taxes[].amount"),)),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "receipt-cash",
        "cash given - change = total",
        ("total", "cash_given", "change"),
        equation("total", (plus("cash_given"), minus("change")), is_cash=True),
        tolerance=_CASH,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "receipt-payments",
        "sum of the payments - change = total",
        ("total", "payments[].amount"),
        equation("total", (column("payments[].amount"), minus_if("change")), is_cash=True),
        tolerance=_CASH,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "receipt-tax-share",
        "the tax is 0 to 40 % of the subtotal, with the same sign",
        ("subtotal", "tax_total"),
        tax_share("subtotal", "tax_total"),
    ),
    Rule(
        "line-net",
        "quantity x unit price - discount = total of the line",
        ("lines[].quantity", "lines[].unit_price", "lines[].total"),
        check_line_nets,
        tolerance=LINE,
        is_proof=True,
    ),
)
