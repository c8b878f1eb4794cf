"""Reads what a page shows outside its own words: text in pictures, and ink under unseen words.

Knows nothing of PDF, nor of why a word is unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from docextract.core import Box, Word
from docextract.documents.ocr.recognition import ocr_engine
from docextract.documents.ocr.text_lines import Pixels
from docextract.documents.pages.geometry import around, clip

_MIN_CONTRAST = 60
"""Grey levels of 255 between the darkest and lightest pixel where text may be read."""

_MIN_WIDTH = 0.03
_MIN_HEIGHT = 0.007
"""Pictures smaller than these shares of the page hold no line of text."""

_REACH = 0.004
"""Scans are cut into strips: pictures nearer than this share of the page are one."""

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
    draw: Callable[[], Pixels],
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
    lines = [line for line in _lines(doubtful) if _has_ink(pixels, _around(line))]
    read = ocr_engine().read_boxes(pixels, [_around(line) for line in lines])
    judged = [(line, _plain(text) == _said(line)) for line, text in zip(lines, read, strict=True)]
    borne_out = tuple(word for line, is_same in judged if is_same for word in line)
    others = [_around(line, _FAR) for line, is_same in judged if not is_same]
    inked = [region for region in _regions([*regions, *others]) if _has_ink(pixels, region)]
    if not inked:
        return Pictured((), borne_out, len(borne_out))
    boxes = [word.box for word in (*said, *borne_out)]
    words, num_unread = ocr_engine().read_regions(pixels, inked, boxes)
    beside = [word for word in doubtful if word not in borne_out and _is_read(word, words)]
    return Pictured(words, borne_out, len(borne_out) + len(beside), num_unread)


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
        joined = picture
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


def _has_ink(pixels: Pixels, box: Box) -> bool:
    height, width = pixels.shape[:2]
    part = pixels[
        int(box.top * height) : round(box.bottom * height),
        int(box.left * width) : round(box.right * width),
    ]
    return bool(part.size) and int(part.max()) - int(part.min()) >= _MIN_CONTRAST
