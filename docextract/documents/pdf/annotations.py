"""Makes what is drawn on top of a PDF page (filled form fields, stamps, notes) part of the page.

Knows nothing of words or pixels. PDFium keeps form values and annotations out of a page's text;
once they are flattened into its content they are words like any other, where people see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

_NEVER_TEXT = frozenset({pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP})
_MAX_ANNOTATIONS = 5000
_COMB = 1 << 24
"""Bit 25 of a text field's /Ff: one character to a cell (ISO 32000-1, table 228)."""


class Rect(NamedTuple):
    """A rectangle in PDF space, origin bottom left."""

    left: float
    bottom: float
    right: float
    top: float


class LoadedPage(NamedTuple):
    """A page whose annotations are part of it, and the comb fields that were on it."""

    page: Any
    combs: tuple[Rect, ...]


def load_flattened(document: Any, index: int) -> LoadedPage:
    """Return a page of a ``PdfDocument`` with its annotations flattened; close the page.

    Annotations that a screen does not show are left out. Where there is nothing to flatten, or
    PDFium cannot, the page is as it was.

    Raises:
        PdfiumError: the page cannot be loaded.
    """
    page = document[index]
    if not any(kind not in _NEVER_TEXT for kind in _kinds(page)):
        return LoadedPage(page, ())
    _hide_unseen(page)
    combs = tuple(_combs(page, document.formenv))
    if pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY) != pdfium_c.FLATTEN_SUCCESS:
        return LoadedPage(page, ())
    page.close()
    return LoadedPage(document[index], combs)


def _hide_unseen(page: Any) -> None:
    """Mark as hidden what a screen does not show, or may not; flattening then leaves it out.

    PDFium flattens what is for print alone (NoView), and all that is on layers, whether they are
    on or off: it honours neither, nor does it tell which are on.
    """
    for index in range(_num_annotations(page)):
        with _annotation(page, index) as annotation:
            if not annotation:
                continue
            flags = int(pdfium_c.FPDFAnnot_GetFlags(annotation))
            is_for_print = flags & pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
            if is_for_print or pdfium_c.FPDFAnnot_HasKey(annotation, b"OC"):
                hidden = flags | pdfium_c.FPDF_ANNOT_FLAG_HIDDEN
                pdfium_c.FPDFAnnot_SetFlags(annotation, hidden)


def _kinds(page: Any) -> Iterator[int]:
    for index in range(_num_annotations(page)):
        with _annotation(page, index) as annotation:
            yield pdfium_c.FPDFAnnot_GetSubtype(annotation) if annotation else 0


def _combs(page: Any, forms: Any) -> Iterator[Rect]:
    if forms is None:
        return
    for index in range(_num_annotations(page)):
        with _annotation(page, index) as annotation:
            rect = pdfium_c.FS_RECTF()
            if (
                annotation
                and pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET
                and pdfium_c.FPDFAnnot_GetFormFieldFlags(forms, annotation) & _COMB
                and pdfium_c.FPDFAnnot_GetRect(annotation, rect)
            ):
                yield Rect(rect.left, rect.bottom, rect.right, rect.top)


def _num_annotations(page: Any) -> int:
    return min(int(pdfium_c.FPDFPage_GetAnnotCount(page)), _MAX_ANNOTATIONS)


@contextmanager
def _annotation(page: Any, index: int) -> Iterator[Any]:
    annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
    try:
        yield annotation
    finally:
        if annotation:
            pdfium_c.FPDFPage_CloseAnnot(annotation)
