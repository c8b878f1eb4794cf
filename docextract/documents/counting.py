"""Counts the pages of a document inside a worker, and finds out whether it opens at all.

Knows nothing of what is on the pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from docextract.core import Document, DocumentError, ReadOptions, Reason
from docextract.documents.discovery.sniff import (
    E_INVOICE_XML,
    HEAD_BYTES,
    IMAGES,
    OTHER_XML,
    PDF,
    sniff,
)
from docextract.documents.opening import read_bytes, refusal
from docextract.documents.pages import library_faults, selected_pages


@dataclass(frozen=True, slots=True)
class Counted:
    """How many pages of a document a run would read; 0 for e-invoice XML."""

    num_pages: int


def count_job(document: Document, options: ReadOptions) -> Iterator[Counted]:
    """Yield the number of pages.

    Raises:
        DocumentError: the document cannot be read, as far as opening it shows.
    """
    data = read_bytes(document, options)
    media_type = sniff(data[:HEAD_BYTES])
    if media_type in {E_INVOICE_XML, OTHER_XML}:
        yield Counted(0)
        return
    with library_faults():
        num_pages = _num_pages(document, data, media_type, options)
    yield Counted(len(selected_pages(num_pages, options)))


def _num_pages(document: Document, data: bytes, media_type: str, options: ReadOptions) -> int:
    if media_type == PDF:
        return _num_pdf_pages(data, options)
    if media_type not in IMAGES:
        raise refusal(media_type, document.path)
    from docextract.documents.images.decoding import ImageFile

    return ImageFile(data, media_type, options).num_pages


def _num_pdf_pages(data: bytes, options: ReadOptions) -> int:
    from docextract.documents.pdf import has_poppler
    from docextract.documents.pdf.pdf_file import PdfFile
    from docextract.documents.pdf.poppler import PopplerFile

    try:
        with closing(PdfFile(data, options)) as file:
            file.require_pages_people_can_see()
            return file.num_pages
    except DocumentError as error:
        if error.reason is not Reason.CORRUPT or not has_poppler():
            raise
        with PopplerFile(data, options.password, options) as second:
            return second.num_pages()
