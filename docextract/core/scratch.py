"""A folder for temporary files of this process, and the removal of those that dead ones left.

Knows nothing of what is written there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

_PREFIX = "docextract-scratch-"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Scratch:
    """An empty folder that nobody else uses; it is held by a lock that dies with this process.

    It is removed when asked, at the end of a context, or when nobody knows it any more.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        self.path, held = _made()
        self._end = weakref.finalize(self, _remove_held, self.path, held)

    def remove(self) -> None:
        """Remove it with all that is in it; safe to repeat."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def _made() -> tuple[Path, int]:
    """Return a new folder and the descriptor that holds it."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.suppress(FileNotFoundError):
            held = os.open(path, _FOLDER)
            fcntl.flock(held, fcntl.LOCK_EX)
            # Until it was held, another start could take it for abandoned.
            if path.exists():
                return path, held
            os.close(held)


def _remove_held(path: Path, held: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(held)


def remove_abandoned() -> None:
    """Remove the folders of this user that a killed run left."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            _remove_unheld(path)


def _remove_unheld(path: Path) -> None:
    held = os.open(path, _FOLDER)
    try:
        if os.fstat(held).st_uid == os.geteuid():
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(held)
