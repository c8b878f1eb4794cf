"""Loads RapidOCR's three models, set up for one page at a time on a processor.

Knows nothing of pages. Never goes on the network: the weights come inside RapidOCR's wheel
and are given to it by path. RapidOCR lends out its models by private methods alone: this is
the one place that calls them. Proved on rapidocr 3.10.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class OcrModels:
    """RapidOCR's detector, classifier of directions, and recogniser."""

    detect: Any
    classify: Any
    recognise: Any


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
    return OcrModels(parts._load_det_model(), parts._load_cls_model(), parts._load_rec_model())


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
