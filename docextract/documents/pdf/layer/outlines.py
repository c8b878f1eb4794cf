"""Keeps which glyph outlines were read off a drawn page as the character they stand for.

Knows nothing of words or pages. A font may say of any shape that it is any character; the shape
decides. Fonts are embedded in part, yet their outlines stay the same, so that what was read in
one document proves the next. Digits of the standard fonts and of those the fixtures are drawn with
are known from the start: ``fixtures/known_shapes.py`` reads them and writes the file.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium_c

from docextract.documents.pdf.annotations import Rect
from docextract.documents.pdf.layer.glyphs import address_of, by_address

_SIZE = 1000.0
"""Points come as shares of the font's size, whatever size is asked for."""

_KNOWN = "known_shapes.json"
_MAX_SEGMENTS = 400
_MAX_PROVED = 50_000
_MAX_ASPECT_ERROR = 0.08
"""PDFium rounds the ink of a glyph to thousandths of its height; curves bulge a little."""

_Address = ctypes.c_void_p
_segment = by_address(pdfium_c.FPDFGlyphPath_GetGlyphPathSegment, _Address, _Address, ctypes.c_int)
_point = by_address(pdfium_c.FPDFPathSegment_GetPoint, ctypes.c_int, _Address, _Address, _Address)


class Outline(NamedTuple):
    """What a font draws for a character: its points, and width by height."""

    key: int
    aspect: float


class Shape(NamedTuple):
    """A character and the outline it is said to have."""

    character: str
    outline: int


class Outlines:
    """The outlines of a page's fonts.

    Args:
        fonts: PDFium's handles by address.
    """

    def __init__(self, fonts: Mapping[int, Any]) -> None:
        self._fonts = fonts
        self._known: dict[tuple[int, str], tuple[Shape | None, float]] = {}
        self._proved: dict[tuple[int, str], float | None] = {}
        self._inked: dict[tuple[int, str], float] = {}

    def are_proved(self, font: int, inks: Iterable[tuple[str, Rect]]) -> bool:
        """Return whether all letters and digits have shapes that were read as them somewhere.

        Args:
            font: address of the font.
            inks: each character and the rectangle around what its glyph draws.
        """
        proved = self._proved
        for text, (left, bottom, right, top) in inks:
            if not text.isalnum():
                continue
            key = (font, text)
            drawn = proved[key] if key in proved else self._proved_aspect(key)
            if drawn is None or not _fits((right - left) / (top - bottom), drawn):
                return False
        return True

    def _proved_aspect(self, key: tuple[int, str]) -> float | None:
        """Return the aspect of a font's character; None where its shape is not proved."""
        shape, drawn = self._known[key] if key in self._known else self._drawn(key)
        self._proved[key] = drawn if shape in proved_shapes() else None
        return self._proved[key]

    def shape(self, font: int, character: str, aspect: float) -> Shape | None:
        """Return the shape of a character; None where it has no outline that fits its ink.

        Args:
            font: address of the font.
            character: what the font says it is.
            aspect: width by height of its ink on the page.
        """
        key = (font, character)
        shape, drawn = self._known[key] if key in self._known else self._drawn(key)
        return shape if _fits(aspect, drawn) else None

    def inked(self, font: int, character: str, aspect: float) -> float:
        """Return how much of the rectangle around a glyph its ink fills; 0 if nobody knows.

        Args:
            font: address of the font.
            character: what the font says it is.
            aspect: width by height of its ink on the page.
        """
        key = (font, character)
        if self.shape(font, character, aspect) is None:
            return 0.0
        if key not in self._inked:
            self._inked[key] = _inked(self._fonts.get(font), character)
        return self._inked[key]

    def _drawn(self, key: tuple[int, str]) -> tuple[Shape | None, float]:
        """Return the shape of a font's character and its aspect, which are looked up once."""
        font, character = key
        outline = _outline(self._fonts.get(font), character)
        shape = Shape(character, outline.key) if outline else None
        self._known[key] = (shape, outline.aspect if outline else 1.0)
        return self._known[key]


def _fits(aspect: float, drawn: float) -> bool:
    """Whether ink is as wide by its height as an outline; text may run upwards."""
    return abs(aspect / drawn - 1) <= _MAX_ASPECT_ERROR or (
        abs(aspect * drawn - 1) <= _MAX_ASPECT_ERROR
    )


@lru_cache(maxsize=1)
def proved_shapes() -> set[Shape]:
    """Return the shapes that were read as what they are said to be, here or when this was made."""
    kept = json.loads((files(__package__) / _KNOWN).read_text("ascii"))
    return {Shape(character, int(key, 16)) for character, keys in kept.items() for key in keys}


def remember(shapes: Iterable[Shape | None]) -> None:
    """Keep shapes that were read as what they are said to be."""
    new = {shape for shape in shapes if shape is not None}
    if len(proved_shapes()) + len(new) > _MAX_PROVED:
        proved_shapes.cache_clear()
    proved_shapes().update(new)


def _path(font: Any, character: str) -> tuple[Any, int]:
    """Return the path that a font draws for a character, and of how many segments."""
    path = pdfium_c.FPDFFont_GetGlyphPath(font, ord(character), _SIZE) if font else None
    num = pdfium_c.FPDFGlyphPath_CountGlyphSegments(path) if path else 0
    return path, num if 0 < num <= _MAX_SEGMENTS else 0


def _outline(font: Any, character: str) -> Outline | None:
    path, num = _path(font, character)
    if not num:
        return None
    points = (ctypes.c_float * (2 * num))()
    size = ctypes.sizeof(ctypes.c_float)
    across = ctypes.addressof(points)
    up = across + num * size
    path_at = address_of(path)
    for index, at in enumerate(range(across, up, size)):
        _point(_segment(path_at, index), at, at + num * size)
    xs, ys = points[:num], points[num:]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if not width or not height:
        return None
    # Of a hash that nobody can find a second outline for: a file could bring that along.
    key = int.from_bytes(hashlib.blake2b(bytes(points), digest_size=16).digest(), "big")
    return Outline(key, width / height)


def _inked(font: Any, character: str) -> float:
    """Return the share of an outline's rectangle that lies within its contours.

    Curves count as the lines through their points, which is near enough.
    """
    path, num = _path(font, character)
    points: list[tuple[float, float]] = []
    twice = 0.0
    start = (0.0, 0.0)
    across, up = ctypes.c_float(), ctypes.c_float()
    for index in range(num):
        segment = pdfium_c.FPDFGlyphPath_GetGlyphPathSegment(path, index)
        pdfium_c.FPDFPathSegment_GetPoint(segment, across, up)
        point = (across.value, up.value)
        if pdfium_c.FPDFPathSegment_GetType(segment) == pdfium_c.FPDF_SEGMENT_MOVETO:
            twice += _turn(points[-1], start) if points else 0.0
            start = point
        else:
            twice += _turn(points[-1], point)
        points.append(point)
    twice += _turn(points[-1], start)
    width, height = (max(side) - min(side) for side in zip(*points, strict=True))
    return float(abs(twice) / 2 / (width * height))


def _turn(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return twice the area between two points and the origin, less than 0 if clockwise."""
    return one[0] * other[1] - other[0] * one[1]
