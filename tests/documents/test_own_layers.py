"""Models with layers of ours read what those of RapidOCR do, and only where made of these."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from docextract.documents.ocr import ocr_models
from docextract.documents.ocr.model_files import onnx_message as onnx
from docextract.documents.ocr.model_files.own_layers import (
    DETECTOR_LAYERS,
    RECOGNISER_LAYERS,
    with_own_layers,
)
from docextract.documents.ocr.recognition import OcrEngine

LINES = (
    "Rechnung 2025-0815",
    "Datum 12.11.2025",
    "Kaffee, 3 x 4,50 EUR 13,50",
    "Gesamtbetrag 1.234,56 EUR",
    "IBAN DE89 3704 0044 0532 0130 00",
)
MODELS = (
    ("PP-OCRv6_det_small.onnx", DETECTOR_LAYERS),
    ("PP-OCRv6_rec_small.onnx", RECOGNISER_LAYERS),
)
A_STEP_PX = 8
"""How finely the recogniser tells where along a line a letter stands."""


def weights(name: str) -> Path:
    rapidocr = pytest.importorskip("rapidocr")
    return Path(rapidocr.__file__).parent / "models" / name


def page() -> Any:
    """Return a page of a heading and small print."""
    image = Image.new("RGB", (900, 640), "white")
    draw = ImageDraw.Draw(image)
    for number, text in enumerate(LINES):
        font = ImageFont.load_default(52 if number == 0 else 26)
        draw.text((60, 60 + 110 * number), text, "black", font)
    return np.asarray(image)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[OcrEngine, OcrEngine]]:
    """An engine as shipped, and one by the float weights alone."""
    whole = OcrEngine()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ocr_models, "with_own_layers", lambda floats, layers_file: floats)
        yield whole, OcrEngine()


def test_the_same_lines_are_found_and_read(engines: tuple[OcrEngine, OcrEngine]) -> None:
    whole, floats = (engine.read(page()).words for engine in engines)
    assert " ".join(word.text for word in whole) == " ".join(LINES)
    assert [word.text for word in whole] == [word.text for word in floats]
    edges = np.array([[*word.box] for word in whole]) - [[*word.box] for word in floats]
    assert np.abs(edges * [900, 640, 900, 640]).max() <= A_STEP_PX


@pytest.mark.parametrize(("name", "layers_file"), MODELS)
def test_other_weights_are_read_as_they_are(name: str, layers_file: Path) -> None:
    floats = weights(name).read_bytes()
    others = floats + b"\x08\x0a"
    assert with_own_layers(others, layers_file) == others
    assert with_own_layers(floats, layers_file) != floats


def test_layers_take_the_place_of_those_in_floats() -> None:
    floats = weights("PP-OCRv6_rec_small.onnx").read_bytes()
    whole = with_own_layers(floats, RECOGNISER_LAYERS)
    assert operations(floats).count("Erf") == 13
    assert operations(whole).count("Erf") == 0
    assert operations(whole).count("MatMulIntegerToFloat") == 26
    assert len(whole) < len(floats)


def test_the_detector_written_otherwise_gives_the_same() -> None:
    floats = weights("PP-OCRv6_det_small.onnx").read_bytes()
    ours = with_own_layers(floats, DETECTOR_LAYERS)
    assert {"ConvTranspose", "ReduceMean"} <= {*operations(floats)}
    assert not {"ConvTranspose", "ReduceMean"} & {*operations(ours)}
    pixels = page()[None].transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1
    odd = np.pad(pixels, [(0, 0), (0, 0), (0, 32), (0, 28)], constant_values=1)
    before, after = (
        onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"]).run(
            None, {"x": odd}
        )
        for model in (floats, ours)
    )
    assert before[0].max() > 0.9
    assert np.abs(before[0] - after[0]).max() < 0.01


@pytest.mark.parametrize("file", [RECOGNISER_LAYERS])
def test_no_sum_of_two_products_overflows_16_bits(file: Path) -> None:
    (graph,) = onnx.contents(file.read_bytes(), onnx.GRAPH)
    checked = 0
    for numbers in onnx.contents(graph, onnx.NUMBERS):
        sizes, kind, raw = tensor(numbers)
        if kind == _INT8 and len(sizes) > 1 and (len(sizes) == 2 or sizes[1] > 1):
            checked += 1
            assert np.abs(np.frombuffer(raw, np.int8).astype(int)).max() <= 64
    assert checked >= 26


_INT8 = 3


def tensor(numbers: memoryview) -> tuple[list[int], int, bytes]:
    """Return sizes, kind and bytes of numbers; sizes are fields 1, kind 2, bytes 9."""
    sizes, kind, raw = [], 0, b""
    for number, _, content in onnx.fields(numbers):
        if number == 1:
            sizes += varints(content)
        elif number == 2:
            (kind,) = varints(content)
        elif number == 9:
            raw = bytes(content)
    return sizes, kind, raw


def varints(content: memoryview) -> list[int]:
    found, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    return found


def operations(model: bytes) -> list[str]:
    (graph,) = onnx.contents(model, onnx.GRAPH)
    return [onnx.texts(node, onnx.OPERATION)[0] for node in onnx.contents(graph, onnx.NODE)]
