"""Looks at one file: its first bytes, its size, its hash, or why they are not to be had.

Knows nothing of folders, nor of what is inside beyond the first bytes.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH113, PTH116

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, replace
from typing import BinaryIO

from docextract.core import HINTS, PART, Document, ErrorItem, Reason, named_pages
from docextract.documents.discovery.sniff import HEAD_BYTES, sniff

_CHUNK_BYTES = 1 << 20
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
# O_PATH, where there is one, opens folders that may be passed through but not listed.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK_ERRORS = frozenset({errno.ELOOP, errno.ENOTDIR})


@dataclass(frozen=True, slots=True)
class Found:
    """A document, and what already went wrong with it (its ``sha256`` is then empty)."""

    document: Document
    error: ErrorItem | None = None


def show_path(path: bytes) -> str:
    """Return a path as valid Unicode; bytes that are no text show as hexadecimal escapes."""
    return path.decode("utf-8", "backslashreplace")


class LinkError(OSError):
    """A link, or no file any more, stands where there was none when the path was listed."""


def open_regular(path: bytes) -> BinaryIO:
    """Open a regular file for reading; never waits for a FIFO, never opens a device.

    Raises:
        OSError: it cannot be read, or is no regular file (``errno`` is then unset).
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("not a regular file")
    return _if_regular(os.open(path, _READ))


def open_without_links(real_path: bytes) -> BinaryIO:
    """Open a regular file by a path that has no links, though others may put some there now.

    Args:
        real_path: absolute, as ``os.path.realpath`` returns it.

    Raises:
        LinkError: a part of it has become a link.
        OSError: as for ``open_regular``.
    """
    *folders, name = real_path.strip(b"/").split(b"/")
    here = os.open(b"/", _PASS)
    try:
        for folder in folders:
            below = _open_at(folder, _PASS, here)
            os.close(here)
            here = below
        if not stat.S_ISREG(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
            raise LinkError("not a regular file")
        return _if_regular(_open_at(name, _READ | os.O_NOFOLLOW, here))
    finally:
        os.close(here)


def _open_at(name: bytes, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in _LINK_ERRORS:
            raise LinkError(str(error.strerror)) from error
        raise


def _if_regular(descriptor: int) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "rb")


def reason_of(error: OSError) -> Reason:
    """Return the reason that a failed open or read stands for."""
    if isinstance(error, PermissionError):
        return Reason.PERMISSION
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Reason.VANISHED
    return Reason.NOT_A_DOCUMENT if error.errno is None else Reason.READ_ERROR


def inspect_file(document: Document, max_bytes: int, real_path: bytes = b"") -> Found:
    """Return a document with its type, size and hash, or why it cannot be read.

    Args:
        document: where it is.
        max_bytes: larger ones are not hashed.
        real_path: the path without links that it was listed under, if it was.

    Raises:
        LinkError: it is no longer what was listed.
        OSError: it cannot be opened or read.
    """
    with _opened(document.place, real_path) as file:
        num_bytes = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        sized = replace(document, media_type=sniff(head), num_bytes=num_bytes)
        if not head:
            return Found(sized, found_error(Reason.EMPTY_FILE, "The file has 0 bytes."))
        digest, num_read = hashlib.sha256(head), len(head)
        # Its size is of the moment: somebody may make it longer for as long as it is read.
        while num_bytes <= max_bytes and (chunk := file.read(_CHUNK_BYTES)):
            digest.update(chunk)
            num_read += len(chunk)
            num_bytes = max(num_bytes, num_read)
    if num_bytes > max_bytes:
        message = f"The file has {num_bytes} bytes or more, over the limit of {max_bytes}."
        return Found(sized, found_error(Reason.TOO_LARGE, message))
    return Found(replace(sized, sha256=digest.hexdigest()))


def sniff_file(path: bytes, real_path: bytes = b"") -> str:
    """Return a file's media type; ``real_path`` as for ``inspect_file``.

    Raises:
        LinkError: it is no longer what was listed.
        OSError: it cannot be read.
    """
    with _opened(path, real_path) as file:
        return sniff(file.read(HEAD_BYTES))


def _opened(path: bytes, real_path: bytes) -> BinaryIO:
    return open_without_links(real_path) if real_path else open_regular(path)


def problem(document: Document, error: OSError) -> Found:
    """Return a file that cannot be read, with its reason."""
    message, reason = f"{error.strerror or error}.", reason_of(error)
    hint = _hint_of_part(document) if reason is Reason.VANISHED else ""
    return Found(document, found_error(reason, message[0].upper() + message[1:], hint))


def _hint_of_part(document: Document) -> str:
    """Return what to give instead of the name of a part of a file, if it is one."""
    named = named_pages(os.fsdecode(document.raw_path))
    if named is None or not os.path.isfile(named[0]):
        return ""
    file = document.path.rpartition(PART)[0]
    return f"That names pages of a file: give {file} --pages {named[1]}."


def found_error(reason: Reason, message: str, hint: str = "") -> ErrorItem:
    """Return what went wrong with a document while it was looked for."""
    return ErrorItem("discover", reason.value, message, hint or HINTS[reason])
