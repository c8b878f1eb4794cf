"""Makes a page out of pixels: OCR, the turn it found, and the image if it is wanted.

Knows nothing of files, PDF or text layers.
"""

from __future__ import annotations

from docextract.core import CODE_NOTE, Page, Word, WordSource
from docextract.documents.ocr.recognition import ReadPage, ocr_engine
from docextract.documents.ocr.sheet_codes import code_on
from docextract.documents.ocr.text_lines import Pixels, turn_pixels
from docextract.documents.pages import Wanted

_MAX_SHEET_WORDS = 6
"""A page of more words is none that only parts documents; looking for codes takes time."""


def page_by_ocr(
    number: int,
    pixels: Pixels,
    wanted: Wanted,
    *,
    size: tuple[float, float] | None = None,
    rotation: int = 0,
    notes: tuple[str, ...] = (),
) -> Page:
    """Return a page whose words are read off its pixels, or were in an earlier run.

    Args:
        number: from 1.
        pixels: upright as far as the file says.
        wanted: whether the page keeps its pixels, and what is known of it.
        size: width and height in the page's unit; that of ``pixels`` if None.
        rotation: degrees clockwise by which ``pixels`` were turned already.
        notes: what was done so far.

    Raises:
        MissingDependencyError: OCR is not installed.
    """
    known = wanted.known(number)
    read = _read_before(known, pixels, rotation) if known else ocr_engine().read(pixels)
    if len(read.words) <= _MAX_SHEET_WORDS and (code := code_on(read.pixels)):
        notes = (*notes, f"{CODE_NOTE}{code}")
    height_px, width_px = read.pixels.shape[:2]
    width, height = size or (width_px, height_px)
    if size and read.rotation % 180:
        width, height = height, width
    return Page(
        number,
        width,
        height,
        read.words,
        WordSource.OCR if read.words else WordSource.NONE,
        (rotation + read.rotation) % 360,
        notes=notes,
        **_image(read.pixels, wanted.with_images),  # type: ignore[arg-type]
    )


def _read_before(known: Page, pixels: Pixels, rotation: int) -> ReadPage:
    """Return what OCR said of these pixels, which lie as they did then."""
    turned = (known.rotation - rotation) % 360
    return ReadPage(known.words, turned, turn_pixels(pixels, turned))


def page_by_text(
    number: int,
    words: tuple[Word, ...],
    size: tuple[float, float],
    *,
    rotation: int,
    notes: tuple[str, ...],
    pixels: Pixels | None,
) -> Page:
    """Return a page whose words are those of its text layer."""
    width, height = size
    image = {} if pixels is None else _image(pixels, True)
    source = WordSource.TEXT_LAYER if words else WordSource.NONE
    return Page(number, width, height, words, source, rotation, notes=notes, **image)  # type: ignore[arg-type]


def _image(pixels: Pixels, with_image: bool) -> dict[str, object]:
    if not with_image:
        return {}
    height, width = pixels.shape[:2]
    return {"image": pixels.tobytes(), "size": (width, height)}
