"""Turns inputs (files, folders, globs, a list on stdin) into documents, one at a time.

Knows nothing of what is inside a document beyond its first bytes, nor of stores or runs.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH112, PTH119, PTH122

from __future__ import annotations

import hashlib
import os
import select
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from docextract.core import HINTS, Document, ErrorItem, ReadOptions, Reason
from docextract.documents.discovery.regular_file import (
    LinkError,
    open_regular,
    open_without_links,
)
from docextract.documents.discovery.seen_keys import Remembered
from docextract.documents.discovery.sniff import HEAD_BYTES, SUPPORTED, sniff
from docextract.documents.discovery.walk import Entry, Trouble, is_pattern, walk, walk_pattern

_READABLE = b".pdf .png .jpg .jpeg .jpe .jfif .tif .tiff .webp .heic .heif .avif .bmp .gif"
_UNREADABLE = b".jp2 .j2k .jpx .eps .ps .psd .djvu .xps .tga .pcx .pbm .pgm .ppm .pnm .dds .exr"
_DOCUMENT_SUFFIXES = frozenset(_READABLE.split() + _UNREADABLE.split())
"""Names of pages; those that cannot be read fail with a reason, as nobody else tells of them."""
_CHUNK_BYTES = 1 << 20
_POLL_S = 0.02
_NOTHING_YET = b"(nothing yet)"
_DEFAULT_MAX_BYTES = ReadOptions().max_bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A document, and what already went wrong with it (its ``sha256`` is then empty)."""

    document: Document
    error: ErrorItem | None = None


class Discovery:
    """Iterates over the documents of some inputs and counts what it passed over.

    Nothing raises: what cannot be read is yielded with its reason (``permission``,
    ``vanished``, ``too_large``, ``empty_file``, ``read_error``). Files in folders that are
    no documents by content or extension are only counted.

    Args:
        inputs: files, folders (recursive), globs (``**`` too), or ``-`` for stdin.
        stdin: paths, one a line or NUL-separated, read where an input is ``-``.
        exclude: a folder that is never entered, e.g. the output folder.
        max_bytes: larger files are not hashed.
        is_wanted: asked about every file before it is opened, if given; a file that is
            not wanted is neither yielded nor counted.

    Attributes:
        ignored: by extension, files found in folders that are no documents, or are links
            that lead out of them, hidden, devices and the like.
        unmatched: patterns that matched no path at all.
    """

    def __init__(
        self,
        inputs: Sequence[str | bytes],
        *,
        stdin: BinaryIO | None = None,
        exclude: Path | None = None,
        max_bytes: int = _DEFAULT_MAX_BYTES,
        is_wanted: Callable[[bytes], bool] = lambda path: True,
    ) -> None:
        self.ignored: Counter[str] = Counter()
        self.unmatched: list[str] = []
        self._inputs = [os.fsencode(item) for item in inputs]
        self._stdin = stdin
        self._exclude = None if exclude is None else os.fsencode(exclude)
        self._max_bytes = max_bytes
        self._is_wanted = is_wanted
        self._seen = Remembered()
        self._roots = tuple(os.path.realpath(item) for item in self._inputs if os.path.isdir(item))

    def __iter__(self) -> Iterator[Found]:
        """Yield each document once, in the order of the inputs, folders sorted by name."""
        return (found for found in self.as_they_come() if found is not None)

    def as_they_come(self) -> Iterator[Found | None]:
        """Yield each document; None, now and then, while stdin is silent."""
        for item in self._inputs:
            if item == b"-" and self._stdin is not None:
                for path in _read_paths(self._stdin):
                    yield from (None,) if path is None else self._of_path(path)
            elif is_pattern(item) and not os.path.lexists(item):
                yield from self._of_pattern(item)
            else:
                yield from self._of_path(item)

    def count_ahead(self) -> int | None:
        """Return about how many documents there are, by names alone and without reading any.

        None where the inputs come from stdin. 100,000 files take well under a second.
        """
        if b"-" in self._inputs and self._stdin is not None:
            return None
        return sum(map(self._count_input, self._inputs))

    def _count_input(self, item: bytes) -> int:
        entries: Iterable[Entry | Trouble]
        if is_pattern(item) and not os.path.lexists(item):
            entries = (entry for _, entry in walk_pattern(item, exclude=self._exclude))
        elif os.path.isdir(item):
            entries = walk(item, roots=self._roots, exclude=self._exclude)
        else:
            return 1
        return sum(
            _has_document_suffix(entry.path) or entry.path.lower().endswith(b".xml")
            for entry in entries
        )

    def _of_path(self, path: bytes) -> Iterator[Found]:
        if not os.path.isdir(path):
            if self._is_new(os.path.realpath(path)) and self._is_wanted(path):
                yield self._inspect_named(path)
            return
        roots = (*self._roots, os.path.realpath(path))
        for entry in walk(path, roots=roots, exclude=self._exclude):
            yield from self._of_entry(entry, root=path)

    def _of_pattern(self, pattern: bytes) -> Iterator[Found]:
        num_entries = 0
        for root, entry in walk_pattern(pattern, exclude=self._exclude):
            num_entries += 1
            yield from self._of_entry(entry, root=root)
        if not num_entries:
            self.unmatched.append(show_path(pattern))

    def _of_entry(self, entry: Entry | Trouble, root: bytes) -> Iterator[Found]:
        if isinstance(entry, Trouble):
            yield _problem(_named(entry.path), entry.error)
        elif not entry.is_followed:
            self._ignore(entry.path)
        elif self._is_new(entry.real_path) and self._is_wanted(entry.path):
            relative = os.path.relpath(entry.path, root)
            found = self._inspect_walked(entry, relative)
            if found is None:
                self._ignore(entry.path)
            else:
                yield found

    def _ignore(self, path: bytes) -> None:
        suffix = show_path(os.path.splitext(path)[1].lower())
        is_hidden = os.path.basename(path).startswith(b".")
        self.ignored[f"hidden {suffix}".rstrip() if is_hidden else suffix or "no extension"] += 1

    @property
    def num_ignored(self) -> int:
        """How many files were passed over."""
        return self.ignored.total()

    def _is_new(self, real_path: bytes) -> bool:
        digest = hashlib.blake2b(real_path, digest_size=16).digest()
        return self._seen.add(digest) is None

    def _inspect_named(self, path: bytes) -> Found:
        document = _named(path)
        try:
            with open_regular(path) as file:
                return _inspect(document, file, self._max_bytes)
        except OSError as error:
            return _problem(document, error)

    def _inspect_walked(self, entry: Entry, relative: bytes) -> Found | None:
        path = entry.path
        document = Document(show_path(path), _absolute(path), relative=show_path(relative))
        try:
            with open_without_links(entry.real_path) as file:
                head = file.read(HEAD_BYTES)
                if not _has_document_suffix(path) and not _is_document(sniff(head)):
                    return None
                file.seek(0)
                return _inspect(document, file, self._max_bytes)
        except LinkError:
            return None
        except OSError as error:
            return _problem(document, error)


def show_path(path: bytes) -> str:
    """Return a path as valid Unicode; bytes that are no text show as hexadecimal escapes."""
    return path.decode("utf-8", "backslashreplace")


def reason_of(error: OSError) -> Reason:
    """Return the reason that a failed open or read stands for."""
    if isinstance(error, PermissionError):
        return Reason.PERMISSION
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Reason.VANISHED
    return Reason.NOT_A_DOCUMENT if error.errno is None else Reason.READ_ERROR


def _inspect(document: Document, file: BinaryIO, max_bytes: int) -> Found:
    num_bytes = os.fstat(file.fileno()).st_size
    head = file.read(HEAD_BYTES)
    sized = replace(document, media_type=sniff(head), num_bytes=num_bytes)
    if not head:
        return Found(sized, _error(Reason.EMPTY_FILE, "The file has 0 bytes."))
    digest, num_read = hashlib.sha256(head), len(head)
    # A file that somebody makes longer while it is hashed would have no end.
    while max(num_bytes, num_read) <= max_bytes and (chunk := file.read(_CHUNK_BYTES)):
        digest.update(chunk)
        num_read += len(chunk)
    num_bytes = max(num_bytes, num_read)
    if num_bytes > max_bytes:
        message = f"The file has {num_bytes} bytes, over the limit of {max_bytes}."
        return Found(sized, _error(Reason.TOO_LARGE, message))
    return Found(replace(sized, sha256=digest.hexdigest()))


def _has_document_suffix(path: bytes) -> bool:
    return os.path.splitext(path)[1].lower() in _DOCUMENT_SUFFIXES


def _is_document(media_type: str) -> bool:
    """Whether a file without a document's name is one: any raster image is, read or refused."""
    is_drawing = media_type == "image/svg+xml"
    return media_type in SUPPORTED or (media_type.startswith("image/") and not is_drawing)


def _absolute(path: bytes) -> bytes:
    # Path cannot hold every name as bytes, and resolving links would rename the file.
    return os.path.abspath(path)  # noqa: PTH100


def _named(path: bytes) -> Document:
    name = os.path.basename(path.rstrip(b"/")) or path
    return Document(show_path(path), _absolute(path), relative=show_path(name))


def _problem(document: Document, error: OSError) -> Found:
    message = f"{error.strerror or error}."
    return Found(document, _error(reason_of(error), message[0].upper() + message[1:]))


def _error(reason: Reason, message: str) -> ErrorItem:
    return ErrorItem("discover", reason.value, message, HINTS[reason])


def _read_paths(stdin: BinaryIO) -> Iterator[bytes | None]:
    """Yield the paths of a list, None while there are none; NUL separates them if it is there."""
    separator: bytes | None = None
    rest = b""
    while chunk := _read_some(stdin):
        if chunk is _NOTHING_YET:
            yield None
            continue
        if separator is None:
            separator = b"\0" if b"\0" in chunk else b"\n"
        *paths, rest = (rest + chunk).split(separator)
        yield from (path for path in map(_trim, paths) if path)
    if rest := _trim(rest):
        yield rest


def _trim(path: bytes) -> bytes:
    return path.removesuffix(b"\r")


def _read_some(stdin: BinaryIO) -> bytes:
    # A read that waits would hold up the documents at work, and signals too.
    if _has_descriptor(stdin) and not select.select([stdin], [], [], _POLL_S)[0]:
        return _NOTHING_YET
    # read1 returns what a pipe holds now, so a slow `find` is followed as it goes.
    read = getattr(stdin, "read1", stdin.read)
    return bytes(read(1 << 16))


def _has_descriptor(stdin: BinaryIO) -> bool:
    try:
        stdin.fileno()
    except (AttributeError, OSError):
        return False
    return True
