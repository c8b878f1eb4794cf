"""Finds text that other text is painted over.

Knows nothing of pixels or paper: boxes meet, and one is painted later. The same text painted a
second time in its place and colour, as printers do for weight, covers nothing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import address_of, by_address, luma

_MIN_ACROSS = 0.15
_MIN_DOWN = 0.25
"""Boxes of ink share ground from these shares of the shortest of their sides on; neighbours in a
line and lines set tightly share less."""

_CHUNK = 100
_MAX_PAIRS = 100_000
"""Pages on which more text lies over text than this are all looked at."""

_MAX_ECHO_SHIFT = 0.25
_MAX_ECHO_GROWTH = 0.1
_MAX_ECHO_LUMA = 50
_MAX_TEXT = 2000

_Address = ctypes.c_void_p
_bounds = by_address(pdfium_c.FPDFPageObj_GetBounds, ctypes.c_int, _Address, *[_Address] * 4)


class TextObject(NamedTuple):
    """A text object of a page: PDFium's handle, and the rectangle around its ink."""

    item: Any
    rect: Rect


@dataclass(slots=True)
class Overprint:
    """Which text of a page lies under other text.

    Attributes:
        covered: addresses of text objects that another one is painted over.
        echoes: by the address of a text object, those that paint it once more, in any colour.
    """

    covered: set[int] = field(default_factory=set)
    echoes: dict[int, set[int]] = field(default_factory=dict)

    def add(self, other: Overprint) -> None:
        """Take in what is known of other text objects."""
        self.covered |= other.covered
        self.echoes |= other.echoes


class TextObjects:
    """The text objects of a page in the order of painting."""

    def __init__(self) -> None:
        self._found: list[TextObject] = []
        self._edges = (ctypes.c_float * 4)()
        first = ctypes.addressof(self._edges)
        self._edges_at = [first + at * ctypes.sizeof(ctypes.c_float) for at in range(4)]

    def add(self, item: Any, address: int) -> None:
        """Take in the object that is painted next."""
        if _bounds(address, *self._edges_at):
            self._found.append(TextObject(item, Rect(*self._edges)))

    def overprint(self, page: Any) -> Overprint:
        """Return which of them lie under later ones of a ``PdfPage``."""
        found, overprint = self._found, Overprint()
        pairs = list(_first_pairs([item.rect for item in found]))
        if len(pairs) > _MAX_PAIRS:
            overprint.covered = {address_of(item.item) for item in found}
        elif pairs:
            _sort_out([(found[under], found[over]) for under, over in pairs], page, overprint)
        return overprint


def _first_pairs(rects: Sequence[Rect]) -> Iterator[tuple[int, int]]:
    """Yield pairs that share ground, one more than may be at most."""
    num = 0
    for some, others in pairs_over(rects):
        left = _MAX_PAIRS + 1 - num
        yield from zip(some[:left].tolist(), others[:left].tolist(), strict=True)
        num += len(some)
        if num > _MAX_PAIRS:
            return


def pairs_over(
    rects: Sequence[Rect],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the places of rectangles that share ground, the earlier and the later, in chunks."""
    edges = np.array(rects, float).reshape(-1, 4)
    by_bottom = np.argsort(edges[:, 1], kind="stable")
    bottoms, tops = edges[by_bottom, 1], edges[by_bottom, 3]
    num_beside = np.searchsorted(bottoms, tops) - np.arange(len(rects)) - 1
    for start in range(0, len(rects), _CHUNK):
        nums = np.maximum(num_beside[start : start + _CHUNK], 0)
        if not nums.any():
            continue
        lower = np.repeat(np.arange(start, start + len(nums)), nums)
        within = np.arange(len(lower)) - np.repeat(np.cumsum(nums) - nums, nums)
        one, other = by_bottom[lower], by_bottom[lower + 1 + within]
        is_over = _shares_ground(edges[one].T, edges[other].T)
        one, other = one[is_over], other[is_over]
        yield np.minimum(one, other), np.maximum(one, other)


def _shares_ground(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    across, down = high - low
    least = np.minimum((one[2:] - one[:2]).min(axis=0), (other[2:] - other[:2]).min(axis=0))
    is_over: NDArray[np.bool_] = (across > _MIN_ACROSS * least) & (down > _MIN_DOWN * least)
    return is_over


def _sort_out(
    pairs: Sequence[tuple[TextObject, TextObject]], page: Any, overprint: Overprint
) -> None:
    again = [_is_in_place(under, over) for under, over in pairs]
    with ExitStack() as stack:
        text_page = stack.enter_context(closing(page.get_textpage())).raw if any(again) else None
        for (under, over), is_again in zip(pairs, again, strict=True):
            part, later = address_of(under.item), address_of(over.item)
            is_echo = is_again and _says_no_more(over.item, under.item, text_page)
            if is_echo:
                overprint.echoes.setdefault(part, set()).add(later)
                overprint.echoes.setdefault(later, set()).add(part)
            if not is_echo or not _is_like(under.item, over.item):
                overprint.covered.add(part)


def _is_in_place(under: TextObject, over: TextObject) -> bool:
    """Whether two text objects have one font and size, and nearly one place."""
    width, height = (under.rect.right - under.rect.left, under.rect.top - under.rect.bottom)
    least = min(width, height)
    shifts = [one - other for one, other in zip(under.rect, over.rect, strict=True)]
    grown = max(abs(shifts[0] - shifts[2]), abs(shifts[1] - shifts[3]))
    if max(map(abs, shifts)) > _MAX_ECHO_SHIFT * least or grown > _MAX_ECHO_GROWTH * least:
        return False
    fonts = [address_of(pdfium_c.FPDFTextObj_GetFont(item.item)) for item in (under, over)]
    return fonts[0] == fonts[1] != 0


def _is_like(under: Any, over: Any) -> bool:
    """Whether two text objects have nearly one colour."""
    own, later = _fill_luma(under), _fill_luma(over)
    return own is not None and later is not None and abs(own - later) <= _MAX_ECHO_LUMA


def _fill_luma(item: Any) -> float | None:
    """Return how light a text object is that is filled and no more; else None."""
    if pdfium_c.FPDFTextObj_GetTextRenderMode(item) != pdfium_c.FPDF_TEXTRENDERMODE_FILL:
        return None
    channels = [ctypes.c_uint() for _ in range(4)]
    is_known = pdfium_c.FPDFPageObj_GetFillColor(item, *channels)
    return luma(*(channel.value for channel in channels[:3])) if is_known else None


def _says_no_more(over: Any, under: Any, text_page: Any) -> bool:
    """Whether a later object has the text of the one under it.

    PDFium leaves an object out of a page's text that has the codes of one just before, which
    with one font are its glyphs; text that stands for nothing is still told as some character.
    """
    return _text(over, text_page) in {b"", _text(under, text_page)}


def _text(item: Any, text_page: Any) -> bytes:
    buffer = (ctypes.c_ushort * _MAX_TEXT)()
    num_bytes = pdfium_c.FPDFTextObj_GetText(item, text_page, buffer, ctypes.sizeof(buffer))
    text = bytes(buffer)[: max(0, num_bytes - 2)]
    return text if num_bytes <= ctypes.sizeof(buffer) else bytes(num_bytes)
