"""Opens one document inside a worker: header, then pages as they are read, then errors.

Knows nothing of pools, schemas or stores. A failing page leaves an error in its place; only
what concerns the document as a whole is raised.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from docextract.core import Document, DocumentError, ReadOptions, Reason, file_hash
from docextract.documents.containers.opened_member import container_of, member_bytes
from docextract.documents.discovery.file_kinds import PRINTABLE_SUFFIXES, suffix_of
from docextract.documents.discovery.inspection import open_listed, reason_of
from docextract.documents.discovery.sniff import (
    E_INVOICE_XML,
    GIT_LFS_POINTER,
    HEAD_BYTES,
    HTML,
    IMAGES,
    OTHER_XML,
    PDF,
    sniff,
)
from docextract.documents.pages import (
    OpenedHeader,
    OpenTimings,
    Part,
    Wanted,
    collect,
    library_faults,
)

__all__ = ["collect", "open_document", "open_job", "read_bytes"]

_PRINT_IT = "Print it to PDF, e.g. soffice --headless --convert-to pdf FILE"
_STAND_INS = {
    HTML: (
        "It is a web page, perhaps a login or error page.",
        "Download the document itself: a web page was saved in its place.",
    ),
    GIT_LFS_POINTER: (
        "It is a git-lfs pointer.",
        "Run git lfs pull: this file only points to the document.",
    ),
}
"""What often lies where a document should, with what to do."""


def open_document(
    document: Document,
    options: ReadOptions,
    with_images: bool = False,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
) -> Iterator[Part]:
    """Yield the header, each selected page or its error, then the timings.

    Args:
        document: where it is, and the hash it had when it was found.
        options: page selection, renderer, password and limits.
        with_images: whether pages carry their pixels; words come in any case.
        kept: packed pages by number; see ``page_cache``.
        is_second_try: whether PDFium has crashed or hung on the file, so that poppler alone
            draws it and OCR reads it.

    Raises:
        DocumentError: the document as a whole cannot be read.
        MissingDependencyError: OCR or poppler is needed and not installed.
    """
    start = time.perf_counter()
    data = read_bytes(document, options)
    media_type = sniff(data[:HEAD_BYTES])
    if media_type == PDF and is_second_try:
        from docextract.documents.pdf.pdf_pages import open_with_poppler as opened
    elif media_type == PDF:
        from docextract.documents.pdf.pdf_pages import open_pdf as opened
    elif media_type in IMAGES:
        from docextract.documents.images.image_pages import open_image as opened
    elif media_type in {E_INVOICE_XML, OTHER_XML}:
        opened = _open_xml
    else:
        raise refusal(media_type, document.path)
    with library_faults():
        yield from opened(document, data, options, Wanted(with_images, kept))
    yield OpenTimings({"open": 1000 * (time.perf_counter() - start)})


def open_job(
    document: Document,
    options: ReadOptions,
    with_images: bool,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
) -> Iterator[Part]:
    """Open a document as a pool's job; see ``open_document``."""
    yield from open_document(document, options, with_images, kept, is_second_try)


def trial_job(options: ReadOptions) -> Iterator[None]:
    """Load what opening any document could need, and yield nothing.

    Raises:
        MissingDependencyError: OCR is not installed, or poppler is asked for and is not.
    """
    from docextract.documents.ocr.recognition import ocr_engine

    if options.renderer == "poppler":
        from docextract.documents.pdf import require_poppler

        require_poppler()
    ocr_engine()
    yield from ()


def read_bytes(document: Document, options: ReadOptions) -> bytes:
    """Return the file's bytes, once, if they are those that were found.

    Raises:
        DocumentError: ``permission``, ``vanished``, ``read_error``, ``empty_file``,
            ``too_large`` or ``changed``; of a member also what is wrong with its container.
    """
    member = None if document.spooled else container_of(document.raw_path)
    if member is None:
        data = _file_bytes(document, options)
    else:
        path, inner = member
        container = Document("", path, real_path=document.real_path)
        data = member_bytes(container, inner, options.max_bytes)
    if not data:
        raise DocumentError(Reason.EMPTY_FILE, "The file has 0 bytes.")
    known = file_hash(document.sha256)
    if known and hashlib.sha256(data).hexdigest() != known:
        raise DocumentError(Reason.CHANGED, "The file has changed since it was found.")
    return data


def content_job(document: Document, options: ReadOptions) -> Iterator[bytes]:
    """Read a document's bytes as a pool's job; see ``read_bytes``."""
    yield read_bytes(document, options)


def alone_job(document: Document, options: ReadOptions) -> Iterator[bytes]:
    """Read the bytes of one document as a pool's job; of a part of a PDF, its pages as a PDF.

    Raises:
        DocumentError: as ``read_bytes``; ``unsupported`` for a part of anything but a PDF, and
            as ``cut_pages``.
    """
    data = read_bytes(document, options)
    if document.pages is None:
        yield data
        return
    if sniff(data[:HEAD_BYTES]) != PDF:
        raise DocumentError(Reason.UNSUPPORTED, "Pages can be cut out of a PDF alone.")
    from docextract.documents.pdf.cut_pages import cut_pages

    with library_faults():
        yield cut_pages(data, *document.pages)


def _file_bytes(document: Document, options: ReadOptions) -> bytes:
    try:
        with open_listed(document) as file:
            if os.fstat(file.fileno()).st_size > options.max_bytes:
                raise _too_large(options)
            data = file.read(options.max_bytes + 1)
    except OSError as error:
        raise DocumentError(reason_of(error), f"{error.strerror or error}.") from error
    if len(data) > options.max_bytes:
        raise _too_large(options)
    return data


def _open_xml(
    document: Document, data: bytes, options: ReadOptions, wanted: Wanted
) -> Iterator[Part]:
    del options, wanted
    from docextract.documents.einvoice.invoice_xml import read_einvoice

    yield OpenedHeader(document, 0, read_einvoice(data))


def refusal(media_type: str, path: str = "") -> DocumentError:
    """Return why a file of a media type that is not supported is not read."""
    if suffix_of(path) in PRINTABLE_SUFFIXES:
        message = f"{suffix_of(path)} files have no pages to prove a value on; they are not read."
        return DocumentError(Reason.UNSUPPORTED, message, hint=_PRINT_IT)
    if media_type in _STAND_INS:
        message, hint = _STAND_INS[media_type]
        return DocumentError(Reason.NOT_A_DOCUMENT, message, hint=hint)
    if media_type:
        return DocumentError(Reason.UNSUPPORTED, f"{media_type} cannot be read.")
    return DocumentError(Reason.NOT_A_DOCUMENT, "Its first bytes are those of no document.")


def _too_large(options: ReadOptions) -> DocumentError:
    message = f"The file is over the limit of {options.max_bytes} bytes."
    return DocumentError(Reason.TOO_LARGE, message)
