"""Counts what is left of the time that one question may take.

Knows nothing of HTTP or of what is asked.
"""

from __future__ import annotations

import time

from docextract.core import Patience


class Allowance:
    """The time of one question, from now on; all its tries share it."""

    def __init__(self, patience: Patience) -> None:
        self._until = patience.until
        self._ends_s = time.monotonic() + patience.answer_s
        self.answer_s = patience.answer_s

    @property
    def left_s(self) -> float:
        """Seconds left; none or less where it is over."""
        return self._ends_s - time.monotonic()

    def has(self, pause_s: float) -> bool:
        """Whether there is time to wait so long and ask again."""
        is_soon = self._until is None or time.time() + pause_s < self._until.timestamp()
        return is_soon and pause_s < self.left_s
