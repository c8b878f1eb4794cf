"""Finds out which glyphs of a PDF page people can see, by what happens when they are left out.

Knows nothing of what the words say, nor of what is done about hidden ones.

A glyph is seen if the page looks different where it stands once it is switched off: that holds
for white text, text in the colour of what is behind it, text under an image, clipped or
transparent text and empty glyphs alike. Drawing costs milliseconds, so pages are drawn only
where some piece of a word could be hidden: ``may_be_hidden`` passes what stands out from its
ground.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import reduce
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.pdf.layer.glyphs import address_of
from docextract.documents.pdf.layer.painted import Painted
from docextract.documents.pdf.layer.text_layer import LayerWord, PageFrame, Piece, TextLayer

_MIN_CHANGE = 32
"""Grey levels of 255 by which a glyph must darken or lighten its ground to be readable."""

_MIN_CHANGED_SHARE = 0.06
"""A glyph fills more than this share of the rectangle around its ink; white letters over a row of
dots change less."""

_THIN_PX = 2
_LOOK_DPI = 144
"""Drawing at twice the resolution costs a third more: 6.2 ms a page against 4.5 at 72 dpi."""

_MAX_SIDE_PX = 4000
_PAPER = 255
_MIN_CONTRAST = 90
"""Grey levels of 255 by which the colour of words must differ from what is behind them."""

_MAX_SHARED_WIDTH = 0.15
_MAX_SHARED_HEIGHT = 0.5
"""Cells of text side by side, or line by line, share less of the smaller one's sides."""

_CHUNK = 256
_MAX_ALONE = 40
"""As many text objects that lie over others are left out alone; each costs 6 ms."""

_MAX_DEPTH = 12


def may_be_hidden(pieces: Sequence[Piece], painted: Painted) -> NDArray[np.bool_]:
    """Return for each piece whether it must be looked at to know that it is seen.

    A piece is passed if its colour stands out from the paper, or from the last plain shape
    painted behind it, and nothing is painted over it.
    """
    order = np.array([painted.order.get(item.part, -1) for item in pieces])
    own = np.array([np.nan if item.luma is None else item.luma for item in pieces])
    edges = np.array([item.box for item in pieces]).reshape(-1, 4).T
    core = _shrunk(edges)
    ground = np.full(len(pieces), float(_PAPER))
    doubtful: NDArray[np.bool_] = (order < 0) | np.isnan(own)
    for cover in painted.covers:
        meets = _meets(edges, cover.box)
        if cover.luma is None:
            doubtful |= meets
            continue
        doubtful |= meets & ((order < cover.order) | (np.abs(own - cover.luma) < _MIN_CONTRAST))
        if cover.is_solid:
            ground[_lies_in(core, cover.box)] = cover.luma
    doubtful |= ~(np.abs(own - ground) >= _MIN_CONTRAST)
    return doubtful


def _shrunk(edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inner halves of boxes: the cell of a character is higher than its ink."""
    left, top, right, bottom = edges
    across, down = (right - left) / 4, (bottom - top) / 4
    return np.array([left + across, top + down, right - across, bottom - down])


def _meets(edges: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    left, top, right, bottom = edges
    is_apart: NDArray[np.bool_] = (left >= box.right) | (right <= box.left)
    is_apart |= (top >= box.bottom) | (bottom <= box.top)
    return ~is_apart


def _lies_in(edges: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    left, top, right, bottom = edges
    is_within: NDArray[np.bool_] = (left >= box.left) & (right <= box.right)
    is_within &= (top >= box.top) & (bottom <= box.bottom)
    return is_within


def shown_words(
    page: Any, layer: TextLayer, painted: Painted, frame: PageFrame
) -> list[Word | None]:
    """Return each word of a page's layer without its hidden glyphs; None if none is seen.

    Args:
        page: a ``PdfPage``.
        layer: its text layer.
        painted: what is painted on it.
        frame: its visible box and rotation.
    """
    pieces = [piece for item in layer.words for piece in item.pieces]
    is_doubtful = may_be_hidden(pieces, painted) if pieces else np.zeros(0, bool)
    doubtful = {
        id(piece): piece
        for piece, is_unsure in zip(pieces, is_doubtful, strict=True)
        if is_unsure and not piece.is_invisible
    }
    if not doubtful and not any(piece.is_invisible for piece in pieces):
        return [item.word for item in layer.words]
    seen = _seen_texts(page, doubtful.values(), frame) if doubtful else {}
    return [_as_seen(item, seen) for item in layer.words]


def _as_seen(item: LayerWord, seen: dict[int, str]) -> Word | None:
    texts = ["" if p.is_invisible else seen.get(id(p), p.text) for p in item.pieces]
    text = unicodedata.normalize("NFC", "".join(texts))
    if text == item.word.text or not text:
        return item.word if text else None
    left = [piece.box for piece, text in zip(item.pieces, texts, strict=True) if text]
    return item.word._replace(text=text, box=reduce(Box.union, left))


def _seen_texts(page: Any, pieces: Iterable[Piece], frame: PageFrame) -> dict[int, str]:
    """Return what people see of each piece, by its id.

    Where text lies over text, each of it is left out alone: else what is hidden would seem to
    change what its neighbour changes.
    """
    pieces = list(pieces)
    whole = _draw(page)
    seen = _texts_in(_change_without(page, whole, {p.part for p in pieces}), pieces, frame)
    for part in _over_each_other(pieces)[:_MAX_ALONE]:
        own = [piece for piece in pieces if piece.part == part]
        seen |= _texts_in(_change_without(page, whole, {part}), own, frame)
    return seen


def _texts_in(
    change: NDArray[np.uint8], pieces: Iterable[Piece], frame: PageFrame
) -> dict[int, str]:
    is_changed = change >= _MIN_CHANGE
    return {
        id(piece): "".join(
            text
            for text, rect in piece.inks
            if _is_changed(is_changed, frame.place_turned(rect, 0))
        )
        for piece in pieces
    }


def _over_each_other(pieces: Sequence[Piece]) -> list[int]:
    """Return the text objects that share ground with another one."""
    every = np.array([piece.box for piece in pieces]).T
    parts = np.array([piece.part for piece in pieces])
    found: dict[int, None] = {}
    for start in range(0, len(pieces), _CHUNK):
        own = slice(start, start + _CHUNK)
        is_over = _shares_ground(every[:, own], every) & (parts[own, None] != parts)
        found.update(dict.fromkeys(map(int, parts[own][is_over.any(axis=1)])))
    return [part for part in found if part]


def _shares_ground(some: NDArray[np.float64], every: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each of some boxes (rows) and all boxes whether they lie over each other."""
    left, top, right, bottom = some[:, :, None]
    others = every[:, None, :]
    across = np.minimum(right, others[2]) - np.maximum(left, others[0])
    down = np.minimum(bottom, others[3]) - np.maximum(top, others[1])
    width = np.minimum(right - left, others[2] - others[0])
    height = np.minimum(bottom - top, others[3] - others[1])
    is_over: NDArray[np.bool_] = across > _MAX_SHARED_WIDTH * width
    is_over &= down > _MAX_SHARED_HEIGHT * height
    return is_over


def _is_changed(is_changed: NDArray[np.bool_], box: Box) -> bool:
    height, width = is_changed.shape
    part = is_changed[_span(box.top, box.bottom, height), _span(box.left, box.right, width)]
    return bool(part.size) and int(np.count_nonzero(part)) > _MIN_CHANGED_SHARE * part.size


def _span(start: float, end: float, size: int) -> slice:
    """Return the pixels between two fractions; thin strokes may lie in the one beside them."""
    first = max(0, int(start * size))
    last = max(first + 1, round(end * size))
    is_thin = last - first <= _THIN_PX
    return slice(max(0, first - is_thin), last + is_thin)


def _change_without(page: Any, with_text: NDArray[np.uint8], parts: Set[int]) -> NDArray[np.uint8]:
    """Return by how much each pixel of the page as shown changes without some text objects."""
    objects = _text_objects(page, pdfium_c.FPDFPage_CountObjects, pdfium_c.FPDFPage_GetObject)
    texts = [item for item in objects if 0 in parts or address_of(item) in parts]
    for item in texts:
        pdfium_c.FPDFPageObj_SetIsActive(item, False)
    try:
        without = _draw(page)
        change: NDArray[np.uint8] = np.maximum(with_text, without) - np.minimum(with_text, without)
        return change
    finally:
        for item in texts:
            pdfium_c.FPDFPageObj_SetIsActive(item, True)


def _draw(page: Any) -> NDArray[np.uint8]:
    scale = min(_LOOK_DPI / 72, _MAX_SIDE_PX / max(page.get_size()))
    bitmap = page.render(scale=scale, grayscale=True)
    grey = np.array(bitmap.to_numpy(), np.uint8)
    bitmap.close()
    return grey.reshape(grey.shape[0], grey.shape[1])


def _text_objects(
    holder: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any], depth: int = 0
) -> Iterator[Any]:
    for index in range(count(holder)):
        item = get(holder, index)
        kind = pdfium_c.FPDFPageObj_GetType(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            yield item
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            yield from _text_objects(
                item,
                pdfium_c.FPDFFormObj_CountObjects,
                pdfium_c.FPDFFormObj_GetObject,
                depth + 1,
            )
