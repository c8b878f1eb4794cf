"""A folder that holds objects for as long as they are worked on, and never more than a bound.

Knows nothing of storage, nor of what is inside a file. What a killed run left is removed by the
next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from docextract.core import disk_error

_PRIVATE = 0o700


class Spool:
    """Files under way, of which no two share a name.

    Args:
        folder: its own, which is emptied; nobody but this user may look into it.
        max_bytes: most bytes held at a time; one file may be larger if it is alone.

    Raises:
        StoreError: the folder cannot be made.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._held: dict[bytes, int] = {}
        self._number = 0
        self.close()
        try:
            folder.mkdir(mode=_PRIVATE, parents=True)
        except OSError as error:
            raise disk_error(folder, error) from error

    @property
    def num_bytes(self) -> int:
        """How many bytes are held, or will be when what is being fetched is there."""
        return sum(self._held.values())

    def has_room(self, num_bytes: int) -> bool:
        """Return whether so many bytes more may come."""
        return not self._held or self.num_bytes + num_bytes <= self._max_bytes

    def reserve(self, num_bytes: int) -> Path:
        """Return a path for a file of so many bytes, which ``release`` gives back."""
        self._number += 1
        path = self._folder / f"{self._number:08}"
        self._held[os.fsencode(path)] = num_bytes
        return path

    def release(self, path: bytes) -> None:
        """Remove a file and make room; of what is not held nothing is removed."""
        if self._held.pop(path, None) is not None:
            with contextlib.suppress(OSError):
                Path(os.fsdecode(path)).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove everything."""
        self._held.clear()
        shutil.rmtree(self._folder, ignore_errors=True)
