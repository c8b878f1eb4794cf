"""Draws PDF pages with poppler through pdf2image: the second renderer.

Knows nothing of words or OCR. pdf2image hides failures (it ignores pdftoppm's exit status),
so the number and size of what comes back is checked here; the worker's own limits end a
``pdfinfo`` or ``pdftoppm`` that hangs, as both run in the worker's process group.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from docextract.core import DocumentError, ReadOptions, Reason
from docextract.documents.ocr.text_lines import Pixels
from docextract.documents.pdf.pdf_file import Rendering, fit_dpi

_MAX_SIZE_DIFFERENCE_PX = 4
_MIN_SIDE_PX = 8
"""poppler answers some damaged files with one white pixel and success."""
_POINTS_PER_INCH = 72


class PopplerFile:
    """A PDF in a temporary file, to be drawn page by page; a context manager.

    Args:
        data: the file's bytes.
        password: what opens it, if anything.
        options: limits.
    """

    def __init__(self, data: bytes, password: str | None, options: ReadOptions) -> None:
        logging.getLogger("pdf2image").setLevel(logging.CRITICAL)
        self._options = options
        self._secret = {"userpw": password} if password else {}
        self._folder = tempfile.TemporaryDirectory(prefix="docextract-")
        self._path = Path(self._folder.name) / "document.pdf"
        self._path.write_bytes(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def num_pages(self) -> int:
        """Return the number of pages.

        Raises:
            DocumentError: ``corrupt``: poppler cannot open it either.
        """
        return int(self._info().get("Pages", 0))

    def size_pt(self, number: int) -> tuple[float, float]:
        """Return a page's width and height in points, /Rotate applied.

        Raises:
            DocumentError: ``corrupt``: poppler cannot tell.
        """
        info = self._info(first_page=number, last_page=number)
        try:
            size = info[f"Page {number:>4} size"].split()
            width, height = float(size[0]), float(size[2])
        except (KeyError, IndexError, ValueError) as error:
            raise _damaged(number) from error
        if min(width, height) <= 0:
            raise _damaged(number)
        is_turned = str(info.get(f"Page {number:>4} rot", "0")) in {"90", "270"}
        return (height, width) if is_turned else (width, height)

    def render(self, number: int, wanted_dpi: float, size_pt: tuple[float, float]) -> Rendering:
        """Return the pixels of a page's CropBox.

        Args:
            number: the page, from 1.
            wanted_dpi: resolution, lowered to keep the pixel limits.
            size_pt: width and height of the page, /Rotate applied.

        Raises:
            DocumentError: ``too_large``, ``timeout``, or ``corrupt``: poppler drew nothing,
                or something of another size.
        """
        from pdf2image import convert_from_path
        from pdf2image.exceptions import PDFPopplerTimeoutError

        dpi, notes = fit_dpi(size_pt, wanted_dpi, self._options, number)
        try:
            images = convert_from_path(
                self._path,
                dpi=dpi,
                first_page=number,
                last_page=number,
                use_cropbox=True,
                timeout=int(self._options.page_timeout_s),
                **self._secret,
            )
        except PDFPopplerTimeoutError as error:
            message = "poppler took too long to draw this page."
            raise DocumentError(Reason.TIMEOUT, message, page=number) from error
        except _poppler_errors() as error:
            raise _damaged(number) from error
        return Rendering(_checked(images, size_pt, dpi, number), (*notes, "poppler"))

    def _info(self, **pages: int) -> dict[str, Any]:
        from pdf2image import pdfinfo_from_path

        timeout_s = int(self._options.page_timeout_s)
        try:
            return dict(pdfinfo_from_path(self._path, timeout=timeout_s, **pages, **self._secret))
        except _poppler_errors() as error:
            raise DocumentError(Reason.CORRUPT, "poppler cannot open it.") from error


def _poppler_errors() -> tuple[type[Exception], ...]:
    from pdf2image import exceptions
    from PIL import UnidentifiedImageError

    return (
        exceptions.PDFInfoNotInstalledError,
        exceptions.PDFPageCountError,
        exceptions.PDFSyntaxError,
        exceptions.PDFPopplerTimeoutError,
        UnidentifiedImageError,
        OSError,
        ValueError,
    )


def _checked(images: list[Any], size_pt: tuple[float, float], dpi: float, page: int) -> Pixels:
    if len(images) != 1:
        raise _damaged(page)
    width, height = images[0].size
    expected = [side * dpi / _POINTS_PER_INCH for side in size_pt]
    is_off = max(abs(width - expected[0]), abs(height - expected[1])) > _MAX_SIZE_DIFFERENCE_PX
    if min(width, height) < _MIN_SIDE_PX or is_off:
        raise _damaged(page)
    return np.asarray(images[0].convert("RGB"), np.uint8)


def _damaged(page: int) -> DocumentError:
    return DocumentError(Reason.CORRUPT, "poppler cannot draw this page.", page=page)
