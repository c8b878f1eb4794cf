"""Reads the words of a PDF page's text layer, with boxes on the upright page.

Knows nothing of pixels or OCR, and does not judge whether the layer can be trusted.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from docextract.core import Box, Word
from docextract.documents.pages.geometry import around, clip, turn
from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import (
    UNSAID,
    Glyph,
    Glyphs,
    address_of,
    luma,
    words_of_glyphs,
)

MIN_DIGITS = 3
"""Shorter numbers are quantities and page numbers; reading one costs 25 ms of CPU."""

_MIN_HEIGHT_PT = 2.2
"""Characters whose cell is lower than this, about 2 points of type, cannot be read by people."""

_MAX_UNSCALED_PT = 734
"""Pages whose short side is longer, a fifth more than Letter has, are printed or shown smaller."""

_MIN_NARROW = 0.1
"""Words whose characters are narrower than this share of their height are squeezed to a line."""

_MIN_GLYPH_NARROW = 0.05
"""A single glyph narrower than this share of its height is a line to people; an `l` takes 0.2."""

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
_ACTUAL_TEXT = b"ActualText"
_INK, _PART = attrgetter("ink"), attrgetter("part")


@dataclass(frozen=True, slots=True)
class Piece:
    """The characters of one word that one text object draws.

    Attributes:
        text: what they say.
        box: around them, on the upright page.
        inks: for each character its text, and the rectangle around what its glyph draws, in PDF
            space; its cell where the glyph draws nothing.
        is_invisible: whether they paint nothing, as under a scan.
        luma: how light their fill is, 0 to 255; None where it is see-through, outlined only or
            a glyph without ink.
        part: address of the text object, 0 where it is not known.
        font: address of its font, 0 where it is not known.
    """

    text: str
    box: Box
    inks: tuple[tuple[str, Rect], ...]
    is_invisible: bool
    luma: float | None
    part: int
    font: int


@dataclass(frozen=True, slots=True)
class LayerWord:
    """A word of the text layer and the pieces that it is painted in."""

    word: Word
    pieces: tuple[Piece, ...]
    is_replaced: bool = False
    """Whether the file says another text than its glyphs do (``/ActualText``)."""

    @property
    def is_invisible(self) -> bool:
        """Whether it paints nothing, as under a scan."""
        return all(piece.is_invisible for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word of the layer as people see it, and what it is made of."""

    word: Word
    source: LayerWord

    @property
    def is_said(self) -> bool:
        """Whether its text is what the fonts say of its glyphs."""
        return UNSAID not in self.word.text and not self.source.is_replaced


@dataclass(frozen=True, slots=True)
class TextLayer:
    """A page's text layer, in the order of the file.

    Attributes:
        words: words on the page; boxes are fractions of the upright page.
        num_characters: all characters but white space.
        num_unsaid: those of which the font does not say what they are.
        num_hidden: words left out because nobody could see them: tiny or off the page.
        turned: degrees clockwise by which the shown page has yet to be turned, because
            most of its text runs upwards, downwards or upside down.
        fonts: PDFium's handles by address; they live as long as the page.
    """

    words: tuple[LayerWord, ...]
    num_characters: int
    num_unsaid: int
    num_hidden: int
    turned: int
    fonts: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The visible box of a page in PDF space, and its /Rotate in degrees clockwise."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def least_height(self) -> float:
        """How high the cells of characters must be for people to read them on the whole page."""
        short_side = min(self.right - self.left, self.top - self.bottom)
        return _MIN_HEIGHT_PT * max(1.0, short_side / _MAX_UNSCALED_PT)

    def place(self, rect: Rect | Glyph | Glyphs) -> Box:
        """Return a rectangle as fractions of the page before rotation."""
        width, height = self.right - self.left, self.top - self.bottom
        return Box(
            (rect.left - self.left) / width,
            (self.top - rect.top) / height,
            (rect.right - self.left) / width,
            (self.top - rect.bottom) / height,
        )

    def place_turned(self, rect: Rect | Glyph | Glyphs, turned: int) -> Box:
        """Return a rectangle as fractions of the page as shown, then turned clockwise."""
        return turn(self.place(rect), self.rotation + turned)


def page_frame(page: Any) -> PageFrame:
    """Return the frame of a ``PdfPage``: what PDFium shows, so CropBox within MediaBox."""
    left, bottom, right, top = page.get_bbox()
    return PageFrame(left, bottom, right, top, page.get_rotation() % 360)


def digits(text: str) -> str:
    """Return the digits of a text of any script, as those of ASCII."""
    found = (character for character in text if character.isdecimal())
    return "".join(d if d.isascii() else str(unicodedata.decimal(d)) for d in found)


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
    num_unsaid = num_characters = num_hidden = 0
    least = frame.least_height
    turns: Counter[int] = Counter()
    legible: list[tuple[Glyphs, list[Glyph]]] = []
    for glyphs in words_of_glyphs(text_page, combs):
        text, first = glyphs.text, glyphs.members[0].place
        num_characters += len(text)
        num_unsaid += text.count(UNSAID)
        members = [member for member in glyphs.members if _is_large_enough(member, least)]
        if members and _is_legible(glyphs, frame.place(glyphs), least):
            turns[_quarter_turn(text_page, first)] += len(text)
            legible.append((glyphs, members))
            num_hidden += len(members) < len(glyphs.members)
        else:
            num_hidden += 1
    turned = _turned(turns, frame.rotation)
    painted = _PieceReader(text_page, lambda rect: frame.place_turned(rect, turned))
    words = tuple(painted.word(glyphs, members) for glyphs, members in legible)
    return TextLayer(words, num_characters, num_unsaid, num_hidden, turned, painted.fonts)


def _is_large_enough(glyph: Glyph, least_height: float) -> bool:
    if not glyph.has_cell:
        return True
    width, height = glyph.right - glyph.left, glyph.top - glyph.bottom
    short_side, long_side = (width, height) if width < height else (height, width)
    least = _MIN_GLYPH_NARROW * long_side
    return long_side >= least_height and (short_side >= least or glyph.short_side >= least)


def _is_legible(glyphs: Glyphs, box: Box, least_height: float) -> bool:
    width, height = glyphs.right - glyphs.left, glyphs.top - glyphs.bottom
    if min(width, height) <= 0 or max(width, height) < least_height:
        return False
    num = len(glyphs.members)
    # No member is longer than its word, so that of few of them none is too narrow.
    if num * _MIN_NARROW > 1 and max(width, height) / num < _MIN_NARROW * max(
        member.long_side for member in glyphs.members
    ):
        return False
    shown = clip(box)
    return shown.width * shown.height >= _MIN_ON_PAGE * box.width * box.height


class _Paint(NamedTuple):
    """How a text object is painted: whether at all, how light, and the address of its font."""

    is_invisible: bool
    luma: float | None
    font: int


class _PieceReader:
    """Reads how words are painted; what is known of a text object is asked once."""

    def __init__(self, text_page: Any, place: Callable[[Rect | Glyph | Glyphs], Box]) -> None:
        self._text_page = text_page
        self._place = place
        self._is_replaced: dict[int, bool] = {}
        self._paint_of: dict[int, _Paint] = {}
        self.fonts: dict[int, Any] = {}

    def word(self, glyphs: Glyphs, members: Sequence[Glyph]) -> LayerWord:
        """Return the word that some of its characters make."""
        box = clip(self._place(glyphs))
        pieces = tuple(self._pieces(members, box))
        text = unicodedata.normalize("NFC", "".join(piece.text for piece in pieces))
        is_replaced = any(self._has_other_text(m.part, m.place) for m in (members[0], members[-1]))
        return LayerWord(Word(text, box), pieces, is_replaced)

    def _pieces(self, members: Sequence[Glyph], whole: Box) -> Iterator[Piece]:
        for part, run in groupby(members, _PART):
            glyphs = list(run)
            texts = [glyph.text for glyph in glyphs]
            inks = tuple(zip(texts, [glyph.ink or glyph.cell for glyph in glyphs], strict=True))
            paint = self._paint_of.get(part) or self._paint(part, glyphs[0].place)
            colour = paint.luma if all(map(_INK, glyphs)) else None
            is_whole = len(glyphs) == len(members)
            box = whole if is_whole else clip(around(self._place(glyph) for glyph in glyphs))
            yield Piece("".join(texts), box, inks, paint.is_invisible, colour, part, paint.font)

    def _paint(self, part: int, index: int) -> _Paint:
        """Return how the text object of a character is painted; where there is none, nothing."""
        item = pdfium_c.FPDFText_GetTextObject(self._text_page, index)
        mode = pdfium_c.FPDFTextObj_GetTextRenderMode(item) if part else None
        font = pdfium_c.FPDFTextObj_GetFont(item) if part else None
        self.fonts[address_of(font)] = font
        colour = self._luma(index) if mode in _PLAIN_MODES else None
        self._paint_of[part] = _Paint(mode in _INVISIBLE_MODES, colour, address_of(font))
        return self._paint_of[part]

    def _luma(self, index: int) -> float | None:
        channels = [ctypes.c_uint() for _ in range(4)]
        is_known = pdfium_c.FPDFText_GetFillColor(self._text_page, index, *channels)
        red, green, blue, alpha = (channel.value for channel in channels)
        return luma(red, green, blue) if is_known and alpha >= _MIN_OPAQUE else None

    def _has_other_text(self, part: int, index: int) -> bool:
        if part not in self._is_replaced:
            item = pdfium_c.FPDFText_GetTextObject(self._text_page, index) if part else None
            self._is_replaced[part] = bool(item) and _has_actual_text(item)
        return self._is_replaced[part]


def _has_actual_text(item: Any) -> bool:
    return any(
        pdfium_c.FPDFPageObjMark_GetParamValueType(
            pdfium_c.FPDFPageObj_GetMark(item, index), _ACTUAL_TEXT
        )
        == pdfium_c.FPDF_OBJECT_STRING
        for index in range(pdfium_c.FPDFPageObj_CountMarks(item))
    )


def _quarter_turn(text_page: Any, index: int) -> int:
    """Return the direction of a character in degrees anticlockwise, to a quarter turn."""
    clockwise = pdfium_c.FPDFText_GetCharAngle(text_page, index)
    return -round(math.degrees(clockwise) / 90) * 90 % 360 if clockwise > 0 else 0


def _turned(turns: Counter[int], rotation: int) -> int:
    """Return how far the shown page must be turned clockwise to make most text upright."""
    if turns.total() < _MIN_CHARACTERS_TO_TURN:
        return 0
    direction, num_characters = turns.most_common(1)[0]
    is_clear = num_characters >= _MIN_TURNED_SHARE * turns.total()
    return (direction - rotation) % 360 if is_clear else 0
