"""Opens one member of a container by its path, as a file is opened by its own.

Knows nothing of what it is. It runs in a worker, which keeps the last container open: members
come one after the other.
"""

from __future__ import annotations

import io
import os
import weakref
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice

from docextract.core import Document, DocumentError, Reason
from docextract.documents.containers.bounds import Bounds
from docextract.documents.containers.container_entries import entries_in, open_container
from docextract.documents.containers.members import SEPARATOR, Entry

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH113, PTH116


def container_of(path: bytes) -> tuple[bytes, str] | None:
    """Return the file of the outermost container and the path below it; None for plain paths.

    Folders and files may have ``!`` in their names: the first part that is a file decides.
    """
    mark = SEPARATOR.encode()
    if mark not in path or os.path.lexists(path):
        return None
    place = path.find(mark)
    while place > 0:
        if os.path.isfile(path[:place]):
            return path[:place], path[place + 1 :].decode("utf-8", "backslashreplace")
        place = path.find(mark, place + 1)
    return None


def is_there(path: bytes) -> bool:
    """Return whether there is such a file, or the container that a member's path names."""
    return os.path.lexists(path) or container_of(path) is not None


def member_bytes(container: Document, inner: str, max_bytes: int) -> bytes:
    """Return the bytes of a member.

    Args:
        container: the outermost container.
        inner: path below it.
        max_bytes: the most that it, and what it lies in, may unpack to.

    Raises:
        DocumentError: it is not there any more, or cannot be unpacked.
    """
    bounds = Bounds(max_member_bytes=max_bytes)
    try:
        found = os.stat(container.raw_path)
    except OSError as error:
        raise DocumentError(Reason.VANISHED, f"{error.strerror}.") from error
    opened = _opened(container, found.st_size, found.st_mtime_ns, bounds)
    return _below(opened.entries, inner, bounds)


class _Opened:
    """The outermost container: its file stays open while this is kept."""

    def __init__(self, container: Document, bounds: Bounds) -> None:
        file = open_container(container)
        weakref.finalize(self, file.close)
        self.entries = dict(islice(entries_in(file, bounds), bounds.max_members))


@lru_cache(maxsize=1)
def _opened(container: Document, num_bytes: int, changed_ns: int, bounds: Bounds) -> _Opened:
    del num_bytes, changed_ns  # another file has others
    return _Opened(container, bounds)


def _below(entries: Mapping[str, Entry], inner: str, bounds: Bounds) -> bytes:
    name, _, rest = inner.partition(SEPARATOR)
    if name not in entries:
        raise DocumentError(Reason.VANISHED, f"There is no {name} in it.")
    content = entries[name].read()
    if not rest:
        return content
    nested = entries_in(io.BytesIO(content), bounds)
    return _below(dict(islice(nested, bounds.max_members)), rest, bounds)
