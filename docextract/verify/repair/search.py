"""Finds the one replacement that makes a failed check pass without breaking another.

Knows nothing of pages: candidates come with how well their place suits the field, and a judge says
what values pass and fail. Bounded: a few repairs a document, a few candidates a value.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple, Protocol

from docextract.core import Check, Outcome, Repair
from docextract.verify.value import FieldValue, FieldValues

MAX_CHANGES = 4
"""Replacements a document may get; one that needs more was not read."""

MAX_TRIALS = 60
"""Values judged a document and repair."""

MAX_LOSS = 0.1
"""How much worse than the old value's place a replacement's may fit."""

CLEAR_MARGIN = 0.1
"""How much better than the next a replacement's place must fit to be taken."""


class Candidates(Protocol):
    """What else could stand in place of values; asked only where a check asks."""

    def may_replace(self, value: FieldValue) -> bool:
        """Whether a value may be replaced at all, or its gap filled."""

    def strength(self, value: FieldValue) -> float:
        """Return how well the page supports a value, 0 to 1."""

    def candidates(self, value: FieldValue) -> Sequence[FieldValue]:
        """Return what else it could be, best first; ``probability`` says how well it fits."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How values are judged.

    Attributes:
        judge: the outcome of every rule for the values of a document.
        repairable: ids of the rules whose failure may be repaired.
        proofs: ids of the rules whose passing protects the values they touch.
        upward: ids of the rules that only ever say that an amount is too small.
    """

    judge: Callable[[FieldValues], tuple[Check, ...]]
    repairable: frozenset[str]
    proofs: frozenset[str]
    upward: frozenset[str] = frozenset()


class _State(NamedTuple):
    values: FieldValues
    checks: tuple[Check, ...]


class _Proposal(NamedTuple):
    value: FieldValue
    rule: str
    state: _State
    num_fixed: int


def search(
    values: FieldValues, others: Candidates, rules: Rules
) -> tuple[FieldValues, tuple[Repair, ...]]:
    """Return the values after every clear repair, and the repairs in the order made.

    A replacement is taken where a failed check then passes, none fails on the new value, no
    check that passed falls silent, none fails anew, and no other replacement does as well.
    Gaps are filled on the same terms, where a sum passes that could not be calculated.

    Args:
        values: as read from the page.
        others: what else it prints.
        rules: how values are judged.
    """
    state = _State(values, rules.judge(values))
    repairs: list[Repair] = []
    left = {path for path, value in values.items() if others.may_replace(value)}
    for _ in range(MAX_CHANGES):
        best = _clear_best(list(_proposals(state, left, others, rules)))
        if best is None:
            break
        repair = _repair(state.values[best.value.path], best)
        state = best.state._replace(values=state.values.put(replace(best.value, repair=repair)))
        repairs.append(repair)
        left.remove(repair.path)
    return state.values, tuple(repairs)


def _repair(old: FieldValue, best: _Proposal) -> Repair:
    assert best.value.value is not None
    return Repair(old.path, best.rule, old.value, old.raw, best.value.value)


def _proposals(
    state: _State, left: set[str], others: Candidates, rules: Rules
) -> Iterator[_Proposal]:
    for value in itertools.islice(_trials(state, left, others, rules), MAX_TRIALS):
        trial = state.values.put(value)
        judged = rules.judge(trial)
        old = state.values[value.path]
        fixed = [
            check.id
            for check in _fixed(state.checks, judged)
            if check.id in rules.repairable and _argues(check, value, old, rules)
        ]
        if fixed and not _is_failed(value.path, judged):
            yield _Proposal(value, min(fixed), _State(trial, judged), len(fixed))


def _trials(
    state: _State, left: set[str], others: Candidates, rules: Rules
) -> Iterator[FieldValue]:
    for old in _changeable(state, left, rules):
        for value in others.candidates(old):
            if _fit(value) + MAX_LOSS >= others.strength(old):
                yield value


def _fit(value: FieldValue) -> float:
    return value.probability or 0.0


def _changeable(state: _State, left: set[str], rules: Rules) -> list[FieldValue]:
    """Return the values of failed checks that nothing proves, and all gaps."""
    passed = (c for c in state.checks if c.outcome is Outcome.PASSED and c.id in rules.proofs)
    proved = {path for check in passed for path in check.paths}
    failed = (c for c in state.checks if c.outcome is Outcome.FAILED and c.id in rules.repairable)
    doubted = [path for check in failed for path in check.paths if path not in proved]
    gaps = [path for path, value in state.values.items() if value.value is None]
    return [state.values[path] for path in dict.fromkeys([*doubted, *gaps]) if path in left]


def _fixed(before: Sequence[Check], after: Sequence[Check]) -> list[Check]:
    """Return the checks that now pass and did not; none where any got worse."""
    old, new = _by_subject(before), _by_subject(after)
    gained = []
    for key in old.keys() | new.keys():
        was = old[key].outcome if key in old else None
        now = new[key].outcome if key in new else None
        is_worse = now is Outcome.FAILED and was is not Outcome.FAILED
        if is_worse or (was is Outcome.PASSED and now is not Outcome.PASSED):
            return []
        if now is Outcome.PASSED and was is not Outcome.PASSED:
            gained.append(new[key])
    return gained


def _argues(check: Check, new: FieldValue, old: FieldValue, rules: Rules) -> bool:
    """Whether a check that now passes speaks for the change.

    Rows get lost in reading, and a subtotal of what is left is often printed. So a sum over
    rows says that a total is too small, never that it is too large.
    """
    is_over_rows = any(path.count("[") > new.path.count("[") for path in check.paths)
    if old.value is None or not (is_over_rows or check.id in rules.upward):
        return True
    assert new.value is not None
    return abs(Decimal(new.value)) > abs(Decimal(old.value))


def _is_failed(path: str, checks: Sequence[Check]) -> bool:
    """Whether a check still fails on a value: then its replacement is not the right one."""
    return any(c.outcome is Outcome.FAILED and path in c.paths for c in checks)


def _by_subject(checks: Sequence[Check]) -> dict[tuple[str, str], Check]:
    """Return checks by what they keep when a value changes: their rule and their subject."""
    return {(c.id, c.paths[0] if c.paths else ""): c for c in checks}


def _clear_best(proposals: Sequence[_Proposal]) -> _Proposal | None:
    """Return the proposal that fixes most or fits clearly best, None where two are alike."""
    if not proposals:
        return None
    best = max(proposals, key=lambda item: (item.num_fixed, _fit(item.value)))
    others = [item for item in proposals if item is not best]
    rival = max((_fit(o.value) for o in others if o.num_fixed == best.num_fixed), default=0.0)
    return best if _fit(best.value) >= rival + CLEAR_MARGIN else None
