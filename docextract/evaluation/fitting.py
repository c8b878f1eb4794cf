"""Fits the confidence of values and of records to labelled documents: logistic regression.

Knows nothing of documents or truth files; signals and outcomes in, weights out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from docextract.core import UsageError
from docextract.evaluation.judging.given import Claim
from docextract.evaluation.judging.verdicts import DocumentScore, Verdict
from docextract.verify.confidence.record_signals import RECORD_AGAINST, RECORD_FOR, record_signals
from docextract.verify.confidence.value_signals import AGAINST, FOR
from docextract.verify.confidence.weights import Calibration, Weights

MIN_SAMPLES = 50
PRIOR_STRENGTH = 5.0
"""How many labelled values' worth the weights before count when they are refitted."""
_FOR, _AGAINST = FOR | RECORD_FOR, AGAINST | RECORD_AGAINST
_MAX_STEPS = 100
_LONGEST_STEP = 1.0
"""Newton's method can overshoot far from the optimum; no weight moves more at once."""
_TOLERANCE = 1e-6


class Sample(NamedTuple):
    """One labelled value: what spoke for and against it, and whether it was right.

    ``weight`` says how many values it counts for.
    """

    signals: Mapping[str, float]
    is_right: bool
    weight: float = 1.0


def samples_of(documents: Iterable[DocumentScore]) -> list[Sample]:
    """Return every value read from a page, with what spoke for it and whether it is right."""
    return [
        Sample(item.claim.signals, item.verdict is Verdict.RIGHT)
        for document in documents
        for item in document.values
        if item.claim is not None and item.claim.signals
    ]


def record_samples_of(documents: Iterable[DocumentScore], values: Weights) -> list[Sample]:
    """Return every record that shows a judged value, and whether it shows no wrong one.

    Args:
        documents: labelled.
        values: the confidence of single values, which need not be that of the records.
    """
    weighed = Calibration(values, Weights({}), Weights({}), 1.0)
    return [
        Sample(record_signals(_weighed_again(document.given.claims, weighed)), document.is_clean)
        for document in documents
        if document.given is not None and any(item.claim for item in document.values)
    ]


def _weighed_again(claims: Mapping[str, Claim], weighed: Calibration) -> dict[str, Claim]:
    return {
        path: claim._replace(confidence=weighed.of_value(claim.signals)) if claim.signals else claim
        for path, claim in claims.items()
        if "[" not in path
    }


def fit_calibration(
    by_source: Sequence[Sequence[DocumentScore]], prior: Calibration, strength: float
) -> Calibration:
    """Return the calibration that labelled documents teach, drawn towards ``prior``.

    Args:
        by_source: documents of each source.
        prior: to stay close to where labels are few; it stays where there are too few to fit.
        strength: how many samples' worth the prior counts, per weight.

    Raises:
        UsageError: there are too few labelled values.
    """
    samples = [samples_of(documents) for documents in by_source]
    require_enough(sum(map(len, samples)))
    header = [[item for item in own if "in_list" not in item.signals] for own in samples]
    cells = [[item for item in own if "in_list" in item.signals] for own in samples]
    values = _fitted(header, prior.values, strength)
    records = [record_samples_of(documents, values) for documents in by_source]
    return Calibration(
        values,
        _fitted(cells, prior.cells, strength),
        _fitted(records, prior.records, strength),
        prior.ok_at,
    )


def _fitted(by_source: Sequence[Sequence[Sample]], prior: Weights, strength: float) -> Weights:
    """Return fitted weights, or the prior where samples are too few."""
    samples = balanced(by_source)
    return prior if len(samples) < MIN_SAMPLES else fit_weights(samples, prior, strength)


def require_enough(num_samples: int) -> None:
    """Raise if labelled values are too few to fit anything to.

    Raises:
        UsageError: they are.
    """
    if num_samples < MIN_SAMPLES:
        raise UsageError(
            f"a calibration needs {MIN_SAMPLES} labelled values or more; these are {num_samples}",
            "Label more documents, some of which were read wrong.",
        )


def balanced(by_source: Iterable[Sequence[Sample]]) -> list[Sample]:
    """Return the samples of several sources, weighted so that no source drowns the others.

    Values of one source resemble one another: n of them tell about as much as the square root
    of n independent ones. Weights are scaled so that they add up to the number of samples.
    """
    sources = [samples for samples in by_source if samples]
    total = sum(len(samples) for samples in sources)
    scale = total / sum(len(samples) ** 0.5 for samples in sources) if sources else 1.0
    return [
        sample._replace(weight=scale / len(samples) ** 0.5)
        for samples in sources
        for sample in samples
    ]


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
        UsageError: there are too few samples.
    """
    num_right = sum(sample.is_right for sample in samples)
    require_enough(len(samples))
    names = sorted({*prior.by_signal, *(name for s in samples for name in s.signals)})
    while True:
        found = dict(zip(names, _newton(samples, names, prior, strength), strict=True))
        wrong = {n for n, w in found.items() if (n in _FOR and w < 0) or (n in _AGAINST and w > 0)}
        if not wrong:
            rounded = {name: round(float(weight), 4) for name, weight in found.items()}
            return Weights(rounded, len(samples), num_right)
        names = [name for name in names if name not in wrong]


def _newton(
    samples: Sequence[Sample], names: Sequence[str], prior: Weights, strength: float
) -> np.ndarray:
    inputs = np.array([[s.signals.get(name, 0.0) for name in names] for s in samples])
    outcomes = np.array([float(sample.is_right) for sample in samples])
    counts = np.array([sample.weight for sample in samples])
    start = np.array([prior.by_signal.get(name, 0.0) for name in names])
    weights = start.copy()
    for _ in range(_MAX_STEPS):
        chances = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (outcomes - chances)) - strength * (weights - start)
        curvature = (inputs.T * (counts * chances * (1 - chances))) @ inputs
        step = np.linalg.solve(curvature + strength * np.eye(len(names)), slope)
        longest = np.abs(step).max()
        weights = weights + step * min(1.0, _LONGEST_STEP / max(longest, _TOLERANCE))
        if longest < _TOLERANCE:
            break
    return weights
