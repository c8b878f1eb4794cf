"""Makes the rules of the equations of amounts, each with the check that suits its shape.

Knows nothing of which equations there are: they are data in ``schema.equations``.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.schema.equations import EQUATIONS, Equation, Product, RunningSum, Share, Sum
from docextract.verify.checks.arithmetic import product_check, share_check, sum_check
from docextract.verify.checks.ledger import running_check
from docextract.verify.checks.view import CheckFunction, Repair, Rule


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


def _repair(equation: Equation) -> Repair:
    """Return what may replace an amount of an equation; sums alone say which one is wrong."""
    if not isinstance(equation, Sum):
        return Repair.NONE
    return Repair.LARGER_AMOUNT if equation.is_upward else Repair.AMOUNT
