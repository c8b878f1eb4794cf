"""Lines are read as RapidOCR's whole recogniser reads them. Proved on rapidocr 3.10."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from docextract.documents.ocr.model_files.headless_model import without_head
from docextract.documents.ocr.ocr_models import OcrModels, load_models
from docextract.documents.ocr.recogniser.letter_head import LetterHead

TEXTS = ("Total 1.234,56", "12.11.2025", "Rechnung 7", "a", "Invoice number 2025-0815 of today")


def line(text: str) -> Any:
    """Return a picture of one line, close around it."""
    font = ImageFont.load_default(36)
    image = Image.new("RGB", (round(font.getlength(text)) + 16, 52), "white")
    ImageDraw.Draw(image).text((8, 4), text, "black", font)
    return np.asarray(image)


def weights(name: str) -> Path:
    rapidocr = pytest.importorskip("rapidocr")
    return Path(rapidocr.__file__).parent / "models" / name


@pytest.fixture(scope="module")
def models() -> Iterator[OcrModels]:
    """The models, loaded in a thread whose arithmetic may change."""
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(load_models, 1).result()


def test_lines_are_read_as_by_the_whole_model(models: OcrModels) -> None:
    from rapidocr import RapidOCR
    from rapidocr.ch_ppocr_rec.typings import TextRecInput

    path = str(weights("PP-OCRv6_rec_small.onnx"))
    parts = RapidOCR(params={"Rec.model_path": path, "Global.log_level": "critical"})
    crops = [line(text) for text in TEXTS[:3]]
    known = parts._load_rec_model()(TextRecInput(img=crops, return_word_box=False))
    read = models.recognise.read(crops)
    assert [found.text for found in read] == list(known.txts) == list(TEXTS[:3])
    assert [found.confidence for found in read] == pytest.approx(known.scores, abs=0.001)


def test_each_letter_has_its_place_and_probability(models: OcrModels) -> None:
    (found,) = models.recognise.read([line(TEXTS[4])])
    assert found.text == TEXTS[4]
    assert len(found.probabilities) == len(found.text)
    assert len(found.centres) == len(found.text.replace(" ", ""))
    assert list(found.centres) == sorted(found.centres)
    assert found.centres[0] < 0.06 and found.centres[-1] > 0.94


def test_a_step_without_a_sure_common_letter_is_weighed_against_all() -> None:
    letters = ["", "a", "b", "中", "国", " "]
    layer = np.array([[1, 9, 0, 0, 0, 0], [0, 0, 1, 9, 0, 0]], np.float32)
    states = np.array([[3, 0], [0, 3], [1, 0.9]], np.float32)
    places, shares = LetterHead(layer, np.zeros(6, np.float32), letters).best(states)
    whole = np.exp(states @ layer)
    assert [letters[place] for place in places] == ["a", "中", "a"]
    assert shares == pytest.approx((whole / whole.sum(1, keepdims=True)).max(1), abs=1e-6)


def test_a_model_with_another_end_is_refused() -> None:
    with pytest.raises(ValueError, match="does not end in a softmax"):
        without_head(weights("PP-OCRv6_det_small.onnx").read_bytes())
