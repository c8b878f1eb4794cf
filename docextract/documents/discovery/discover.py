"""Turns inputs (files, folders, globs, a list on stdin) into documents, one at a time.

Knows nothing of what is inside a document beyond its first bytes, nor of stores or runs.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH112, PTH119

from __future__ import annotations

import hashlib
import os
import select
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from docextract.core import Document, OptionError, ReadOptions, Reason, is_uri, shown_uri
from docextract.documents.containers.found_inside import LookInside, found_inside, is_at_or_below
from docextract.documents.containers.opened_member import container_of
from docextract.documents.discovery.file_kinds import (
    FileKind,
    file_kind,
    has_container_suffix,
    has_document_suffix,
    is_document,
    why_no_document,
)
from docextract.documents.discovery.inspection import (
    Found,
    LinkError,
    found_error,
    inspect_file,
    open_regular,
    problem,
    reason_of,
    show_path,
    sniff_file,
)
from docextract.documents.discovery.passed_over import PassedOverFiles
from docextract.documents.discovery.seen_keys import Remembered
from docextract.documents.discovery.sniff import CONTAINERS
from docextract.documents.discovery.walk import (
    LEADS_OUT,
    Entry,
    Trouble,
    is_pattern,
    walk,
    walk_pattern,
)

__all__ = [
    "Discovery",
    "Found",
    "found_error",
    "has_document_suffix",
    "inspect_file",
    "is_document",
    "open_regular",
    "reason_of",
    "show_path",
]

_POLL_S = 0.02
_NOTHING_YET = b"(nothing yet)"
_DEFAULT_MAX_BYTES = ReadOptions().max_bytes


class Discovery:
    """Iterates over the documents of some inputs and counts what it passed over.

    Nothing raises: what cannot be read is yielded with its reason (``permission``,
    ``vanished``, ``too_large``, ``empty_file``, ``read_error``). Files in folders that are
    no documents by content or extension are passed over, by name. Of a mail, mailbox or zip
    what it holds is found in its place, with paths such as ``mail.eml!invoice.pdf``; such a path
    can be an input too.

    Args:
        inputs: files, folders (recursive), globs (``**`` too), or ``-`` for stdin.
        stdin: paths, one a line or NUL-separated, read where an input is ``-``.
        exclude: a folder that is never entered, e.g. the output folder.
        max_bytes: larger files are not hashed.
        is_wanted: asked about every file before it is opened, if given; a file that is
            not wanted is neither yielded nor counted.
        look_inside: tells what a container holds; None leaves them closed: they are passed
            over, or documents like others where they are named.

    Raises:
        OptionError: an input is an address in storage.

    Attributes:
        passed_over: files found in folders and containers that are no documents, hidden ones,
            links that lead out of the folder, devices and the like.
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
        look_inside: LookInside | None = None,
    ) -> None:
        self.passed_over = PassedOverFiles()
        self.unmatched: list[str] = []
        self._inputs = [os.fsencode(item) for item in inputs]
        _check_here(self._inputs)
        self._stdin = stdin
        self._exclude = None if exclude is None else os.fsencode(exclude)
        self._max_bytes = max_bytes
        self._is_wanted = is_wanted
        self._look_inside = look_inside
        self._seen = Remembered()
        self._roots = tuple(os.path.realpath(item) for item in self._inputs if os.path.isdir(item))

    def __iter__(self) -> Iterator[Found]:
        """Yield each document once, in the order of the inputs, folders sorted by name."""
        return (found for found in self.as_they_come() if found is not None)

    def as_they_come(self) -> Iterator[Found | None]:
        """Yield each document; None, now and then, while none is there yet."""
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

        None where the inputs come from stdin, or containers are among them. 100,000 files take
        well under a second.
        """
        if b"-" in self._inputs and self._stdin is not None:
            return None
        counts = list(map(self._count_input, self._inputs))
        return None if None in counts else sum(filter(None, counts))

    def _count_input(self, item: bytes) -> int | None:
        entries: Iterable[Entry | Trouble]
        if is_pattern(item) and not os.path.lexists(item):
            entries = (entry for _, entry in walk_pattern(item, exclude=self._exclude))
        elif os.path.isdir(item):
            entries = walk(item, roots=self._roots, exclude=self._exclude)
        else:
            return None if self._is_container(show_path(item)) else 1
        number = 0
        for name in (show_path(entry.path) for entry in entries if not _is_left(entry)):
            if self._is_container(name):
                return None
            number += has_document_suffix(name) or name.lower().endswith(".xml")
        return number

    def _is_container(self, name: str) -> bool:
        return self._look_inside is not None and has_container_suffix(name)

    def _of_path(self, path: bytes) -> Iterator[Found | None]:
        if not os.path.isdir(path):
            yield from self._of_file(path)
            return
        roots = (*self._roots, os.path.realpath(path))
        for entry in walk(path, roots=roots, exclude=self._exclude):
            yield from self._of_entry(entry, root=path)

    def _of_file(self, path: bytes) -> Iterator[Found | None]:
        """Yield a file that is named, or what is named of a container."""
        place = None if self._look_inside is None else container_of(path)
        if place is not None:
            yield from self._of_member(path, container=place[0])
        elif self._is_new(os.path.realpath(path)) and self._is_wanted(path):
            yield from self._opened(self._inspect_named(path), self.passed_over)

    def _of_member(self, path: bytes, container: bytes) -> Iterator[Found | None]:
        """Yield the member that a path names, or those of the container that it names."""
        # Nobody has asked for what else lies there.
        inside = self._opened(self._inspect_named(container), PassedOverFiles())
        num_found = 0
        for found in inside:
            # Why the container cannot be read is what there is to say of the member.
            is_asked = found is None or is_at_or_below(found.document, _absolute(path))
            if is_asked or _is_failed(found, container):
                num_found += found is not None
                yield found
        if not num_found:
            message = f"There is no such document in {show_path(container)}."
            yield Found(_named(path), found_error(Reason.VANISHED, message))

    def _opened(self, found: Found, passed_over: PassedOverFiles) -> Iterator[Found | None]:
        """Yield a file, or what it holds if it is a container."""
        document, look_inside = found.document, self._look_inside
        is_closed = found.error is not None or has_document_suffix(document.path)
        if look_inside is None or is_closed or document.media_type not in CONTAINERS:
            yield found
        else:
            yield from found_inside(document, look_inside, passed_over)

    def _of_pattern(self, pattern: bytes) -> Iterator[Found | None]:
        num_entries = 0
        for root, entry in walk_pattern(pattern, exclude=self._exclude):
            num_entries += 1
            yield from self._of_entry(entry, root=root)
        if not num_entries:
            self.unmatched.append(show_path(pattern))

    def _of_entry(self, entry: Entry | Trouble, root: bytes) -> Iterator[Found | None]:
        if isinstance(entry, Trouble):
            yield problem(_named(entry.path), entry.error)
        elif entry.why_not:
            if self._is_wanted(entry.path):
                self.passed_over.add(show_path(entry.path), entry.why_not)
        elif self._is_new(entry.real_path) and self._is_wanted(entry.path):
            yield from self._walked(entry, os.path.relpath(entry.path, root))

    def _is_new(self, real_path: bytes) -> bool:
        digest = hashlib.blake2b(real_path, digest_size=16).digest()
        return self._seen.add(digest) is None

    def _inspect_named(self, path: bytes) -> Found:
        document = _named(path)
        try:
            return inspect_file(document, self._max_bytes)
        except OSError as error:
            return problem(document, error)

    def _walked(self, entry: Entry, relative: bytes) -> Iterator[Found | None]:
        """Yield a file of a folder, or what it holds, unless it is no document."""
        path = entry.path
        document = Document(
            show_path(path),
            _absolute(path),
            relative=show_path(relative),
            real_path=entry.real_path,
        )
        try:
            media_type = "" if has_document_suffix(document.path) else sniff_file(document)
            kind = file_kind(document.path, media_type)
            if kind is FileKind.OTHER or (kind is FileKind.CONTAINER and not self._look_inside):
                self.passed_over.add(document.path, why_no_document(media_type))
                return
            found = inspect_file(document, self._max_bytes)
        except LinkError:
            self.passed_over.add(document.path, LEADS_OUT)
            return
        except OSError as error:
            yield problem(document, error)
            return
        yield from self._opened(found, self.passed_over)


def _is_failed(found: Found | None, path: bytes) -> bool:
    if found is None or found.error is None:
        return False
    return found.document.raw_path == _absolute(path)


def _is_left(entry: Entry | Trouble) -> bool:
    return isinstance(entry, Entry) and entry.why_not != ""


def _absolute(path: bytes) -> bytes:
    # Path cannot hold every name as bytes, and resolving links would rename the file.
    return os.path.abspath(path)  # noqa: PTH100


def _check_here(inputs: Sequence[bytes]) -> None:
    remote = next((name for name in map(show_path, inputs) if is_uri(name)), None)
    if remote is not None:
        told = "docextract run, plan and ask read storage; fetch it for anything else."
        raise OptionError(f"{shown_uri(remote)} is no file or folder of this machine", told)


def _named(path: bytes) -> Document:
    name = os.path.basename(path.rstrip(b"/")) or path
    return Document(show_path(path), _absolute(path), relative=show_path(name))


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


def may_hold_documents(path: bytes) -> bool:
    """Return whether a path is, by its name, that of a document or of a container of some."""
    name = os.fsdecode(path)
    return has_document_suffix(name) or has_container_suffix(name)
