"""Loads RapidOCR's three models, set up for one page at a time on a processor.

Knows nothing of pages. Never goes on the network: the weights come inside RapidOCR's wheel, and
layers made of them inside ours. RapidOCR lends out its models by private methods alone: this is
the one place that calls them. Proved on rapidocr 3.10.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from docextract.core import MissingDependencyError
from docextract.documents.ocr.model_files.headless_model import without_head
from docextract.documents.ocr.model_files.own_layers import (
    DETECTOR_LAYERS,
    RECOGNISER_LAYERS,
    with_own_layers,
)
from docextract.documents.ocr.recogniser.letter_head import LetterHead
from docextract.documents.ocr.recogniser.line_reader import HEIGHT_PX, LineReader

DETECTION_SIDE_PX = 1536
"""The long side at which lines are looked for."""

_WEIGHTS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_FLUSH_DENORMALS = "session.set_denormal_as_zero"
_FATAL_ONLY = 4


@dataclass(frozen=True, slots=True)
class OcrModels:
    """RapidOCR's detector and classifier of directions, and what reads lines."""

    detect: Any
    classify: Any
    recognise: LineReader


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
    recogniser = with_own_layers(Path(weights["Rec"]).read_bytes(), RECOGNISER_LAYERS)
    recognise = _line_reader(onnxruntime, recogniser, num_threads)
    detector = with_own_layers(Path(weights["Det"]).read_bytes(), DETECTOR_LAYERS)
    detect = _with_cheap_scaling(parts._load_det_model())
    detect.session.session = _session(onnxruntime, detector, num_threads)
    return OcrModels(detect, parts._load_cls_model(), recognise)


def _session(onnxruntime: Any, model: bytes, num_threads: int) -> Any:
    """Return what runs a model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _with_cheap_scaling(detector: Any) -> Any:
    """Return the detector, made to scale pixels to -1 to 1 by OpenCV.

    RapidOCR lets NumPy reckon in double precision, at six times the time.
    """
    import cv2

    resize = detector.get_preprocess().resize
    middle = 127.5

    def prepare(pixels: Any) -> Any:
        return cv2.dnn.blobFromImage(resize(pixels), 1 / middle, mean=(middle,) * 3)

    detector.get_preprocess = lambda: prepare
    return detector


def _line_reader(onnxruntime: Any, recogniser: bytes, num_threads: int) -> LineReader:
    """Return what reads lines by a model."""
    model = without_head(recogniser)
    session = _session(onnxruntime, model.data, num_threads)
    (pixels,) = session.get_inputs()

    def states_of(line: Any) -> Any:
        return session.run([model.states], {pixels.name: line})[0][0]

    nothing = np.zeros((1, 3, HEIGHT_PX, HEIGHT_PX), np.float32)
    weights, bias = session.run([model.weights, model.bias], {pixels.name: nothing})
    known = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    letters = ["", *known, " "]
    return LineReader(states_of, LetterHead(weights, bias, letters), letters)


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
        "EngineConfig.onnxruntime.intra_op_num_threads": num_threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    }
