"""Goes through a container and all that is nested in it, and tells what lies there.

Knows nothing of runs; it runs in a worker, and writes nothing anywhere.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from docextract.core import HINTS, Document, DocumentError, ErrorItem, Mail, Reason
from docextract.documents.containers.bounds import Bounds, Count, OverBoundsError, too_large
from docextract.documents.containers.container_entries import entries_in, open_container
from docextract.documents.containers.decoration import why_decoration
from docextract.documents.containers.members import (
    SEPARATOR,
    Entry,
    Inside,
    Left,
    Member,
    error_item,
)
from docextract.documents.discovery.file_kinds import FileKind, file_kind, why_no_document
from docextract.documents.discovery.sniff import HEAD_BYTES, sniff

_CHUNK_BYTES = 1 << 20
_MAC_FOLDER = "__MACOSX"
_NO_DOCUMENT = "no document in it; the text of a mail is not read: print it to PDF if it is one"


def look_inside(document: Document, bounds: Bounds) -> Iterator[Inside]:
    """Yield every file in a container, by its path below it: documents, and what is passed over.

    Raises:
        DocumentError: the container as a whole cannot be read; or, once what fits is told, it
            holds too much.
    """
    with open_container(document) as file:
        if _sha256(file) != document.sha256:
            raise DocumentError(Reason.CHANGED, "The file has changed since it was found.")
        yield from _Look(bounds, Count(bounds)).into(file, _Place())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a look has got to: a container's path below the outermost, and the mail it is in."""

    path: str = ""
    depth: int = 0
    mail: Mail | None = None

    def below(self, name: str, mail: Mail | None) -> _Place:
        path = f"{self.path}{SEPARATOR}{name}" if self.path else name
        return _Place(path, self.depth + 1, mail or self.mail)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look into a file, with all that is nested in it."""

    bounds: Bounds
    count: Count

    def into(self, file: BinaryIO, place: _Place) -> Iterator[Inside]:
        """Yield what a container holds."""
        if place.depth > self.bounds.max_depth:
            raise too_large(f"It lies {place.depth} containers deep.")
        has_document = False
        for name, entry in entries_in(file, self.bounds):
            self.count.member()
            for item in self._entry(name, entry, place.below(name, entry.mail)):
                has_document = has_document or isinstance(item, Member)
                yield item
        if not has_document:
            yield Left(place.path, _NO_DOCUMENT)

    def _entry(self, name: str, entry: Entry, place: _Place) -> Iterator[Inside]:
        if why := entry.why_not or _why_hidden(name):
            yield Left(place.path, why)
            return
        try:
            content = entry.read()
            self.count.unpacked(len(content))
            yield from self._content(name, entry, content, place)
        except OverBoundsError:
            raise
        except DocumentError as error:
            yield Member(place.path, mail=place.mail, error=error_item(error))

    def _content(self, name: str, entry: Entry, content: bytes, place: _Place) -> Iterator[Inside]:
        media_type = sniff(content[:HEAD_BYTES])
        kind = file_kind(name, media_type)
        if kind is FileKind.CONTAINER:
            yield from self.into(io.BytesIO(content), place)
        elif kind is FileKind.OTHER:
            yield Left(place.path, why_no_document(media_type))
        elif why := why_decoration(entry, content, media_type):
            yield Left(place.path, why)
        else:
            yield _member(content, media_type, place)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _why_hidden(name: str) -> str:
    parts = name.split("/")
    is_hidden = _MAC_FOLDER in parts or any(part.startswith(".") for part in parts)
    return "hidden" if is_hidden else ""


def _member(content: bytes, media_type: str, place: _Place) -> Member:
    if not content:
        reason = Reason.EMPTY_FILE
        error = ErrorItem("discover", reason.value, "The file has 0 bytes.", HINTS[reason])
        return Member(place.path, mail=place.mail, error=error)
    digest = hashlib.sha256(content).hexdigest()
    return Member(place.path, digest, media_type, len(content), place.mail)
