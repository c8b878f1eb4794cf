"""Reads words off the pixels of a page with RapidOCR, whichever way the page lies.

Knows nothing of files, PDF or text layers. Never goes on the network: the weights come
inside RapidOCR's wheel and are given to it by path.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docextract.documents.geometry import clip, median, reading_order
from docextract.errors import MissingDependencyError
from docextract.records import Box, Word

Pixels = NDArray[np.uint8]
"""A page as an array (height, width, 3), RGB."""

Quad = NDArray[np.float32]
"""A text line's corners (4, 2) in pixels: top left, top right, bottom right, bottom left."""

DETECTION_SIDE_PX = 1536
"""The long side at which lines are looked for."""

_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_MIN_LINE_CONFIDENCE = 0.5
_MIN_PAGE_CONFIDENCE = 0.8
"""A page read worse than this is tried upside down as well."""

_VERTICAL_RATIO = 2.5
"""A line this much taller than wide runs upwards or downwards; a lone ``1`` does not reach it."""

_TALL_RATIO = 1.5
_MIN_LINES_TO_TURN = 3
_TYPICAL_RATIO = 8.0
_NUM_CLASSIFIED_LINES = 16
_NUM_COMPARED_LINES = 6
_MIN_UPSIDE_DOWN_SHARE = 0.3
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


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What OCR read.

    Attributes:
        words: in reading order; boxes are fractions of the upright page.
        rotation: degrees clockwise by which the given pixels were turned upright.
        pixels: the page, upright.
        confidence: mean line confidence, weighted by length.
    """

    words: tuple[Word, ...]
    rotation: int
    pixels: Pixels
    confidence: float


@lru_cache(maxsize=1)
def ocr_engine(num_threads: int = 1) -> OcrEngine:
    """Return this process's engine; loading it takes about a second."""
    return OcrEngine(num_threads)


class OcrEngine:
    """Text detection, direction and recognition on ONNX Runtime.

    Args:
        num_threads: threads of one model run.

    Raises:
        MissingDependencyError: RapidOCR or its weights are not installed.
    """

    def __init__(self, num_threads: int = 1) -> None:
        try:
            import cv2
            import rapidocr
        except ImportError as error:
            raise MissingDependencyError(
                f"OCR is not installed ({error.name})", "pip install 'rapidocr>=3.8,<4'"
            ) from error
        cv2.setNumThreads(num_threads)
        logging.getLogger("RapidOCR").disabled = True
        self._parts = rapidocr.RapidOCR(params=_parameters(rapidocr, num_threads))
        self._detect = self._parts._load_det_model()
        self._classify = self._parts._load_cls_model()
        self._recognise = self._parts._load_rec_model()

    def read(self, pixels: Pixels) -> ReadPage:
        """Return the words of a page; a page that lies on its side is turned upright."""
        quads, rotation = self.find_lines(pixels), 0
        if _is_sideways(quads):
            rotation, pixels = 90, turn_pixels(pixels, 90)
            quads = self.find_lines(pixels)
        lines: list[Line] | None = None
        is_doubtful = len(quads) >= _MIN_LINES_TO_TURN
        if is_doubtful and self._upside_down_share(pixels, quads) < _MIN_UPSIDE_DOWN_SHARE:
            lines = self.read_lines(pixels, quads)
            is_doubtful = _confidence(lines) < _MIN_PAGE_CONFIDENCE
        if is_doubtful and self._is_better_upside_down(pixels, quads):
            rotation, lines = (rotation + 180) % 360, None
            quads = _turn_quads(quads, pixels)
            pixels = turn_pixels(pixels, 180)
        if lines is None:
            lines = self.read_lines(pixels, quads)
        return ReadPage(_words(lines, pixels), rotation, pixels, _confidence(lines))

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
        found = self._detect(np.ascontiguousarray(small[:, :, ::-1]))
        if found.boxes is None:
            return []
        stretch = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
        return [quad.astype(np.float32) * stretch for quad in found.boxes]

    def read_lines(self, pixels: Pixels, quads: list[Quad]) -> list[Line]:
        """Return the lines that can be read, in the order of ``quads``."""
        if not quads:
            return []
        from rapidocr.ch_ppocr_rec.typings import TextRecInput

        crops = [_crop(pixels, quad) for quad in quads]
        read = self._recognise(TextRecInput(img=crops, return_word_box=True))
        lines = []
        for quad, text, score, info in zip(
            quads, read.txts, read.scores, read.word_results, strict=True
        ):
            if text.strip() and score >= _MIN_LINE_CONFIDENCE:
                lines.append(_line(text, float(score), quad, info))
        return lines

    def _upside_down_share(self, pixels: Pixels, quads: list[Quad]) -> float:
        crops = [_crop(pixels, quad) for quad in _typical(quads, _NUM_CLASSIFIED_LINES)]
        directions = self._classify(crops).cls_res
        return sum(label == "180" for label, _ in directions) / len(directions)

    def _is_better_upside_down(self, pixels: Pixels, quads: list[Quad]) -> bool:
        sample = _typical(quads, _NUM_COMPARED_LINES)
        upright = self.read_lines(pixels, sample)
        turned = self.read_lines(turn_pixels(pixels, 180), _turn_quads(sample, pixels))
        return _evidence(turned) > _evidence(upright)


def _parameters(rapidocr: Any, num_threads: int) -> dict[str, Any]:
    folder = Path(rapidocr.__file__).parent / "models"
    for name in _MODELS.values():
        if not (folder / name).is_file():
            raise MissingDependencyError(
                f"RapidOCR came without its weights ({name})",
                "pip install --force-reinstall 'rapidocr>=3.8,<4'",
            )
    paths = {f"{part}.model_path": str(folder / name) for part, name in _MODELS.items()}
    return paths | {
        "Global.log_level": "critical",
        "Global.use_cls": True,
        "Det.limit_type": "max",
        "Det.limit_side_len": DETECTION_SIDE_PX,
        "Rec.rec_batch_num": 1,
        "EngineConfig.onnxruntime.intra_op_num_threads": num_threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }


def turn_pixels(pixels: Pixels, degrees: int) -> Pixels:
    """Return an image turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(pixels, -(degrees // 90)))


def _turn_quads(quads: list[Quad], pixels: Pixels) -> list[Quad]:
    """Return quads after the page is turned upside down."""
    height, width = pixels.shape[:2]
    return [(np.array([width, height], np.float32) - quad)[[2, 3, 0, 1]] for quad in quads]


def _sides(quad: Quad) -> tuple[float, float]:
    """Return the width and height of a quad."""
    width = max(math.dist(quad[0], quad[1]), math.dist(quad[3], quad[2]))
    height = max(math.dist(quad[0], quad[3]), math.dist(quad[1], quad[2]))
    return width, height


def _is_sideways(quads: list[Quad]) -> bool:
    sides = [_sides(quad) for quad in quads]
    tall = sum(height for width, height in sides if height > _TALL_RATIO * width)
    wide = sum(width for width, height in sides if width > _TALL_RATIO * height)
    num_tall = sum(height > _TALL_RATIO * width for width, height in sides)
    return num_tall >= _MIN_LINES_TO_TURN and tall > wide


def _typical(quads: list[Quad], number: int) -> list[Quad]:
    """Return the lines whose length says most about their direction at the least cost."""
    return sorted(quads, key=_distance_from_typical)[:number]


def _distance_from_typical(quad: Quad) -> float:
    width, height = _sides(quad)
    return abs(math.log(max(width, 1.0) / max(height, 1.0) / _TYPICAL_RATIO))


def _crop(pixels: Pixels, quad: Quad) -> Pixels:
    """Return one line, level, in BGR; a vertical one is laid down."""
    import cv2

    width, height = (max(1, round(side)) for side in _sides(quad))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    crop = cv2.warpPerspective(
        pixels,
        matrix,
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
        flags=cv2.INTER_CUBIC,
    )
    if height >= _VERTICAL_RATIO * width:
        crop = np.rot90(crop)
    return np.ascontiguousarray(crop[:, :, ::-1])


def _line(text: str, confidence: float, quad: Quad, info: Any) -> Line:
    columns = [column for group in info.word_cols for column in group]
    length = max(info.line_txt_len, 1e-6)
    width, height = _sides(quad)
    return Line(
        text,
        confidence,
        quad,
        tuple(min(1.0, (column + 0.5) / length) for column in columns),
        tuple(info.confs),
        height >= _VERTICAL_RATIO * width,
    )


def _confidence(lines: list[Line]) -> float:
    num_characters = sum(len(line.places) for line in lines)
    return _evidence(lines) / num_characters if num_characters else 0.0


def _evidence(lines: list[Line]) -> float:
    return sum(line.confidence * len(line.places) for line in lines)


def _words(lines: list[Line], pixels: Pixels) -> tuple[Word, ...]:
    height, width = pixels.shape[:2]
    words = [word for line in lines for word in _split(line, width, height)]
    return reading_order(words, skew=_skew([line.quad for line in lines]), aspect=width / height)


def _skew(quads: list[Quad]) -> float:
    """Return the slope of the text in radians, by the median of its long lines."""
    angles = []
    for quad in quads:
        width, height = _sides(quad)
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
    return clip(Box(min(xs), min(ys), max(xs), max(ys)))
