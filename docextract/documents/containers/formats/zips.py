"""Finds the files in a zip, from its central directory, and unpacks one at a time.

Knows nothing of what they are. Names are never used as paths.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from docextract.core import DocumentError, Reason
from docextract.documents.containers.bounds import UNPACK_IT, Bounds
from docextract.documents.containers.members import Entry

_HEADER_BYTES = 30
"""Of a local file header without its name (APPNOTE.TXT 4.3.7)."""

_IS_ENCRYPTED = 1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Of the others, 4 KB can unpack to 100 MB in one step, and no mailer writes them."""

_MARKS = {
    "[Content_Types].xml": "an Office file",
    "mimetype": "an OpenDocument file or e-book",
    "META-INF/MANIFEST.MF": "a Java archive",
}
_PRINT_IT = "Print it to PDF: soffice --headless --convert-to pdf FILE"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, KeyError)
_UNREAD = (NotImplementedError, RuntimeError)


def zip_entries(file: BinaryIO, bounds: Bounds) -> Iterator[Entry]:
    """Yield the files in a zip, in its own order.

    Raises:
        DocumentError: ``corrupt``, ``unsupported`` (a zip in name only), ``too_large``.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (*_BROKEN, *_UNREAD) as error:
        raise DocumentError(Reason.CORRUPT, "The zip is damaged or cut off.") from error
    infos = archive.infolist()
    _check_kind({info.filename for info in infos[: bounds.max_members]})
    _check_overlaps(infos)
    for info in infos:
        if not info.is_dir():
            read = partial(_read, archive, info, bounds)
            yield Entry(info.filename, read, why_not=_why_not(info))


def _check_kind(names: set[str]) -> None:
    for mark, kind in _MARKS.items():
        if mark in names:
            raise DocumentError(Reason.UNSUPPORTED, f"It is {kind}, not a zip.", hint=_PRINT_IT)


def _check_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: 42 kB can hold 5 GB so (Fifield, WOOT 2019)."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            message = "Members of the zip share the same bytes, as those of bombs do."
            raise DocumentError(Reason.CORRUPT, message, hint="Ask for it to be packed again.")
        end = info.header_offset + _HEADER_BYTES + info.compress_size


def _why_not(info: zipfile.ZipInfo) -> str:
    return "a link" if stat.S_ISLNK(info.external_attr >> 16) else ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, bounds: Bounds) -> bytes:
    if info.flag_bits & _IS_ENCRYPTED:
        raise DocumentError(Reason.ENCRYPTED, "It is locked in the zip.", hint=UNPACK_IT)
    if info.compress_type not in _METHODS:
        message = f"It is packed by a method that is not read ({info.compress_type})."
        raise DocumentError(Reason.UNSUPPORTED, message, hint=UNPACK_IT)
    bounds.check_size(info.file_size, info.compress_size)
    try:
        with archive.open(info) as member:
            return member.read(info.file_size)
    except (*_BROKEN, *_UNREAD) as error:
        raise DocumentError(Reason.CORRUPT, "It is damaged inside the zip.") from error
