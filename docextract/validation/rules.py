"""The rules as data: which must hold, on which paths, and which count as proof.

Knows nothing of how a rule is evaluated. A schema of any author profits where its fields
have these paths. Rules named BR-* are those of EN 16931-1:2017; BR-DEC-* is the rounding
in ``arithmetic``, BR-51 is the masking of card numbers in ``normalise``.
"""

from __future__ import annotations

from docextract.schema.kinds import Kind
from docextract.validation.arithmetic import (
    check_line_nets,
    check_prices,
    check_tax_rows,
    column,
    equation,
    minus,
    minus_if,
    plus,
    plus_if,
)
from docextract.validation.checksums import (
    by_kind,
    judge_bic,
    judge_currency,
    judge_iban,
    judge_vat_id,
    judge_vat_prefix,
)
from docextract.validation.dates import check_plausible, ordered
from docextract.validation.ledger import check_dates_in_period, check_running_balance
from docextract.validation.view import Rule

_NET, _TAX, _GROSS = "totals.net", "totals.tax", "totals.gross"
_DISCOUNT, _CHARGES = "totals.discount", "totals.charges"

INVOICE_RULES = (
    Rule(
        "BR-CO-10",
        ("totals.line_total", "lines[].net"),
        equation("totals.line_total", (plus("lines[].net"),)),
        is_proof=True,
    ),
    Rule(
        "BR-CO-13",
        (_NET, "lines[].net"),
        equation(
            _NET,
            (plus("lines[].net", "totals.line_total"), minus_if(_DISCOUNT), plus_if(_CHARGES)),
            # Amounts of lines that include tax are common outside EN 16931.
            (plus("lines[].net"), minus_if(_DISCOUNT), plus_if(_CHARGES), minus(_TAX)),
            (plus("totals.line_total"), minus_if(_DISCOUNT), plus_if(_CHARGES)),
        ),
        is_proof=True,
    ),
    Rule(
        "BR-CO-14",
        (_TAX, "taxes[].amount"),
        equation(_TAX, (plus("taxes[].amount"),)),
        is_proof=True,
    ),
    Rule(
        "BR-CO-15",
        (_NET, _TAX, _GROSS),
        equation(
            _GROSS,
            (plus(_NET), plus(_TAX)),
            # Orders print freight after the net.
            (plus(_NET), plus(_TAX), plus(_CHARGES)),
        ),
        is_proof=True,
    ),
    Rule(
        "BR-CO-16",
        ("totals.amount_due", _GROSS),
        equation(
            "totals.amount_due",
            (plus(_GROSS), minus_if("totals.paid"), plus_if("totals.rounding")),
        ),
        is_proof=True,
    ),
    Rule("BR-27", ("lines[].unit_price", "lines[].net"), check_prices),
    Rule(
        "line-net",
        ("lines[].quantity", "lines[].unit_price", "lines[].net"),
        check_line_nets,
        is_proof=True,
    ),
    Rule("BR-29", ("period_start", "period_end"), ordered("period_start", "period_end")),
    Rule(
        "BR-30",
        ("lines[].period_start", "lines[].period_end"),
        ordered("lines[].period_start", "lines[].period_end"),
    ),
    Rule("due-date", ("issue_date", "due_date"), ordered("issue_date", "due_date")),
)

TAX_RULES = (
    Rule(
        "BR-CO-17",
        ("taxes[].base", "taxes[].rate", "taxes[].amount"),
        check_tax_rows,
        is_proof=True,
    ),
)

RECEIPT_RULES = (
    Rule(
        "receipt-total",
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
        is_proof=True,
    ),
    Rule(
        "receipt-lines",
        ("total", "lines[].total"),
        equation(
            "total",
            (plus("lines[].total"), minus_if("discount"), plus_if("tip")),
            (plus("lines[].total"), plus_if("tip")),
            (plus("lines[].total"), minus_if("discount"), plus("tax_total"), plus_if("tip")),
            (plus("lines[].total"), plus("tax_total"), plus_if("tip")),
            is_cash=True,
        ),
        is_proof=True,
    ),
    Rule(
        "receipt-taxes",
        ("tax_total", "taxes[].amount"),
        equation("tax_total", (plus("taxes[].amount"),)),
        is_proof=True,
    ),
    Rule(
        "receipt-cash",
        ("total", "cash_given", "change"),
        equation("total", (plus("cash_given"), minus("change")), is_cash=True),
        is_proof=True,
    ),
    Rule(
        "line-net",
        ("lines[].quantity", "lines[].unit_price", "lines[].total"),
        check_line_nets,
        is_proof=True,
    ),
)

STATEMENT_RULES = (
    Rule(
        "statement-balance",
        ("accounts[].beginning_balance", "accounts[].ending_balance",
         "accounts[].transactions[].deposit", "accounts[].transactions[].withdrawal"),
        equation(
            "accounts[].ending_balance",
            (plus("beginning_balance"), column("transactions[].deposit"),
             column("transactions[].withdrawal", -1)),
        ),
        is_proof=True,
    ),
    Rule(
        "statement-totals",
        ("accounts[].ending_balance", "accounts[].total_in", "accounts[].total_out"),
        equation(
            "accounts[].ending_balance",
            (plus("beginning_balance"), plus("total_in"), minus("total_out")),
        ),
        is_proof=True,
    ),
    Rule(
        "statement-in",
        ("accounts[].total_in", "accounts[].transactions[].deposit"),
        equation("accounts[].total_in", (column("transactions[].deposit"),)),
        is_proof=True,
    ),
    Rule(
        "statement-out",
        ("accounts[].total_out", "accounts[].transactions[].withdrawal"),
        equation("accounts[].total_out", (column("transactions[].withdrawal"),)),
        is_proof=True,
    ),
    Rule(
        "running-balance",
        ("accounts[].beginning_balance", "accounts[].transactions[].balance"),
        check_running_balance,
        is_proof=True,
    ),
    Rule(
        "statement-period",
        ("statement_start", "statement_end"),
        ordered("statement_start", "statement_end"),
    ),
    Rule(
        "dates-in-period",
        ("statement_start", "statement_end", "accounts[].transactions[].date"),
        check_dates_in_period,
    ),
)  # fmt: skip

LEAF_RULES = (
    Rule("date-plausible", (), check_plausible),
    Rule("iban", (), by_kind(Kind.IBAN, judge_iban), is_proof=True),
    Rule("bic", (), by_kind(Kind.BIC, judge_bic)),
    Rule("BR-CO-09", (), by_kind(Kind.TAX_ID, judge_vat_prefix)),
    Rule("vat-id", (), by_kind(Kind.TAX_ID, judge_vat_id), is_proof=True),
    Rule("currency-known", (), by_kind(Kind.CURRENCY, judge_currency)),
)
"""Rules on leaves of a kind, wherever they stand."""

RULES = (*INVOICE_RULES, *TAX_RULES, *RECEIPT_RULES, *STATEMENT_RULES, *LEAF_RULES)

PROOFS = frozenset(rule.id for rule in RULES if rule.is_proof)
"""Ids of the rules whose passing speaks for the values they touch."""
