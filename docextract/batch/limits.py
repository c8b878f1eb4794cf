"""Says when a run may begin no further document, and which moment ``--deadline`` means.

Knows nothing of documents or the store; its clocks can be given.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from docextract.core import OptionError, RunOptions

if TYPE_CHECKING:
    from docextract.store import Tally

MAX_ENGINE_FAILURES = 10
"""Documents in a row on which the engine failed: what fails on all will fail on the next."""

_SECONDS_PER_MINUTE = 60


class Limits:
    """What ends a run early; its minutes begin when this is made.

    Minutes are counted by the monotonic clock, which nobody can set. A deadline is a moment
    on the wall clock, so a clock that is corrected meanwhile is followed.

    Args:
        options: the limits.
        monotonic_s: seconds since any fixed moment.
        wall_s: seconds since the epoch.
    """

    def __init__(
        self,
        options: RunOptions,
        monotonic_s: Callable[[], float] = time.monotonic,
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._options = options
        self._monotonic_s = monotonic_s
        self._wall_s = wall_s
        self._begun_s = monotonic_s()

    def reached(self, tally: Tally) -> str:
        """Return which limit is reached, as ``RunSummary.stopped_by`` has it, or nothing."""
        options = self._options
        rules = (
            ("engine", bool(self.of_engine(tally))),
            ("deadline", self._is_past_deadline()),
            ("max_minutes", self._is_out_of_minutes()),
            (
                "max_failures",
                options.max_failures.is_reached(tally.num_failed, tally.num_saved),
            ),
            ("limit", options.limit is not None and tally.num_begun >= options.limit),
        )
        return next((name for name, is_reached in rules if is_reached), "")

    def of_engine(self, tally: Tally) -> str:
        """Return ``engine`` where it has only failed of late, else nothing."""
        return "engine" if len(tally.engine_failures) >= MAX_ENGINE_FAILURES else ""

    def _is_past_deadline(self) -> bool:
        deadline = self._options.deadline
        return deadline is not None and self._wall_s() >= deadline.timestamp()

    def _is_out_of_minutes(self) -> bool:
        minutes = self._options.max_minutes
        if minutes is None:
            return False
        return self._monotonic_s() - self._begun_s >= minutes * _SECONDS_PER_MINUTE


def parse_deadline(text: str | None, now: dt.datetime) -> dt.datetime | None:
    """Return a deadline as a moment with its zone.

    A time of day is the next such time on the local clock: past midnight where it has gone
    by today, an hour more or less away where summer time begins or ends before it, the
    second of two where the clock shows it twice and the first has gone by, and as much later
    as the clock jumps where it never shows it.

    Args:
        text: ``HH:MM``, or an ISO 8601 date and time (local unless it has a zone), which
            may have passed: a job begun too late then does nothing.
        now: the present moment, with its zone.

    Raises:
        OptionError: it is neither.
    """
    if text is None:
        return None
    try:
        return _next(dt.time.fromisoformat(text), now)
    except ValueError:
        return _moment(text)


def _next(time_of_day: dt.time, now: dt.datetime) -> dt.datetime:
    today = now.astimezone().date()
    moments = (
        dt.datetime.combine(today + dt.timedelta(days=days), time_of_day.replace(fold=fold))
        for days in (0, 1)
        for fold in (0, 1)
    )
    return next(moment for naive in moments if (moment := _with_zone(naive)) > now)


def _with_zone(naive: dt.datetime) -> dt.datetime:
    # astimezone() alone takes the offset after the jump for a time that it skips.
    return dt.datetime.fromtimestamp(naive.timestamp(), dt.UTC).astimezone()


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise OptionError(
            f"--deadline: {text!r} is no time", "Try 06:30 or 2026-01-31T06:30."
        ) from None
    return _with_zone(moment)
