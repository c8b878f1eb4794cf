"""Reads words off the pixels of a page with RapidOCR, whichever way the page lies.

Knows nothing of files, PDF or text layers, nor of how the models are loaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from docextract.core import Box, Word
from docextract.documents.ocr.ocr_models import DETECTION_SIDE_PX, load_models
from docextract.documents.ocr.text_lines import (
    Line,
    Pixels,
    Quad,
    confidence,
    crop_line,
    evidence,
    make_line,
    sides,
    turn_pixels,
    turn_quads,
    typical,
    words_of,
)
from docextract.documents.pages.card_words import mask_words

_MIN_LINE_CONFIDENCE = 0.5
_MIN_PAGE_CONFIDENCE = 0.8
"""A page read worse than this is tried upside down as well."""

_TALL_RATIO = 1.5
_RIM_PX = 48
"""Margin around a picture in which lines are looked for."""
_REACH, _INK = 0.2, 90
"""So many heights beside a picture's end are looked at, for a difference of so many grey levels."""

_MIN_LINES_TO_TURN = 3
_NUM_CLASSIFIED_LINES = 16
_NUM_COMPARED_LINES = 6
_MIN_UPSIDE_DOWN_SHARE = 0.3
_MARGIN = 0.15
_MIN_REGION_CONFIDENCE = 0.8
"""Pictures hold much that looks like letters; a line of text in them is read better than this."""

_MAX_SAID = 0.25
"""A line that lies under known words by more than this share says what they say."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What OCR read.

    Attributes:
        words: in reading order, card numbers masked; boxes are fractions of the upright page.
        rotation: degrees clockwise by which the given pixels were turned upright.
        pixels: the page, upright.
    """

    words: tuple[Word, ...]
    rotation: int
    pixels: Pixels


@lru_cache(maxsize=1)
def ocr_engine(num_threads: int = 1) -> OcrEngine:
    """Return this process's engine; loading it takes about a second."""
    return OcrEngine(num_threads)


class OcrEngine:
    """Text detection, direction and recognition on ONNX Runtime.

    It works in a thread of its own, whose arithmetic differs: see ``load_models``.

    Args:
        num_threads: threads of one model run.

    Raises:
        MissingDependencyError: RapidOCR or its weights are not installed.
    """

    def __init__(self, num_threads: int = 1) -> None:
        self._thread = ThreadPoolExecutor(1, "ocr")
        self._models = self._thread.submit(load_models, num_threads).result()

    def read(self, pixels: Pixels) -> ReadPage:
        """Return the words of a page; a page that lies on its side is turned upright."""
        return self._thread.submit(self._read, pixels).result()

    def _read(self, pixels: Pixels) -> ReadPage:
        quads, rotation = self.find_lines(pixels), 0
        if _is_sideways(quads):
            rotation, pixels = 90, turn_pixels(pixels, 90)
            quads = self.find_lines(pixels)
        lines: list[Line] | None = None
        is_doubtful = len(quads) >= _MIN_LINES_TO_TURN
        if is_doubtful and self._upside_down_share(pixels, quads) < _MIN_UPSIDE_DOWN_SHARE:
            lines = self.read_lines(pixels, quads)
            is_doubtful = confidence(lines) < _MIN_PAGE_CONFIDENCE
        if is_doubtful and self._is_better_upside_down(pixels, quads):
            rotation, lines = (rotation + 180) % 360, None
            quads = turn_quads(quads, pixels)
            pixels = turn_pixels(pixels, 180)
        if lines is None:
            lines = self.read_lines(pixels, quads)
        return ReadPage(mask_words(words_of(lines, pixels)), rotation, pixels)

    def find_lines(self, pixels: Pixels) -> list[Quad]:
        """Return the corners of each text line."""
        import cv2

        height, width = pixels.shape[:2]
        scale = min(1.0, DETECTION_SIDE_PX / max(height, width))
        small = cv2.resize(
            pixels,
            (max(32, round(width * scale)), max(32, round(height * scale))),
            interpolation=cv2.INTER_AREA,
        )
        found = self._models.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if found.boxes is None:
            return []
        stretch = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
        return [quad.astype(np.float32) * stretch for quad in found.boxes]

    def read_lines(self, pixels: Pixels, quads: list[Quad]) -> list[Line]:
        """Return the lines that can be read, in the order of ``quads``."""
        read = self._models.recognise.read([crop_line(pixels, quad) for quad in quads])
        return [
            make_line(line, quad)
            for quad, line in zip(quads, read, strict=True)
            if line.text.strip() and line.confidence >= _MIN_LINE_CONFIDENCE
        ]

    def read_boxes(self, pixels: Pixels, boxes: Sequence[Box]) -> list[str]:
        """Return the text inside each box of an upright page, without looking for lines."""
        return self._thread.submit(self._read_boxes, pixels, boxes).result() if boxes else []

    def _read_boxes(self, pixels: Pixels, boxes: Sequence[Box]) -> list[str]:
        crops = [crop_line(pixels, _quad_around(box, pixels)) for box in boxes]
        return [line.text for line in self._models.recognise.read_apart(crops)]

    def read_region(
        self, pixels: Pixels, region: Box, said: Sequence[Box]
    ) -> tuple[tuple[Word, ...], int]:
        """Return the words in a region of an upright page, and how many lines are illegible.

        Lines that lie under ``said`` are left out.
        """
        return self._thread.submit(self._read_region, pixels, region, said).result()

    def _read_region(
        self, pixels: Pixels, region: Box, said: Sequence[Box]
    ) -> tuple[tuple[Word, ...], int]:
        found = self._lines_inside(pixels, region)
        quads = [quad for quad in found if _said_share(_box_around(quad, pixels), said) < _MAX_SAID]
        whole = [quad for quad in quads if not _goes_on(quad, pixels, region)]
        lines = self.read_lines(pixels, whole)
        sure = [line for line in lines if line.confidence >= _MIN_REGION_CONFIDENCE]
        words = mask_words(words_of(sure, pixels)) if sure else ()
        return words, len(quads) - len(sure)

    def _lines_inside(self, pixels: Pixels, region: Box) -> list[Quad]:
        height, width = pixels.shape[:2]
        left, top = int(region.left * width), int(region.top * height)
        part = pixels[
            top : math.ceil(region.bottom * height), left : math.ceil(region.right * width)
        ]
        # A line that fills a picture to its edges is found by its margin alone.
        rim = ((_RIM_PX, _RIM_PX), (_RIM_PX, _RIM_PX), (0, 0))
        corner = np.array([left - _RIM_PX, top - _RIM_PX], np.float32)
        return [quad + corner for quad in self.find_lines(np.pad(part, rim, mode="edge"))]

    def _upside_down_share(self, pixels: Pixels, quads: list[Quad]) -> float:
        crops = [crop_line(pixels, quad) for quad in typical(quads, _NUM_CLASSIFIED_LINES)]
        directions = self._models.classify(crops).cls_res
        return float(sum(label == "180" for label, _ in directions) / len(directions))

    def _is_better_upside_down(self, pixels: Pixels, quads: list[Quad]) -> bool:
        sample = typical(quads, _NUM_COMPARED_LINES)
        upright = self.read_lines(pixels, sample)
        turned = self.read_lines(turn_pixels(pixels, 180), turn_quads(sample, pixels))
        return evidence(turned) > evidence(upright)


def _quad_around(box: Box, pixels: Pixels) -> Quad:
    """Return the corners of a box, with a little around it."""
    height, width = pixels.shape[:2]
    margin = _MARGIN * min(box.height * height, box.width * width)
    left, right = box.left * width - margin, box.right * width + margin
    top, bottom = box.top * height - margin, box.bottom * height + margin
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _box_around(quad: Quad, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return Box(left / width, top / height, right / width, bottom / height)


def _goes_on(quad: Quad, pixels: Pixels, region: Box) -> bool:
    """Whether a line that ends at a region's side has ink right behind it: half a name."""
    height, width = pixels.shape[:2]
    box = _box_around(quad, pixels)
    rows = slice(max(0, int(box.top * height)), math.ceil(box.bottom * height))
    reach = max(2, int(_REACH * box.height * height))
    left, right = int(region.left * width), math.ceil(region.right * width)
    beyond = []
    if box.left * width <= left + reach:
        beyond.append(pixels[rows, max(0, left - reach) : left])
    if box.right * width >= right - reach:
        beyond.append(pixels[rows, right : right + reach])
    return any(strip.size and int(strip.max()) - int(strip.min()) > _INK for strip in beyond)


def _said_share(line: Box, said: Sequence[Box]) -> float:
    """Return how much of a line lies under boxes, which do not overlap much themselves."""
    area = sum(
        max(0.0, min(line.right, box.right) - max(line.left, box.left))
        * max(0.0, min(line.bottom, box.bottom) - max(line.top, box.top))
        for box in said
    )
    return area / max(1e-9, line.width * line.height)


def _is_sideways(quads: list[Quad]) -> bool:
    sizes = [sides(quad) for quad in quads]
    tall = sum(height for width, height in sizes if height > _TALL_RATIO * width)
    wide = sum(width for width, height in sizes if width > _TALL_RATIO * height)
    num_tall = sum(height > _TALL_RATIO * width for width, height in sizes)
    return num_tall >= _MIN_LINES_TO_TURN and tall > wide
