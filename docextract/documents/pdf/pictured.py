"""Reads what a page shows outside its own words: text in pictures, and ink under unseen words.

Knows nothing of PDF, nor of why a word is unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.ocr.recognition import ocr_engine
from docextract.documents.pages.geometry import around, clip

_MIN_CONTRAST = 60
"""Grey levels of 255 between the darkest and lightest pixel where text may be read."""

_MIN_WORD_CONTRAST = 90
"""The same where unseen words stand: the rim that white letters leave around black ones has 70."""

_MIN_WIDTH = 0.03
_MIN_HEIGHT = 0.007
"""Pictures smaller than these shares of the page hold no line of text."""

_REACH = 0.004
"""Scans are cut into strips: pictures nearer than this share of the page are one."""

_MAX_LOGO_WORDS = 5
_FAR = 4.0
_MAX_PICTURES = 400
_MAX_UNSEEN = 60
"""As many unseen words are held against the page at most; reading one costs 25 ms."""


@dataclass(frozen=True, slots=True)
class Pictured:
    """What a page shows outside its own words.

    Attributes:
        words: read off it.
        borne_out: unseen words under which the page shows the same, as where letters are drawn
            as shapes and their text lies over them, see-through.
        num_borne_out: those, and unseen words that were read beside their place.
        num_unread: lines that cannot be read as the page lies.
    """

    words: tuple[Word, ...] = ()
    borne_out: tuple[Word, ...] = ()
    num_borne_out: int = 0
    num_unread: int = 0


def read_pictured(
    pictures: Iterable[Box],
    unseen: Sequence[Word],
    said: Sequence[Word],
    draw: Callable[[], NDArray[np.uint8]],
) -> Pictured:
    """Return what a page shows outside its own words.

    Args:
        pictures: where pictures lie on the upright page.
        unseen: words of the layer that paint nothing people can see.
        said: words that people see.
        draw: returns the upright page; called only where something may be read.

    Raises:
        MissingDependencyError: OCR is needed and not installed.
    """
    regions = _regions(pictures)
    doubtful = [word for word in unseen if not _is_under(word.box, said)][:_MAX_UNSEEN]
    if not regions and not doubtful:
        return Pictured()
    pixels = draw()
    same, others = _held_against(doubtful, pixels)
    inked = [
        region
        for region in _regions([*regions, *others])
        if _contrast(pixels, region) >= _MIN_CONTRAST
    ]
    boxes = [word.box for word in (*said, *same)]
    read = [ocr_engine().read_region(pixels, region, boxes) for region in inked]
    words = tuple(
        word
        for region, (found, _) in zip(inked, read, strict=True)
        if not _is_wordmark(found) or any(_touches(region, box) for box in others)
        for word in found
    )
    beside = [word for word in doubtful if word not in same and _is_read(word, words)]
    return Pictured(words, same, len(same) + len(beside), sum(num for _, num in read))


def _held_against(
    unseen: Sequence[Word], pixels: NDArray[np.uint8]
) -> tuple[tuple[Word, ...], list[Box]]:
    """Return the words whose place shows just them, and the places that show something else."""
    lines = [
        line for line in _lines(unseen) if _contrast(pixels, _around(line)) >= _MIN_WORD_CONTRAST
    ]
    texts = ocr_engine().read_boxes(pixels, list(map(_around, lines))) if lines else []
    judged = [(line, _plain(text) == _said(line)) for line, text in zip(lines, texts, strict=True)]
    same = tuple(word for line, is_same in judged if is_same for word in line)
    return same, [_around(line, _FAR) for line, is_same in judged if not is_same]


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Return words that follow each other closely together, as OCR reads them best."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and _follows(word.box, lines[-1][-1].box):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _follows(box: Box, last: Box) -> bool:
    is_level = last.top <= (box.top + box.bottom) / 2 <= last.bottom
    return is_level and box.left - last.left >= 0 and box.left - last.right <= last.height


def _around(words: Sequence[Word], reach: float = 0.25) -> Box:
    """Return the box around words and a little more, in heights: ink may be wider than text."""
    box = around(word.box for word in words)
    margin = reach * box.height
    return clip(Box(box.left - margin, box.top, box.right + margin, box.bottom))


def _said(words: Sequence[Word]) -> str:
    return _plain("".join(word.text for word in words))


def _regions(pictures: Iterable[Box]) -> list[Box]:
    """Return the boxes of pictures, those that touch as one, without those too small for text."""
    regions: list[Box] = []
    for picture in list(pictures)[:_MAX_PICTURES]:
        joined = clip(picture)
        while touching := [region for region in regions if _touches(region, joined)]:
            regions = [region for region in regions if region not in touching]
            for region in touching:
                joined = joined.union(region)
        regions.append(joined)
    return [box for box in regions if box.width >= _MIN_WIDTH and box.height >= _MIN_HEIGHT]


def _touches(one: Box, other: Box) -> bool:
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    return max(across, down) <= _REACH


def _plain(text: str) -> str:
    return "".join(text.split())


def _is_wordmark(words: Sequence[Word]) -> bool:
    """Whether a picture is a logo: it names no company as its papers do."""
    has_digit = any(letter.isdigit() for word in words for letter in word.text)
    return len(words) <= _MAX_LOGO_WORDS and not has_digit


def _is_read(word: Word, read: Sequence[Word]) -> bool:
    return any(
        word.text == other.text and other.box.top <= word.box.middle <= other.box.bottom
        for other in read
    )


def _is_under(box: Box, words: Sequence[Word]) -> bool:
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return any(
        word.box.left <= across <= word.box.right and word.box.top <= down <= word.box.bottom
        for word in words
    )


def _contrast(pixels: NDArray[np.uint8], box: Box) -> int:
    """Return the grey levels between the darkest and lightest pixel in a box."""
    height, width = pixels.shape[:2]
    part = pixels[
        int(box.top * height) : round(box.bottom * height),
        int(box.left * width) : round(box.right * width),
    ]
    return int(part.max()) - int(part.min()) if part.size else 0
