"""Groups the characters of a PDF page into words, and keeps how each of them is painted.

Knows nothing of pixels, nor of which words people can see.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from docextract.documents.pdf.annotations import Rect

_LINE_END_HYPHENS = frozenset({0x02, 0xFFFE})
"""What PDFium puts in place of a hyphen at the end of a line."""

_SOFT_HYPHEN = 0xAD
_ZERO_WIDTH = frozenset({0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF})
UNSAID = "\ufffd"
"""Stands for a glyph of which the font does not say what it is."""

_ACCENTED = range(0xC0, 0x250)
"""Letters beyond ASCII: fonts that lack an encoding for them draw them all the same."""

_LIGATURES = range(0xFB00, 0xFB07)
_MIN_ECHO = 0.5
"""Two equal characters that share as much of their cells are one, drawn twice for weight or a
shadow; side by side they share a fifth at most."""

_MAX_GAP = 0.8
"""Characters further apart than this share of their height are two words."""


_Address = ctypes.c_void_p


def by_address(function: Any, *kinds: Any) -> Any:
    """Return a function of PDFium that takes and gives addresses as numbers.

    What runs for each character or point then makes no pointer objects, which cost more than
    the call itself.

    Args:
        function: as ``pypdfium2.raw`` has it.
        kinds: of what it gives back, then of what it takes.
    """
    return ctypes.CFUNCTYPE(*kinds)(ctypes.cast(function, _Address).value or 0)


_code = by_address(pdfium_c.FPDFText_GetUnicode, ctypes.c_uint, _Address, ctypes.c_int)
_has_no_code = by_address(
    pdfium_c.FPDFText_HasUnicodeMapError, ctypes.c_int, _Address, ctypes.c_int
)
_text_object = by_address(pdfium_c.FPDFText_GetTextObject, _Address, _Address, ctypes.c_int)
_loose_box = by_address(
    pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, _Address, ctypes.c_int, _Address
)
_tight_box = by_address(
    pdfium_c.FPDFText_GetCharBox, ctypes.c_int, _Address, ctypes.c_int, *[_Address] * 4
)


class Glyph(NamedTuple):
    """One character: its place in the text, its text object, its cell and ink in PDF space."""

    place: int
    text: str
    part: int
    left: float
    bottom: float
    right: float
    top: float
    ink: Rect | None
    """Around what the glyph draws; None where it draws nothing."""
    has_cell: bool = True
    """Whether the font says how high it is; else the rectangle is that of its ink."""

    @property
    def cell(self) -> Rect:
        """The rectangle it takes up."""
        return Rect(self.left, self.bottom, self.right, self.top)

    @property
    def long_side(self) -> float:
        """Width or height, whichever is more, in points."""
        return max(self.right - self.left, self.top - self.bottom)

    @property
    def short_side(self) -> float:
        """Width or height, whichever is less, of its cell or of its ink where that is wider."""
        own = min(self.right - self.left, self.top - self.bottom)
        if self.ink is None:
            return own
        return max(own, min(self.ink.right - self.ink.left, self.ink.top - self.ink.bottom))


@dataclass(slots=True)
class Glyphs:
    """The characters of one word and the rectangle around them, in PDF space."""

    left: float
    bottom: float
    right: float
    top: float
    members: list[Glyph] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the characters say."""
        return "".join(member.text for member in self.members)

    def add(self, glyph: Glyph) -> None:
        """Take in a character."""
        self.members.append(glyph)
        _, _, _, left, bottom, right, top, _, _ = glyph
        self.left = left if left < self.left else self.left
        self.right = right if right > self.right else self.right
        self.bottom = bottom if bottom < self.bottom else self.bottom
        self.top = top if top > self.top else self.top

    def echoes(self, glyph: Glyph) -> bool:
        """Whether a character is here already, drawn by another text object."""
        return glyph.part != self.members[-1].part and any(
            own.text == glyph.text and own.part != glyph.part and _is_over(own, glyph)
            for own in self.members
        )

    def is_within(self, rect: Rect) -> bool:
        """Whether their middle lies in a rectangle."""
        across, up = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        return rect.left <= across <= rect.right and rect.bottom <= up <= rect.top

    def is_near(self, rect: Glyph) -> bool:
        """Whether a character may belong to this word, whichever way the text runs."""
        across = max(rect.left - self.right, self.left - rect.right)
        gap = max(across, rect.bottom - self.top, self.bottom - rect.top)
        if gap <= 0:
            return True
        own = min(self.top - self.bottom, self.right - self.left)
        return gap <= _MAX_GAP * max(own, min(rect.top - rect.bottom, rect.right - rect.left))


def words_of_glyphs(text_page: Any, combs: Sequence[Rect] = ()) -> Iterator[Glyphs]:
    """Yield the glyphs of each word: split at white space and gaps, those in one comb as one."""
    in_comb: dict[Rect, Glyphs] = {}
    for group in _groups(text_page):
        comb = next((comb for comb in combs if group.is_within(comb)), None)
        if comb is None:
            yield group
        elif comb in in_comb:
            for glyph in group.members:
                in_comb[comb].add(glyph)
        else:
            in_comb[comb] = group
    yield from in_comb.values()


def _groups(text_page: Any) -> Iterator[Glyphs]:
    group: Glyphs | None = None
    for glyph in _glyphs(text_page):
        if glyph is not None and group is not None and group.is_near(glyph):
            if not group.echoes(glyph):
                group.add(glyph)
            continue
        if group is not None:
            yield group
        group = None
        if glyph is not None:
            group = Glyphs(glyph.left, glyph.bottom, glyph.right, glyph.top, [glyph])
    if group is not None:
        yield group


def _glyphs(text_page: Any) -> Iterator[Glyph | None]:
    """Yield each character that stands for something; None where there is white space."""
    page_at = address_of(text_page)
    read = _CellReader(page_at)
    high_surrogate = 0
    for index in range(pdfium_c.FPDFText_CountChars(text_page)):
        code = _code(page_at, index)
        if _has_no_code(page_at, index) == 1 and code not in _ACCENTED:
            unsaid = read.glyph(index, UNSAID)
            yield unsaid if unsaid and unsaid.ink else None
            continue
        if 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        text = chr(code) if 0x20 < code < 0x7F else _character(code, high_surrogate)
        high_surrogate = 0
        if text.isspace():
            yield None
        elif text and (glyph := read.glyph(index, text)) is not None:
            yield glyph


def _character(code: int, high_surrogate: int) -> str:
    """Return one character as text; empty for what stands for nothing."""
    if 0xDC00 <= code < 0xE000:
        is_pair = bool(high_surrogate)
        code = (
            0x10000 + ((high_surrogate - 0xD800) << 10) + code - 0xDC00 if is_pair else ord(UNSAID)
        )
    if code in _LINE_END_HYPHENS or code == _SOFT_HYPHEN:
        return "-"
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", chr(code))
    if code == 0 or code in _ZERO_WIDTH:
        return ""
    return chr(code) if code <= 0x10FFFF else UNSAID


class _CellReader:
    """Reads where characters stand, with one set of buffers: this runs for each of them."""

    def __init__(self, page_at: int) -> None:
        self._page_at = page_at
        self._cell = array("f", [0.0] * 4)
        self._cell_at, _ = self._cell.buffer_info()
        self._edges = array("d", [0.0] * 4)
        first, _ = self._edges.buffer_info()
        self._edges_at = [first + at * self._edges.itemsize for at in range(4)]

    def glyph(self, index: int, text: str) -> Glyph | None:
        """Return a character with its cell, or its ink where the font gives no cell."""
        ink = self._ink(index)
        part = _text_object(self._page_at, index) or 0
        is_read = _loose_box(self._page_at, index, self._cell_at)
        left, top, right, bottom = self._cell
        if is_read and top > bottom and right > left:
            return Glyph(index, text, part, left, bottom, right, top, ink)
        return None if ink is None else Glyph(index, text, part, *ink, ink, False)

    def _ink(self, index: int) -> Rect | None:
        if not _tight_box(self._page_at, index, *self._edges_at):
            return None
        left, right, bottom, top = self._edges
        if right > left and top > bottom and math.isfinite(left + right + bottom + top):
            return Rect(left, bottom, right, top)
        return None


def _is_over(one: Glyph, other: Glyph) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    up = min(one.top, other.top) - max(one.bottom, other.bottom)
    narrow = min(one.right - one.left, other.right - other.left)
    low = min(one.top - one.bottom, other.top - other.bottom)
    return across >= _MIN_ECHO * narrow and up >= _MIN_ECHO * low


def address_of(part: Any) -> int:
    """Return where a page object lives, 0 for none: the same object has the same address."""
    return ctypes.addressof(part.contents) if part else 0


def luma(red: int, green: int, blue: int) -> float:
    """Return how light a colour is, 0 to 255, as PDFium turns colours into grey (BT.601)."""
    return 0.299 * red + 0.587 * green + 0.114 * blue
