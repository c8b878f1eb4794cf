"""Reads the words of a PDF page's text layer, with boxes on the upright page.

Knows nothing of pixels or OCR, and does not judge whether the layer can be trusted.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2.raw as pdfium_c

from docextract.core import Box, Word
from docextract.documents.pages.geometry import clip, turn
from docextract.documents.pdf.annotations import Rect

_LINE_END_HYPHENS = frozenset({0x02, 0xFFFE})
"""What PDFium puts in place of a hyphen at the end of a line."""

_SOFT_HYPHEN = 0xAD
_ZERO_WIDTH = frozenset({0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF})
_LIGATURES = range(0xFB00, 0xFB07)
_MAX_GAP = 0.8
"""Characters further apart than this share of their height are two words."""

_MIN_HEIGHT_PT = 1.5
"""Text lower than this cannot be read by people."""

_MIN_ON_PAGE = 0.3
"""A word with less than this share of its box on the page is not on it."""


_INVISIBLE_MODES = frozenset(
    {pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP}
)
_PLAIN_MODES = frozenset(
    {pdfium_c.FPDF_TEXTRENDERMODE_FILL, pdfium_c.FPDF_TEXTRENDERMODE_FILL_STROKE}
)
_MIN_OPAQUE = 128
_MIN_TURNED_SHARE = 0.7
_MIN_CHARACTERS_TO_TURN = 20


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word of the text layer and how it is painted.

    Attributes:
        word: its text, and its box on the upright page.
        is_invisible: whether it is text that paints nothing, as under a scan.
        luma: how light its fill is, 0 to 255; None where it is see-through, outlined only or
            a glyph without ink.
        part: address of the text object it begins in, 0 where it is not known.
    """

    word: Word
    is_invisible: bool
    luma: float | None
    part: int


@dataclass(frozen=True, slots=True)
class TextLayer:
    """A page's text layer, in the order of the file.

    Attributes:
        words: words on the page; boxes are fractions of the upright page.
        num_characters: all characters but white space.
        num_unmapped: those whose font does not say what they are.
        num_hidden: words left out because nobody could see them: tiny or off the page.
        turned: degrees clockwise by which the shown page has yet to be turned, because
            most of its text runs upwards, downwards or upside down.
    """

    words: tuple[LayerWord, ...]
    num_characters: int
    num_unmapped: int
    num_hidden: int
    turned: int


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The visible box of a page in PDF space, and its /Rotate in degrees clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    def place(self, rect: Rect | _Glyphs) -> Box:
        """Return a rectangle as fractions of the page before rotation."""
        width, height = self.right - self.left, self.top - self.bottom
        return Box(
            (rect.left - self.left) / width,
            (self.top - rect.top) / height,
            (rect.right - self.left) / width,
            (self.top - rect.bottom) / height,
        )


@dataclass(slots=True)
class _Glyphs:
    """The characters of one word and the rectangle around them, in PDF space."""

    first_index: int
    text: str
    left: float
    bottom: float
    right: float
    top: float

    def add(self, text: str, rect: Any) -> None:
        self.text += text
        self.left, self.right = min(self.left, rect.left), max(self.right, rect.right)
        self.bottom, self.top = min(self.bottom, rect.bottom), max(self.top, rect.top)

    def is_within(self, rect: Rect) -> bool:
        """Whether their middle lies in a rectangle."""
        across, up = (self.left + self.right) / 2, (self.bottom + self.top) / 2
        return rect.left <= across <= rect.right and rect.bottom <= up <= rect.top

    def is_near(self, rect: Any) -> bool:
        """Whether a character may belong to this word, whichever way the text runs."""
        own = min(self.top - self.bottom, self.right - self.left)
        reach = _MAX_GAP * max(own, min(rect.top - rect.bottom, rect.right - rect.left))
        return bool(
            rect.left - self.right <= reach
            and self.left - rect.right <= reach
            and rect.bottom - self.top <= reach
            and self.bottom - rect.top <= reach
        )


def page_frame(page: Any) -> PageFrame:
    """Return the frame of a ``PdfPage``: what PDFium shows, so CropBox within MediaBox."""
    left, bottom, right, top = page.get_bbox()
    return PageFrame(left, bottom, right, top, page.get_rotation() % 360)


def read_text_layer(page: Any, frame: PageFrame, combs: Sequence[Rect] = ()) -> TextLayer:
    """Return the text layer of a ``PdfPage``.

    Args:
        page: the page.
        frame: its visible box.
        combs: form fields whose characters stand far apart and are one word.
    """
    text_page = page.get_textpage()
    try:
        return _read(text_page.raw, frame, combs)
    finally:
        text_page.close()


def _read(text_page: Any, frame: PageFrame, combs: Sequence[Rect]) -> TextLayer:
    words: list[LayerWord] = []
    num_unmapped = num_characters = num_hidden = 0
    turns: Counter[int] = Counter()
    for glyphs in _joined(_glyph_groups(text_page), combs):
        num_characters += len(glyphs.text)
        if pdfium_c.FPDFText_HasUnicodeMapError(text_page, glyphs.first_index) == 1:
            num_unmapped += len(glyphs.text)
        box = frame.place(glyphs)
        if _is_legible(glyphs, box):
            turns[_quarter_turn(text_page, glyphs.first_index)] += len(glyphs.text)
            words.append(_painted(text_page, glyphs, box))
        else:
            num_hidden += 1
    turned = _turned(turns, frame.rotation)
    upright = tuple(
        replace(w, word=w.word._replace(box=turn(w.word.box, frame.rotation + turned)))
        for w in words
    )
    return TextLayer(upright, num_characters, num_unmapped, num_hidden, turned)


def _glyph_groups(text_page: Any) -> Iterator[_Glyphs]:
    """Yield the glyphs of each word: split at white space and at gaps."""
    rect = pdfium_c.FS_RECTF()
    reference = ctypes.byref(rect)
    group: _Glyphs | None = None
    high_surrogate = 0
    for index in range(pdfium_c.FPDFText_CountChars(text_page)):
        code = pdfium_c.FPDFText_GetUnicode(text_page, index)
        if 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        text = _character(code, high_surrogate)
        high_surrogate = 0
        if text.isspace():
            if group is not None:
                yield group
            group = None
        elif text and _read_rect(text_page, index, rect, reference):
            if group is not None and group.is_near(rect):
                group.add(text, rect)
                continue
            if group is not None:
                yield group
            group = _Glyphs(index, text, rect.left, rect.bottom, rect.right, rect.top)
    if group is not None:
        yield group


def _joined(groups: Iterator[_Glyphs], combs: Sequence[Rect]) -> Iterator[_Glyphs]:
    """Yield groups, those in one comb as one."""
    in_comb: dict[Rect, _Glyphs] = {}
    for group in groups:
        comb = next((comb for comb in combs if group.is_within(comb)), None)
        if comb is None:
            yield group
        elif comb in in_comb:
            in_comb[comb].add(group.text, group)
        else:
            in_comb[comb] = group
    yield from in_comb.values()


def _character(code: int, high_surrogate: int) -> str:
    """Return one character as text; empty for what stands for nothing."""
    if 0xDC00 <= code < 0xE000:
        is_pair = bool(high_surrogate)
        code = 0x10000 + ((high_surrogate - 0xD800) << 10) + code - 0xDC00 if is_pair else 0xFFFD
    if code in _LINE_END_HYPHENS or code == _SOFT_HYPHEN:
        return "-"
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", chr(code))
    if code == 0 or code in _ZERO_WIDTH:
        return ""
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _read_rect(text_page: Any, index: int, rect: Any, reference: Any) -> bool:
    """Fill ``rect`` with the character's cell; with its ink where the font gives no cell."""
    is_read = pdfium_c.FPDFText_GetLooseCharBox(text_page, index, reference)
    if is_read and rect.top > rect.bottom and rect.right > rect.left:
        return True
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium_c.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return False
    rect.left, rect.right = left.value, right.value
    rect.bottom, rect.top = bottom.value, top.value
    return math.isfinite(rect.left + rect.right + rect.bottom + rect.top)


def _is_legible(glyphs: _Glyphs, box: Box) -> bool:
    if min(glyphs.top - glyphs.bottom, glyphs.right - glyphs.left) <= 0:
        return False
    if max(glyphs.top - glyphs.bottom, glyphs.right - glyphs.left) < _MIN_HEIGHT_PT:
        return False
    shown = clip(box)
    return shown.width * shown.height >= _MIN_ON_PAGE * box.width * box.height


def _painted(text_page: Any, glyphs: _Glyphs, box: Box) -> LayerWord:
    text = unicodedata.normalize("NFC", glyphs.text)
    part = pdfium_c.FPDFText_GetTextObject(text_page, glyphs.first_index)
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(part) if part else None
    colour = _luma(text_page, glyphs.first_index) if mode in _PLAIN_MODES else None
    return LayerWord(Word(text, clip(box)), mode in _INVISIBLE_MODES, colour, address_of(part))


def address_of(part: Any) -> int:
    """Return where a page object lives, 0 for none: the same object has the same address."""
    return ctypes.cast(part, ctypes.c_void_p).value or 0


def _luma(text_page: Any, index: int) -> float | None:
    channels = [ctypes.c_uint() for _ in range(4)]
    is_known = pdfium_c.FPDFText_GetFillColor(text_page, index, *channels)
    red, green, blue, alpha = (channel.value for channel in channels)
    edges = [ctypes.c_double() for _ in range(4)]
    pdfium_c.FPDFText_GetCharBox(text_page, index, *edges)
    left, right, bottom, top = (edge.value for edge in edges)
    has_ink = right > left and top > bottom
    return luma(red, green, blue) if is_known and has_ink and alpha >= _MIN_OPAQUE else None


def luma(red: int, green: int, blue: int) -> float:
    """Return how light a colour is, 0 to 255, as PDFium turns colours into grey (BT.601)."""
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _quarter_turn(text_page: Any, index: int) -> int:
    """Return the direction of a character in degrees anticlockwise, to a quarter turn."""
    clockwise = pdfium_c.FPDFText_GetCharAngle(text_page, index)
    return -round(math.degrees(clockwise) / 90) * 90 % 360 if clockwise >= 0 else 0


def _turned(turns: Counter[int], rotation: int) -> int:
    """Return how far the shown page must be turned clockwise to make most text upright."""
    if turns.total() < _MIN_CHARACTERS_TO_TURN:
        return 0
    direction, num_characters = turns.most_common(1)[0]
    is_clear = num_characters >= _MIN_TURNED_SHARE * turns.total()
    return (direction - rotation) % 360 if is_clear else 0
