"""Whole files or none: a reader sees the old content or the new, never a part.

Knows nothing of what is written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from docextract.core import disk_error

_PREFIX, _SUFFIX = ".docextract-", ".tmp"
_HELD_PREFIX = f"{_PREFIX}held-"
_LEFTOVER_AGE_S = 3600.0


@contextlib.contextmanager
def writing_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a StoreError that names the file; a closed pipe passes."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise disk_error(path, error) from error


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file that takes ``path``'s place, on the disk, when the block ends well.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("xb") as file:
        yield file


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a free name beside ``path``, for what opens files by their names itself.

    What is written there takes ``path``'s place, on the disk, when the block ends well.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    temporary = free_name(path)
    with writing_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def free_name(path: Path) -> Path:
    """Return a name beside a path that nobody has; ``remove_leftovers`` knows it."""
    return path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")


@contextlib.contextmanager
def held_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file beside ``path`` that is gone at the end, and may get a second name before.

    It is held by a lock that dies with this process; see ``remove_unheld``.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    held = path.with_name(f"{_HELD_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    with held.open("xb") as file:
        try:
            # Some network file systems know no locks; there a kill leaves it behind.
            with contextlib.suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            held.unlink(missing_ok=True)


def remove_unheld(folder: Path) -> None:
    """Delete the files that a killed process left in a folder while ``held_file`` held them."""
    for path in folder.glob(f"{_HELD_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file's content, or leave a file that has it already untouched.

    Raises:
        StoreError: the disk is full, or the folder cannot be written.
    """
    with contextlib.suppress(OSError):
        if path.read_bytes() == data:
            return
    with atomic_file(path) as file:
        file.write(data)


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files and folders a killed process left there and below.

    Young ones may be in use.
    """
    oldest_s = time.time() - _LEFTOVER_AGE_S
    with contextlib.suppress(OSError):
        for path in folder.rglob(f"{_PREFIX}*{_SUFFIX}"):
            if path.stat().st_mtime < oldest_s:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems cannot sync a folder; the file itself is there.
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
