"""Characters known without OCR: each shape is one of them, and a lying font gains nothing."""

from __future__ import annotations

import string
from collections import Counter
from pathlib import Path

from docextract.core import Document, Page, ReadOptions
from docextract.documents.opening import open_document
from docextract.documents.pdf.layer import proof
from docextract.documents.pdf.layer.outlines import proved_shapes
from docextract.documents.pdf.layer.text_layer import digits

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_no_shape_is_two_characters():
    proved_shapes.cache_clear()
    found = Counter(shape.outline for shape in proved_shapes())
    assert set(found.values()) == {1}
    assert {*string.ascii_letters, *string.digits} <= {s.character for s in proved_shapes()}


def test_words_in_a_standard_font_are_proved_without_reading(monkeypatch):
    proved_shapes.cache_clear()
    monkeypatch.setattr(proof, "ocr_engine", None)
    path = FIXTURES / "invoices" / "luminosa.pdf"
    document = Document(str(path), str(path).encode(), media_type="application/pdf")
    parts = list(open_document(document, ReadOptions()))
    words = (word.text for part in parts if isinstance(part, Page) for word in part.words)
    assert any(digits(text) == "455395" for text in words)
