"""The rules of invoices and orders, as data.

Knows nothing of how a rule is evaluated, nor of the equations among them.
"""

from __future__ import annotations

from docextract.schema.equations import INVOICE, Product, Share, Sum
from docextract.verify.checks.date_order import ordered
from docextract.verify.checks.plausibility import any_of, not_negative, tax_share
from docextract.verify.checks.rules.equation_rules import equation_rules
from docextract.verify.checks.view import Repair, Rule

_NET, _TAX = INVOICE["net"], INVOICE["tax"]

INVOICE_RULES = (
    *equation_rules(INVOICE, Sum),
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
    *equation_rules(INVOICE, Product),
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

TAX_RULES = equation_rules(INVOICE, Share)
"""Rules that invoices and receipts share."""
