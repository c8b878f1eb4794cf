"""What a run tells people and programs on stderr while it goes on.

Knows nothing of how documents are read; it only watches.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from docextract.cli.output import show_count, show_path, write_bug_log
from docextract.cli.progress.time_left import Watch
from docextract.core import Record, RecordStatus, to_json

if TYPE_CHECKING:
    from docextract.store import RunSummary
_PROGRESS_EVERY_S = 30.0


class QuietReporter:
    """Says which documents failed, and nothing else."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def message(self, text: str) -> None:
        """Say nothing."""

    def found(self, num_found: int, is_complete: bool) -> None:
        """Say nothing."""

    def cut(self, path: str, num_documents: int) -> None:
        """Say nothing."""

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Say nothing."""

    def finished(self, record: Record, num_pages: int) -> None:
        """Say why a document failed."""
        if record.status is RecordStatus.FAILED:
            _write(self._stream, document_line(record))

    def tick(self) -> None:
        """Say nothing."""

    def summary(self, summary: RunSummary) -> None:
        """Say that there was a bug."""
        for line in bug_lines(summary.bug):
            _write(self._stream, line)


class PlainReporter:
    """Writes log lines: failures, a line about progress now and then, the summary."""

    def __init__(self, stream: IO[str], out: Path | None, is_verbose: bool) -> None:
        self._stream = stream
        self._out = out
        self._is_verbose = is_verbose
        self._watch = Watch()
        self._said_at_s = 0.0

    def message(self, text: str) -> None:
        """Write it."""
        self._say(show_path(text))

    def found(self, num_found: int, is_complete: bool) -> None:
        """Write the number once it is complete."""
        self._watch.found(num_found, is_complete)
        if is_complete:
            self._say(f"{show_count(num_found, 'document')} found")

    def cut(self, path: str, num_documents: int) -> None:
        """Write a line."""
        self._watch.cut(num_documents)
        self._say(f"{show_path(path)} holds {show_count(num_documents, 'document')}")

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Write a line if every document should have one."""
        self._watch.unchanged(status)
        if self._is_verbose:
            self._say(f"{status.value:<7} {show_path(path)}: no work needed")

    def finished(self, record: Record, num_pages: int) -> None:
        """Write a line for a failure, or for every document if so asked."""
        self._watch.finished(record, num_pages)
        if self._is_verbose or record.status is RecordStatus.FAILED:
            self._say(document_line(record))
        self.tick()

    def tick(self) -> None:
        """Write how far the run is, twice a minute."""
        is_time = self._watch.seconds - self._said_at_s >= _PROGRESS_EVERY_S
        if is_time and not self._watch.is_idle:
            self._said_at_s = self._watch.seconds
            self._say(self._watch.line())

    def summary(self, summary: RunSummary) -> None:
        """Write the summary."""
        from docextract.cli.progress.summary_table import print_summary

        print_summary(summary, self._watch, self._out, self._stream)
        for line in bug_lines(summary.bug):
            _write(self._stream, line)

    def _say(self, text: str) -> None:
        _write(self._stream, f"{dt.datetime.now():%Y-%m-%d %H:%M:%S} {text}")


class JsonReporter:
    """Writes one JSON object per line; never any text of a document."""

    def __init__(self, stream: IO[str], out: Path | None, is_quiet: bool, is_verbose: bool) -> None:
        self._stream = stream
        self._out = out
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose
        self._watch = Watch()
        self._said_at_s = 0.0

    def message(self, text: str) -> None:
        """Log it."""
        self._log("info", "message", message=text)

    def found(self, num_found: int, is_complete: bool) -> None:
        """Log the number once it is complete."""
        self._watch.found(num_found, is_complete)
        if is_complete:
            self._log("info", "found", num_found=num_found)

    def cut(self, path: str, num_documents: int) -> None:
        """Log it."""
        self._watch.cut(num_documents)
        self._log("info", "cut", path=path, num_documents=num_documents)

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Log it if every document should be logged."""
        self._watch.unchanged(status)
        if self._is_verbose:
            self._log("debug", "unchanged", path=path, status=status.value)

    def finished(self, record: Record, num_pages: int) -> None:
        """Log how a document ended."""
        self._watch.finished(record, num_pages)
        first = record.errors[0] if record.errors else None
        self._log(
            "error" if record.status is RecordStatus.FAILED else "info",
            "document",
            path=record.document.path,
            sha256=record.document.sha256,
            status=record.status.value,
            stage=first and first.stage,
            reason=first and first.reason,
            num_pages=num_pages,
            seconds=round(document_seconds(record), 3),
        )

    def tick(self) -> None:
        """Log how far the run is, twice a minute."""
        watch = self._watch
        if watch.seconds - self._said_at_s >= _PROGRESS_EVERY_S and not watch.is_idle:
            self._said_at_s = watch.seconds
            self._log(
                "info",
                "progress",
                num_found=watch.num_found,
                num_finished=watch.num_finished,
                counts={status.value: number for status, number in watch.by_status.items()},
                pages_per_s=round(watch.pages_per_s, 3),
                seconds_left=None if watch.seconds_left is None else round(watch.seconds_left),
            )

    def summary(self, summary: RunSummary) -> None:
        """Log the figures of the summary."""
        if summary.bug:
            self._log("error", "bug", log=write_bug_log(summary.bug))
        self._log(
            "info",
            "summary",
            exit_code=int(summary.exit_code),
            counts={status.value: number for status, number in summary.counts.items()},
            num_found=summary.num_found,
            num_unchanged=summary.num_unchanged,
            num_pages=summary.num_pages,
            seconds=round(summary.seconds, 3),
            stopped_by=summary.stopped_by,
            out=None if self._out is None else str(self._out),
        )

    def _log(self, level: str, event: str, **values: Any) -> None:
        if self._is_quiet and level != "error":
            return
        time = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        head = {"time": time, "level": level, "event": event}
        _write(self._stream, to_json(head | values, is_ascii=True))


def document_line(record: Record) -> str:
    """Return how a document ended, on one line."""
    path = show_path(record.document.path)
    if record.errors:
        error = record.errors[0]
        page = f" page {error.page}:" if error.page is not None else ""
        tail = f"{page} {error.reason}: {show_path(error.message)}"
    else:
        pages = show_count(record.num_pages, "page")
        why = f"; {show_path(record.review_reasons[0])}" if record.review_reasons else ""
        tail = f" {pages}, {document_seconds(record):.2f} s{why}"
    return f"{record.status.value:<7} {path}:{tail}"


def document_seconds(record: Record) -> float:
    """Return how long the stages took together."""
    return sum(record.timings_ms.values()) / 1000


def bug_lines(bug: str) -> list[str]:
    """Write the log of the first bug, if there was one, and return what to say of it.

    Args:
        bug: its message, and from the second line on its traceback; empty if there was none.
    """
    if not bug:
        return []
    message = show_path(bug.partition("\n")[0])
    log = write_bug_log(bug)
    return [f"bug: {message}", f"hint: Please report this with {log}"]


def _write(stream: IO[str], line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()
