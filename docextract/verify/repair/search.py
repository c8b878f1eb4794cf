"""Finds the one replacement that makes a failed check pass without breaking another.

Knows nothing of pages: candidates come with their fit, and a judge says what a tree of values
passes and fails. Bounded: a few repairs a document, a few candidates a value.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from docextract.records import Check, Outcome, Tree
from docextract.schema import put
from docextract.verify.repair.target import Candidate, Target

MAX_CHANGES = 4
"""Replacements a document may get; one that needs more was not read."""

MAX_TRIALS = 60
"""Trees judged a document."""

MAX_LOSS = 0.1
"""How much worse than the old value's place a replacement's may fit."""

CLEAR_MARGIN = 0.1
"""How much better than the next a replacement's place must fit to be taken."""


class Change(NamedTuple):
    """One replacement: where, by what, and the rule that asked for it."""

    path: str
    candidate: Candidate
    rule: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How values are judged.

    Attributes:
        judge: the outcome of every rule for a tree of values.
        repairable: ids of the rules whose failure may be repaired.
        proofs: ids of the rules whose passing protects the values they touch.
        upward: ids of the rules that only ever say that an amount is too small.
    """

    judge: Callable[[Tree], tuple[Check, ...]]
    repairable: frozenset[str]
    proofs: frozenset[str]
    upward: frozenset[str] = frozenset()


class _State(NamedTuple):
    values: Tree
    checks: tuple[Check, ...]


class _Proposal(NamedTuple):
    change: Change
    state: _State
    num_fixed: int


def search(values: Tree, targets: Mapping[str, Target], rules: Rules) -> tuple[Tree, list[Change]]:
    """Return the values after every clear repair, and the repairs in the order made.

    A replacement is taken where a failed check then passes, none fails on the new value, no
    check that passed falls silent, none fails anew, and no other replacement does as well.
    Gaps are filled on the same terms, where a sum passes that could not be calculated.

    Args:
        values: typed text in the schema's shape; not changed.
        targets: by concrete path, what may be changed.
        rules: how values are judged.
    """
    state = _State(values, rules.judge(values))
    changes: list[Change] = []
    left = dict(targets)
    for _ in range(MAX_CHANGES):
        best = _clear_best(list(_proposals(state, left, rules)))
        if best is None:
            break
        state = best.state
        changes.append(best.change)
        del left[best.change.path]
    return state.values, changes


def _proposals(state: _State, targets: Mapping[str, Target], rules: Rules) -> Iterator[_Proposal]:
    for path, candidate in itertools.islice(_trials(state, targets, rules), MAX_TRIALS):
        trial = copy.deepcopy(state.values)
        put(trial, path, candidate.value)
        judged = rules.judge(trial)
        change = Change(path, candidate, "")
        fixed = [
            check.id
            for check in _fixed(state.checks, judged)
            if check.id in rules.repairable and _argues(check, change, targets[path].value, rules)
        ]
        if fixed and not _is_disputed(path, judged):
            named = change._replace(rule=min(fixed))
            yield _Proposal(named, _State(trial, judged), len(fixed))


def _trials(
    state: _State, targets: Mapping[str, Target], rules: Rules
) -> Iterator[tuple[str, Candidate]]:
    for path in _changeable(state.checks, targets, rules):
        for candidate in targets[path].candidates():
            if candidate.fit + MAX_LOSS >= targets[path].strength():
                yield path, candidate


def _changeable(checks: Sequence[Check], targets: Mapping[str, Target], rules: Rules) -> list[str]:
    """Return the values of failed checks that nothing proves, and all gaps."""
    passed = (c for c in checks if c.outcome is Outcome.PASSED and c.id in rules.proofs)
    proved = {path for check in passed for path in check.paths}
    failed = (c for c in checks if c.outcome is Outcome.FAILED and c.id in rules.repairable)
    doubted = [path for check in failed for path in check.paths if path not in proved]
    gaps = [path for path, target in targets.items() if target.value is None]
    return [path for path in dict.fromkeys([*doubted, *gaps]) if path in targets]


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


def _argues(check: Check, change: Change, was: str | None, rules: Rules) -> bool:
    """Whether a check that now passes speaks for the change.

    Rows get lost in reading, and a subtotal of what is left is often printed. So a sum over
    rows says that a total is too small, never that it is too large.
    """
    is_over_rows = any(path.count("[") > change.path.count("[") for path in check.paths)
    if was is None or not (is_over_rows or check.id in rules.upward):
        return True
    return abs(Decimal(change.candidate.value)) > abs(Decimal(was))


def _is_disputed(path: str, checks: Sequence[Check]) -> bool:
    """Whether a check still fails on a value: then its replacement is not the right one."""
    return any(c.outcome is Outcome.FAILED and path in c.paths for c in checks)


def _by_subject(checks: Sequence[Check]) -> dict[tuple[str, str], Check]:
    """Return checks by what they keep when a value changes: their rule and their subject."""
    return {(c.id, c.paths[0] if c.paths else ""): c for c in checks}


def _clear_best(proposals: Sequence[_Proposal]) -> _Proposal | None:
    """Return the proposal that fixes most or fits clearly best, None where two are alike."""
    if not proposals:
        return None
    best = max(proposals, key=lambda item: (item.num_fixed, item.change.candidate.fit))
    others = [item for item in proposals if item is not best]
    rival = max(
        (o.change.candidate.fit for o in others if o.num_fixed == best.num_fixed), default=0.0
    )
    return best if best.change.candidate.fit >= rival + CLEAR_MARGIN else None
