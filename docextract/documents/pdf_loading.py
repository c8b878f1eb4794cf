"""Has PDFium load a PDF, and names the reason where it cannot.

Knows nothing of pages. PDFium's own messages are no reasons ("Success" for a file without
pages), so the bytes are looked at too.
"""

from __future__ import annotations

import re
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from docextract.errors import DocumentError, Reason

_SOME_PAGE = re.compile(rb"/Type\s*/Page\b")
_NO_PAGES = re.compile(rb"/Count\s+0\b|/Kids\s*\[\s*\]")


def load_pdf(data: bytes, password: str | None) -> tuple[Any, str | None]:
    """Return a ``PdfDocument``, and the password that opened it.

    Raises:
        DocumentError: ``encrypted``, ``unsupported``, ``zero_pages`` or ``corrupt``.
    """
    attempts = [None] if password is None else [None, password]
    code = 0
    for attempt in attempts:
        try:
            return pdfium.PdfDocument(data, password=attempt), attempt
        except pdfium.PdfiumError:
            code = _error_code(data, attempt)
            if code != pdfium_c.FPDF_ERR_PASSWORD:
                break
    raise _load_error(data, code, has_password=password is not None)


def _error_code(data: bytes, password: str | None) -> int:
    """Return why PDFium cannot open the file.

    PDFium leaves its last error as it was where a file has no pages, so an earlier file's
    error would be reported; opening nothing at all first sets it to a known one.
    """
    code = pdfium_c.FPDF_ERR_FORMAT
    for attempt in (b"%", data):
        try:
            pdfium.PdfDocument(attempt, password=password).close()
        except pdfium.PdfiumError as error:
            code = error.err_code or pdfium_c.FPDF_ERR_FORMAT
    return int(code)


def _load_error(data: bytes, code: int, *, has_password: bool) -> DocumentError:
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        message = "The password is wrong." if has_password else "The PDF needs a password."
        return DocumentError(Reason.ENCRYPTED, message)
    if code == pdfium_c.FPDF_ERR_SECURITY:
        message = "The PDF is encrypted in a way that PDFium does not know."
        return DocumentError(Reason.UNSUPPORTED, message)
    if _NO_PAGES.search(data) and not _SOME_PAGE.search(data):
        return DocumentError(Reason.ZERO_PAGES, "The PDF holds no page.")
    return DocumentError(Reason.CORRUPT, "The PDF is damaged beyond repair.")
