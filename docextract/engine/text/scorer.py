"""Turns the named factors that speak for and against an option into a score, and into odds.

Knows nothing of pages or fields. The weights are data (``scorer.json``), so that they can be read,
explained and refitted; code only says which factors an option has, and how strongly.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Self

Factors = tuple[tuple[str, float], ...]
"""Names of factors, ``group.factor``, with how far each holds: 1 for yes, 0 for no, or a count."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one factor does to a score.

    Attributes:
        times: it multiplies the score, once for each time the factor holds.
        scales: the factor, itself a share of 0 to 1, multiplies the score, to this power.
        at_most: it caps the score.
        closes: it closes this share of what a score lacks to 1.
    """

    times: float = 1.0
    scales: float = 0.0
    at_most: float = 1.0
    closes: float = 0.0

    @classmethod
    def from_tree(cls, tree: float | Mapping[str, float]) -> Self:
        """Return the weight that a number, or an object of one kind of effect, stands for."""
        effects = tree if isinstance(tree, Mapping) else {"times": float(tree)}
        found = cls(**{name: float(value) for name, value in effects.items()})
        is_scale = 0 < found.times < 10 and 0 <= found.scales < 10
        if not (is_scale and 0 < found.at_most <= 1 and 0 <= found.closes <= 1):
            raise ValueError(f"{tree} is no weight")
        return found

    def applied(self, score: float, value: float) -> float:
        """Return a score after a factor that holds ``value`` times."""
        if self.scales:
            score *= max(value, 0.0) ** self.scales
        elif not value:
            return score
        score *= self.times**value
        return min(score + self.closes * (1.0 - score), self.at_most)


@dataclass(frozen=True)
class Scorer:
    """The weights of all factors, by ``group.factor``, levels and lengths by name.

    ``weights`` multiply, cap or raise a score, ``summands`` add up; ``odds`` are those of a score
    of 1, and the power by which the odds of others fall.
    """

    weights: Mapping[str, Weight]
    summands: Mapping[str, float]
    levels: Mapping[str, float]
    lengths: Mapping[str, float]
    odds: tuple[float, float]

    def probability(self, score: float) -> float:
        """Return how often values of a score are right: a logistic model of the factors.

        The log of the odds is linear in that of the score, hence in the logs of all weights.
        """
        certain, power = self.odds
        odds: float = certain * score**power
        return odds / (1.0 + odds)

    def score(self, factors: Iterable[tuple[str, float]]) -> float:
        """Return the score, 0 to 1, of an option with these factors, applied in order."""
        score = 1.0
        for name, value in factors:
            score = self.weights[name].applied(score, value)
        return min(score, 1.0)

    def total(self, factors: Iterable[tuple[str, float]]) -> float:
        """Return what factors that add up come to."""
        return sum(self.summands[name] * value for name, value in factors)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the scorer that the text of a ``scorer.json`` describes.

        Raises:
            ValueError: a weight is none.
            KeyError: a section is missing.
        """
        tree = json.loads(text)
        weights = {name: Weight.from_tree(weight) for name, weight in _flat(tree["products"])}
        doubted = Weight(at_most=float(tree["levels"]["doubted"]))
        weights |= {f"doubt.{reason}": doubted for reason in tree["doubts"]}
        summands, levels, lengths = (
            {name: float(number) for name, number in numbers}
            for numbers in (_flat(tree["sums"]), tree["levels"].items(), tree["lengths"].items())
        )
        if not all(map(math.isfinite, (*summands.values(), *levels.values(), *lengths.values()))):
            raise ValueError("a weight, level or length is no number")
        odds = (float(tree["odds"]["certain"]), float(tree["odds"]["power"]))
        return cls(weights, summands, levels, lengths, odds)


def _flat(groups: Mapping[str, Mapping[str, Any]]) -> Iterable[tuple[str, Any]]:
    return ((f"{group}.{name}", own[name]) for group, own in groups.items() for name in own)


@cache
def shipped_scorer() -> Scorer:
    """Return the scorer that comes with the package."""
    file = resources.files("docextract.engine.text").joinpath("scorer.json")
    return Scorer.from_json(file.read_text(encoding="utf-8"))


score_of = shipped_scorer().score
total_of = shipped_scorer().total
probability_of = shipped_scorer().probability
level = shipped_scorer().levels.__getitem__
"""Returns a score that something counts from, by its name."""
length = shipped_scorer().lengths.__getitem__
"""Returns a distance that counts, by its name, in heights of a line."""


def given(*names: str) -> Factors:
    """Return factors that simply hold."""
    return tuple((name, 1.0) for name in names)
