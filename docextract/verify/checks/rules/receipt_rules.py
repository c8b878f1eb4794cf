"""The rules of till receipts, as data.

Knows nothing of how a rule is evaluated, nor of the equations among them.
"""

from __future__ import annotations

from docextract.schema.equations import RECEIPT, Product, Sum
from docextract.verify.checks.plausibility import tax_share
from docextract.verify.checks.rules.equation_rules import equation_rules
from docextract.verify.checks.view import Rule

RECEIPT_RULES = (
    *equation_rules(RECEIPT, Sum),
    Rule(
        "receipt-tax-share",
        "the tax is 0 to 40 % of the subtotal, with the same sign",
        (RECEIPT["net"], RECEIPT["tax"]),
        tax_share(RECEIPT["net"], RECEIPT["tax"]),
    ),
    *equation_rules(RECEIPT, Product),
)
