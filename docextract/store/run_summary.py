"""What a run counts and how it ended, as the store keeps it and exports show it.

Knows nothing of how it ran.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docextract.core import ANSWER_STAGE, ExitCode, Reason, Record, RecordStatus


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended; the content of ``run.json``.

    Attributes:
        exit_code: what the process ends with.
        counts: documents by record status, over all inputs of this run.
        num_found: documents found; of a run that was stopped also those it did not come to,
            where they were counted.
        num_unchanged: documents an earlier run had finished; counted by their stored
            status in ``counts``, no work was done for them.
        num_pages: pages read in this run.
        seconds: wall-clock time.
        stopped_by: ``deadline``, ``max_minutes``, ``max_failures``, ``limit``, ``engine``,
            ``storage``, ``SIGINT``, ``SIGTERM`` or empty.
        bug: message of the first unexpected error, or empty.
        details: options, versions and engine, for ``run.json``.
    """

    exit_code: ExitCode
    counts: Mapping[RecordStatus, int]
    num_found: int
    num_unchanged: int
    num_pages: int
    seconds: float
    stopped_by: str = ""
    bug: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class Tally:
    """Counts what a run has done so far.

    ``by_status`` covers all inputs; ``num_saved`` and ``num_failed`` this run's work alone;
    ``num_expected`` is how many there are by a first count of names, 0 where nobody counted;
    ``has_empty_shard`` whether all that is there is of other shards;
    ``num_given_up`` failures that were tried as often as allowed; ``engine_failures``
    tells of each document on which the engine failed since it last answered about one.
    """

    def __init__(self) -> None:
        self.by_status: Counter[RecordStatus] = Counter()
        self.num_found = 0
        self.num_expected = 0
        self.num_unchanged = 0
        self.has_empty_shard = False
        self.num_given_up = 0
        self.num_begun = 0
        self.num_saved = 0
        self.num_failed = 0
        self.engine_failures: list[str] = []
        self.num_pages = 0
        self.bug = ""

    def count_parts(self, num_documents: int) -> None:
        """Count the documents of one file that holds several: each is one that was found."""
        self.num_found += num_documents - 1
        self.num_expected += (num_documents - 1) * bool(self.num_expected)

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


def exit_code_of(
    tally: Tally, stopped_by: str, fails_on_review: bool, *, may_be_idle: bool = False
) -> ExitCode:
    """Return the exit code that tells the truth; the first rule that is met decides.

    Args:
        tally: what happened to the documents.
        stopped_by: see ``RunSummary``.
        fails_on_review: whether ``--fail-on review`` was given.
        may_be_idle: whether it is well that there was no document, as of a shard that has none.
    """
    counts = tally.by_status
    num_failed = counts[RecordStatus.FAILED]
    num_tried = counts.total() - counts[RecordStatus.SKIPPED]
    rules = (
        (stopped_by == "SIGINT", ExitCode.INTERRUPTED),
        (stopped_by == "SIGTERM", ExitCode.TERMINATED),
        (stopped_by in ("deadline", "max_minutes", "max_failures", "shard"), ExitCode.STOPPED),
        (bool(tally.bug), ExitCode.UNEXPECTED),
        (stopped_by in ("engine", "storage"), ExitCode.SETUP),
        (not tally.num_found and not may_be_idle, ExitCode.NO_DOCUMENTS),
        (0 < num_tried == num_failed, ExitCode.ALL_FAILED),
        (num_failed > 0, ExitCode.SOME_FAILED),
        (fails_on_review and counts[RecordStatus.REVIEW] > 0, ExitCode.NEEDS_REVIEW),
    )
    return next((code for is_met, code in rules if is_met), ExitCode.OK)


def _is_engine_failure(record: Record) -> bool:
    """Whether the engine failed, and not as the document is too long or was never recorded."""
    first = record.errors[0]
    return first.stage == ANSWER_STAGE and first.reason not in (Reason.TOO_LARGE, Reason.NO_ANSWER)
