"""Digits that are known without OCR: each shape is one digit, and a lying font gains nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from docextract.core import Document, Page, ReadOptions
from docextract.documents.opening import open_document
from docextract.documents.pdf.layer import proof
from docextract.documents.pdf.layer.outlines import proved_shapes
from docextract.documents.pdf.layer.text_layer import digits

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_no_shape_is_two_digits():
    proved_shapes.cache_clear()
    found = Counter(shape.outline for shape in proved_shapes())
    assert set(found.values()) == {1}
    assert {shape.character for shape in proved_shapes()} == set("0123456789")


def test_numbers_in_a_standard_font_are_proved_without_reading(monkeypatch):
    proved_shapes.cache_clear()
    monkeypatch.setattr(proof, "ocr_engine", None)
    path = FIXTURES / "invoices" / "luminosa.pdf"
    document = Document(str(path), str(path).encode(), media_type="application/pdf")
    parts = list(open_document(document, ReadOptions()))
    words = (word.text for part in parts if isinstance(part, Page) for word in part.words)
    assert any(digits(text) == "455395" for text in words)
