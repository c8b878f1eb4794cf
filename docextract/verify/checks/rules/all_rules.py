"""The rules as data: which must hold, on which paths, and which count as proof.

Knows nothing of how a rule is evaluated. A schema of any author profits where its fields
have these paths. Rules named BR-* are those of EN 16931-1:2017. BR-51 (no full card numbers)
is no check: ``normalise`` masks them before anything is stored.
"""

from __future__ import annotations

from docextract.schema import Kind
from docextract.verify.checks.checksums import (
    by_kind,
    judge_bic,
    judge_currency,
    judge_iban,
    judge_vat_id,
    judge_vat_prefix,
)
from docextract.verify.checks.date_order import check_plausible
from docextract.verify.checks.plausibility import check_decimals, check_one_currency, check_rates
from docextract.verify.checks.rules.invoice_rules import INVOICE_RULES, TAX_RULES
from docextract.verify.checks.rules.receipt_rules import RECEIPT_RULES
from docextract.verify.checks.rules.statement_rules import STATEMENT_RULES
from docextract.verify.checks.view import Repair, Rule

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
        repair=Repair.LOOKALIKE,
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

UPWARD = frozenset(rule_id for rule_id, what in REPAIRS.items() if what is Repair.LARGER_AMOUNT)
"""Ids of the rules that only ever say that an amount is too small."""
