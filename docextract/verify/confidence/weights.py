"""Weighs signals: turns what speaks for and against a value, or a record, into a probability.

Knows nothing of pages, engines or checks; the weights were fitted to labelled documents by
``benchmarks/accuracy.py --calibrate`` (``confidence.json``).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Self

from docextract.core import MISFITS, Tree, UsageError, describe_misfit

_VERSION = 3
_TEXT = "text"
_BY_HAND = {"agreed": 1.4}
"""Weights of signals that labelled documents of one reader do not tell: the log of 0.85 to 0.21,
for a second reader that is right 85 times in 100, and repeats one mistake of the first in five.
"""
_HINT = "docextract eval --calibrate makes one."
_UNSEEN = 0.10
_UNSEEN_BUT_PROVED = 0.85
"""Most that a value without any evidence on the page may be trusted, set by hand: words
on a page always have some, so labelled documents do not tell.
"""


@dataclass(frozen=True)
class Weights:
    """Weights of a logistic model.

    Attributes:
        by_signal: the weight of each signal, by name; a signal without one says nothing.
        num: labelled values, or documents, they were fitted on.
        num_right: how many of those were right.
    """

    by_signal: Mapping[str, float]
    num: int = 0
    num_right: int = 0

    def score(self, signals: Mapping[str, float]) -> float:
        """Return the probability, 0 to 1, that what has these signals is right."""
        known = {**_BY_HAND, **self.by_signal}
        total = sum(known.get(name, 0.0) * value for name, value in signals.items())
        return 1 / (1 + math.exp(-total))

    def to_json(self) -> Tree:
        """Return the weights as plain JSON."""
        weights = dict(sorted(self.by_signal.items()))
        return {"num": self.num, "num_right": self.num_right, "weights": weights}

    @classmethod
    def from_tree(cls, tree: Mapping[str, Any]) -> Self:
        """Return the weights that ``to_json`` gave."""
        weights = {str(name): float(weight) for name, weight in tree["weights"].items()}
        if not all(map(math.isfinite, weights.values())):
            raise ValueError("a weight is no number")
        return cls(weights, int(tree["num"]), int(tree["num_right"]))


@dataclass(frozen=True)
class Calibration:
    """What the confidence of values and of records is weighed by.

    Attributes:
        values: of single values outside lists.
        cells: of values in lists.
        records: of whole records, by what ``record_signals`` names.
        ok_at: the least probability, 0 to 1, from which a record is ``ok``.
        engine: name of the engine that gave the values; of another's the weights tell less.
    """

    values: Weights
    cells: Weights
    records: Weights
    ok_at: float
    engine: str = _TEXT

    def of_value(self, signals: Mapping[str, float]) -> float:
        """Return the probability that a value with these signals is right."""
        score = (self.cells if "in_list" in signals else self.values).score(signals)
        if "not_found" not in signals:
            return score
        return min(score, _UNSEEN_BUT_PROVED if "proved" in signals else _UNSEEN)

    def of_record(self, signals: Mapping[str, float]) -> float:
        """Return the probability that no header value of a record with these signals is wrong."""
        return self.records.score(signals)

    @property
    def id(self) -> str:
        """A hash of it all: it changes what a record says."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_json(self) -> Tree:
        """Return it as plain JSON."""
        told = {} if self.engine == _TEXT else {"engine": self.engine}
        return {
            **told,
            "version": _VERSION,
            "ok_at": self.ok_at,
            "values": self.values.to_json(),
            "cells": self.cells.to_json(),
            "records": self.records.to_json(),
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the calibration that ``to_json`` gave.

        Raises:
            UsageError: the text is no such JSON.
        """
        try:
            tree = json.loads(text)
            if tree["version"] != _VERSION:
                raise UsageError("this is no calibration of this version", _HINT)
            values, cells, records = (
                Weights.from_tree(tree[name]) for name in ("values", "cells", "records")
            )
            ok_at, engine = float(tree["ok_at"]), str(tree.get("engine", _TEXT))
        except (*MISFITS, OverflowError) as error:
            told = describe_misfit(error)
            raise UsageError(f"this is no calibration: {told}", _HINT) from error
        return cls(values, cells, records, ok_at, engine)


def load_calibration(path: Path | None, ok_at: float | None = None) -> Calibration:
    """Return the calibration in a file that ``docextract eval --calibrate`` wrote.

    Args:
        path: the file; None for the one that comes with the package.
        ok_at: what ``--ok-at`` says; None for the calibration's own.

    Raises:
        UsageError: it cannot be read or is no calibration.
    """
    found = shipped_calibration() if path is None else _read(path)
    return found if ok_at is None else replace(found, ok_at=ok_at)


def _read(path: Path) -> Calibration:
    try:
        return Calibration.from_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the calibration {path} cannot be read: {error}", _HINT) from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}", _HINT) from error


@lru_cache(maxsize=1)
def shipped_calibration() -> Calibration:
    """Return the calibration that comes with the package."""
    file = resources.files("docextract.verify.confidence").joinpath("confidence.json")
    return Calibration.from_json(file.read_text(encoding="utf-8"))
