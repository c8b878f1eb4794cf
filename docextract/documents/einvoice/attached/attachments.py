"""Lists the XML files inside a PDF: of its name tree, of ``/AF`` and of annotations.

Knows nothing of what the XML says.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from docextract.documents.einvoice.attached.associated_files import (
    AttachedFile,
    associated_files,
    holds_files,
)

_MAX_BYTES = 10 * 2**20
_MAX_FILES = 50


def attachments(document: Any, data: bytes) -> list[AttachedFile]:
    """Return the XML files inside, up to 10 MB each.

    Args:
        document: as pypdfium2 opened it.
        data: the bytes of the PDF.
    """
    listed: dict[tuple[str, bytes], AttachedFile] = {}
    for index in range(min(document.count_attachments(), _MAX_FILES)):
        try:
            attachment = document.get_attachment(index)
            name = attachment.get_name()
        except pdfium.PdfiumError:
            # It is listed, but its entry is damaged: no invoice can be read out of it.
            continue
        if _may_be_xml(name) and (content := _content(attachment)):
            listed[name, content] = AttachedFile(name, content)
    for file in associated_files(data) if holds_files(data) else ():
        key = (file.name, file.data)
        if _may_be_xml(file.name) and (file.is_associated or key not in listed):
            listed[key] = file
    return list(listed.values())


def _may_be_xml(name: str) -> bool:
    """Whether a file's name ends as XML does, or has no ending at all."""
    _, dot, ending = name.lower().rpartition(".")
    return ending == "xml" or not dot


def _content(attachment: Any) -> bytes | None:
    size = ctypes.c_ulong()
    pdfium_c.FPDFAttachment_GetFile(attachment, None, 0, size)
    if not 0 < size.value <= _MAX_BYTES:
        return None
    try:
        return bytes(attachment.get_data())
    except pdfium.PdfiumError:
        return None
