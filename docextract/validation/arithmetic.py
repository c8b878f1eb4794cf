"""Sums and products that must hold between amounts, within the rounding of their print.

Knows nothing of which amounts: equations are data in ``rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check
from docextract.validation.view import View, failed, not_applicable, passed

CENT = Decimal("0.01")
"""Amounts have two decimals at most (EN 16931-1, BR-DEC-01 to BR-DEC-28)."""

MAX_TOLERANCE = Decimal("0.05")
"""Each printed summand may be off by a cent; beyond five cents something is misread."""

CASH_STEP = Decimal("0.05")
"""Cash totals are rounded to this in Malaysia, Switzerland, Australia and elsewhere."""


class Term(NamedTuple):
    """A summand of an equation.

    Attributes:
        paths: the first of which has values counts.
        sign: 1 or -1.
        is_optional: whether it counts as 0 where it is absent.
        is_column: whether rows may leave it empty, as a deposit beside withdrawals.
    """

    paths: tuple[str, ...]
    sign: int = 1
    is_optional: bool = False
    is_column: bool = False


def plus(*paths: str) -> Term:
    """Return a summand that must be there; the first path with values counts."""
    return Term(paths)


def plus_if(*paths: str) -> Term:
    """Return a summand that counts as 0 where it is absent."""
    return Term(paths, is_optional=True)


def minus(*paths: str) -> Term:
    """Return a subtrahend that must be there; printed with or without a minus."""
    return Term(paths, -1)


def minus_if(*paths: str) -> Term:
    """Return a subtrahend that counts as 0 where it is absent."""
    return Term(paths, -1, is_optional=True)


def column(path: str, sign: int = 1) -> Term:
    """Return the sum over rows, some or all of which may leave the amount empty."""
    return Term((path,), sign, is_optional=True, is_column=True)


@dataclass(frozen=True, slots=True)
class Summand:
    """A term with the amounts found for it."""

    amounts: tuple[Decimal, ...]
    paths: tuple[str, ...]
    term: Term

    def total(self, *, as_magnitude: bool) -> Decimal:
        """Return the signed sum.

        As a magnitude, the minus some print before what is taken off or went out is ignored.
        """
        is_absolute = as_magnitude and (self.term.sign < 0 or self.term.is_column)
        amounts = (abs(amount) if is_absolute else amount for amount in self.amounts)
        return self.term.sign * sum(amounts, Decimal(0))


def equation(
    result: str, *variants: tuple[Term, ...], is_cash: bool = False
) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that ``result`` is the sum of one of the variants' terms.

    It fails with the figures of the first variant that could be calculated. Where a
    variant has one single amount other than zero, equality is no evidence (both may be the
    same misread print): such a check can fail but does not pass.

    Args:
        result: path of the sum; with ``[]`` it is checked for each row of the outer list.
        variants: ways to calculate it, likeliest first.
        is_cash: whether a total may be rounded to ``CASH_STEP``.
    """

    def check(rule: str, view: View) -> Iterator[Check]:
        for path in view.expand(result):
            prefix = path.rpartition(".")[0] if "[]" in result else ""
            yield _check_sum(rule, view, path, _scope(variants, prefix), is_cash)

    return check


def _scope(variants: tuple[tuple[Term, ...], ...], prefix: str) -> list[list[Term]]:
    if not prefix:
        return [list(terms) for terms in variants]
    return [
        [term._replace(paths=tuple(f"{prefix}.{path}" for path in term.paths)) for term in terms]
        for terms in variants
    ]


def _check_sum(
    rule: str, view: View, path: str, variants: Sequence[Sequence[Term]], is_cash: bool
) -> Check:
    result = view.number(path)
    if result is None:
        return not_applicable(rule, path)
    complaint: Check | None = None
    for terms in variants:
        summands = find_summands(view, terms)
        if not summands:
            continue
        paths = (path, *(item for summand in summands for item in summand.paths))
        if holds(result, summands, is_cash=is_cash):
            amounts = [amount for summand in summands for amount in summand.amounts if amount]
            if len(amounts) > 1:
                return passed(rule, *paths)
            return not_applicable(rule, *paths, message="two equal amounts prove nothing")
        complaint = complaint or failed(rule, *paths, message=_figures(result, summands))
    return complaint or not_applicable(rule, path)


def find_summands(view: View, terms: Sequence[Term]) -> list[Summand]:
    """Return the amounts of every term that has some; nothing if a needed one lacks."""
    found = []
    for term in terms:
        summand = next(filter(None, (_summand(view, path, term) for path in term.paths)), None)
        if summand is not None:
            found.append(summand)
        elif not term.is_optional:
            return []
    return found


def _summand(view: View, path: str, term: Term) -> Summand | None:
    paths = view.expand(path)
    found = [(item, amount) for item in paths if (amount := view.number(item)) is not None]
    if not found or (len(found) < len(paths) and not term.is_column):
        return None
    return Summand(tuple(amount for _, amount in found), tuple(item for item, _ in found), term)


def holds(result: Decimal, summands: Sequence[Summand], *, is_cash: bool = False) -> bool:
    """Return whether the summands give the result within the rounding of their print."""
    amounts = [amount for summand in summands for amount in summand.amounts]
    tolerance = sum_tolerance([result, *amounts])
    for as_magnitude in (False, True):
        total = sum((summand.total(as_magnitude=as_magnitude) for summand in summands), Decimal(0))
        if abs(total - result) <= tolerance:
            return True
        if is_cash and abs(total - result) < CASH_STEP and result % CASH_STEP == 0:
            return True
    return False


def sum_tolerance(amounts: Sequence[Decimal]) -> Decimal:
    """Return how far a sum may be off: a cent per summand, nothing between whole numbers."""
    if all(amount == amount.to_integral_value() for amount in amounts):
        return Decimal(0)
    return min(CENT * (len(amounts) - 1), MAX_TOLERANCE)


def _figures(result: Decimal, summands: Sequence[Summand]) -> str:
    parts = [f"{'-' if item.term.sign < 0 else '+'} {sum(item.amounts)}" for item in summands]
    return f"{' '.join(parts).removeprefix('+ ')} is not {result}"
