"""How far a run is, how fast it goes and how long it will take.

Knows nothing of how that is shown.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from docextract.cli.output import show_count, show_duration
from docextract.core import Record, RecordStatus

MAX_IN_REVIEW = 5
"""Documents in review that are kept to be named at the end."""


class Watch:
    """Counts what a reporter hears.

    Attributes:
        by_status: documents finished, by this run or an earlier one.
        reasons: how often documents failed for which reason and hint.
        in_review: the first documents that a person should look at, each with its foremost reason.
        is_complete: whether discovery has ended.

    Args:
        monotonic_s: seconds since any fixed moment.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self.by_status: Counter[RecordStatus] = Counter()
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.in_review: list[tuple[str, str]] = []
        self.is_complete = False
        self._num_files = 0
        self._num_more = 0
        self._num_worked = 0
        self._num_pages = 0
        self._monotonic_s = monotonic_s
        self._start_s = monotonic_s()
        self._worked_at_s = 0.0

    def found(self, num_found: int, is_complete: bool) -> None:
        """Note how many documents there are."""
        self._num_files, self.is_complete = num_found - self._num_more, is_complete

    def cut(self, num_documents: int) -> None:
        """Note that a file holds so many documents."""
        self._num_more += num_documents - 1

    def unchanged(self, status: RecordStatus) -> None:
        """Note a document that needed no work."""
        self.by_status[status] += 1

    def finished(self, record: Record, num_pages: int) -> None:
        """Note a document that work was done for."""
        self.by_status[record.status] += 1
        self._num_worked += 1
        self._worked_at_s = self.seconds
        self._num_pages += num_pages
        if record.status is RecordStatus.FAILED and record.errors:
            self.reasons[record.errors[0].reason, record.errors[0].hint] += 1
        if record.review_reasons and len(self.in_review) < MAX_IN_REVIEW:
            self.in_review.append((record.document.path, record.review_reasons[0]))

    @property
    def num_found(self) -> int:
        """Documents found so far, each of several in one file counted."""
        return self._num_files + self._num_more

    @property
    def num_finished(self) -> int:
        """Documents that have ended."""
        return self.by_status.total()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way and more may come: a watched folder at rest."""
        return not self.is_complete and self.num_finished >= self.num_found

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return self._monotonic_s() - self._start_s

    @property
    def pages_per_s(self) -> float:
        """Pages read per second, over the whole run."""
        return self._num_pages / max(self.seconds, 1e-3)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at the speed so far, or None where nobody can know.

        Nobody can where what is under way has taken longer already than all the rest should.
        """
        if not self.is_complete or not self._num_worked:
            return None
        left_s = (self.num_found - self.num_finished) * self.seconds / self._num_worked
        return left_s if self.seconds - self._worked_at_s <= left_s else None

    def counts(self) -> str:
        """Return the counts by status on one line."""
        return "  ".join(
            f"{status.value} {self.by_status[status]:,}"
            for status in RecordStatus
            if self.by_status[status]
        )

    def line(self) -> str:
        """Return how far the run is, on one line."""
        so_far = "" if self.is_complete else " found so far"
        parts = [
            f"{self.num_finished:,} of {show_count(self.num_found, 'document')}{so_far}",
            f"{self.pages_per_s:.1f} pages/s",
        ]
        if self.seconds_left is not None:
            parts.append(f"{show_duration(self.seconds_left)} left")
        return ", ".join([*parts, self.counts()])
