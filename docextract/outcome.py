"""How a run ended: its exit code, and its options and counts as plain JSON values.

Knows nothing of documents, engines or the store.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

from docextract.errors import ExitCode
from docextract.records import RecordStatus
from docextract.reporting import Tally


def exit_code_of(
    tally: Tally, stopped_by: str, fails_on_review: bool, *, may_be_idle: bool = False
) -> ExitCode:
    """Return the exit code that tells the truth; the first rule that is met decides.

    Args:
        tally: what happened to the documents.
        stopped_by: see ``RunSummary``.
        fails_on_review: whether ``--fail-on review`` was given.
        may_be_idle: whether it is well that there was no document.
    """
    counts = tally.by_status
    num_failed = counts[RecordStatus.FAILED]
    num_tried = counts.total() - counts[RecordStatus.SKIPPED]
    rules = (
        (stopped_by == "SIGINT", ExitCode.INTERRUPTED),
        (stopped_by == "SIGTERM", ExitCode.TERMINATED),
        (stopped_by in ("deadline", "max_minutes", "max_failures"), ExitCode.STOPPED),
        (bool(tally.bug), ExitCode.UNEXPECTED),
        (stopped_by == "engine", ExitCode.SETUP),
        (not tally.num_found and not may_be_idle, ExitCode.NO_DOCUMENTS),
        (0 < num_tried == num_failed, ExitCode.ALL_FAILED),
        (num_failed > 0, ExitCode.SOME_FAILED),
        (fails_on_review and counts[RecordStatus.REVIEW] > 0, ExitCode.NEEDS_REVIEW),
    )
    return next((code for is_met, code in rules if is_met), ExitCode.OK)


def plain(value: Any) -> Any:
    """Return options and summaries as plain JSON values."""
    if isinstance(value, dict):
        return {str(key): plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [plain(child) for child in value]
    if isinstance(value, Path | dt.date):
        return os.fspath(value) if isinstance(value, Path) else value.isoformat()
    return value
