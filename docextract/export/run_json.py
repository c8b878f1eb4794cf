"""``runner.json``: how the newest run ended, with which options and versions.

Knows nothing of single documents.
"""

from __future__ import annotations

from pathlib import Path

from docextract.errors import EXIT_MEANING
from docextract.export.atomic import write_atomically
from docextract.json_text import to_json
from docextract.records import RecordStatus, Tree
from docextract.store.run_summary import RunSummary


def summary_json(summary: RunSummary) -> Tree:
    """Return a summary as JSON; counts of statuses that did not occur are 0."""
    return {
        "exit_code": int(summary.exit_code),
        "meaning": EXIT_MEANING[summary.exit_code],
        "counts": {status.value: summary.counts.get(status, 0) for status in RecordStatus},
        "num_found": summary.num_found,
        "num_unchanged": summary.num_unchanged,
        "num_pages": summary.num_pages,
        "seconds": round(summary.seconds, 3),
        "stopped_by": summary.stopped_by,
        "bug": summary.bug,
        **summary.details,
    }


def write_run_json(out: Path, summary: RunSummary) -> None:
    """Write ``runner.json`` into a folder.

    Raises:
        StoreError: the disk is full or not writable.
    """
    text = to_json(summary_json(summary), indent=2)
    write_atomically(out / "run.json", f"{text}\n".encode())
