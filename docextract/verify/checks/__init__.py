"""Cross-field checks: what must hold between the values of one document.

Knows nothing of pages or engines; it looks at typed values and the schema's paths only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from docextract.records import Check, Tree
from docextract.schema import Schema
from docextract.verify.checks.rules.all_rules import PROOFS, REPAIRS, RULES, UPWARD
from docextract.verify.checks.strict import strict_values, typed_instance
from docextract.verify.checks.view import Print, Repair, Rule, View

__all__ = [
    "PROOFS", "REPAIRS", "RULES", "UPWARD", "Print", "Repair", "Rule",
    "rules_for", "strict_values", "typed_instance", "validate",
]  # fmt: skip

_NO_PRINTS: Mapping[str, Print] = {}


def rules_for(schema: Schema) -> tuple[Rule, ...]:
    """Return the rules that apply to a schema's fields."""
    return tuple(rule for rule in RULES if rule.applies_to(schema))


def validate(
    values: Tree, schema: Schema, today: dt.date, prints: Mapping[str, Print] = _NO_PRINTS
) -> tuple[Check, ...]:
    """Return the outcome of every rule that applies to the schema.

    Args:
        values: typed text in the schema's shape, None where absent.
        schema: whose paths decide which rules are asked.
        today: the day of the run; dates of issue are not after it.
        prints: by concrete path, how values are printed; without it, rules about signs and
            pages find nothing to look at.

    Returns:
        One check per rule and place, with the concrete paths it touches. A rule whose
        operands are absent is ``not_applicable``.
    """
    view = View(values, schema, today, prints)
    return tuple(check for rule in rules_for(schema) for check in rule.check(rule.id, view))
