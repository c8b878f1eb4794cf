"""The rules of bank statements, as data.

Knows nothing of how a rule is evaluated.
"""

from __future__ import annotations

from docextract.verify.checks.arithmetic import column, equation, minus, plus
from docextract.verify.checks.date_order import ordered
from docextract.verify.checks.ledger import (
    check_carry_over,
    check_dates_in_period,
    check_running_balance,
)
from docextract.verify.checks.rules.invoice_rules import SUM
from docextract.verify.checks.view import Repair, Rule

STATEMENT_RULES = (
    Rule(
        "statement-balance",
        "beginning balance + deposits - withdrawals = ending balance",
        ("accounts[].beginning_balance", "accounts[].ending_balance",
         "accounts[].transactions[].deposit", "accounts[].transactions[].withdrawal"),
        equation(
            "accounts[].ending_balance",
            (plus("beginning_balance"), column("transactions[].deposit"),
             column("transactions[].withdrawal", -1)),
        ),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "statement-totals",
        "beginning balance + total in - total out = ending balance",
        ("accounts[].ending_balance", "accounts[].total_in", "accounts[].total_out"),
        equation(
            "accounts[].ending_balance",
            (plus("beginning_balance"), plus("total_in"), minus("total_out")),
        ),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "statement-in",
        "sum of the deposits = total in",
        ("accounts[].total_in", "accounts[].transactions[].deposit"),
        equation("accounts[].total_in", (column("transactions[].deposit"),)),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "statement-out",
        "sum of the withdrawals = total out",
        ("accounts[].total_out", "accounts[].transactions[].withdrawal"),
        equation("accounts[].total_out", (column("transactions[].withdrawal"),)),
        tolerance=SUM,
        is_proof=True,
        repair=Repair.AMOUNT,
    ),
    Rule(
        "running-balance",
        "each balance follows from the one before; a break names row and difference",
        ("accounts[].beginning_balance", "accounts[].transactions[].balance"),
        check_running_balance,
        tolerance="0.01",
        is_proof=True,
    ),
    Rule(
        "carry-over",
        "a page goes on from the balance the page before ended with",
        ("accounts[].beginning_balance", "accounts[].transactions[].balance"),
        check_carry_over,
        tolerance="0.01",
        is_proof=True,
    ),
    Rule(
        "statement-period",
        "the period does not end before it starts",
        ("statement_start", "statement_end"),
        ordered("statement_start", "statement_end"),
        repair=Repair.DATE,
    ),
    Rule(
        "dates-in-period",
        "every booking lies within the period",
        ("statement_start", "statement_end", "accounts[].transactions[].date"),
        check_dates_in_period,
    ),
)  # fmt: skip
