"""Opens a PDF: a header with its e-invoice, then each page by text layer or OCR.

Knows which renderer and which words are used; knows nothing of how either works.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace

from docextract.core import (
    HIDDEN_TEXT,
    Document,
    DocumentError,
    EmbeddedInvoice,
    Page,
    ReadOptions,
    Reason,
    Word,
)
from docextract.documents.ocr.page_words import page_by_ocr, page_by_text
from docextract.documents.pages import OpenedHeader, Part, Wanted, page_error, selected_pages
from docextract.documents.pages.geometry import reading_order
from docextract.documents.pdf.layer_quality import Judged, Verdict, disagrees
from docextract.documents.pdf.pdf_file import MIN_DPI, PdfFile, PdfPage, Rendering, fit_dpi
from docextract.documents.pdf.poppler import PopplerFile, has_poppler, require_poppler


def open_pdf(
    document: Document, data: bytes, options: ReadOptions, wanted: Wanted
) -> Iterator[Part]:
    """Yield the header of a PDF, then each selected page or its error.

    Raises:
        DocumentError: the file as a whole cannot be read.
        MissingDependencyError: poppler is asked for and not installed.
    """
    if options.renderer == "poppler":
        require_poppler()
    try:
        file = PdfFile(data, options)
    except DocumentError as error:
        if error.reason is not Reason.CORRUPT or not has_poppler():
            raise
        yield from open_with_poppler(document, data, options, wanted)
        return
    with closing(file), ExitStack() as stack:
        file.require_pages_people_can_see()
        numbers = selected_pages(file.num_pages, options)
        embedded, embedded_error = _embedded(file, options)
        yield OpenedHeader(document, file.num_pages, embedded)
        if embedded_error is not None:
            yield page_error(embedded_error, None, stage="embedded")
        reader = _Reader(file, data, options, wanted, stack)
        for number in numbers:
            try:
                yield wanted.finished(number) or reader.read(number)
            except DocumentError as error:
                yield page_error(error, number)


def _embedded(
    file: PdfFile, options: ReadOptions
) -> tuple[EmbeddedInvoice | None, DocumentError | None]:
    attachments = file.attachments() if options.use_embedded else []
    if not attachments:
        return None, None
    from docextract.documents.einvoice.invoice_xml import read_embedded

    try:
        return read_embedded(attachments, file.first_text), None
    except DocumentError as error:
        return None, error


@dataclass(slots=True)
class _Reader:
    """Reads the pages of one PDF; poppler is given the file only if it is needed."""

    file: PdfFile
    data: bytes
    options: ReadOptions
    wanted: Wanted
    stack: ExitStack
    poppler: PopplerFile | None = None

    def read(self, number: int) -> Page:
        """Return one page.

        Raises:
            DocumentError: neither renderer can read it, or it is too large to be drawn.
        """
        try:
            page = self.file.page(number)
        except DocumentError as error:
            if error.reason is not Reason.CORRUPT or not has_poppler():
                raise
            return self._read_unloadable(number)
        with closing(page):
            return self._read_page(page)

    def _read_page(self, page: PdfPage) -> Page:
        # A page that nobody could draw is refused even where it holds text.
        fit_dpi(page.size_pt, MIN_DPI, self.options, page.number)
        judged = page.judge()
        notes = (HIDDEN_TEXT,) if judged.num_hidden else ()
        if judged.verdict is Verdict.READ_PIXELS:
            return self._read_pixels(page, self._draw(page), judged, notes)
        is_drawn = self.wanted.with_images or judged.is_claim
        drawn = self._draw(page) if is_drawn else None
        words = self._checked(judged, drawn)
        if drawn is not None and words is None:
            return self._read_pixels(page, drawn, judged, (HIDDEN_TEXT,))
        width, height = page.size_pt
        return page_by_text(
            page.number,
            reading_order(words or (), aspect=width / height),
            page.size_pt,
            rotation=page.rotation,
            notes=(*notes, *(drawn.notes if drawn else ())),
            pixels=drawn.pixels if drawn and self.wanted.with_images else None,
        )

    def _checked(self, judged: Judged, drawn: Rendering | None) -> tuple[Word, ...] | None:
        """Return the words of a layer, or None where it says what the page does not."""
        if drawn is None or not judged.is_claim:
            return judged.words
        from docextract.documents.pdf.layer_quality import hold_against

        return hold_against(judged.words, drawn.pixels)

    def _read_pixels(
        self, page: PdfPage, drawn: Rendering, judged: Judged, notes: tuple[str, ...]
    ) -> Page:
        read = page_by_ocr(
            page.number,
            drawn.pixels,
            self.wanted,
            size=page.size_pt,
            rotation=page.rotation,
            notes=(*notes, *drawn.notes),
        )
        if HIDDEN_TEXT not in notes and disagrees(judged.claimed, read.words):
            read = replace(read, notes=(HIDDEN_TEXT, *read.notes))
        return read

    def _draw(self, page: PdfPage) -> Rendering:
        if self.options.renderer == "pdfium":
            try:
                return page.render()
            except DocumentError as error:
                if error.reason is not Reason.CORRUPT or not has_poppler():
                    raise
        drawn = self._poppler().render(page.number, page.wanted_dpi(), page.shown_size_pt)
        return page.turned(drawn)

    def _read_unloadable(self, number: int) -> Page:
        return _read_with_poppler(self._poppler(), number, self.options, self.wanted)

    def _poppler(self) -> PopplerFile:
        if self.poppler is None:
            opened = PopplerFile(self.data, self.file.password, self.options)
            self.poppler = self.stack.enter_context(opened)
        return self.poppler


def open_with_poppler(
    document: Document, data: bytes, options: ReadOptions, wanted: Wanted
) -> Iterator[Part]:
    """Yield as ``open_pdf`` does what poppler draws and OCR reads.

    For a PDF that PDFium cannot open at all, or crashes or hangs on.

    Raises:
        DocumentError: the file as a whole cannot be read.
        MissingDependencyError: poppler is not installed.
    """
    with PopplerFile(data, options.password, options) as poppler:
        num_pages = poppler.num_pages()
        if not num_pages:
            raise DocumentError(Reason.ZERO_PAGES, "The PDF holds no page.")
        numbers = selected_pages(num_pages, options)
        yield OpenedHeader(document, num_pages)
        for number in numbers:
            try:
                yield wanted.finished(number) or _read_with_poppler(
                    poppler, number, options, wanted
                )
            except DocumentError as error:
                yield page_error(error, number)


def _read_with_poppler(
    poppler: PopplerFile, number: int, options: ReadOptions, wanted: Wanted
) -> Page:
    size = poppler.size_pt(number)
    drawn = poppler.render(number, options.dpi, size)
    return page_by_ocr(number, drawn.pixels, wanted, size=size, notes=drawn.notes)
