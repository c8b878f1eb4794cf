"""What a filled path covers for sure is told of its corners, and drawing proves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.pdfs import PdfWriter

from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.solids import solid_part

ROUNDED = (
    "112 100 m 288 100 l 294.6 100 300 105.4 300 112 c 300 128 l 300 134.6 294.6 140 288 140 c "
    "112 140 l 105.4 140 100 134.6 100 128 c 100 112 l 100 105.4 105.4 100 112 100 c h f"
)
SOLIDS = {
    "rectangle": ("100 100 200 40 re f", Rect(100, 100, 300, 140)),
    "scaled": ("q 2 0 0 2 0 0 cm 50 50 100 20 re f Q", Rect(100, 100, 300, 140)),
    "lying on its side": ("q 0 1 -1 0 0 0 cm 100 -300 40 200 re f Q", Rect(100, 100, 300, 140)),
    "rounded corners": (ROUNDED, Rect(112, 100, 288, 140)),
    "a corner cut off": (
        "100 100 m 300 100 l 300 140 l 130 140 l 100 110 l f",
        Rect(130, 100, 300, 140),
    ),
    "triangle": ("100 100 m 300 100 l 200 140 l f", None),
    "dented": ("100 100 m 300 100 l 300 140 l 200 110 l 100 140 l f", None),
    "two loops": ("100 100 200 40 re 110 110 20 20 re f", None),
    "a line": ("100 100 m 300 100 l f", None),
}


@contextmanager
def drawn(folder: Path, content: str) -> Iterator[pdfium.PdfPage]:
    path = folder / "a.pdf"
    path.write_bytes(PdfWriter().page(content.encode() + b"\n").data())
    with pdfium.PdfDocument(path) as pdf:
        yield pdf[0]


def solid_of_first(page: pdfium.PdfPage) -> Rect | None:
    return solid_part(pdfium_c.FPDFPage_GetObject(page, 0))


@pytest.mark.parametrize(("content", "expected"), SOLIDS.values(), ids=SOLIDS.keys())
def test_what_a_path_covers_is_told_of_its_corners(
    tmp_path: Path, content: str, expected: Rect | None
) -> None:
    with drawn(tmp_path, content) as page:
        assert solid_of_first(page) == (expected and pytest.approx(expected, abs=0.2))


EDGES = st.sampled_from([100, 140, 220, 300])
POINTS = st.tuples(EDGES, EDGES)


@settings(deadline=None, max_examples=150)
@given(st.lists(POINTS, min_size=3, max_size=8), st.sampled_from(["f", "f*"]))
def test_what_is_told_of_a_path_is_dark_on_the_page(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[int, int]], paint: str
) -> None:
    steps = [f"{x} {y} {'l' if at else 'm'}" for at, (x, y) in enumerate(points)]
    with drawn(tmp_path_factory.mktemp("path"), f"{' '.join(steps)} {paint}") as page:
        solid = solid_of_first(page)
        if solid is None:
            return
        grey = page.render(scale=2, grayscale=True).to_numpy().reshape(-1, 1200)[::-1]
        left, bottom, right, top = (round(2 * edge) for edge in solid)
        assert not grey[bottom + 1 : top - 1, left + 1 : right - 1].any()
