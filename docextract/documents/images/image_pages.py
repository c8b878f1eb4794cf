"""Opens an image file: a header, then each page read by OCR.

Knows nothing of PDF, nor of how an image is decoded or read.
"""

from __future__ import annotations

from collections.abc import Iterator

from docextract.core import Document, DocumentError, Page, ReadOptions
from docextract.documents.discovery.sniff import HEAD_BYTES, sniff
from docextract.documents.images.decoding import ImageFile
from docextract.documents.ocr.page_words import page_by_ocr
from docextract.documents.pages import OpenedHeader, Part, Wanted, page_error, selected_pages


def open_image(
    document: Document, data: bytes, options: ReadOptions, wanted: Wanted
) -> Iterator[Part]:
    """Yield the header of an image file, then each selected page or its error.

    Raises:
        DocumentError: the file as a whole cannot be read.
    """
    file = ImageFile(data, sniff(data[:HEAD_BYTES]), options)
    numbers = selected_pages(file.num_pages, options)
    yield OpenedHeader(document, file.num_pages)
    for number in numbers:
        try:
            yield wanted.finished(number) or _read(file, number, wanted)
        except DocumentError as error:
            if file.num_pages == 1:
                raise
            yield page_error(error, number)


def _read(file: ImageFile, number: int, wanted: Wanted) -> Page:
    frame = file.read(number)
    return page_by_ocr(number, frame.pixels, wanted, rotation=frame.rotation, notes=frame.notes)
