"""Makes the layers that OCR is shipped with, of the float weights in RapidOCR's wheel.

Knows nothing of how a model is rewritten. Run, after ``pip install onnx``, which nothing else
needs: ``python benchmarks/integers.py FOLDER_OF_DATASETS [--to FOLDER]``. A dataset is a folder
with ``truth.jsonl`` and its documents. Which values layers see is measured on pages of these, in
the order of ``benchmarks/ocr.py``, behind the first ones, by which OCR is judged.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import onnx
import rapidocr
from detector_rewriting import rewritten_layers
from integers_graph import Numbers
from integers_recogniser import integer_layers
from ocr import DATASETS, choose

from docextract.documents.ocr import ocr_models
from docextract.documents.ocr.model_files.own_layers import DETECTOR_LAYERS, RECOGNISER_LAYERS
from docextract.documents.ocr.recogniser.line_reader import LineReader
from docextract.documents.ocr.recognition import OcrEngine
from docextract.documents.ocr.text_lines import Pixels

NUM_JUDGED, NUM_MEASURED = 40, 24
NUM_LINES = 500
_HARD = ("lidl", "cc0-1572473d53")
"""Pages whose large logo hangs on a pixel: what is lost is seen on these, so none is measured."""
_DETECTOR, _RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", type=Path, default=RECOGNISER_LAYERS.parent)
    options = parser.parse_args()
    with mock.patch.object(ocr_models, "with_own_layers", lambda floats, layers_file: floats):
        samples = choose(options.folder, DATASETS.split(","), NUM_JUDGED + NUM_MEASURED)
        engine = OcrEngine()
    measured = [sample for sample in samples[NUM_JUDGED:] if not any(map(sample.name.count, _HARD))]
    lines = lines_of(engine, [sample.pixels for sample in measured])
    chosen = np.random.default_rng(0).choice(len(lines), min(NUM_LINES, len(lines)), replace=False)
    models = Path(rapidocr.__file__).parent / "models"
    onnx.save(rewritten_layers(models / _DETECTOR), options.to / DETECTOR_LAYERS.name)
    layers = integer_layers(models / _RECOGNISER, [lines[number] for number in chosen])
    onnx.save(layers, options.to / RECOGNISER_LAYERS.name)


def lines_of(engine: OcrEngine, pages: Sequence[Pixels]) -> list[Numbers]:
    """Return what the recogniser is given where an engine reads pages."""
    models = engine._models
    recognise = models.recognise
    lines: list[Numbers] = []

    def states_of(line: Any) -> Any:
        lines.append(line)
        return recognise.states_of(line)

    reader = LineReader(states_of, recognise.head, recognise.letters)
    engine._models = replace(models, recognise=reader)
    for page in pages:
        engine.read(page)
    return lines


if __name__ == "__main__":
    main()
