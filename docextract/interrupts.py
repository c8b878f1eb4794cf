"""Notes the first SIGINT or SIGTERM, so that a run can end in good order.

Knows nothing of runs.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Why a run should stop; empty while it should not."""

    def __init__(self) -> None:
        self.reason = ""

    @property
    def is_signal(self) -> bool:
        """Whether a signal asked for it."""
        return self.reason.startswith("SIG")


@contextmanager
def noted_signals() -> Iterator[Stop]:
    """Note the first SIGINT or SIGTERM; a second one acts as it would without us."""
    stop = Stop()

    def note(number: int, _frame: FrameType | None) -> None:
        stop.reason = signal.Signals(number).name
        signal.signal(number, previous[signal.Signals(number)])

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
