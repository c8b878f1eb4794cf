"""Figures of the newest run for Prometheus, as node_exporter's textfile collector reads them.

Knows nothing of single documents. Names carry their unit, and every figure is a gauge that
says how the newest run went; https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from docextract.core import ExitCode, RecordStatus, __version__
from docextract.export.atomic import write_atomically
from docextract.store import RunSummary

_PREFIX = "docextract_run_"
_READABLE_BY_ALL = 0o644


def write_metrics(
    path: Path, labels: Mapping[str, str], exit_code: ExitCode, summary: RunSummary | None
) -> None:
    """Replace a file with a run's figures.

    Args:
        path: the file; the collector wants a name that ends in ``.prom``.
        labels: what tells this job's figures from those of others on the machine.
        exit_code: how the run ended.
        summary: its counts; None where it ended before there were any.

    Raises:
        StoreError: the disk is full or not writable.
    """
    ended = round(time.time(), 3)
    version = {"version": __version__}
    lines = [
        *_gauge("exit_code", "Exit code of the newest run.", labels, [({}, int(exit_code))]),
        *_gauge("completion_timestamp_seconds", "When it ended.", labels, [({}, ended)]),
        *_gauge("info", "Version that made it.", labels, [(version, 1)]),
    ]
    if summary is not None:
        lines += _counts(summary, labels)
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
    # The collector runs as a user of its own.
    path.chmod(_READABLE_BY_ALL)


def _counts(summary: RunSummary, labels: Mapping[str, str]) -> Iterable[str]:
    by_status = [({"status": name.value}, summary.counts.get(name, 0)) for name in RecordStatus]
    is_stopped = [({"by": summary.stopped_by}, 1)] if summary.stopped_by else [({}, 0)]
    yield from _gauge("documents", "Documents by how they ended.", labels, by_status)
    single = (
        ("documents_found", "Documents that were found.", summary.num_found),
        ("documents_unchanged", "Documents an earlier run had done.", summary.num_unchanged),
        ("pages_read", "Pages that were read.", summary.num_pages),
        ("duration_seconds", "Wall-clock time of the run.", round(summary.seconds, 3)),
    )
    for name, meaning, value in single:
        yield from _gauge(name, meaning, labels, [({}, value)])
    yield from _gauge("stopped", "Whether it was stopped early, and by what.", labels, is_stopped)


def _gauge(
    name: str,
    meaning: str,
    labels: Mapping[str, str],
    values: Iterable[tuple[Mapping[str, str], float]],
) -> Iterable[str]:
    yield f"# HELP {_PREFIX}{name} {meaning}"
    yield f"# TYPE {_PREFIX}{name} gauge"
    for more, value in values:
        pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in {**labels, **more}.items())
        yield f"{_PREFIX}{name}{{{pairs}}} {value}"


def _escaped(text: str) -> str:
    # https://prometheus.io/docs/instrumenting/exposition_formats/
    safe = "".join(char if char.isprintable() else _visible(char) for char in text)
    return safe.replace("\\", "\\\\").replace('"', '\\"')


def _visible(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
