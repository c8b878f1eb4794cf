"""A clock that counts only the time in which somebody looked at it.

Knows nothing of workers. A machine that stood still, or a caller who was busy, is not the silence
of those who are watched.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_LAPSE_S = 1.0
"""Most that passes between two looks; whoever waits looks several times a second."""


class WatchedClock:
    """Seconds since it was made, at most ``MAX_LAPSE_S`` from one look to the next.

    Args:
        monotonic_s: seconds since any fixed moment.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._looked_at_s = monotonic_s()
        self._passed_s = 0.0

    def now_s(self) -> float:
        """Return the seconds that have passed."""
        moment_s = self._monotonic_s()
        self._passed_s += min(moment_s - self._looked_at_s, MAX_LAPSE_S)
        self._looked_at_s = moment_s
        return self._passed_s
