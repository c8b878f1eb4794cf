"""Tells how probable it is that a piece of print is each thing: a linear model of its features.

Knows nothing of pages. The weights (``second_reading.json``) were fitted by
``benchmarks/second_reading.py`` to papers that nobody tuned a rule on: a softmax regression
(Bishop, Pattern Recognition and Machine Learning, 2006, 4.3.4).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from docextract.engine.text.second_reading.print_features import Feature, names_of

BIAS = "bias"
"""The name of the weights of all pieces alike."""


class FitWeights:
    """What each feature of a piece speaks for; weights are counted in steps of a scale.

    Attributes:
        classes: what a piece can be; the first is none of the others.
    """

    def __init__(
        self, classes: Sequence[str], weights: Mapping[str, Sequence[float]], scale: float = 1.0
    ) -> None:
        self.classes = tuple(classes)
        self._row_of = {name: row for row, name in enumerate(weights)}
        self._weights = (scale * np.array(list(weights.values()), float)).astype(np.float32)
        self._rows_of = lru_cache(maxsize=32768)(self._rows_of_names)

    def rows_of(self, features: Iterable[Feature]) -> list[int]:
        """Return the rows of the weights that features have; most have none."""
        return [row for feature in features for row in self._rows_of(feature)]

    def log_probabilities(self, pieces: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the log of the probability of each class, pieces by classes.

        Args:
            pieces: of each, the rows of its features.
        """
        bias = self._row_of[BIAS]
        rows = [row for piece in pieces for row in (bias, *piece)]
        starts = np.cumsum([0, *(len(piece) + 1 for piece in pieces)])[:-1]
        logits = np.add.reduceat(self._weights[rows], starts)
        logits -= logits.max(1, keepdims=True)
        found: NDArray[np.float32] = logits - np.log(np.exp(logits).sum(1, keepdims=True))
        return found

    def _rows_of_names(self, feature: Feature) -> tuple[int, ...]:
        return tuple(self._row_of[name] for name in names_of(feature) if name in self._row_of)


@cache
def shipped_fit_weights() -> FitWeights:
    """Return the weights that come with the package."""
    file = resources.files("docextract.engine.text.second_reading").joinpath("second_reading.json")
    tree = json.loads(file.read_text(encoding="utf-8"))
    return FitWeights(tree["classes"], tree["weights"], tree["scale"])
