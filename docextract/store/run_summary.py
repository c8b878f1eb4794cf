"""How a run ended, as the store keeps it and exports show it.

Knows nothing of how it ran.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docextract.errors import ExitCode
from docextract.records import RecordStatus


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended; the content of ``runner.json``.

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
            ``SIGINT``, ``SIGTERM`` or empty.
        bug: message of the first unexpected error, or empty.
        details: options, versions and engine, for ``runner.json``.
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
