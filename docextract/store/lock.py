"""One run at a time per output folder, by a lock that dies with its holder.

Knows nothing of what is stored there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import socket
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Any, Self

from docextract.core import OutputBusyError, StoreError, disk_error

LOCK_NAME = "lock"
_MOMENT_S = 0.1
_MAX_MOMENTS = 600
"""How long one that is brief is waited for: a minute; exports of 100,000 documents take less."""


class OutputLock:
    """An exclusive ``flock`` on a file that names its holder.

    The kernel drops the lock when the holder ends in whatever way; what the file says is
    only for people.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path

    @classmethod
    def acquire(cls, folder: Path, *, is_brief: bool = False) -> Self:
        """Return the lock of a folder that exists.

        Args:
            folder: where it lies.
            is_brief: whether it is held for no longer than exports take to write; whoever comes
                meanwhile waits a while.

        Raises:
            OutputBusyError: another process holds it; the message says which.
            StoreError: the lock file cannot be created.
        """
        path = folder / LOCK_NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise disk_error(path, error) from error
        try:
            _take(descriptor, folder)
        except BaseException:
            os.close(descriptor)
            raise
        lock = cls(descriptor, path)
        lock._write(json.dumps(_myself() | {"is_brief": is_brief}))
        return lock

    def check_in_place(self) -> None:
        """Check that the folder still stands where it was locked.

        Raises:
            StoreError: it was moved, removed or replaced.
        """
        out = self._path.parent.parent
        with contextlib.suppress(OSError):
            if os.path.samestat(self._path.stat(), os.fstat(self._descriptor)):
                return
        raise StoreError(
            f"{out} was moved or replaced while it was written to",
            "What was read by then is in the folder that was moved; put it back and run again.",
        )

    def release(self) -> None:
        """Give the lock back; a second call does nothing."""
        if self._descriptor >= 0:
            self._write("")
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, text: str) -> None:
        # A full disk must not keep the lock from working: the name is a courtesy.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, text.encode(), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _take(descriptor: int, folder: Path) -> None:
    """Lock an open file, once a holder that is brief has left."""
    for _ in range(_MAX_MOMENTS):
        if _is_taken(descriptor, folder):
            return
        found = holder(folder)
        # One that is not named yet has only just come, or is about to leave.
        if found and not found.get("is_brief"):
            break
        sleep(_MOMENT_S)
    raise OutputBusyError(_busy_message(folder))


def _is_taken(descriptor: int, folder: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StoreError(
            f"cannot lock {folder / LOCK_NAME}: {error.strerror}",
            "The file system knows no locks; choose an --out on a local disk.",
        ) from error
    return True


def holder(folder: Path) -> dict[str, Any] | None:
    """Return ``pid``, ``host`` and ``started`` of the process that holds a folder, or None.

    Only reads, so it never gets in the way of a run that starts; on this host it leaves
    out holders that have died, on others it believes the file.
    """
    try:
        found = json.loads((folder / LOCK_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("pid"), int):
        return None
    is_here = found.get("host") == socket.gethostname()
    return found if not is_here or _is_alive(found["pid"]) else None


def _busy_message(folder: Path) -> str:
    found = holder(folder)
    who = (
        f"process {found['pid']} on {found.get('host')} since {found.get('started')}"
        if found
        else "another process"
    )
    return f"{folder.parent} is in use by {who}"


def _myself() -> dict[str, Any]:
    now = dt.datetime.now().astimezone()
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started": now.isoformat(timespec="seconds"),
    }


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
