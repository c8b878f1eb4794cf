"""What a run tells whoever watches: counts, events and the final summary.

Knows nothing of terminals, logs or the store.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from docextract.errors import ANSWER_STAGE, Reason
from docextract.records import Record, RecordStatus

if TYPE_CHECKING:
    from docextract.store.run_summary import RunSummary


class Reporter(Protocol):
    """Watches a run; every call comes from the run's own thread, in order."""

    def message(self, text: str) -> None:
        """Say something people should know, such as which engine was chosen and why."""

    def found(self, num_found: int, is_complete: bool) -> None:
        """Tell how many documents there are.

        Args:
            num_found: documents.
            is_complete: whether that is all of them, by a first count of names or, later,
                exactly; else it is what discovery has found so far.
        """

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Tell that an earlier run had finished this document."""

    def finished(self, record: Record, num_pages: int) -> None:
        """Tell that a document has its record."""

    def tick(self) -> None:
        """Called a few times a second while nothing finishes, to keep a display alive."""

    def summary(self, summary: RunSummary) -> None:
        """Tell how the run ended."""


class Tally:
    """Counts what a run has done so far.

    ``by_status`` covers all inputs; ``num_saved`` and ``num_failed`` this run's work alone;
    ``num_expected`` is how many there are by a first count of names, 0 where nobody counted;
    ``num_given_up`` failures that were tried as often as allowed; ``engine_failures``
    tells of each document on which the engine failed since it last answered about one.
    """

    def __init__(self) -> None:
        self.by_status: Counter[RecordStatus] = Counter()
        self.num_found = 0
        self.num_expected = 0
        self.num_unchanged = 0
        self.num_given_up = 0
        self.num_begun = 0
        self.num_saved = 0
        self.num_failed = 0
        self.engine_failures: list[str] = []
        self.num_pages = 0
        self.bug = ""

    def add(self, record: Record) -> None:
        """Count an outcome of this run."""
        is_failed = record.status is RecordStatus.FAILED
        self.num_saved += 1
        self.num_failed += is_failed
        self.by_status[record.status] += 1
        if is_failed and _is_engine_failure(record):
            self.engine_failures.append(record.errors[0].message)
        elif record.questions and not is_failed:
            self.engine_failures.clear()


def _is_engine_failure(record: Record) -> bool:
    """Whether the engine failed, and not as the document is too long or was never recorded."""
    first = record.errors[0]
    return first.stage == ANSWER_STAGE and first.reason not in (Reason.TOO_LARGE, Reason.NO_ANSWER)
