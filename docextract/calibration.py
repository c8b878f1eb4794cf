"""Turns scores into confidences by a monotone curve learnt from labelled values.

Knows nothing of where scores come from, nor of who shows a confidence.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from docextract.errors import UsageError
from docextract.records import Tree

MIN_CASES = 50
"""Fewer labelled values teach nothing that would hold on other documents."""
_MIN_STEP = 20
"""Fewest cases one step of the curve rests on."""
_VERSION = 1
_HINT = "docextract eval --calibrate makes one."


@dataclass(frozen=True, slots=True)
class Curve:
    """A confidence for every score; a higher score never gives a lower one.

    Attributes:
        knots: score and confidence, both ascending; straight lines between them, flat
            outside.
        num_cases: labelled values it was fitted on.
        num_right: how many of them were right.
    """

    knots: tuple[tuple[float, float], ...]
    num_cases: int
    num_right: int

    def at(self, score: float) -> float:
        """Return the confidence of a score, 0 to 1."""
        index = bisect.bisect_right(self.knots, score, key=lambda knot: knot[0])
        if index == 0:
            return self.knots[0][1]
        if index == len(self.knots):
            return self.knots[-1][1]
        (left, low), (right, high) = self.knots[index - 1 : index + 1]
        return low + (high - low) * (score - left) / (right - left)

    def to_json(self) -> Tree:
        """Return the curve as plain JSON."""
        return {
            "version": _VERSION,
            "num_cases": self.num_cases,
            "num_right": self.num_right,
            "knots": [[score, round(level, 6)] for score, level in self.knots],
        }

    @classmethod
    def from_json(cls, tree: Tree) -> Self:
        """Return the curve that ``to_json`` wrote.

        Raises:
            UsageError: the tree is no such curve, or its knots do not ascend.
        """
        try:
            knots = tuple((float(score), float(level)) for score, level in tree["knots"])
            curve = cls(knots, int(tree["num_cases"]), int(tree["num_right"]))
            is_known = tree["version"] == _VERSION
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"this is no calibration curve: {error!r}", _HINT) from error
        is_ascending = all(a[0] <= b[0] and a[1] <= b[1] for a, b in itertools.pairwise(knots))
        if not (knots and is_known and is_ascending and knots[0][1] >= 0 and knots[-1][1] <= 1):
            raise UsageError("this is no calibration curve that rises from 0 to 1", _HINT)
        return curve


class _Step(NamedTuple):
    """Cases with neighbouring scores."""

    num: int
    sum_of_scores: float
    num_right: int

    @property
    def centre(self) -> float:
        return self.sum_of_scores / self.num

    def joined(self, other: _Step) -> _Step:
        return _Step(
            self.num + other.num,
            self.sum_of_scores + other.sum_of_scores,
            self.num_right + other.num_right,
        )


_Pool = list[_Step]


def fit(scores: Sequence[float], outcomes: Sequence[bool]) -> Curve:
    """Return the curve that fits labelled values best among those that never fall.

    Isotonic regression by pooling adjacent violators (Ayer et al. 1955; for calibration
    Zadrozny and Elkan 2002), over steps of at least 20 cases. A step's level is its share of
    right values with half a case of either outcome added (Krichevsky and Trofimov 1981), so
    a short row of successes claims no certainty.

    Args:
        scores: one per labelled value, as an engine's evidence gave it.
        outcomes: whether that value was right.

    Raises:
        UsageError: there are fewer than ``MIN_CASES`` values.
    """
    if len(scores) < MIN_CASES:
        raise UsageError(
            f"a calibration needs {MIN_CASES} labelled values or more; these are {len(scores)}",
            "Label more documents.",
        )
    pools: list[_Pool] = []
    for step in _steps(sorted(zip(scores, outcomes, strict=True))):
        pools.append([step])
        while len(pools) > 1 and _level(pools[-2]) >= _level(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    return Curve(tuple(_knots(pools)), len(scores), sum(outcomes))


def _steps(cases: Iterable[tuple[float, bool]]) -> list[_Step]:
    """Return the cases in steps; equal scores are never parted."""
    steps: list[_Step] = []
    for _, group in itertools.groupby(cases, key=lambda case: case[0]):
        tied = list(group)
        step = _Step(len(tied), sum(score for score, _ in tied), sum(right for _, right in tied))
        if steps and steps[-1].num < _MIN_STEP:
            steps[-1] = steps[-1].joined(step)
        else:
            steps.append(step)
    if len(steps) > 1 and steps[-1].num < _MIN_STEP:
        steps[-2:] = [steps[-2].joined(steps[-1])]
    return steps


def _level(pool: _Pool) -> float:
    return (sum(step.num_right for step in pool) + 0.5) / (sum(step.num for step in pool) + 1)


def _knots(pools: list[_Pool]) -> Iterable[tuple[float, float]]:
    """Yield both ends of every pool: it is flat between them."""
    for pool in pools:
        yield pool[0].centre, _level(pool)
        if len(pool) > 1:
            yield pool[-1].centre, _level(pool)
