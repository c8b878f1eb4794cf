"""The rules of bank statements, as data.

Knows nothing of how a rule is evaluated, nor of the equations among them.
"""

from __future__ import annotations

from docextract.schema.equations import STATEMENT, RunningSum, Sum
from docextract.verify.checks.date_order import check_dates_in_period, ordered
from docextract.verify.checks.rules.equation_rules import equation_rules
from docextract.verify.checks.view import Repair, Rule

STATEMENT_RULES = (
    *equation_rules(STATEMENT, Sum, RunningSum),
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
)
