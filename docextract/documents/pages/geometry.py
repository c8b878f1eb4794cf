"""Turns boxes with the page and puts words into reading order.

Knows nothing of PDF, pixels or OCR: fractions and quarter turns only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from docextract.core import Box, Word

MIN_LINE_OVERLAP = 0.5
"""Two words share a line where they overlap by half the height of the lower one."""


def turn(box: Box, degrees: int) -> Box:
    """Return a box after the page is turned clockwise by a multiple of 90 degrees."""
    left, top, right, bottom = box
    match degrees % 360:
        case 90:
            return Box(1 - bottom, left, 1 - top, right)
        case 180:
            return Box(1 - right, 1 - bottom, 1 - left, 1 - top)
        case 270:
            return Box(top, 1 - right, bottom, 1 - left)
        case _:
            return box


def clip(box: Box) -> Box:
    """Return the part of a box that lies on the page."""
    left, top, right, bottom = box
    if 0 < left <= right < 1 and 0 < top <= bottom < 1:
        return box
    return Box(*(min(1.0, max(0.0, edge)) for edge in box))


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of at least one."""
    return reduce(Box.union, boxes)


@dataclass(slots=True)
class _Line:
    """A growing line; its height is that of the words it was begun with, its middle drifts."""

    top: float
    bottom: float
    words: list[tuple[float, Word]] = field(default_factory=list)

    def holds(self, top: float, bottom: float) -> bool:
        overlap = min(bottom, self.bottom) - max(top, self.top)
        return overlap >= MIN_LINE_OVERLAP * min(bottom - top, self.bottom - self.top)


def reading_order(
    words: Iterable[Word], *, skew: float = 0.0, aspect: float = 1.0
) -> tuple[Word, ...]:
    """Return words line by line from the top, each line from the left.

    Args:
        words: in any order.
        skew: slope of the text lines on the page, downwards to the right, in radians.
        aspect: width of the page divided by its height.
    """
    slope = math.tan(skew) * aspect
    levelled = [(word.box.middle - slope * _centre(word), word) for word in words]
    lines: list[_Line] = []
    for middle, word in sorted(levelled, key=lambda item: (item[0], item[1].box.left)):
        half = _text_height(word, slope) / 2
        line = _line_for(lines, middle - half, middle + half)
        line.words.append((word.box.left, word))
    return tuple(word for line in lines for _, word in sorted(line.words, key=_by_left))


def _line_for(lines: list[_Line], top: float, bottom: float) -> _Line:
    # Words come sorted by their middle, so only the last few lines can hold this one.
    for line in reversed(lines[-4:]):
        if line.holds(top, bottom):
            return line
    lines.append(_Line(top, bottom))
    return lines[-1]


def _by_left(item: tuple[float, Word]) -> tuple[float, float]:
    return item[0], item[1].box.right


def _centre(word: Word) -> float:
    return (word.box.left + word.box.right) / 2


def _text_height(word: Word, slope: float) -> float:
    """Return the height without what the skew adds to an upright box."""
    return max(word.box.height - abs(slope) * word.box.width, word.box.height * 0.3)


def median(values: Sequence[float]) -> float:
    """Return the middle value, 0 for none."""
    return sorted(values)[len(values) // 2] if values else 0.0
