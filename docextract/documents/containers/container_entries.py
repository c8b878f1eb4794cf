"""Opens any container as the files right inside of it, whatever its format.

Knows nothing of what is done with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from docextract.core import Document, DocumentError
from docextract.documents.containers.bounds import Bounds
from docextract.documents.containers.members import Entry, named
from docextract.documents.discovery.inspection import open_listed, reason_of
from docextract.documents.discovery.sniff import HEAD_BYTES, MAIL, MBOX, OLE, sniff


def open_container(document: Document) -> BinaryIO:
    """Open the file of a container; see ``open_listed``.

    Raises:
        DocumentError: ``permission``, ``vanished``, ``changed`` or ``read_error``.
    """
    try:
        return open_listed(document)
    except OSError as error:
        raise DocumentError(reason_of(error), f"{error.strerror or error}.") from error


def entries_in(file: BinaryIO, bounds: Bounds) -> Iterator[tuple[str, Entry]]:
    """Yield the files right inside a container, each under a harmless name of its own.

    Raises:
        DocumentError: it is no container, damaged, or over a bound.
    """
    media_type = sniff(file.read(HEAD_BYTES))
    file.seek(0)
    return named(_entries(file, media_type, bounds))


def _entries(file: BinaryIO, media_type: str, bounds: Bounds) -> Iterator[Entry]:
    if media_type == MAIL:
        from docextract.documents.containers.formats.mails import mail_entries

        return mail_entries(file, bounds)
    if media_type == MBOX:
        from docextract.documents.containers.formats.mails import mbox_entries

        return mbox_entries(file, bounds)
    if media_type == OLE:
        from docextract.documents.containers.formats.outlook import outlook_entries

        return outlook_entries(file)
    from docextract.documents.containers.formats.zips import zip_entries

    return zip_entries(file, bounds)
