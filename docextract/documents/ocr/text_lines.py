"""Text lines as OCR finds them: corners, crops, and the words they are split into.

Knows nothing of models, files or PDF.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.ocr.recogniser.line_reader import ReadLine
from docextract.documents.pages.geometry import clip, median, reading_order

Pixels = NDArray[np.uint8]
"""A page as an array (height, width, 3), RGB."""

Quad = NDArray[np.float32]
"""A text line's corners (4, 2) in pixels: top left, top right, bottom right, bottom left."""

_VERTICAL_RATIO = 2.5
"""A line this much taller than wide runs upwards or downwards; a lone ``1`` does not reach it."""
_TYPICAL_RATIO = 8.0
_MIN_LENGTH_RATIO_FOR_SKEW = 4.0


@dataclass(frozen=True, slots=True)
class Line:
    """A recognised text line.

    Attributes:
        text: as read, with spaces.
        confidence: mean probability of its characters.
        quad: its corners.
        places: for each character but white space, its centre along the line, 0 to 1.
        probabilities: one per character of ``text``.
        is_vertical: whether it runs from top to bottom.
    """

    text: str
    confidence: float
    quad: Quad
    places: tuple[float, ...]
    probabilities: tuple[float, ...]
    is_vertical: bool = False


def turn_pixels(pixels: Pixels, degrees: int) -> Pixels:
    """Return an image turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -(degrees // 90)))


def turn_quads(quads: list[Quad], pixels: Pixels) -> list[Quad]:
    """Return quads after the page is turned upside down."""
    height, width = pixels.shape[:2]
    return [(np.array([width, height], np.float32) - quad)[[2, 3, 0, 1]] for quad in quads]


def sides(quad: Quad) -> tuple[float, float]:
    """Return the width and height of a quad."""
    width = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]))
    height = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]))
    return width, height


def typical(quads: list[Quad], number: int) -> list[Quad]:
    """Return the lines whose length says most about their direction at the least cost."""
    return sorted(quads, key=_distance_from_typical)[:number]


def _distance_from_typical(quad: Quad) -> float:
    width, height = sides(quad)
    return abs(math.log(max(width, 1.0) / max(height, 1.0) / _TYPICAL_RATIO))


def crop_line(pixels: Pixels, quad: Quad) -> Pixels:
    """Return one line, level, in BGR; a vertical one is laid down."""
    import cv2

    width, height = (max(1, round(side)) for side in sides(quad))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    crop = cv2.warpPerspective(
        pixels,
        matrix,
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
        flags=cv2.INTER_CUBIC,
    )
    crop = cv2.cvtColor(crop, cv2.COLOR_RGB2BGR)
    return np.ascontiguousarray(np.rot90(crop) if height >= _VERTICAL_RATIO * width else crop)


def make_line(read: ReadLine, quad: Quad) -> Line:
    """Return a line of a page from what its picture says."""
    width, height = sides(quad)
    return Line(
        read.text,
        read.confidence,
        quad,
        read.centres,
        read.probabilities,
        height >= _VERTICAL_RATIO * width,
    )


def confidence(lines: list[Line]) -> float:
    """Return the mean confidence of lines, weighted by their length; 0 for none."""
    num_characters = sum(len(line.places) for line in lines)
    return evidence(lines) / num_characters if num_characters else 0.0


def evidence(lines: list[Line]) -> float:
    """Return how much has been read how surely: the sum of confidences over characters."""
    return sum(line.confidence * len(line.places) for line in lines)


def words_of(lines: list[Line], pixels: Pixels) -> tuple[Word, ...]:
    """Return the words of a page's lines in reading order, boxes as fractions of the page."""
    height, width = pixels.shape[:2]
    words = [word for line in lines for word in _split(line, width, height)]
    return reading_order(words, skew=_skew([line.quad for line in lines]), aspect=width / height)


def _skew(quads: list[Quad]) -> float:
    """Return the slope of the text in radians, by the median of its long lines."""
    angles = []
    for quad in quads:
        width, height = sides(quad)
        if width >= _MIN_LENGTH_RATIO_FOR_SKEW * height:
            (left, top), (right, bottom) = quad[0], quad[1]
            angles.append(math.atan2(float(bottom - top), float(right - left)))
    return median(angles)


def _split(line: Line, page_width: int, page_height: int) -> list[Word]:
    """Return the words of a line, each with the part of the quad it takes."""
    steps = [later - earlier for earlier, later in zip(line.places, line.places[1:], strict=False)]
    pitch = median(steps) or 1.0
    words, place, character = [], 0, 0
    for text in line.text.split(" "):
        num = len(text)
        if text.strip() and place + num <= len(line.places):
            start = max(0.0, line.places[place] - 0.8 * pitch)
            end = min(1.0, line.places[place + num - 1] + 0.6 * pitch)
            scores = line.probabilities[character : character + num]
            confidence = sum(scores) / num if scores else line.confidence
            box = _part(line, start, end, page_width, page_height)
            words.append(Word(text, box, round(confidence, 4)))
            place += num
        character += num + 1
    return words


def _part(line: Line, start: float, end: float, width: int, height: int) -> Box:
    """Return the upright box around the part of a line between two fractions of it."""
    first, second = ((0, 3), (1, 2)) if line.is_vertical else ((0, 1), (3, 2))
    points = [
        line.quad[a] + (line.quad[b] - line.quad[a]) * share
        for a, b in (first, second)
        for share in (start, end)
    ]
    xs, ys = [float(p[0]) / width for p in points], [float(p[1]) / height for p in points]
    edges = min(xs), min(ys), max(xs), max(ys)
    return clip(Box(*(round(edge, 6) for edge in edges)))
