"""The rules as data: which must hold, on which paths, and which count as proof.

Knows nothing of how a rule is evaluated, nor which equations of amounts there are: those are data
in ``schema.equations``. A schema of any author profits where its fields have these paths. Rules
named BR-* are those of EN 16931-1:2017. BR-51 (no full card numbers) is no check: ``normalise``
masks them before anything is stored.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.schema import Kind
from docextract.schema.equations import (
    EQUATIONS,
    INVOICE,
    RECEIPT,
    STATEMENT,
    Equation,
    Product,
    RunningSum,
    Share,
    Sum,
)
from docextract.verify.checks.arithmetic import product_check, share_check, sum_check
from docextract.verify.checks.checksums import (
    by_kind,
    judge_bic,
    judge_currency,
    judge_iban,
    judge_vat_id,
    judge_vat_prefix,
)
from docextract.verify.checks.date_order import check_dates_in_period, check_plausible, ordered
from docextract.verify.checks.ledger import running_check
from docextract.verify.checks.plausibility import (
    any_of,
    check_decimals,
    check_one_currency,
    check_rates,
    not_negative,
    tax_share,
)
from docextract.verify.checks.view import CheckFunction, Remedy, Rule


def equation_rules(places: Mapping[str, str], *shapes: type[Equation]) -> tuple[Rule, ...]:
    """Return the rules of all equations of some shapes, in the table's order.

    Args:
        places: those of the kind of document, such as ``INVOICE``.
        shapes: such as ``Sum``.
    """
    return tuple(
        Rule(
            item.id,
            item.holds,
            tuple(item.places[name] for name in item.asked),
            _check(item),
            tolerance=item.tolerance.words,
            is_proof=True,
            repair=_repair(item),
        )
        for item in EQUATIONS
        if item.places is places and isinstance(item, shapes)
    )


def _check(equation: Equation) -> CheckFunction:
    if isinstance(equation, Sum):
        return sum_check(equation)
    if isinstance(equation, Product):
        return product_check(equation)
    if isinstance(equation, Share):
        return share_check(equation)
    assert isinstance(equation, RunningSum)
    return running_check(equation)


def _repair(equation: Equation) -> Remedy:
    """Return what may replace an amount of an equation; sums alone say which one is wrong."""
    if not isinstance(equation, Sum):
        return Remedy.NONE
    return Remedy.LARGER_AMOUNT if equation.is_upward else Remedy.AMOUNT


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
        repair=Remedy.DATE,
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
        repair=Remedy.DATE,
    ),
    Rule(
        "BR-CO-26",
        "the seller can be identified: tax id, tax number or register entry; a warning if not",
        # Asked of invoices only: orders and delivery notes need no tax id.
        ("invoice_number", "seller.name", "seller.tax_id"),
        any_of("seller.name", "seller.tax_id", "seller.tax_number", "seller.registration_number"),
    ),
)

TAX_RULES = equation_rules(INVOICE, Share)
"""Rules that invoices and receipts share."""


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


STATEMENT_RULES = (
    *equation_rules(STATEMENT, Sum, RunningSum),
    Rule(
        "statement-period",
        "the period does not end before it starts",
        ("statement_start", "statement_end"),
        ordered("statement_start", "statement_end"),
        repair=Remedy.DATE,
    ),
    Rule(
        "dates-in-period",
        "every booking lies within the period",
        ("statement_start", "statement_end", "accounts[].transactions[].date"),
        check_dates_in_period,
    ),
)


LEAF_RULES = (
    Rule(
        "date-plausible",
        "a date lies between 1990 and two years ahead, a date of issue not after tomorrow",
        (),
        check_plausible,
        kinds=(Kind.DATE,),
    ),
    Rule(
        "BR-DEC",
        "an amount has no more decimals than its currency: 2, dinars and rials 3 (not unit prices)",
        (),
        check_decimals,
        kinds=(Kind.MONEY,),
    ),
    Rule(
        "one-currency",
        "currency signs printed at amounts can mean the document's currency",
        ("currency",),
        check_one_currency,
        kinds=(Kind.MONEY,),
    ),
    Rule(
        "tax-rate",
        "a tax rate lies between 0 and 40 %",
        (),
        check_rates,
        kinds=(Kind.PERCENT,),
    ),
    Rule(
        "iban",
        "length, structure and ISO 7064 check digits of an IBAN are right",
        (),
        by_kind(Kind.IBAN, judge_iban),
        kinds=(Kind.IBAN,),
        is_proof=True,
        repair=Remedy.LOOKALIKE,
    ),
    Rule(
        "bic",
        "a BIC has the pattern of ISO 9362 and an existing country",
        (),
        by_kind(Kind.BIC, judge_bic),
        kinds=(Kind.BIC,),
    ),
    Rule(
        "BR-CO-09",
        "a VAT id begins with a country code (EL for Greece, XI for Northern Ireland)",
        (),
        by_kind(Kind.TAX_ID, judge_vat_prefix),
        kinds=(Kind.TAX_ID,),
    ),
    Rule(
        "vat-id",
        "a VAT id follows its country's pattern and check digits",
        (),
        by_kind(Kind.TAX_ID, judge_vat_id),
        kinds=(Kind.TAX_ID,),
        is_proof=True,
    ),
    Rule(
        "currency-known",
        "a currency code is in ISO 4217",
        (),
        by_kind(Kind.CURRENCY, judge_currency),
        kinds=(Kind.CURRENCY,),
    ),
)
"""Rules on leaves of a kind, wherever they stand."""

RULES = (*INVOICE_RULES, *TAX_RULES, *RECEIPT_RULES, *STATEMENT_RULES, *LEAF_RULES)

PROOFS = frozenset(rule.id for rule in RULES if rule.is_proof)
"""Ids of the rules whose passing speaks for the values they touch."""

REPAIRS = {rule.id: rule.repair for rule in RULES if rule.repair}
"""By rule id, what may replace a value that breaks it."""

UPWARD = frozenset(rule_id for rule_id, what in REPAIRS.items() if what is Remedy.LARGER_AMOUNT)
"""Ids of the rules that only ever say that an amount is too small."""
