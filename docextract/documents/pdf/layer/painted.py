"""Says what is painted on a PDF page that can hide words, and in which order.

Knows nothing of words, nor of what is hidden in the end.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from docextract.core import Box
from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import address_of, luma
from docextract.documents.pdf.layer.overprint import Overprint, TextObjects
from docextract.documents.pdf.layer.solids import solid_part

_OPAQUE = 255
_MAX_OBJECTS = 20_000
_MAX_DEPTH = 12
_MAX_LINE_PT = 4
_OPTIONAL_CONTENT = "OC"


class Cover(NamedTuple):
    """Something painted that can hide words.

    Attributes:
        order: its place in the order of painting.
        box: around it, on the upright page.
        luma: how light it is, 0 to 255, if it is a shape of one opaque colour.
        solid: a box that it fills for sure, if any.
    """

    order: int
    box: Box
    luma: float | None = None
    solid: Box | None = None


@dataclass(slots=True)
class Painted:
    """What is painted on a page.

    Attributes:
        covers: images, filled shapes, shadings and nested forms.
        order: of each text object that is painted plainly, by its address.
        overprint: which text lies under other text.
        has_text_without_size: whether there is text of size 0, which has no words.
    """

    covers: list[Cover] = field(default_factory=list)
    order: dict[int, int] = field(default_factory=dict)
    overprint: Overprint = field(default_factory=Overprint)
    has_text_without_size: bool = False


def read_painted(page: Any, place: Callable[[Rect], Box]) -> Painted:
    """Return what is painted on a ``PdfPage``; nothing for pages of too many objects.

    Args:
        page: the page.
        place: gives the box on the upright page of a rectangle in PDF space.
    """
    painted = Painted()
    num_objects = pdfium_c.FPDFPage_CountObjects(page)
    if num_objects > _MAX_OBJECTS:
        return painted
    texts = TextObjects()
    for order in range(num_objects):
        item = pdfium_c.FPDFPage_GetObject(page, order)
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            painted.has_text_without_size |= _is_without_size(item)
            address = address_of(item)
            texts.add(item, address)
            if _is_plain(item):
                painted.order[address] = order
        elif kind != pdfium_c.FPDF_PAGEOBJ_PATH or _can_cover(item):
            rect = bounds_of(item)
            if rect is not None:
                colour = _fill_luma(item) if kind == pdfium_c.FPDF_PAGEOBJ_PATH else None
                solid = solid_part(item) if colour is not None and _is_plain(item) else None
                painted.covers.append(Cover(order, place(rect), colour, solid and place(solid)))
        if kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            _add_form(item, page, painted.overprint)
    painted.overprint.add(texts.overprint(page))
    return painted


def _add_form(form: Any, page: Any, overprint: Overprint, depth: int = 0) -> None:
    """Add which text of a form lies under other text of it."""
    texts = TextObjects()
    for index in range(min(pdfium_c.FPDFFormObj_CountObjects(form), _MAX_OBJECTS)):
        item = pdfium_c.FPDFFormObj_GetObject(form, index)
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts.add(item, address_of(item))
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            _add_form(item, page, overprint, depth + 1)
    overprint.add(texts.overprint(page))


def _is_plain(item: Any) -> bool:
    """Whether nothing but colour and covers can hide an object: no clip, mask or layer."""
    clip = pdfium_c.FPDFPageObj_GetClipPath(item)
    is_clipped = bool(clip) and pdfium_c.FPDFClipPath_CountPaths(clip) > 0
    return not (is_clipped or pdfium_c.FPDFPageObj_HasTransparency(item) or _is_optional(item))


def _is_without_size(text: Any) -> bool:
    size = ctypes.c_float()
    return bool(pdfium_c.FPDFTextObj_GetFontSize(text, size)) and size.value == 0


def _is_optional(item: Any) -> bool:
    for index in range(pdfium_c.FPDFPageObj_CountMarks(item)):
        mark = pdfium_c.FPDFPageObj_GetMark(item, index)
        buffer = (ctypes.c_ushort * 16)()
        length = ctypes.c_ulong()
        pdfium_c.FPDFPageObjMark_GetName(mark, buffer, ctypes.sizeof(buffer), length)
        if bytes(buffer)[: max(0, length.value - 2)].decode("utf-16-le") == _OPTIONAL_CONTENT:
            return True
    return False


def _can_cover(path: Any) -> bool:
    return _is_filled(path) or _is_thick(path)


def _is_filled(path: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    return bool(fill.value != pdfium_c.FPDF_FILLMODE_NONE)


def _is_thick(path: Any) -> bool:
    """Whether the line around a path is thick enough to hide words."""
    fill, stroke, width = ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    pdfium_c.FPDFPageObj_GetStrokeWidth(path, width)
    return bool(stroke.value) and width.value > _MAX_LINE_PT


def _fill_luma(path: Any) -> float | None:
    """Return how light a path is, 0 to 255, if all of it has one opaque colour."""
    channels = [ctypes.c_uint() for _ in range(4)]
    is_known = pdfium_c.FPDFPageObj_GetFillColor(path, *channels)
    red, green, blue, alpha = (channel.value for channel in channels)
    is_plain = is_known and alpha == _OPAQUE and not pdfium_c.FPDFPageObj_HasTransparency(path)
    is_one_colour = is_plain and _is_filled(path) and not _is_thick(path)
    return luma(red, green, blue) if is_one_colour else None


def bounds_of(item: Any) -> Rect | None:
    """Return the rectangle around a page object; None where PDFium cannot tell."""
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium_c.FPDFPageObj_GetBounds(item, *edges):
        return None
    return Rect(*(edge.value for edge in edges))
