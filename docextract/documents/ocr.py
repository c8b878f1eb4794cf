"""Reads words off the pixels of a page with RapidOCR, whichever way the page lies.

Knows nothing of files, PDF or text layers. Never goes on the network: the weights come
inside RapidOCR's wheel and are given to it by path.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from docextract.documents.text_lines import (
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
from docextract.errors import MissingDependencyError
from docextract.records import Word

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

_TALL_RATIO = 1.5
_MIN_LINES_TO_TURN = 3
_NUM_CLASSIFIED_LINES = 16
_NUM_COMPARED_LINES = 6
_MIN_UPSIDE_DOWN_SHARE = 0.3


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
            is_doubtful = confidence(lines) < _MIN_PAGE_CONFIDENCE
        if is_doubtful and self._is_better_upside_down(pixels, quads):
            rotation, lines = (rotation + 180) % 360, None
            quads = turn_quads(quads, pixels)
            pixels = turn_pixels(pixels, 180)
        if lines is None:
            lines = self.read_lines(pixels, quads)
        return ReadPage(words_of(lines, pixels), rotation, pixels, confidence(lines))

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

        crops = [crop_line(pixels, quad) for quad in quads]
        read = self._recognise(TextRecInput(img=crops, return_word_box=True))
        lines = []
        for quad, text, score, info in zip(
            quads, read.txts, read.scores, read.word_results, strict=True
        ):
            if text.strip() and score >= _MIN_LINE_CONFIDENCE:
                lines.append(make_line(text, float(score), quad, info))
        return lines

    def _upside_down_share(self, pixels: Pixels, quads: list[Quad]) -> float:
        crops = [crop_line(pixels, quad) for quad in typical(quads, _NUM_CLASSIFIED_LINES)]
        directions = self._classify(crops).cls_res
        return float(sum(label == "180" for label, _ in directions) / len(directions))

    def _is_better_upside_down(self, pixels: Pixels, quads: list[Quad]) -> bool:
        sample = typical(quads, _NUM_COMPARED_LINES)
        upright = self.read_lines(pixels, sample)
        turned = self.read_lines(turn_pixels(pixels, 180), turn_quads(sample, pixels))
        return evidence(turned) > evidence(upright)


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


def _is_sideways(quads: list[Quad]) -> bool:
    sizes = [sides(quad) for quad in quads]
    tall = sum(height for width, height in sizes if height > _TALL_RATIO * width)
    wide = sum(width for width, height in sizes if width > _TALL_RATIO * height)
    num_tall = sum(height > _TALL_RATIO * width for width, height in sizes)
    return num_tall >= _MIN_LINES_TO_TURN and tall > wide
