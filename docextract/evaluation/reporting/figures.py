"""Counts judgements and turns counts into recall, precision, intervals and reliability.

Knows nothing of documents or files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple, Self

from docextract.evaluation.judging.verdicts import Judgement, RowJudgement, Verdict

_Z_95 = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""
NUM_BINS = 10


def wilson(num_right: int, num: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927); 0 to 1 for no cases."""
    if not num:
        return 0.0, 1.0
    share, z2 = num_right / num, _Z_95**2
    centre = share + z2 / (2 * num)
    spread = _Z_95 * sqrt(share * (1 - share) / num + z2 / (4 * num**2))
    low, high = (centre - spread) / (1 + z2 / num), (centre + spread) / (1 + z2 / num)
    return max(0.0, low), min(1.0, high)


class Share(NamedTuple):
    """So many right out of so many."""

    num_right: int
    num: int

    @property
    def value(self) -> float | None:
        """The share, or None of nothing."""
        return self.num_right / self.num if self.num else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % confidence interval, as if the cases were independent."""
        return wilson(self.num_right, self.num)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How often each verdict was given."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    fabricated: int = 0
    absent: int = 0

    @classmethod
    def of(cls, judgements: Iterable[Judgement]) -> Self:
        """Return the counts of some judgements."""
        counts = Counter(item.verdict for item in judgements)
        return cls(*(counts[verdict] for verdict in Verdict))

    @property
    def recall(self) -> Share:
        """Values right, of those the truth has."""
        return Share(self.right, self.right + self.wrong + self.missed)

    @property
    def precision(self) -> Share:
        """Values right, of those the record gives; a fabricated one is not right."""
        return Share(self.right, self.right + self.wrong + self.fabricated)

    @property
    def fabrication(self) -> Share:
        """Values given, of the places where the truth has nothing."""
        return Share(self.fabricated, self.fabricated + self.absent)


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How well the rows of a list were read.

    Attributes:
        num_truth: rows in the truth.
        num_given: rows in the records.
        num_found: pairs with more than half of what is known right.
        num_whole: pairs with all of it right.
    """

    num_truth: int
    num_given: int
    num_found: int
    num_whole: int

    @classmethod
    def of(cls, rows: Iterable[RowJudgement]) -> Self:
        """Return the counts of some rows."""
        rows = list(rows)
        return cls(
            sum(row.has_truth for row in rows),
            sum(row.has_given for row in rows),
            sum(row.is_found for row in rows if row.has_truth and row.has_given),
            sum(row.is_whole for row in rows),
        )

    @property
    def recall(self) -> Share:
        """Rows found, of those in the truth."""
        return Share(self.num_found, self.num_truth)

    @property
    def precision(self) -> Share:
        """Rows found, of those in the records."""
        return Share(self.num_found, self.num_given)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two, or None where neither side has a row."""
        return f1(self.num_found, self.num_truth, self.num_given)

    @property
    def f1_whole(self) -> float | None:
        """The same, counting only rows that are right throughout."""
        return f1(self.num_whole, self.num_truth, self.num_given)


def f1(num_right: int, num_truth: int, num_given: int) -> float | None:
    """Return the harmonic mean of recall and precision, or None of nothing."""
    total = num_truth + num_given
    return 2 * num_right / total if total else None


class Bin(NamedTuple):
    """Values of similar confidence.

    ``confidence`` is their mean, ``num_right`` how many are right.
    """

    low: float
    high: float
    num: int
    confidence: float
    num_right: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against what came of it, in ten bins of equal width; empty ones left out."""

    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, judgements: Iterable[Judgement]) -> Self:
        """Return the reliability of the values given; a fabricated one is not right."""
        cases: dict[int, list[tuple[float, bool]]] = {}
        for item in judgements:
            if item.claim is not None:
                index = min(NUM_BINS - 1, int(item.claim.confidence * NUM_BINS))
                outcome = item.verdict is Verdict.RIGHT
                cases.setdefault(index, []).append((item.claim.confidence, outcome))
        return cls(tuple(_bin(index, cases[index]) for index in sorted(cases)))

    @property
    def num(self) -> int:
        """Values with a confidence."""
        return sum(item.num for item in self.bins)

    @property
    def error(self) -> float | None:
        """Expected calibration error (Naeini et al. 2015), or None of nothing.

        The mean distance between confidence and share of right values over the bins,
        weighted by how many values each holds.
        """
        gaps = (abs(item.confidence * item.num - item.num_right) for item in self.bins)
        return sum(gaps) / self.num if self.num else None


def _bin(index: int, cases: list[tuple[float, bool]]) -> Bin:
    mean = sum(confidence for confidence, _ in cases) / len(cases)
    num_right = sum(outcome for _, outcome in cases)
    return Bin(index / NUM_BINS, (index + 1) / NUM_BINS, len(cases), mean, num_right)
