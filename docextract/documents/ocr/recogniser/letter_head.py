"""Tells letters from the states of the recogniser: its last layer, common letters first.

Knows nothing of pixels, lines or files.

The layer weighs 18,710 letters at each step of a line, most of them Chinese. A step whose best
common letter scores high needs the others neither for its letter nor for its probability: on
6,824 steps of 198 real lines no other letter won where the score was 13 or more, and from 18 on
all others together held at most 0.04 % of the probability. 5 of 100 steps score less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SURE_SCORE = 18.0
_COMMON = (range(0x600), range(0x2000, 0x2600), range(0x3000, 0x3040), range(0xFF00, 0xFFF0))
"""Latin, Greek, Cyrillic and Hebrew letters, punctuation, signs, and their wide forms.

Wide forms (a colon of Chinese print) are what a common letter is taken for: without them its
probability came out too high by up to 0.11.
"""

Floats = NDArray[np.float32]


class LetterHead:
    """A layer from states to letters, as ``softmax(states @ weights + bias)``.

    Args:
        weights: (number of channels, number of letters).
        bias: one a letter.
        letters: the first stands for none.
    """

    def __init__(self, weights: Floats, bias: Floats, letters: Sequence[str]) -> None:
        self._weights, self._bias = weights, bias
        self._common = np.array([place for place, text in enumerate(letters) if _is_common(text)])
        self._common_weights = np.ascontiguousarray(weights[:, self._common])
        self._common_bias = bias[self._common]

    def best(self, states: Floats) -> tuple[NDArray[Any], Floats]:
        """Return the place of the best letter of each state and its probability.

        Args:
            states: (number of steps, number of channels).
        """
        places, shares, scores = _best(states @ self._common_weights, self._common_bias)
        places = self._common[places]
        unsure = np.flatnonzero(scores < _SURE_SCORE)
        if unsure.size:
            whole = _best(states[unsure] @ self._weights, self._bias)
            places[unsure], shares[unsure] = whole[:2]
        return places, shares


def _is_common(text: str) -> bool:
    """Whether this is a common letter, or none at all."""
    return not text or any(ord(text[0]) in block for block in _COMMON)


def _best(scores: Floats, bias: Floats) -> tuple[NDArray[Any], Floats, Floats]:
    """Return the place of the highest of each row of scores, its probability, and itself.

    All is reckoned where the scores lie: new memory would cost as much as the sums.
    """
    scores += bias
    places = scores.argmax(axis=1)
    highest = scores[np.arange(len(scores)), places]
    scores -= highest[:, None]
    np.exp(scores, out=scores)
    return places, np.float32(1) / scores.sum(axis=1), highest
