"""How long a worker may take over a job, and whose fault it is when it takes longer.

Knows nothing of processes: it is told what time it is, and how much CPU time was used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from docextract.core import HINTS, ReadOptions, Reason
from docextract.workers.events import Failed

SLOW_PAGE = "One page is too much work; print the file to a new PDF, or leave out that page."
_AT_WORK_CPU_S = 0.1
"""Less than this in all the time of silence is done by one that only waits."""
_LEAST_SHARE = 0.1
"""A worker that had less than a tenth of a core for its document was kept from it."""


class Allowance:
    """The wall-clock limits of one worker; all times are of one clock.

    What is too much work is told by CPU time, of which a page has its own limit. So silence ends a
    worker only where it does not work, and that is not the document's fault: it waits for a
    machine, a disk or a share.

    Args:
        limits: seconds of silence, and for the whole of a document.
    """

    def __init__(self, limits: ReadOptions) -> None:
        self._limits = limits
        self._begun_cpu_s: float | None = None
        self._seen_cpu_s: float | None = None
        self._worked_s: float | None = None
        self.end()

    @property
    def deadline(self) -> float:
        """When it is to be looked at; never where there is no job."""
        return min(self._silent_until, self._whole_until)

    def begin(self, now_s: float, cpu_s: float | None) -> None:
        """Note that a job begins.

        Args:
            now_s: the time.
            cpu_s: what the worker has used so far; None where nobody can tell.
        """
        self._begun_cpu_s = self._seen_cpu_s = cpu_s
        self._whole_until = now_s + self._limits.document_timeout_s
        self.hear(now_s)

    def hear(self, now_s: float) -> None:
        """Note that the worker has said something."""
        self._silent_until = now_s + self._limits.page_timeout_s

    def forgive(self, seconds: float) -> None:
        """Give back time in which the worker could not go on."""
        self._silent_until += seconds
        self._whole_until += seconds

    def end(self) -> None:
        """Note that there is no job any more."""
        self._silent_until = self._whole_until = math.inf

    def is_used_up(self, now_s: float, cpu_s: Callable[[], float | None]) -> bool:
        """Return whether its time is up; one that is silent but works has as much again."""
        if now_s < self.deadline:
            return False
        before, self._seen_cpu_s = self._seen_cpu_s, cpu_s()
        self._worked_s = _difference(before, self._seen_cpu_s)
        if now_s < self._whole_until and (self._worked_s or 0.0) >= _AT_WORK_CPU_S:
            self.hear(now_s)
            return False
        return True

    def failure(self, key: Any) -> Failed:
        """Return how the job ends whose time is up: as its document's fault, or interrupted.

        Args:
            key: the job's.
        """
        if self._whole_until <= self._silent_until:
            limit_s = self._limits.document_timeout_s
            worked_s = _difference(self._begun_cpu_s, self._seen_cpu_s)
            if worked_s is None or worked_s >= _LEAST_SHARE * limit_s:
                message = f"Over the limit of {limit_s:g} s for the whole document."
                return Failed(key, Reason.TIMEOUT, message, hint=HINTS[Reason.TIMEOUT])
        else:
            limit_s, worked_s = self._limits.page_timeout_s, self._worked_s
            if worked_s is None:
                message = f"Over the limit of {limit_s:g} s without a page."
                return Failed(key, Reason.TIMEOUT, message, hint=SLOW_PAGE)
        return _kept_from_work(key, worked_s, limit_s)


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _kept_from_work(key: Any, worked_s: float, limit_s: float) -> Failed:
    message = (
        f"In {limit_s:g} s its worker had {worked_s:.1f} s of a processor: the machine was too "
        "busy, or a disk or share did not answer."
    )
    return Failed(key, Reason.INTERRUPTED, message, hint=HINTS[Reason.INTERRUPTED])
