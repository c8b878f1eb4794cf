"""Opens files for reading: never a FIFO or a device and, on a listed path, never through a link.

Knows nothing of what is inside a file, nor of where paths come from.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH116

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
# O_PATH, where there is one, opens folders that may be passed through but not listed.
_PASS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK_ERRORS = frozenset({errno.ELOOP, errno.ENOTDIR})


class LinkError(OSError):
    """A link, or no folder any more, stands where there was none when the path was listed."""


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
            raise LinkError(f"{error.strerror}") from error
        raise


def _if_regular(descriptor: int) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return os.fdopen(descriptor, "rb")
