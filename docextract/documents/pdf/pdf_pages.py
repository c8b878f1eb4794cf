"""Opens a PDF: a header with its e-invoice, then each page by text layer or OCR.

Knows which renderer and which words are used; knows nothing of how either works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    WordSource,
)
from docextract.documents.ocr.page_words import page_by_ocr, page_by_text
from docextract.documents.pages import (
    OpenedHeader,
    Part,
    Wanted,
    library_faults,
    page_error,
    selected_pages,
)
from docextract.documents.pages.geometry import reading_order
from docextract.documents.pdf import has_poppler, require_poppler
from docextract.documents.pdf.layer.layer_quality import Judged, Verdict, disagrees
from docextract.documents.pdf.layer.proof import Proved, prove
from docextract.documents.pdf.pdf_file import MIN_DPI, PdfFile, PdfPage, Rendering, fit_dpi
from docextract.documents.pdf.pictured import Pictured, read_pictured
from docextract.documents.pdf.poppler import PopplerFile

_MIN_UNREAD = 3
"""With this many illegible lines in the picture that covers it, a page may be a scan that lies
on its head under a stamp."""


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
                with library_faults(number):
                    page = wanted.finished(number) or reader.read(number)
                yield page
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


def _notes(num_hidden: int) -> tuple[str, ...]:
    return (HIDDEN_TEXT,) if num_hidden > 0 else ()


@dataclass(slots=True)
class Drawing:
    """A page that is drawn when it is first needed."""

    draw: Callable[[], Rendering]
    drawn: Rendering | None = None

    def once(self) -> Rendering:
        """Return the page's pixels.

        Raises:
            DocumentError: it cannot be drawn.
        """
        if self.drawn is None:
            self.drawn = self.draw()
        return self.drawn

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to draw it."""
        return self.drawn.notes if self.drawn else ()


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
        if judged.verdict is Verdict.READ_PIXELS:
            return self._read_pixels(page, self._draw(page), judged, _notes(judged.num_hidden))
        drawn = Drawing(lambda: self._draw(page))
        proved = self._proved(page, judged, drawn)
        if proved is None:
            return self._read_pixels(page, drawn.once(), judged, (HIDDEN_TEXT,))
        pictured = self._pictured(page, judged, proved, drawn)
        num_hidden = judged.num_hidden - pictured.num_borne_out
        if pictured.num_unread >= _MIN_UNREAD and page.is_covered():
            read = self._read_pixels(page, drawn.once(), judged, _notes(num_hidden))
            if read.rotation != page.rotation:
                return read
        shown = drawn.once() if self.wanted.with_images else None
        width, height = page.size_pt
        words = (*proved.words, *pictured.borne_out, *pictured.words)
        by_text = page_by_text(
            page.number,
            reading_order(words, aspect=width / height),
            page.size_pt,
            rotation=page.rotation,
            notes=(*_notes(num_hidden + proved.num_refuted), *drawn.notes),
            pixels=shown.pixels if shown else None,
        )
        is_mostly_read = len(pictured.words) > len(proved.words)
        return replace(by_text, word_source=WordSource.OCR) if is_mostly_read else by_text

    def _pictured(self, page: PdfPage, judged: Judged, proved: Proved, drawn: Drawing) -> Pictured:
        """Return what the page shows outside its layer, unless the layer is a scanner's own."""
        if judged.is_claim:
            return Pictured()
        return read_pictured(
            page.pictures(), judged.unseen, proved.words, lambda: drawn.once().pixels
        )

    def _proved(self, page: PdfPage, judged: Judged, drawn: Drawing) -> Proved | None:
        """Return the words of a layer, or None where it says what the page does not."""
        from docextract.documents.pdf.layer.layer_quality import hold_against

        if judged.is_claim:
            words = hold_against(judged.words, drawn.once().pixels)
            return None if words is None else Proved(words)
        return prove(judged.seen, page.layer.fonts, lambda: drawn.once().pixels)

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
