"""Fits the weights of the confidence model to labelled values: logistic regression.

Knows nothing of documents or truth files; signals and outcomes in, weights out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from docextract.confidence import AGAINST, FOR, Weights
from docextract.errors import OptionError

MIN_SAMPLES = 50
_MAX_STEPS = 50
_TOLERANCE = 1e-6


class Sample(NamedTuple):
    """One labelled value: what spoke for and against it, and whether it was right."""

    signals: Mapping[str, float]
    is_right: bool


def fit_weights(samples: Sequence[Sample], prior: Weights, strength: float) -> Weights:
    """Return the weights under which the samples are likeliest, drawn towards ``prior``.

    Maximum a posteriori logistic regression with a normal prior around ``prior``, by Newton's
    method (Bishop, Pattern Recognition and Machine Learning, 2006, 4.3.3). A signal that by its
    meaning speaks for or against a value may not come out the other way: it gets 0 instead.

    Args:
        samples: labelled values.
        prior: weights to stay close to where samples are few.
        strength: how many samples' worth the prior counts, per weight.

    Raises:
        OptionError: too few samples, or all right or all wrong: nothing can be learned.
    """
    num_right = sum(sample.is_right for sample in samples)
    if len(samples) < MIN_SAMPLES or num_right in (0, len(samples)):
        raise OptionError(
            f"{len(samples)} labelled values, {num_right} of them right, are too few to calibrate",
            f"Label more documents: at least {MIN_SAMPLES} values, some of them read wrong.",
        )
    names = sorted({*prior.by_signal, *(name for s in samples for name in s.signals)})
    while True:
        found = dict(zip(names, _newton(samples, names, prior, strength), strict=True))
        wrong = {n for n, w in found.items() if (n in FOR and w < 0) or (n in AGAINST and w > 0)}
        if not wrong:
            return Weights({name: round(float(weight), 4) for name, weight in found.items()})
        names = [name for name in names if name not in wrong]


def _newton(
    samples: Sequence[Sample], names: Sequence[str], prior: Weights, strength: float
) -> np.ndarray:
    inputs = np.array([[s.signals.get(name, 0.0) for name in names] for s in samples])
    outcomes = np.array([float(sample.is_right) for sample in samples])
    start = np.array([prior.by_signal.get(name, 0.0) for name in names])
    weights = start.copy()
    for _ in range(_MAX_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (outcomes - chances) - strength * (weights - start)
        curvature = (inputs.T * (chances * (1 - chances))) @ inputs + strength * np.eye(len(names))
        step = np.linalg.solve(curvature, slope)
        weights = weights + step
        if np.abs(step).max() < _TOLERANCE:
            break
    return weights
