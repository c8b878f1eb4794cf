"""Reads pictures of lines: how wide each goes into the recogniser, and the letters that come out.

Knows nothing of pages or places. Does what RapidOCR's recogniser does, for less: short lines
are padded less, and ``LetterHead`` is the last layer, for all lines of a page at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docextract.documents.ocr.recogniser.letter_head import Floats, LetterHead

HEIGHT_PX = 48
"""What the recogniser was made for; its time goes by the width."""

_MIN_WIDTH_PX, _MIN_WIDTH_OF_LARGE_PX = 160, 320
"""A shorter line is padded to this. Logos and headings want the wider one, or lose letters."""

_LARGE_RATIO = 1.3
_MIN_LINES_TO_COMPARE = 4


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What a line says.

    Attributes:
        text: its letters, with spaces.
        confidence: mean probability of its letters; 0 where there are none.
        centres: for each letter but white space, its centre along the line, 0 to 1.
        probabilities: one per letter of ``text``.
    """

    text: str
    confidence: float
    centres: tuple[float, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines.

    Attributes:
        states_of: runs the recogniser but for its last layer: colours from -1 to 1 (1, 3, 48,
            width) to (number of steps, number of channels).
        head: its last layer.
        letters: the first stands for none.
    """

    states_of: Callable[[Floats], Floats]
    head: LetterHead
    letters: Sequence[str]

    def read(self, crops: Sequence[Any]) -> list[ReadLine]:
        """Return what each line of a page says, given level and in BGR."""
        return self._read(crops, _large([crop.shape[0] for crop in crops]))

    def read_apart(self, crops: Sequence[Any]) -> list[ReadLine]:
        """Return what each line says, given level and in BGR; none is small print for sure."""
        return self._read(crops, [True] * len(crops))

    def _read(self, crops: Sequence[Any], is_large: Sequence[bool]) -> list[ReadLine]:
        if not crops:
            return []
        inputs = [_scaled(*line) for line in zip(crops, is_large, strict=True)]
        states = [self.states_of(line) for line, _ in inputs]
        places, shares = self.head.best(np.concatenate(states))
        ends = np.cumsum([len(steps) for steps in states])[:-1]
        parts = zip(np.split(places, ends), np.split(shares, ends), inputs, strict=True)
        return [
            self._decoded(line_places, line_shares, len(line_places) * filled)
            for line_places, line_shares, (_, filled) in parts
        ]

    def _decoded(self, places: NDArray[Any], shares: Floats, num_steps: float) -> ReadLine:
        """Return a line by the best letter of each step; a letter goes on until another comes.

        ``num_steps`` is how many steps the line takes without its padding.
        """
        is_new = places != 0
        is_new[1:] &= places[1:] != places[:-1]
        steps = np.flatnonzero(is_new)
        text = [self.letters[place] for place in places[steps]]
        probabilities = tuple(round(float(share), 5) for share in shares[steps])
        centres = (
            min(1.0, (step + 0.5) / max(num_steps, 1e-6))
            for step, letter in zip(steps.tolist(), text, strict=True)
            if not letter.isspace()
        )
        mean = sum(probabilities) / len(probabilities) if probabilities else 0.0
        return ReadLine("".join(text), round(mean, 5), tuple(centres), probabilities)


def _large(heights: Sequence[int]) -> list[bool]:
    """Return which lines are larger than most of their page; all, where there is no telling."""
    if len(heights) < _MIN_LINES_TO_COMPARE:
        return [True] * len(heights)
    limit = _LARGE_RATIO * median(heights)
    return [height > limit for height in heights]


def _scaled(crop: Any, is_large: bool) -> tuple[Floats, float]:
    """Return a line as the recogniser's input, padded, and which share of it is the line."""
    import cv2

    ratio = crop.shape[1] / crop.shape[0]
    least = _MIN_WIDTH_OF_LARGE_PX if is_large else _MIN_WIDTH_PX
    padded_ratio = max(ratio, least / HEIGHT_PX)
    padded = int(HEIGHT_PX * padded_ratio)
    wanted = min(padded, math.ceil(HEIGHT_PX * ratio))
    line = np.zeros((1, 3, HEIGHT_PX, padded), np.float32)
    colours = cv2.resize(crop, (wanted, HEIGHT_PX)).transpose(2, 0, 1).astype(np.float32)
    line[0, :, :, :wanted] = (colours / np.float32(255) - np.float32(0.5)) / np.float32(0.5)
    return line, ratio / padded_ratio
