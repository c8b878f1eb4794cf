"""Has PDFium load a PDF, and names the reason where it cannot.

Knows nothing of pages. PDFium's own messages are no reasons ("Success" for a file without
pages), so the bytes are looked at too.
"""

from __future__ import annotations

import re
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from docextract.core import DocumentError, Reason
from docextract.documents.discovery.sniff import HEAD_BYTES

_HEADER = b"%PDF-"
_HEADER_WINDOW_BYTES = 1024
_TAIL_BYTES = 2048
_SOME_PAGE = re.compile(rb"/Type\s*/Page\b")
_NO_PAGES = re.compile(rb"/Count\s+0\b|/Kids\s*\[\s*\]")


def load_pdf(data: bytes, password: str | None) -> tuple[Any, str | None]:
    """Return a ``PdfDocument``, and the password that opened it.

    Raises:
        DocumentError: ``encrypted``, ``zero_pages`` or ``corrupt``.
    """
    data = _with_header(data)
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


def _with_header(data: bytes) -> bytes:
    """Return a PDF that begins as PDFium wants it; offsets are mended by its own repair."""
    start = data.find(_HEADER, 0, HEAD_BYTES)
    if 0 <= start <= _HEADER_WINDOW_BYTES:
        return data
    return data[start:] if start >= 0 else _HEADER + b"1.7\n" + data


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
        message = "The PDF is protected by a certificate or by software, not by a password."
        hint = "Open it with what it was protected for, and save it without protection."
        return DocumentError(Reason.ENCRYPTED, message, hint=hint)
    if _NO_PAGES.search(data) and not _SOME_PAGE.search(data):
        return DocumentError(Reason.ZERO_PAGES, "The PDF holds no page.")
    if b"%%EOF" not in data.rstrip(b"\0")[-_TAIL_BYTES:]:
        message, hint = "The PDF has no end: it was cut off.", "Copy or download it again, whole."
        return DocumentError(Reason.CORRUPT, message, hint=hint)
    return DocumentError(Reason.CORRUPT, "The PDF is damaged beyond repair.")
