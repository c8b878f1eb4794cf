"""Notes the first SIGINT or SIGTERM, so that a run can end in good order, and soon.

Knows nothing of runs. Work of this process that strangers can make long is bounded here too.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """A signal came during work that may be left at any point.

    No ``Exception``: whatever is at work must not take it for a fault of its own.
    """


class OutOfTimeError(BaseException):
    """Work of this process took more CPU time than it may; no ``Exception``, as above."""


class Stop:
    """Why a run should stop; empty while it should not."""

    def __init__(self) -> None:
        self.reason = ""
        self._may_interrupt = False

    @property
    def is_signal(self) -> bool:
        """Whether a signal asked for it."""
        return self.reason.startswith("SIG")

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Leave the work inside at once when a signal comes, or has come.

        Raises:
            Interrupted: it was left.
        """
        self._may_interrupt = True
        try:
            if self.is_signal:
                raise Interrupted
            yield
        finally:
            self._may_interrupt = False

    @contextmanager
    def bounded(self, cpu_s: float) -> Iterator[None]:
        """Leave the work inside when a signal comes, or when it has taken so long.

        Threads other than the main one are not held to it: the system tells the main one alone.

        Args:
            cpu_s: CPU seconds, so that a machine that stands still or is busy counts for nothing.

        Raises:
            Interrupted: a signal came.
            OutOfTimeError: it took too long.
        """
        with self.interruptible(), _cpu_limit(cpu_s):
            yield

    def note(self, reason: str) -> None:
        """Take the name of a signal."""
        self.reason = reason
        if self._may_interrupt:
            self._may_interrupt = False
            raise Interrupted


# Python swallows what is raised in callbacks of the garbage collector and in ``__del__``, so the
# alarm comes again; not sooner than leaving takes.
_AGAIN_S = 1.0


@contextmanager
def _cpu_limit(cpu_s: float) -> Iterator[None]:
    is_over = False

    def end(_number: int, _frame: FrameType | None) -> None:
        if not is_over:
            raise OutOfTimeError

    try:
        previous = signal.signal(signal.SIGPROF, end)
    except ValueError:  # only the main thread may handle signals
        yield
        return
    # Patterns are left too: CPython's look for signals as they go.
    signal.setitimer(signal.ITIMER_PROF, cpu_s, _AGAIN_S)
    try:
        yield
    finally:
        is_over = True
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


@contextmanager
def noted_signals() -> Iterator[Stop]:
    """Note the first SIGINT or SIGTERM; a second one acts as it would without us."""
    stop = Stop()

    def note(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, previous[signal.Signals(number)])
        stop.note(signal.Signals(number).name)

    try:
        previous = {
            number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)
        }
    except ValueError:  # only the main thread may handle signals
        yield stop
        return
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
