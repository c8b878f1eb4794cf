"""Opens PDFs with PDFium and yields their pages, upright, with words and optional pixels.

Knows nothing of image files, e-invoice XML or worker processes. PDFium must run in a process
that may die: see ``pool``.
"""

from __future__ import annotations

import logging
import math
import re
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from docextract.core import Box, DocumentError, ReadOptions, Reason, Word
from docextract.documents.einvoice.attached.associated_files import AttachedFile
from docextract.documents.einvoice.attached.attachments import attachments
from docextract.documents.ocr.text_lines import Pixels, turn_pixels
from docextract.documents.pdf.annotations import LoadedPage, Rect, load_flattened
from docextract.documents.pdf.layer.layer_quality import (
    MIN_COVERING_SHARE,
    Judged,
    Surroundings,
    judge,
)
from docextract.documents.pdf.layer.painted import Painted, bounds_of, read_painted
from docextract.documents.pdf.layer.text_layer import (
    PageFrame,
    TextLayer,
    page_frame,
    read_text_layer,
)
from docextract.documents.pdf.layer.visibility import shown_words
from docextract.documents.pdf.pdf_loading import load_pdf

MAX_SIDE_PX = 10_000
MIN_DPI = 40
"""Below this, 10-point text is under 6 px high and nothing can be read."""

_POINTS_PER_INCH = 72
_GREY_DPI = 48
_MIN_SIDE_PT = 3
"""The smallest page there is (ISO 32000-1, annex C.2)."""

_FIRST_PAGES = 3
_MAX_OBJECTS = 20_000
_FORM_DEPTH = 3
_MIN_LONG_SIDE_PX = 1200
_MAX_DPI = 600
_LOW_DPI = 100
_XFA_FORMS = frozenset({pdfium_c.FORMTYPE_XFA_FULL, pdfium_c.FORMTYPE_XFA_FOREGROUND})
_NEEDS_RENDERING = re.compile(rb"/NeedsRendering\s+true\b")
_XFA_NOTICE = re.compile(r"please wait|not eventually replaced|(adobe|acrobat) reader", re.I)


@dataclass(frozen=True, slots=True)
class Rendering:
    """Pixels of an upright page, and what was done to get them."""

    pixels: Pixels
    notes: tuple[str, ...]


class PdfFile:
    """An opened PDF; ``close`` it.

    Args:
        data: the file's bytes.
        options: password and limits.

    Raises:
        DocumentError: ``encrypted``, ``corrupt`` or ``zero_pages``.
    """

    def __init__(self, data: bytes, options: ReadOptions) -> None:
        # PDFium's wrapper warns about XFA, which is reported as a reason of ours.
        logging.getLogger("pypdfium2").setLevel(logging.ERROR)
        self._options = options
        self._data = data
        self._document, self.password = load_pdf(data, options.password)
        self.num_pages = len(self._document)
        if not self.num_pages:
            self.close()
            raise DocumentError(Reason.ZERO_PAGES, "The PDF holds no page.")
        form_type = self._document.get_formtype()
        self._is_dynamic = form_type in _XFA_FORMS or _NEEDS_RENDERING.search(data) is not None
        # Form values are drawn only if this comes before the first page is loaded.
        if form_type != pdfium_c.FORMTYPE_NONE:
            self._document.init_forms()

    def close(self) -> None:
        """Free the document."""
        self._document.close()

    def require_pages_people_can_see(self) -> None:
        """Refuse a dynamic XFA form, and a document that has fewer pages than it says.

        The only page of such a form is empty, or asks for another program.

        Raises:
            DocumentError: ``xfa_form`` or ``corrupt``.
        """
        if self.num_pages > self._options.max_pages and not self._can_load(self.num_pages):
            message = f"The PDF says that it has {self.num_pages} pages, but they are not there."
            raise DocumentError(Reason.CORRUPT, message)
        if not self._is_dynamic or self.num_pages != 1:
            return
        with closing(self.page(1)) as page:
            text = " ".join(item.word.text for item in page.layer.words)
            if _XFA_NOTICE.search(text) or not (text or page.has_objects()):
                raise DocumentError(Reason.XFA_FORM, "The PDF is a dynamic XFA form without pages.")

    def _can_load(self, number: int) -> bool:
        try:
            self._document[number - 1].close()
        except pdfium.PdfiumError:
            return False
        return True

    def attachments(self) -> list[AttachedFile]:
        """Return the XML files inside, up to 10 MB each."""
        return attachments(self._document, self._data)

    def first_text(self) -> str:
        """Return the words of the first pages' text layers; little is wanted, so few pages."""
        texts = []
        for number in range(1, min(self.num_pages, _FIRST_PAGES) + 1):
            with suppress(DocumentError), closing(self.page(number)) as page:
                texts += [item.word.text for item in page.layer.words]
        return " ".join(texts)

    def page(self, number: int) -> PdfPage:
        """Return a page, from 1; ``close`` it.

        Raises:
            DocumentError: ``corrupt``, with the page's number.
        """
        try:
            loaded = load_flattened(self._document, number - 1)
            return PdfPage(loaded, number, self._options)
        except pdfium.PdfiumError as error:
            message = "PDFium cannot load this page."
            raise DocumentError(Reason.CORRUPT, message, page=number) from error


class PdfPage:
    """A loaded page: its text layer, the verdict on it, and its pixels on demand.

    Attributes:
        number: from 1.
        rotation: degrees clockwise by which the stored page is turned upright: its /Rotate,
            and a further turn where most of its text runs another way.
    """

    def __init__(self, loaded: LoadedPage, number: int, options: ReadOptions) -> None:
        self._page, self._combs = loaded
        self.number = number
        self._options = options
        self._frame: PageFrame = page_frame(self._page)
        if min(self.shown_size_pt) < _MIN_SIDE_PT:
            raise DocumentError(Reason.CORRUPT, "The page has no area.", page=number)

    def close(self) -> None:
        """Free the page."""
        self._page.close()

    @cached_property
    def layer(self) -> TextLayer:
        """The text layer, words upright."""
        return read_text_layer(self._page, self._frame, self._combs)

    @property
    def rotation(self) -> int:
        """Degrees clockwise by which the stored page is turned upright."""
        return (self._frame.rotation + self.layer.turned) % 360

    @property
    def shown_size_pt(self) -> tuple[float, float]:
        """Width and height in points as the file has the page shown: /Rotate applied."""
        width, height = self._frame.right - self._frame.left, self._frame.top - self._frame.bottom
        return (height, width) if self._frame.rotation % 180 else (width, height)

    @property
    def size_pt(self) -> tuple[float, float]:
        """Width and height of the upright page in points."""
        width, height = self.shown_size_pt
        return (height, width) if self.layer.turned % 180 else (width, height)

    def turned(self, shown: Rendering) -> Rendering:
        """Return a rendering of the page as shown, turned upright."""
        return Rendering(turn_pixels(shown.pixels, self.layer.turned), shown.notes)

    def judge(self) -> Judged:
        """Return whether the text layer can be used."""
        page = Surroundings(self._shown, self._covering_share, self.has_objects, self._grey)
        judged = judge(self.layer, page)
        num_more = int(self._painted.has_text_without_size)
        return replace(judged, num_hidden=judged.num_hidden + num_more)

    @cached_property
    def _painted(self) -> Painted:
        return read_painted(self._page, self._place)

    def _shown(self) -> list[Word | None]:
        return shown_words(self._page, self.layer, self._painted, self._frame)

    def _place(self, rect: Rect) -> Box:
        return self._frame.place_turned(rect, self.layer.turned)

    def render(self) -> Rendering:
        """Return the upright page at the resolution OCR needs, within the pixel limits.

        Raises:
            DocumentError: ``too_large`` below 40 dpi, ``corrupt`` if it cannot be drawn.
        """
        dpi, notes = fit_dpi(self.size_pt, self.wanted_dpi(), self._options, self.number)
        try:
            bitmap = self._page.render(
                scale=dpi / _POINTS_PER_INCH,
                rotation=self.layer.turned,
                rev_byteorder=True,
            )
        except pdfium.PdfiumError as error:
            message = "PDFium cannot draw this page."
            raise DocumentError(Reason.CORRUPT, message, page=self.number) from error
        pixels = np.array(bitmap.to_numpy()[:, :, :3], np.uint8)
        bitmap.close()
        return Rendering(pixels, notes)

    def wanted_dpi(self) -> float:
        """Return the resolution to draw at: no finer than a scan is, no smaller than legible."""
        dpi = float(self._options.dpi)
        scanned = self._scanned_dpi()
        if scanned is not None and scanned < dpi:
            dpi = max(scanned, _LOW_DPI)
        legible = _MIN_LONG_SIDE_PX * _POINTS_PER_INCH / max(self.size_pt)
        return min(max(dpi, legible), max(_MAX_DPI, dpi))

    def has_objects(self) -> bool:
        """Return whether anything is painted at all."""
        return bool(pdfium_c.FPDFPage_CountObjects(self._page) > 0)

    def is_covered(self) -> bool:
        """Return whether one image covers most of the page."""
        return self._covering_share() >= MIN_COVERING_SHARE

    def pictures(self) -> list[Box]:
        """Return where images lie on the upright page."""
        bounds = map(bounds_of, self._images())
        return [self._place(rect) for rect in bounds if rect is not None]

    def _images(self) -> Any:
        if pdfium_c.FPDFPage_CountObjects(self._page) > _MAX_OBJECTS:
            return iter(())
        kinds = [pdfium_c.FPDF_PAGEOBJ_IMAGE]
        return self._page.get_objects(filter=kinds, max_depth=_FORM_DEPTH)

    def _covering_share(self) -> float:
        return max((self._share(image) for image in self._images()), default=0.0)

    def _share(self, image: Any) -> float:
        """Return the share of the page an image covers; 0 where it cannot be told."""
        frame = self._frame
        try:
            left, bottom, right, top = image.get_bounds()
        except pdfium.PdfiumError:
            return 0.0
        width = min(right, frame.right) - max(left, frame.left)
        height = min(top, frame.top) - max(bottom, frame.bottom)
        area = (frame.right - frame.left) * (frame.top - frame.bottom)
        return float(max(0.0, width) * max(0.0, height) / area)

    def _scanned_dpi(self) -> float | None:
        """Return the resolution of the image that covers the page, if one does."""
        for image in self._images():
            if self._share(image) >= MIN_COVERING_SHARE:
                left, bottom, right, top = image.get_bounds()
                try:
                    width_px, height_px = image.get_px_size()
                except pdfium.PdfiumError:
                    return None
                # By area, so that an image that is turned on the page needs no other sum.
                area = max(1.0, (right - left) * (top - bottom))
                return _POINTS_PER_INCH * math.sqrt(width_px * height_px / area)
        return None

    def _grey(self) -> Any:
        """Return the upright page, small and grey."""
        width, height = self.shown_size_pt
        scale = min(_GREY_DPI / _POINTS_PER_INCH, 1000 / max(width, height))
        bitmap = self._page.render(scale=scale, rotation=self.layer.turned, grayscale=True)
        grey = np.array(bitmap.to_numpy(), np.uint8)
        bitmap.close()
        return grey.reshape(grey.shape[0], grey.shape[1])


def fit_dpi(
    size_pt: tuple[float, float], dpi: float, options: ReadOptions, page: int
) -> tuple[float, tuple[str, ...]]:
    """Return a resolution within the pixel limits, and the note that says so.

    Raises:
        DocumentError: ``too_large``: it would be too coarse to read.
    """
    width, height = size_pt
    at_1_dpi = width * height / _POINTS_PER_INCH**2
    limit = min(
        math.sqrt(options.max_pixels / at_1_dpi),
        MAX_SIDE_PX * _POINTS_PER_INCH / max(width, height),
    )
    if limit >= dpi:
        return dpi, ()
    if limit < MIN_DPI:
        message = f"The page measures {width:.0f} x {height:.0f} points, too large to be read."
        raise DocumentError(Reason.TOO_LARGE, message, page=page)
    return limit * 0.999, ("reduced_dpi",)
