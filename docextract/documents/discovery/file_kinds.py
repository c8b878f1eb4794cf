"""Says of a file in a folder, or of one inside a container, whether it is a document.

Knows nothing of paths or of what is inside beyond the media type its first bytes show.
"""

from __future__ import annotations

from enum import Enum, auto
from pathlib import PurePosixPath

from docextract.documents.discovery.sniff import CONTAINERS, HTML, MAIL, MBOX, SUPPORTED

_READABLE = ".pdf .png .jpg .jpeg .jpe .jfif .tif .tiff .webp .heic .heif .avif .bmp .gif"
_UNREADABLE = ".jp2 .j2k .jpx .eps .ps .psd .djvu .xps .tga .pcx .pbm .pgm .ppm .pnm .dds .exr"
_DOCUMENT_SUFFIXES = frozenset(_READABLE.split() + _UNREADABLE.split())
"""Names of pages; those that cannot be read fail with a reason, as nobody else tells of them."""

_OFFICE = ".docx .docm .doc .xlsx .xlsm .xlsb .xls .pptx .ppt .odt .ods .odp .rtf"
PRINTABLE_SUFFIXES = frozenset([*_OFFICE.split(), ".html", ".htm", ".xhtml", ".mht", ".mhtml"])
"""What may be an invoice too, and is not read: it fails with what to do instead."""

CONTAINER_SUFFIXES = frozenset({".zip", ".eml", ".msg", ".mbox"})
_ARCHIVES = frozenset(
    {"application/gzip", "application/x-7z-compressed", "application/vnd.rar", "application/zip"}
)
_WINMAIL = "application/ms-tnef"


class FileKind(Enum):
    """What is done with a file that nobody has named."""

    DOCUMENT = auto()
    CONTAINER = auto()
    OTHER = auto()


def suffix_of(name: str) -> str:
    """Return a name's extension in lower case, with its dot; empty where there is none."""
    return PurePosixPath(name).suffix.lower()


def has_document_suffix(name: str) -> bool:
    """Return whether a name is that of a document, whatever its bytes are."""
    return suffix_of(name) in _DOCUMENT_SUFFIXES | PRINTABLE_SUFFIXES


def has_container_suffix(name: str) -> bool:
    """Return whether a name is that of a mail, a mailbox or a zip."""
    return suffix_of(name) in CONTAINER_SUFFIXES


def file_kind(name: str, media_type: str) -> FileKind:
    """Return what a file is by its name and the media type that its first bytes show."""
    if has_document_suffix(name):
        return FileKind.DOCUMENT
    if media_type in {MAIL, MBOX}:
        return FileKind.CONTAINER
    if media_type in CONTAINERS and suffix_of(name) in CONTAINER_SUFFIXES | {""}:
        return FileKind.CONTAINER
    # What should be a mail or a zip and is none fails, so that somebody hears of it.
    is_failed = has_container_suffix(name)
    if is_failed or is_document(media_type) or media_type == HTML:
        return FileKind.DOCUMENT
    return FileKind.OTHER


def is_document(media_type: str) -> bool:
    """Whether a file without a document's name is one: any raster image is, read or refused."""
    is_drawing = media_type == "image/svg+xml"
    return media_type in SUPPORTED or (media_type.startswith("image/") and not is_drawing)


def why_no_document(media_type: str) -> str:
    """Return why a file of no known kind is passed over, for people."""
    if media_type in _ARCHIVES:
        return "an archive that is not looked into; unpack it"
    if media_type == _WINMAIL:
        return "an Outlook attachment that is not looked into; ask for the files themselves"
    return f"{media_type}, no document" if media_type else "no document"
