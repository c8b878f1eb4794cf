"""Cross-field checks: what must hold between the values of one document.

Knows nothing of pages or engines; it looks at typed values and the schema's paths only.
"""

from __future__ import annotations

import datetime as dt

from docextract.records import Check, Tree
from docextract.schema.fields import Schema
from docextract.validation.rules import PROOFS, RULES
from docextract.validation.strict import strict_values
from docextract.validation.typed import typed_instance
from docextract.validation.view import View

__all__ = ["PROOFS", "strict_values", "typed_instance", "validate"]


def validate(values: Tree, schema: Schema, today: dt.date) -> tuple[Check, ...]:
    """Return the outcome of every rule whose paths the schema has.

    Args:
        values: typed text in the schema's shape, None where absent.
        schema: whose paths decide which rules are asked.
        today: the day of the run; dates of issue are not after it.

    Returns:
        One check per rule and place, with the concrete paths it touches. A rule whose
        operands are absent is ``not_applicable``.
    """
    view = View(values, schema, today)
    asked = (rule for rule in RULES if all(view.knows(path) for path in rule.paths))
    return tuple(check for rule in asked for check in rule.check(rule.id, view))
