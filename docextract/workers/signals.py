"""Notes the first SIGINT or SIGTERM, so that a run can end in good order, and soon.

Knows nothing of runs.
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

    def note(self, reason: str) -> None:
        """Take the name of a signal."""
        self.reason = reason
        if self._may_interrupt:
            self._may_interrupt = False
            raise Interrupted


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
