"""What stays of a run beside its records: what it was, how it ended, and the exports.

Knows nothing of how documents were found or read.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docextract.batch.planning.asked import plain
from docextract.batch.recorder import Recorder
from docextract.core import ExitCode, RunOptions
from docextract.documents.discovery.passed_over import PassedOverFiles
from docextract.export import (
    are_current,
    check_formats,
    formats_there,
    mark_current,
    remove_leftovers,
    write_exports,
    write_metrics,
    write_run_json,
)
from docextract.review.overlay.overlay import overlay_of
from docextract.store import RunSummary, exit_code_of
from docextract.workers import Stop, peak_worker_bytes

_UNIT = 2**20 if sys.platform == "darwin" else 2**10
_MIN_EXPORT_PAUSE_S = 10.0
_MAX_EXPORT_SHARE = 0.1
"""Of the time of a run that waits for more, which large tables may take to be written again."""


def summarise(
    recorder: Recorder,
    options: RunOptions,
    *,
    seconds: float,
    stopped_by: str,
    is_cut: bool,
    details: dict[str, Any],
) -> RunSummary:
    """Return how a run ended.

    Args:
        recorder: what it recorded.
        options: what it was asked to do.
        seconds: how long it took.
        stopped_by: see ``RunSummary``.
        is_cut: whether work was under way that came to nothing.
        details: see ``RunSummary``.
    """
    tally = recorder.tally
    is_watching = options.settle_s is not None
    # Watching ends by a signal, perhaps after a night without a document: all is well then,
    # unless work was cut off.
    is_ordinary_end = is_watching and stopped_by.startswith("SIG") and not is_cut
    cut_by = "" if is_ordinary_end else stopped_by
    may_be_idle = is_watching or tally.has_empty_shard
    return RunSummary(
        exit_code=exit_code_of(tally, cut_by, options.fail_on_review, may_be_idle=may_be_idle),
        counts=dict(tally.by_status),
        num_found=max(tally.num_found, tally.num_expected) if stopped_by else tally.num_found,
        num_unchanged=tally.num_unchanged,
        num_pages=tally.num_pages,
        seconds=seconds,
        stopped_by=stopped_by,
        bug=tally.bug,
        details=details | {"peak_memory_mib": peak_memory_mib()},
    )


def peak_memory_mib() -> dict[str, int]:
    """Return the most memory this process has held, and the most any of its workers had.

    Of the workers those count that have ended, as all have at the end of a run.
    """
    return {
        "parent": _own_peak_mib() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _UNIT,
        "worker": peak_worker_bytes() // 2**20,
    }


def _own_peak_mib() -> int:
    """Return what Linux says of this program alone, else 0.

    getrusage(2) also counts what the process was before it became this program: a large parent's
    memory, if that started it.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) // 2**10 if found else 0


class Results:
    """Writes what a run leaves for people beside its records; its clock begins when it is made.

    Args:
        recorder: what the run records.
        options: what it was asked to do.
        details: see ``RunSummary``.
        stop: why it stops.
    """

    def __init__(
        self, recorder: Recorder, options: RunOptions, details: dict[str, Any], stop: Stop
    ) -> None:
        self._recorder = recorder
        self._options = options
        self._details = details
        self._stop = stop
        self._start_s = self._written_s = time.monotonic()
        self._num_written = 0
        self._pause_s = _MIN_EXPORT_PAUSE_S
        if options.out is not None:
            remove_leftovers(options.out)

    def write_so_far(self) -> None:
        """Write what has come since, but not all the time; for a run that waits for more.

        ``results.jsonl`` is left alone: it grows anyway.

        Raises:
            StoreError: the disk is full or not writable.
        """
        num_saved = self._recorder.tally.num_saved
        begun_s = time.monotonic()
        is_time = begun_s - self._written_s >= self._pause_s
        if not is_time or num_saved == self._num_written:
            return
        self._recorder.flush()
        store, options = self._recorder.store, self._options
        summary = self._summary(False, PassedOverFiles(), {})
        store.flush()
        if options.out is not None:
            store.lens = overlay_of(store)
            formats = [name for name in _formats(options, options.out) if name != "jsonl"]
            write_exports(store, options.out, formats, options.tables)
        write_figures(options, summary.exit_code, summary)
        self._num_written, self._written_s = num_saved, time.monotonic()
        took_s = self._written_s - begun_s
        self._pause_s = max(_MIN_EXPORT_PAUSE_S, took_s / _MAX_EXPORT_SHARE)

    def write(
        self, *, is_cut: bool, passed_over: PassedOverFiles, storage: dict[str, int]
    ) -> RunSummary:
        """End the run in the store, write every export, ``run.json`` and the figures.

        Args:
            is_cut: whether work was under way that came to nothing.
            passed_over: files that are no documents.
            storage: how many documents were listed and fetched there; empty where none is.

        Raises:
            StoreError: the disk is full or not writable.
        """
        store, options = self._recorder.store, self._options
        summary = self._summary(is_cut, passed_over, storage)
        kept = plain(asdict(summary))
        # A hundred thousand names a run are for run.json, not to be kept for ever.
        del kept["details"]["passed_over_files"]
        store.end_run(self._recorder.run_id, kept)
        if options.out is not None:
            store.lens = overlay_of(store)
            formats = _formats(options, options.out)
            style = options.tables
            if not are_current(store, options.out, formats, style):
                write_exports(store, options.out, formats, style)
                mark_current(store, options.out, formats, style)
            write_run_json(options.out, summary)
        write_figures(options, summary.exit_code, summary)
        return summary

    def _summary(
        self, is_cut: bool, passed_over: PassedOverFiles, storage: dict[str, int]
    ) -> RunSummary:
        more = passed_over.to_json() | ({"storage": storage} if storage else {})
        return summarise(
            self._recorder,
            self._options,
            seconds=time.monotonic() - self._start_s,
            stopped_by=self._stop.reason,
            is_cut=is_cut,
            details=self._details | more,
        )


def write_figures(options: RunOptions, exit_code: ExitCode, summary: RunSummary | None) -> None:
    """Write the figures for Prometheus, if they were asked for.

    Raises:
        StoreError: the disk is full or not writable.
    """
    if options.metrics is not None:
        out = "-" if options.out is None else str(options.out.absolute())
        write_metrics(options.metrics, {"out": out}, exit_code, summary)


def check_exports(options: RunOptions) -> None:
    """Check that all that a run will write can be written, before it begins.

    Raises:
        MissingDependencyError: a package that a format needs is not installed.
    """
    if options.out is not None:
        check_formats(_formats(options, options.out))


def _formats(options: RunOptions, out: Path) -> list[str]:
    """Return the formats asked for, and those that lie there and would grow stale."""
    return list(dict.fromkeys([*options.formats, *formats_there(out)]))
