"""Cross-field checks: what must hold between the values of one document.

Knows nothing of pages or engines; it looks at typed values and the schema's paths only.
"""

from __future__ import annotations

import datetime as dt

from docextract.core import Check
from docextract.schema import Schema
from docextract.verify.checks.rules import PROOFS, REPAIRS, RULES, UPWARD
from docextract.verify.checks.strict import strict_values, typed_instance, what_is_wrong
from docextract.verify.checks.view import Remedy, Rule, View
from docextract.verify.value import FieldValues

__all__ = [
    "PROOFS", "REPAIRS", "RULES", "UPWARD", "Remedy", "Rule", "rules_for",
    "strict_values", "typed_instance", "validate",
    "what_is_wrong",
]  # fmt: skip


def rules_for(schema: Schema) -> tuple[Rule, ...]:
    """Return the rules that apply to a schema's fields."""
    return tuple(rule for rule in RULES if rule.applies_to(schema))


def validate(values: FieldValues, today: dt.date, *, shows_print: bool = True) -> tuple[Check, ...]:
    """Return the outcome of every rule that applies to the values' schema.

    Args:
        values: of one document.
        today: the day of the run; dates of issue are not after it.
        shows_print: whether rules may see how and where values are printed; without it, rules
            about signs and pages find nothing to look at.

    Returns:
        One check per rule and place, with the concrete paths it touches. A rule whose
        operands are absent is ``not_applicable``.
    """
    view = View(values, today, shows_print)
    return tuple(check for rule in rules_for(values.schema) for check in rule.check(rule.id, view))
