"""A page as it was read: its words, their places, its pixels.

Knows nothing of the document it is of, nor of what is asked about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle as fractions of the upright page, origin top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Height as a fraction of the page's height."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Width as a fraction of the page's width."""
        return self.right - self.left

    @property
    def middle(self) -> float:
        """Vertical centre as a fraction of the page's height."""
        return (self.top + self.bottom) / 2

    def union(self, other: Box) -> Box:
        """Return the smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


class Place(NamedTuple):
    """Where an engine says it read a raw value; grounding checks it anew."""

    page: int
    box: Box


class Word(NamedTuple):
    """One word as printed, without white space, and where it stands."""

    text: str
    box: Box
    confidence: float = 1.0


class WordSource(StrEnum):
    """Where a page's words come from."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    EMBEDDED_XML = "embedded_xml"
    NONE = "none"


HIDDEN_TEXT = "hidden_text"
"""Note of a page with words that people cannot see; they are left out."""


CODE_NOTE = "code: "
"""What the note of a page begins with that holds little but a QR code; its text follows."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright.

    Attributes:
        number: from 1.
        width: width in points (PDF) or pixels (images), after rotation.
        height: height in the same unit.
        words: words in reading order; boxes are fractions of the upright page.
        word_source: where the words come from.
        rotation: degrees clockwise by which the stored page was turned upright.
        image: RGB image as raw bytes (``size`` then gives width and height in
            pixels), or None where the engine needs no pixels.
        size: pixel size of ``image``.
        notes: what was done to read it, e.g. ``reduced_dpi``.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    word_source: WordSource = WordSource.NONE
    rotation: int = 0
    image: bytes | None = None
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
