"""Turns what speaks for and against a value into the probability that it is right.

Knows nothing of pages, engines or checks; it weighs a list of signals by weights that
``benchmarks/accuracy.py --calibrate`` fitted to labelled documents (``confidence.json``).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Self

from docextract.core import MISFITS, Match, Tree, UsageError, WordSource, describe_misfit
from docextract.schema import Kind
from docextract.verify.value import FieldValue, Grounded

_GROUPS = {
    Kind.NAME: "name",
    Kind.TEXT: "name",
    Kind.ADDRESS: "address",
    Kind.DATE: "date",
    Kind.TIME: "date",
    Kind.CURRENCY: "currency",
    Kind.IDENTIFIER: "identifier",
    Kind.IBAN: "identifier",
    Kind.BIC: "identifier",
    Kind.TAX_ID: "identifier",
}
_UNKNOWN_PROBABILITY = 0.8
"""What an engine without probabilities is taken to believe of its answers."""
_LIMIT = 0.02
"""Engine probabilities are cut to this and one minus this: no engine knows more."""
_SHORT_NAME = 5
_BY_HAND = {"agreed": 1.4}
"""Weights of signals that labelled documents of one reader do not tell: the log of 0.85 to 0.21,
for a second reader that is right 85 times in 100, and repeats one mistake of the first in five.
"""
_VERSION = 1
_HINT = "docextract eval --calibrate makes one."

FOR = frozenset({"probability", "proved", "agreed"})
"""Signals that can only speak for a value."""
AGAINST = frozenset(
    {
        "normalized", "fuzzy", "not_found", "illegible", "short_name", "contradicted",
        "implausible", "disputed", "repaired", "ambiguous", "disagreement",
    }
)  # fmt: skip
"""Signals that can only speak against a value."""


def signals_of(value: FieldValue) -> dict[str, float]:
    """Return what speaks for and against a grounded value, by name; what is 0 is left out."""
    group = _group_of(value)
    best = value.best
    signals = {
        "bias": 1.0,
        "probability": _logit(_belief(value, best)),
        f"kind_{group}": 1.0,
        "in_list": float("[" in value.path),
        **_signals_of_place(best),
        "short_name": float(group in ("name", "address") and len(value.value or "") < _SHORT_NAME),
        "proved": float(value.is_proved),
        "agreed": float(value.is_agreed),
        "contradicted": float(value.is_contradicted),
        "implausible": float(value.is_implausible),
        "disputed": float(value.is_disputed),
        "repaired": float(value.repair is not None or value.reading.is_repaired),
        "ambiguous": float(value.reading.is_ambiguous),
        "disagreement": float(value.has_disagreement),
    }
    return {name: weight for name, weight in signals.items() if weight}


def _group_of(value: FieldValue) -> str:
    group = _GROUPS.get(value.field.kind, "number")
    # Rows print several numbers of an item: the seller's, the buyer's, a barcode.
    return "code" if "[" in value.path and group == "identifier" else group


def _signals_of_place(best: Grounded | None) -> dict[str, float]:
    if best is None:
        return {"not_found": 1.0}
    return {
        "ocr": float(best.evidence.source is WordSource.OCR),
        "normalized": float(best.evidence.match is Match.NORMALIZED),
        "fuzzy": float(best.evidence.match is Match.FUZZY),
        "illegible": 1 - best.legibility,
    }


def _belief(value: FieldValue, best: Grounded | None) -> float | None:
    """Return how sure the engine is, but no surer than the place suits the field."""
    known = [value.probability, best.fit if best else None]
    return min((item for item in known if item is not None), default=None)


def _logit(probability: float | None) -> float:
    known = _UNKNOWN_PROBABILITY if probability is None else probability
    cut = min(max(known, _LIMIT), 1 - _LIMIT)
    return math.log(cut / (1 - cut))


@dataclass(frozen=True)
class Weights:
    """Weights of a logistic model.

    Attributes:
        by_signal: the weight of each signal, by name; a signal without one says nothing.
        num_values: labelled values they were fitted on.
        num_right: how many of those were right.
        engine: name of the engine that gave them; of another's answers the weights tell less.
    """

    by_signal: Mapping[str, float]
    num_values: int = 0
    num_right: int = 0
    engine: str = "text"

    def score(self, signals: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that a value with these signals is right."""
        known = {**_BY_HAND, **self.by_signal}
        total = sum(known.get(name, 0.0) * value for name, value in signals.items())
        return 1 / (1 + math.exp(-total))

    @property
    def id(self) -> str:
        """A hash of the weights: they change what a record says of a value."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> Tree:
        """Return the weights as plain JSON."""
        told = {} if self.engine == "text" else {"engine": self.engine}
        return {
            **told,
            "version": _VERSION,
            "num_values": self.num_values,
            "num_right": self.num_right,
            "weights": dict(sorted(self.by_signal.items())),
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the weights that ``to_json`` gave.

        Raises:
            UsageError: the text is no such JSON.
        """
        try:
            tree = json.loads(text)
            weights = {str(name): float(weight) for name, weight in tree["weights"].items()}
            is_known = tree["version"] == _VERSION
            counts = int(tree["num_values"]), int(tree["num_right"])
            engine = str(tree.get("engine", "text"))
        except (*MISFITS, OverflowError) as error:
            told = describe_misfit(error)
            raise UsageError(f"this is no calibration: {told}", _HINT) from error
        if not (is_known and all(map(math.isfinite, weights.values()))):
            raise UsageError("this is no calibration of this version", _HINT)
        return cls(weights, *counts, engine)


def load_weights(path: Path | None) -> Weights:
    """Return the weights in a file that ``docextract eval --calibrate`` wrote.

    Args:
        path: the file; None for the weights that come with the package.

    Raises:
        UsageError: it cannot be read or is no calibration.
    """
    if path is None:
        return shipped_weights()
    try:
        return Weights.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the calibration {path} cannot be read: {error}", _HINT) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}", _HINT) from error


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Return the weights that come with the package."""
    file = resources.files("docextract.verify").joinpath("confidence.json")
    return Weights.from_json(file.read_text(encoding="utf-8"))
