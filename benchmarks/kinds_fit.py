"""Fits the weights by which kinds of documents are told.

Knows nothing of pages. Labels name a set of kinds that are right; within it the model divides as it
does at each step (expectation maximisation), and steps are Newton's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from docextract.pipeline.kinds.kind_model import KindModel
from docextract.pipeline.kinds.kind_table import KINDS

DECIDES_AT = 0.8
_LABELLED = ("invoice", "receipt", "purchase_order", "bank_statement", "contract", "form")
"""Kinds with enough documents to fit what their pages look like."""
_SHAPES = ("prose", "long_lines", "slim", "few_words", "clock", "dated", "net", "tax", "gross")
_PRIOR = {
    "title_first": 2.0, "title_clear": 2.0, "title_plain": 0.5, "head": 1.0, "named": 0.5,
    "words": 3.0, "many_words": 3.0, "labels": 2.0,
    "headed_large": 1.0, "headed_subject": 1.0, "headed_bare": 1.0, "headed_top": 1.0,
    "headed_first": 1.0, "no_invoice": 1.0,
    **{f"kind_{kind}": -1.0 for kind in KINDS},
    "kind_invoice": 0.0, "kind_receipt": 0.0, "kind_purchase_order": -0.5,
    "kind_bank_statement": -0.5, "kind_other": 1.0,
    **{f"{shape}_{kind}": 0.0 for shape in _SHAPES for kind in _LABELLED},
}  # fmt: skip
_STRENGTH, _STRENGTH_UNSEEN = 1.0, 20.0
"""How many documents' worth the prior counts, per weight; of kinds without documents more."""
_MAX_STEPS, _LONGEST_STEP, _TOLERANCE = 25, 2.0, 1e-2


class Sample(NamedTuple):
    """A labelled document.

    Attributes:
        evidence: by kind, its signals.
        kinds: those that are right.
        source: who published it.
    """

    evidence: Mapping[str, Mapping[str, float]]
    kinds: frozenset[str]
    source: str


def fitted(samples: Sequence[Sample], start: KindModel | None = None) -> KindModel:
    """Return the model under which the samples' labels are likeliest, drawn towards a prior.

    Args:
        samples: of several sources; n of one source count as much as the square root of n.
        start: a model to begin with; the result does not depend on it.
    """
    names = sorted(_PRIOR)
    prior = np.array([_PRIOR[name] for name in names])
    known = prior if start is None else np.array([start.weights[name] for name in names])
    inputs = np.array(
        [[[it.evidence[kind].get(n, 0.0) for n in names] for kind in KINDS] for it in samples]
    )
    targets = np.array([[float(kind in it.kinds) for kind in KINDS] for it in samples])
    strength = np.array([_strength(name) for name in names])
    weights = _newton(inputs, targets, _counts(samples), known, prior, strength)
    rounded = {name: round(float(it), 4) for name, it in zip(names, weights, strict=True)}
    return KindModel(rounded, DECIDES_AT, len(samples))


def _strength(name: str) -> float:
    is_seen = not name.startswith("kind_") or name.removeprefix("kind_") in _LABELLED
    return _STRENGTH if is_seen else _STRENGTH_UNSEEN


def _counts(samples: Sequence[Sample]) -> np.ndarray:
    of_source = Counter(sample.source for sample in samples)
    counts = np.array([of_source[sample.source] ** -0.5 for sample in samples])
    return np.asarray(counts * len(samples) / counts.sum())


def _newton(
    inputs: np.ndarray,
    targets: np.ndarray,
    counts: np.ndarray,
    start: np.ndarray,
    prior: np.ndarray,
    strength: np.ndarray,
) -> np.ndarray:
    weights, flat = start.copy(), inputs.reshape(-1, inputs.shape[2])
    for _ in range(_MAX_STEPS):
        shares = _softmax(inputs @ weights)
        wanted = shares * targets
        wanted = wanted / np.maximum(wanted.sum(1, keepdims=True), 1e-12)
        pull = (counts[:, None] * (wanted - shares)).reshape(-1)
        slope = flat.T @ pull - strength * (weights - prior)
        mean = np.einsum("nk,nkf->nf", shares, inputs)
        curvature = (flat * (counts[:, None] * shares).reshape(-1, 1)).T @ flat
        curvature -= (mean * counts[:, None]).T @ mean
        step = np.linalg.solve(curvature + np.diag(strength), slope)
        longest = np.abs(step).max()
        weights = weights + step * min(1.0, _LONGEST_STEP / max(longest, _TOLERANCE))
        if longest < _TOLERANCE:
            break
    return np.asarray(weights)


def _softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True))
