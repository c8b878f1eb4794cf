"""Weighs what speaks for each kind of document: a probability each, which add up to one.

Knows nothing of pages. The weights were fitted to labelled documents (``kinds.json``) by
``benchmarks/kinds.py --fit``: a conditional logit (McFadden 1974), in which kinds share the weights
of what may speak for any of them, so that a kind without labelled documents is told too.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_BY_HAND = {"dunned": 4.0}
"""Weights that labelled documents do not tell, as there are no reminders among them: one that calls
itself so names the invoice it is about, and must not be paid a second time.
"""


@dataclass(frozen=True)
class KindModel:
    """Weights of signals.

    Attributes:
        weights: by the signal's name.
        decides_at: the least probability, 0 to 1, from which a choice is not doubted.
        num: labelled documents they were fitted on.
    """

    weights: Mapping[str, float]
    decides_at: float
    num: int = 0

    def probabilities(self, evidence: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """Return the probability of each kind, 0 to 1.

        Args:
            evidence: by kind, its signals.
        """
        scores = {kind: self._score(signals) for kind, signals in evidence.items()}
        most = max(scores.values())
        shares = {kind: math.exp(score - most) for kind, score in scores.items()}
        total = sum(shares.values())
        return {kind: share / total for kind, share in shares.items()}

    def _score(self, signals: Mapping[str, float]) -> float:
        known = {**_BY_HAND, **self.weights}
        return sum(known.get(name, 0.0) * value for name, value in signals.items())

    @property
    def id(self) -> str:
        """A hash of it all: it changes which schema reads a document."""
        told = json.dumps([dict(self.weights), _BY_HAND, self.decides_at], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def to_json(self) -> dict[str, object]:
        """Return it as plain JSON."""
        weights = dict(sorted(self.weights.items()))
        return {"decides_at": self.decides_at, "num": self.num, "weights": weights}


def weights_id(calibration_id: str, num_schemas: int) -> str:
    """Return the hash of all weights that a record with these many schemas to choose from rests on.

    Args:
        calibration_id: that of the confidence's.
        num_schemas: 0 where a document is read with the one schema that was asked for.
    """
    return f"{calibration_id} {shipped_kind_model().id}" if num_schemas else calibration_id


@cache
def shipped_kind_model() -> KindModel:
    """Return the model that comes with the package."""
    text = resources.files(__package__).joinpath("kinds.json").read_text(encoding="utf-8")
    tree = json.loads(text)
    return KindModel(tree["weights"], tree["decides_at"], tree["num"])
