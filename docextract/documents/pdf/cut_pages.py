"""Cuts pages out of a PDF, as a PDF of their own.

Knows nothing of why. Pages keep their text and pictures; what belongs to the file as a whole
(attachments, signatures, outlines) stays behind.
"""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import closing

import pypdfium2 as pdfium

from docextract.core import DocumentError, Reason
from docextract.documents.pdf.pdf_loading import load_pdf

_RANDOM_ID = re.compile(rb"/ID\[<[0-9A-F]{32}><[0-9A-F]{32}>\](?=>>\r\nstartxref\r\n\d+\r\n%%EOF)")
_MOMENT = re.compile(rb"/CreationDate\(D:\d{14}[+-]\d\d'\d\d")
_NO_MOMENT = b"/CreationDate(D:19800101000000+00'00"
"""As long as any, so that the places of objects stay."""


def cut_pages(data: bytes, first: int, last: int) -> bytes:
    """Return some pages of a PDF; the same for the same, byte by byte.

    Args:
        data: the file's bytes.
        first: number of the first page, from 1.
        last: number of the last.

    Raises:
        DocumentError: ``encrypted``, as the copy would not be; ``corrupt``, ``no_such_page``.
    """
    source, _ = load_pdf(data, None)
    with closing(source), closing(pdfium.PdfDocument.new()) as copy:
        if last > len(source):
            raise DocumentError(Reason.NO_SUCH_PAGE, f"It has {len(source)} pages.")
        copy.import_pages(source, list(range(first - 1, last)))
        file = io.BytesIO()
        copy.save(file)
    name = hashlib.sha256(b"%d-%d " % (first, last) + data).hexdigest()
    return _lasting(file.getvalue(), name[:32].upper().encode())


def _lasting(data: bytes, mark: bytes) -> bytes:
    """Return a PDF without what PDFium makes up anew each time: the moment and an identifier."""
    data = _RANDOM_ID.sub(b"/ID[<%b><%b>]" % (mark, mark), data)
    return _MOMENT.sub(_NO_MOMENT, data, count=1)
