"""Shows a training on the terminal: progress, what it came to, and the exit code of both.

Knows nothing of how anything is trained.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from docextract.cli.output import error_stream, show_path
from docextract.core import ExitCode
from docextract.workers import Stop, noted_signals

if TYPE_CHECKING:
    from docextract.core import Tree
    from docextract.training.dataset import Dataset
    from docextract.training.jobs.train_check import Checked
    from docextract.training.jobs.train_run import TrainOutcome
    from docextract.training.train_settings import TrainSettings

_EVERY_S = 2.0
_TIME_OVER = "--max-minutes"


def train(
    base: Path,
    dataset: Dataset,
    out: Path,
    settings: TrainSettings,
    max_minutes: float | None,
    is_fresh: bool,
) -> ExitCode:
    """Train, tell of it on stderr, and return the exit code it comes to."""
    from docextract.training.dataset import reasons
    from docextract.training.fit.stage_trainer import Watcher
    from docextract.training.jobs.train_run import TrainJob, begin_anew

    with noted_signals() as stop:
        clock = _Clock(stop, max_minutes)
        watcher = Watcher(_Progress().tell, clock.why_stop)
        job = TrainJob(base, dataset, out, settings, watcher, _tell)
        job = begin_anew(job) if is_fresh else job
        outcome = job.run()
    for why, count in reasons(outcome.left_out):
        _tell(f"left out {count}: {why}")
    return _ended(outcome)


def check_lines(found: Checked) -> Iterator[str]:
    """Yield what a check found, for people."""
    for kind, count in found.kinds.items():
        yield f"{count:>8}  {kind}"
    for need in found.forms:
        yield (
            f"{need.num_fitting} questions with {need.form} answers fit a context of "
            f"{found.context} tokens; the longest has {need.longest}, of which "
            f"{need.longest_answer} are answer"
        )
    for row in found.left_out[:10]:
        yield f"left out: {row.document} {row.why.value} {row.detail}".rstrip()
    if len(found.left_out) > 10:
        yield f"left out: {len(found.left_out) - 10} more"
    yield "memory for one question at a time, layers checkpointed (computed, not measured):"
    for way in found.memory:
        yield f"  {way}"


class _Clock:
    """Says when to stop: at a signal, or when time is over."""

    def __init__(self, stop: Stop, max_minutes: float | None) -> None:
        self._stop = stop
        self._until_s = None if max_minutes is None else time.monotonic() + 60 * max_minutes

    def why_stop(self) -> str:
        """Return why to stop; empty to go on."""
        if self._stop.reason:
            return self._stop.reason
        is_over = self._until_s is not None and time.monotonic() >= self._until_s
        return _TIME_OVER if is_over else ""


class _Progress:
    """Tells of a step now and then: loss, speed and time left."""

    def __init__(self) -> None:
        self._told_s = 0.0
        self._first: tuple[str, int, float] | None = None

    def tell(self, row: Tree, num_steps: int) -> None:
        """Take a row of the log."""
        now_s, stage, step = time.monotonic(), str(row["stage"]), int(row["step"])
        if self._first is None or self._first[0] != stage:
            self._first = (stage, step, now_s)
        if now_s - self._told_s < _EVERY_S and step < num_steps:
            return
        self._told_s = now_s
        _, first, began_s = self._first
        rate_s = (now_s - began_s) / max(1, step - first)
        _tell(
            f"{stage} {step}/{num_steps}  loss {row['loss']:.3f}  "
            f"tokens right {row['token_accuracy']:.1%}  {row['tokens_per_s']:.0f} tokens/s  "
            f"{rate_s * (num_steps - step) / 60:.1f} min left"
        )


def _ended(outcome: TrainOutcome) -> ExitCode:
    out = show_path(str(outcome.folder.path))
    if outcome.report is None:
        _tell(f"stopped by {outcome.stopped_by}; run the same command again to go on")
        codes = {"SIGINT": ExitCode.INTERRUPTED, "SIGTERM": ExitCode.TERMINATED}
        return codes.get(outcome.stopped_by, ExitCode.STOPPED)
    typer.echo(outcome.report.to_markdown())
    if outcome.report.is_worse:
        _tell(f"it reads worse than before: see {out}/report.md")
        return ExitCode.NEEDS_REVIEW
    if outcome.folder.adapter.is_dir():
        _tell(f"use it with --adapter {show_path(str(outcome.folder.adapter))}")
    elif outcome.folder.model.is_dir():
        _tell(f"use it with --model {show_path(str(outcome.folder.model))}")
    return ExitCode.OK


def _tell(text: str) -> None:
    error_stream().write(f"{text}\n")
