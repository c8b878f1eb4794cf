"""Rounds weights to integers of 7 bits so that a layer loses least.

Knows nothing of models. What rounding one weight loses is made good by the next (GPTQ, Frantar
et al., 2022).
"""

from __future__ import annotations

import numpy as np
from integers_graph import Numbers

LARGEST_WEIGHT = 64
"""255 times two such weights fit into 16 bits, in which older processors add them."""

_CUTS = np.linspace(0.6, 1, 9)
"""Shares of a range that are tried: what is cut off loses more, what is left loses less."""
_DAMPING = 0.01


def steps_of_columns(weights: Numbers, largest: int = LARGEST_WEIGHT) -> Numbers:
    """Return the step of each column of weights, by the least square error."""
    widest = np.abs(weights).max(0) / largest
    widest = np.maximum(widest, widest.max() * 1e-4)
    tried = widest * _CUTS[:, None]
    codes = [clipped(weights / steps, largest) for steps in tried]
    errors = [
        np.square(some * steps - weights).sum(0) for some, steps in zip(codes, tried, strict=True)
    ]
    best = np.argmin(errors, axis=0)
    chosen: Numbers = tried[best, np.arange(weights.shape[1])].astype(np.float32)
    return chosen


def rounded(weights: Numbers, products: Numbers, steps: Numbers) -> Numbers:
    """Return weights as integers, a row at a time; later rows make good what rounding one lost.

    ``products`` are those of each two inputs, summed.
    """
    size = len(weights)
    damped = products + np.eye(size) * _DAMPING * np.trace(products) / size
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T
    left, codes = weights.copy(), np.zeros(weights.shape, np.int8)
    for row in range(size):
        codes[row] = clipped(left[row] / steps)
        lost = (left[row] - codes[row] * steps) / upper[row, row]
        left[row + 1 :] -= np.outer(upper[row, row + 1 :], lost)
    return codes


def clipped(numbers: Numbers, largest: int = LARGEST_WEIGHT) -> Numbers:
    """Return the nearest integers that are allowed."""
    return np.clip(np.round(numbers), -largest, largest)
