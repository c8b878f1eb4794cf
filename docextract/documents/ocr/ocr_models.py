"""Loads RapidOCR's three models, set up for one page at a time on a processor.

Knows nothing of pages. Never goes on the network: the weights come inside RapidOCR's wheel
and are given to it by path. RapidOCR lends out its models by private methods alone: this is
the one place that calls them. Proved on rapidocr 3.10.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from docextract.core import MissingDependencyError

DETECTION_SIDE_PX = 1536
"""The long side at which lines are looked for."""

_WEIGHTS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_PACKAGES = ("rapidocr", "onnxruntime", "opencv-python-headless")
_FLUSH_DENORMALS = "session.set_denormal_as_zero"


_MIN_WIDTH_PX = 160
"""A shorter line is padded to this at the recogniser's height of 48; its time goes by the width."""

_LARGE_RATIO = 1.3
_MIN_LINES_TO_COMPARE = 4


@dataclass(frozen=True, slots=True)
class OcrModels:
    """RapidOCR's detector, classifier of directions, and recogniser.

    The recogniser is there twice, with the same weights: one pads short lines to RapidOCR's
    320 pixels, one to half of that. Logos and headings want the wider one, or lose letters.
    """

    detect: Any
    classify: Any
    recognise: Any
    recognise_narrow: Any

    def read(self, crops: Sequence[Any]) -> list[tuple[str, float, Any]]:
        """Return text, score and ``WordInfo`` of each line of a page, level and in BGR."""
        from rapidocr.ch_ppocr_rec.typings import TextRecInput

        is_large = _large([crop.shape[0] for crop in crops])
        found: dict[int, tuple[str, float, Any]] = {}
        for model, wanted in ((self.recognise_narrow, False), (self.recognise, True)):
            places = [place for place, large in enumerate(is_large) if large is wanted]
            if places:
                lines = [crops[place] for place in places]
                read = model(TextRecInput(img=lines, return_word_box=True))
                rows = zip(read.txts, read.scores, read.word_results, strict=True)
                found |= zip(places, rows, strict=True)
        return [found[place] for place in range(len(crops))]


def _large(heights: Sequence[int]) -> list[bool]:
    """Return which lines are larger than most of their page; all, where there is no telling."""
    if len(heights) < _MIN_LINES_TO_COMPARE:
        return [True] * len(heights)
    limit = _LARGE_RATIO * median(heights)
    return [height > limit for height in heights]


def load_models(num_threads: int) -> OcrModels:
    """Return the models; loading them takes about a second.

    In the thread that calls this, numbers next to zero count as zero from then on, so give
    it one of its own.

    Raises:
        MissingDependencyError: RapidOCR or its weights are not installed.
    """
    try:
        import cv2
        import onnxruntime
        import rapidocr
    except ImportError as error:
        raise MissingDependencyError(
            f"OCR is not installed ({error.name})", "pip install 'rapidocr>=3.10,<3.11'"
        ) from error
    cv2.setNumThreads(num_threads)
    logging.getLogger("RapidOCR").disabled = True
    weights = _weights(Path(rapidocr.__file__).parent / "models")
    _flush_denormals(onnxruntime, weights["Cls"])
    parts = rapidocr.RapidOCR(params=_parameters(weights, num_threads))
    recognise = parts._load_rec_model()
    narrow = copy.copy(recognise)
    narrow.rec_image_shape = [*recognise.rec_image_shape[:2], _MIN_WIDTH_PX]
    detect = _in_single_precision(parts._load_det_model())
    return OcrModels(detect, parts._load_cls_model(), recognise, narrow)


def _in_single_precision(detector: Any) -> Any:
    """Return the detector, made to scale pixels in the precision that it reads them in.

    RapidOCR lets NumPy reckon in double precision, at four times the time.
    """
    import numpy as np

    detector.mean, detector.std = np.float32(detector.mean), np.float32(detector.std)
    return detector


def installed_versions() -> dict[str, str]:
    """Return the versions of all that words read off pixels depend on; nothing is imported."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _weights(folder: Path) -> dict[str, str]:
    for name in _WEIGHTS.values():
        if not (folder / name).is_file():
            raise MissingDependencyError(
                f"RapidOCR came without its weights ({name})",
                "pip install --force-reinstall 'rapidocr>=3.10,<3.11'",
            )
    return {part: str(folder / name) for part, name in _WEIGHTS.items()}


def _flush_denormals(onnxruntime: Any, smallest_model: str) -> None:
    """Make subnormal numbers count as zero in this thread.

    The detector meets so many of them that two of its layers took two thirds of its time,
    since processors handle them in microcode; what it finds stays the same. ONNX Runtime
    takes the setting of a process's first session for the thread that makes it, and RapidOCR
    has no option for it; so this session, of the smallest model, is made and dropped.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry(_FLUSH_DENORMALS, "1")
    onnxruntime.InferenceSession(smallest_model, options, providers=["CPUExecutionProvider"])


def _parameters(weights: dict[str, str], num_threads: int) -> dict[str, Any]:
    return {f"{part}.model_path": path for part, path in weights.items()} | {
        "Global.log_level": "critical",
        "Global.use_cls": True,
        "Det.limit_type": "max",
        "Det.limit_side_len": DETECTION_SIDE_PX,
        "Rec.rec_batch_num": 1,
        "EngineConfig.onnxruntime.intra_op_num_threads": num_threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
