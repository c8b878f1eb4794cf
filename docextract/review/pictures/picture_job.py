"""Draws one page inside a worker: a small picture of it, and its words.

Knows nothing of who looks at it. Pixels never leave the worker but as a picture it has written.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docextract.core import Document, DocumentError, ErrorItem, Page, ReadOptions, Reason, Word
from docextract.documents.opening import open_document
from docextract.documents.pages.parts import OpenedHeader

_QUALITY = 80
FORMAT = "WEBP"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page.

    Attributes:
        number: from 1.
        num_pages: of the document.
        size: width and height in pixels.
        data: a WebP file.
        words: with boxes as fractions of the picture.
    """

    number: int
    num_pages: int
    size: tuple[int, int]
    data: bytes
    words: tuple[Word, ...]


def warm_up() -> Iterator[Picture]:
    """Import what drawing needs, and yield nothing."""
    importlib.import_module("PIL.WebPImagePlugin")
    importlib.import_module("docextract.documents.pdf.pdf_pages")
    yield from ()


def picture_job(
    document: Document, options: ReadOptions, kept: Mapping[int, bytes], max_side: int
) -> Iterator[Picture]:
    """Yield the page that is selected.

    Args:
        document: where it is.
        options: with one page selected.
        kept: packed pages of it, by number, whose words need no OCR.
        max_side: of the picture, in pixels.

    Raises:
        DocumentError: it has no such page, or that cannot be drawn.
    """
    num_pages = 0
    for part in open_document(document, options, with_images=True, kept=kept):
        if isinstance(part, OpenedHeader):
            num_pages = part.num_pages
        elif isinstance(part, ErrorItem) and part.stage == "open":
            raise DocumentError(Reason(part.reason), part.message, page=part.page, hint=part.hint)
        elif isinstance(part, Page):
            yield _picture(part, num_pages, max_side)
    if num_pages == 0:
        raise DocumentError(Reason.UNSUPPORTED, "It has no pages to look at; it is XML.")


def _picture(page: Page, num_pages: int, max_side: int) -> Picture:
    from PIL import Image

    if page.image is None or page.size is None:
        raise DocumentError(Reason.UNSUPPORTED, "This page has no picture.", page=page.number)
    image = Image.frombytes("RGB", page.size, bytes(page.image))
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, FORMAT, quality=_QUALITY, method=2)
    return Picture(page.number, num_pages, image.size, file.getvalue(), page.words)
