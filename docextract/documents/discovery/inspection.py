"""Looks at one file: its first bytes, its size, its hash, or why they are not to be had.

Knows nothing of folders, nor of what is inside beyond the first bytes.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH116

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, replace
from typing import BinaryIO

from docextract.core import HINTS, Document, ErrorItem, Reason
from docextract.documents.discovery.sniff import HEAD_BYTES, sniff

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A document, and what already went wrong with it (its ``sha256`` is then empty)."""

    document: Document
    error: ErrorItem | None = None


def show_path(path: bytes) -> str:
    """Return a path as valid Unicode; bytes that are no text show as hexadecimal escapes."""
    return path.decode("utf-8", "backslashreplace")


def open_regular(path: bytes) -> BinaryIO:
    """Open a regular file for reading; never waits for a FIFO, never opens a device.

    Raises:
        OSError: it cannot be read, or is no regular file (``errno`` is then unset).
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
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


def inspect_file(document: Document, max_bytes: int) -> Found:
    """Return a document with its type, size and hash, or why it cannot be read.

    Raises:
        OSError: it cannot be opened or read.
    """
    with open_regular(document.place) as file:
        num_bytes = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        sized = replace(document, media_type=sniff(head), num_bytes=num_bytes)
        if not head:
            return Found(sized, found_error(Reason.EMPTY_FILE, "The file has 0 bytes."))
        if num_bytes > max_bytes:
            message = f"The file has {num_bytes} bytes, over the limit of {max_bytes}."
            return Found(sized, found_error(Reason.TOO_LARGE, message))
        digest = hashlib.sha256(head)
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return Found(replace(sized, sha256=digest.hexdigest()))


def sniff_file(path: bytes) -> str:
    """Return a file's media type.

    Raises:
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        return sniff(file.read(HEAD_BYTES))


def problem(document: Document, error: OSError) -> Found:
    """Return a file that cannot be read, with its reason."""
    message = f"{error.strerror or error}."
    return Found(document, found_error(reason_of(error), message[0].upper() + message[1:]))


def found_error(reason: Reason, message: str, hint: str = "") -> ErrorItem:
    """Return what went wrong with a document while it was looked for."""
    return ErrorItem("discover", reason.value, message, hint or HINTS[reason])
