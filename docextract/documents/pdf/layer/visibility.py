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
from itertools import count
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import address_of
from docextract.documents.pdf.layer.outlines import Outlines
from docextract.documents.pdf.layer.overprint import Overprint, pairs_over
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

_MIN_SHOWN = 0.5
"""Of a glyph as much of its ink must show; clipped lines show less. Of 13,406 glyphs looked at on
28 honest papers none was lost by it."""

_MIN_FULL_CHANGE = 0.5
"""What is fully there changes its ground by this share of the contrast to its colour at least; the
rim that letters leave around the same letters in white changes a quarter."""

_MAX_LAYERS = 10
"""What more text than this in one place says is not seen."""

_MAX_DEPTH = 12


def may_be_hidden(pieces: Sequence[Piece], painted: Painted) -> NDArray[np.bool_]:
    """Return for each piece whether it must be looked at to know that it is seen.

    A piece is passed if its colour stands out from the paper, or from the last plain shape
    painted behind it, and nothing is painted over it, other text included.
    """
    order = np.array([painted.order.get(item.part, -1) for item in pieces])
    own = np.array([np.nan if item.luma is None else item.luma for item in pieces])
    edges = np.array([item.box for item in pieces]).reshape(-1, 4).T
    core = _shrunk(edges)
    ground = np.full(len(pieces), float(_PAPER))
    covered = painted.overprint.covered
    doubtful: NDArray[np.bool_] = np.array([item.part in covered for item in pieces])
    doubtful |= (order < 0) | np.isnan(own)
    for cover in painted.covers:
        meets = _meets(edges, cover.box)
        if cover.luma is None:
            doubtful |= meets
            continue
        doubtful |= meets & ((order < cover.order) | (np.abs(own - cover.luma) < _MIN_CONTRAST))
        if cover.solid is not None:
            ground[_lies_in(core, cover.solid)] = cover.luma
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
    look = _Look(page, frame, painted.overprint, Outlines(layer.fonts))
    seen = look.seen_texts(list(doubtful.values())) if doubtful else {}
    return [_as_seen(item, seen) for item in layer.words]


def _as_seen(item: LayerWord, seen: dict[int, str]) -> Word | None:
    texts = ["" if p.is_invisible else seen.get(id(p), p.text) for p in item.pieces]
    text = unicodedata.normalize("NFC", "".join(texts))
    if text == item.word.text or not text:
        return item.word if text else None
    left = [piece.box for piece, text in zip(item.pieces, texts, strict=True) if text]
    return item.word._replace(text=text, box=reduce(Box.union, left))


class _Look:
    """Looks at one page with and without some of its text."""

    def __init__(
        self, page: Any, frame: PageFrame, overprint: Overprint, outlines: Outlines
    ) -> None:
        self._page = page
        self._frame = frame
        self._overprint = overprint
        self._outlines = outlines

    def seen_texts(self, pieces: Sequence[Piece]) -> dict[int, str]:
        """Return what people see of each piece, by its id.

        Where text lies over text, what is seen must change the page both without all of it and
        without its own layer: the first tells a cover of white letters, the second what is under.
        """
        whole = _draw(self._page)
        seen = self._seen_without(whole, pieces)
        layers = _layers(pieces)
        for layer in layers[:_MAX_LAYERS] if len(layers) > 1 else ():
            alone = self._seen_without(whole, layer)
            seen |= {key: _both(seen[key], own) for key, own in alone.items()}
        too_deep = {id(piece) for layer in layers[_MAX_LAYERS:] for piece in layer}
        return {
            id(piece): "".join(
                text
                for (text, _), is_seen in zip(piece.inks, seen[id(piece)], strict=True)
                if is_seen and id(piece) not in too_deep
            )
            for piece in pieces
        }

    def _seen_without(
        self, whole: NDArray[np.uint8], pieces: Iterable[Piece]
    ) -> dict[int, list[bool]]:
        """Return of each glyph whether the page is another where it stands without the pieces."""
        pieces = list(pieces)
        parts = {piece.part for piece in pieces}
        parts |= {echo for part in parts for echo in self._overprint.echoes.get(part, ())}
        without = _draw_without(self._page, parts)
        return {
            id(piece): [self._is_seen(piece, glyph, whole, without) for glyph in piece.inks]
            for piece in pieces
        }

    def _is_seen(
        self,
        piece: Piece,
        glyph: tuple[str, Rect],
        whole: NDArray[np.uint8],
        without: NDArray[np.uint8],
    ) -> bool:
        text, ink = glyph
        box = self._frame.place_turned(ink, 0)
        height, width = whole.shape
        place = (_span(box.top, box.bottom, height), _span(box.left, box.right, width))
        change = np.abs(whole[place].astype(np.int16) - without[place])
        if np.count_nonzero(change >= _MIN_CHANGE) <= _MIN_CHANGED_SHARE * change.size:
            return False
        if piece.luma is None:
            return True
        # Small glyphs are drawn up to a pixel beside their place.
        place = (_grown(place[0]), _grown(place[1]))
        ground = without[place].astype(np.float64)
        contrast = np.maximum(np.abs(piece.luma - ground), _MIN_CHANGE)
        shown = np.minimum(np.abs(whole[place] - ground) / contrast, 1)
        aspect = (ink.right - ink.left) / (ink.top - ink.bottom)
        inked = self._outlines.inked(piece.font, text, aspect) * box.width * box.height
        # Text that is half see-through changes its ground by half as much, and is seen.
        most = max(float(shown.max()), _MIN_FULL_CHANGE)
        return bool(shown.sum() >= _MIN_SHOWN * inked * width * height * most)


def _both(some: Sequence[bool], others: Sequence[bool]) -> list[bool]:
    return [one and other for one, other in zip(some, others, strict=True)]


def _layers(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces in groups within which no text object lies over another."""
    over = _over_each_other(pieces)
    layer_of: dict[int, int] = {}
    for part in dict.fromkeys(piece.part for piece in pieces):
        taken = {layer_of.get(other) for other in over.get(part, ())}
        layer_of[part] = next(layer for layer in count() if layer not in taken)
    layers: list[list[Piece]] = [[] for _ in range(1 + max(layer_of.values(), default=0))]
    for piece in pieces:
        layers[layer_of[piece.part]].append(piece)
    return layers


def _over_each_other(pieces: Sequence[Piece]) -> dict[int, set[int]]:
    """Return of each text object those that share ground with it and say something else."""
    over: dict[int, set[int]] = {}
    for some, others in pairs_over([_around(piece) for piece in pieces]):
        for one, other in zip(some.tolist(), others.tolist(), strict=True):
            first, later = pieces[one], pieces[other]
            if first.part != later.part and _look(first) != _look(later):
                over.setdefault(first.part, set()).add(later.part)
                over.setdefault(later.part, set()).add(first.part)
    return over


def _look(piece: Piece) -> tuple[str, int, float | None]:
    """Return what two pieces have alike where one is the other drawn again for weight."""
    return piece.text, piece.font, piece.luma


def _around(piece: Piece) -> Rect:
    lefts, bottoms, rights, tops = zip(*(ink for _, ink in piece.inks), strict=True)
    return Rect(min(lefts), min(bottoms), max(rights), max(tops))


def _span(start: float, end: float, size: int) -> slice:
    """Return the pixels between two fractions; thin strokes may lie in the one beside them."""
    first = max(0, int(start * size))
    last = max(first + 1, round(end * size))
    is_thin = last - first <= _THIN_PX
    return slice(max(0, first - is_thin), last + is_thin)


def _grown(pixels: slice) -> slice:
    return slice(max(0, pixels.start - 1), pixels.stop + 1)


def _draw_without(page: Any, parts: Set[int]) -> NDArray[np.uint8]:
    """Return the page as shown without some text objects."""
    objects = _text_objects(page, pdfium_c.FPDFPage_CountObjects, pdfium_c.FPDFPage_GetObject)
    texts = [item for item in objects if 0 in parts or address_of(item) in parts]
    for item in texts:
        pdfium_c.FPDFPageObj_SetIsActive(item, False)
    try:
        return _draw(page)
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
