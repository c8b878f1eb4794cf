"""What callers hold (a path, bytes, an open file, an address) as documents on the disk.

Knows nothing of schemas or workers. A worker opens a path, so what has none is put into a folder
of its own until its document has ended.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeAlias

from docextract.core import (
    HINTS,
    Document,
    DocumentError,
    OptionError,
    ReadOptions,
    Reason,
    Scratch,
    named_pages,
)
from docextract.documents.containers.opened_member import container_of, is_there
from docextract.documents.discovery.discover import Discovery
from docextract.pipeline.unpacking import Unpacking

_CHUNK_BYTES = 2**20
_MAX_TOLD = 10
_WEB = ("http://", "https://")


class Readable(Protocol):
    """An open binary file, or anything that is read like one."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable
"""A path, an http or https address, the bytes of a file, or an open file."""


class Arrival(NamedTuple):
    """A source on its way: where it lies, what it is called, and whether it is ours to delete."""

    path: str
    name: str
    is_spooled: bool = False

    def leave(self) -> None:
        """Delete what was put on the disk for it."""
        if self.is_spooled:
            Path(self.path).unlink(missing_ok=True)


class Arrivals:
    """Takes sources; may be used by several threads.

    Args:
        read: the limit on bytes.
        fetch_timeout_s: seconds that an address may take.
    """

    def __init__(self, read: ReadOptions, fetch_timeout_s: float) -> None:
        self._read = read
        self._max_bytes = read.max_bytes
        self._fetch_timeout_s = fetch_timeout_s
        self._spool = Scratch()
        self._folder = self._spool.path

    def close(self) -> None:
        """Delete what was put on the disk."""
        self._spool.remove()

    def take(self, source: Source) -> Arrival:
        """Return where a source lies; an open file is read to its end here, as it may be closed.

        Raises:
            OptionError: it is none of what can be read.
            DocumentError: an open file is too large or cannot be read.
        """
        if isinstance(source, str | os.PathLike):
            return self._named(os.fspath(source))
        if isinstance(source, bytes | bytearray | memoryview):
            with self._spooled("(bytes)") as (file, arrival):
                file.write(source)
            return arrival
        name = getattr(source, "name", None)
        with self._spooled(name if isinstance(name, str) else "(file)") as (file, arrival):
            self._copy(source, file)
        return arrival

    def document(self, arrival: Arrival) -> Document:
        """Return the document of an arrival, fetched if it is an address, hashed and sniffed.

        Raises:
            OptionError: it is a folder, or holds several documents.
            DocumentError: it cannot be read; ``reason`` says why.
        """
        if arrival.path.startswith(_WEB):
            arrival = self._fetched(arrival)
        try:
            document = _find(arrival, self._read)
        except (DocumentError, OptionError):
            arrival.leave()
            raise
        if not arrival.is_spooled:
            return document
        below = document.path.removeprefix(arrival.path)
        name = arrival.name + below
        return replace(document, path=name, relative=Path(arrival.name).name + below)

    def leave(self, document: Document) -> None:
        """Delete what was put on the disk for a document that has ended."""
        within = container_of(document.raw_path)
        path = Path(os.fsdecode(within[0] if within else document.raw_path))
        if path.parent == self._folder:
            path.unlink(missing_ok=True)

    def _fetched(self, arrival: Arrival) -> Arrival:
        from docextract.api.fetching import fetch

        limit, timeout_s = self._max_bytes, self._fetch_timeout_s
        with self._spooled(arrival.name) as (file, fetched):
            fetch(arrival.path, file, max_bytes=limit, timeout_s=timeout_s)
        return fetched

    def _named(self, path: str) -> Arrival:
        scheme, mark, _ = path.partition("://")
        if path.startswith(_WEB):
            from docextract.api.fetching import show_url

            return Arrival(path, show_url(path))
        if mark and scheme.isalnum():
            raise OptionError(
                f"{scheme}:// addresses cannot be read",
                "Give a path, an http:// or https:// address, bytes or an open file.",
            )
        return Arrival(path, path)

    @contextmanager
    def _spooled(self, name: str) -> Iterator[tuple[BinaryIO, Arrival]]:
        """Give a file to write into; it is deleted where writing fails."""
        number, path = tempfile.mkstemp(dir=self._folder)
        arrival = Arrival(path, name, is_spooled=True)
        try:
            with os.fdopen(number, "wb") as file:
                yield file, arrival
        except (DocumentError, OptionError, OSError):
            arrival.leave()
            raise

    def _copy(self, source: Readable, into: BinaryIO) -> None:
        read: Any = getattr(source, "read", None)
        if read is None:
            told = "a path, an address, bytes or a file open for reading in binary mode"
            raise OptionError(f"a {type(source).__name__} cannot be read", f"Give {told}.")
        while chunk := read(_CHUNK_BYTES):
            if not isinstance(chunk, bytes):
                raise OptionError("the file is open as text", 'Open it with mode "rb".')
            into.write(chunk)
            if into.tell() > self._max_bytes:
                message = f"The file has over {self._max_bytes} bytes."
                raise DocumentError(Reason.TOO_LARGE, message, hint=HINTS[Reason.TOO_LARGE])


def _hint(path: str) -> str:
    named = named_pages(path)
    if named is None or not Path(named[0]).is_file():
        return HINTS[Reason.VANISHED]
    return f'Give {named[0]}, and ReadOptions(pages=PageSelection.parse("{named[1]}")).'


def _find(arrival: Arrival, read: ReadOptions) -> Document:
    path, name = arrival.path, arrival.name
    if Path(path).is_dir():
        raise OptionError(f"{name} is a folder", "Name its files, or use a run.")
    if not is_there(os.fsencode(path)):
        raise DocumentError(Reason.VANISHED, f"There is no file {name}.", hint=_hint(path))
    with Unpacking(read) as look_inside:
        every = list(Discovery([path], max_bytes=read.max_bytes, look_inside=look_inside))
    if not every:
        raise DocumentError(Reason.NOT_A_DOCUMENT, f"{name} is no document and holds none.")
    if len(every) > 1:
        below = (found.document.path.removeprefix(path) for found in every[:_MAX_TOLD])
        message = f"{name} holds {len(every)} documents: {', '.join(name + it for it in below)}"
        as_file = "Save it as a file, and name" if arrival.is_spooled else "Name"
        raise OptionError(message, f"{as_file} one of them as it stands here, or use a run.")
    if error := every[0].error:
        raise DocumentError(Reason(error.reason), error.message, hint=error.hint)
    return every[0].document
