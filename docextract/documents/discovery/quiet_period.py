"""Tells which files of a watched folder are settled: nobody has written to them for a while.

Knows nothing of what is inside them. It polls, as file events are not to be had on network
shares, and compares sizes and times of change with those of the last look alone, so that a
share whose clock differs does no harm.
"""

# Paths are bytes here, which pathlib does not take.

# ruff: noqa: PTH116

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MAX_SHARE_OF_TIME = 0.1
_MIN_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class _Look:
    state: tuple[int, ...]
    since_s: float
    is_taken: bool = False


class SettledFiles:
    """Remembers how every file looked; a file is taken once for each state it settles in.

    Args:
        settle_s: seconds for which size, times and inode must stay the same.
        monotonic_s: seconds since any fixed moment.
    """

    def __init__(self, settle_s: float, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._settle_s = settle_s
        self._monotonic_s = monotonic_s
        self._before: dict[bytes, _Look] = {}
        self._now: dict[bytes, _Look] = {}
        self._begun_s = self._next_s = monotonic_s()

    def is_due(self) -> bool:
        """Whether it is time to look again; looking takes a tenth of the time at most."""
        return self._monotonic_s() >= self._next_s

    def begin(self) -> None:
        """Begin a look at all files; those that are not asked about in it are forgotten."""
        self._begun_s = self._monotonic_s()
        self._now = {}

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Leave a look for other work: however long that takes, the next look is no later."""
        left_s = self._monotonic_s()
        yield
        self._begun_s += self._monotonic_s() - left_s

    def end(self) -> None:
        """End a look at all files."""
        now_s = self._monotonic_s()
        took_s = now_s - self._begun_s
        pause_s = max(_MIN_PAUSE_S, self._settle_s / 4, took_s / _MAX_SHARE_OF_TIME)
        self._before, self._next_s = self._now, now_s + pause_s

    def take(self, path: bytes) -> bool:
        """Return whether a file has settled and was not taken yet in this state.

        What is no file, or is gone, is never taken.
        """
        try:
            found = os.stat(path)
        except OSError:
            return False
        if not stat.S_ISREG(found.st_mode):
            return False
        key = hashlib.blake2b(path, digest_size=16).digest()
        # With the time of change, a file that may be read at last is taken again.
        state = found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
        look = self._before.get(key)
        now_s = self._monotonic_s()
        if look is None or look.state != state:
            look = _Look(state, now_s)
        is_new = not look.is_taken and now_s - look.since_s >= self._settle_s
        self._now[key] = _Look(state, look.since_s, look.is_taken or is_new)
        return is_new
