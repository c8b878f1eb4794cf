"""Files people and programs read, written as pure functions of stored records.

Knows nothing of schemas' classes, engines or how a record came about. In flow stored records, out
flow files. May import ``store`` and ``core``.
"""

from __future__ import annotations

from docextract.export.atomic import remove_leftovers
from docextract.export.exports import (
    TREE_NAME,
    are_current,
    check_formats,
    formats_there,
    mark_current,
    stream_export,
    summary_json,
    write_exports,
    write_run_json,
)
from docextract.export.metrics import write_metrics
from docextract.export.results import RESULTS_NAME, JsonlAppender, StreamWriter

__all__ = [
    "RESULTS_NAME",
    "TREE_NAME",
    "JsonlAppender",
    "StreamWriter",
    "are_current",
    "check_formats",
    "formats_there",
    "mark_current",
    "remove_leftovers",
    "stream_export",
    "summary_json",
    "write_exports",
    "write_metrics",
    "write_run_json",
]
