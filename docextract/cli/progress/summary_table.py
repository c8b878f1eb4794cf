"""The table at the end of a run.

Knows nothing of how the run went but what the summary and the counts say.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from docextract.cli.output import show_count, show_duration, show_path
from docextract.cli.progress.time_left import Watch
from docextract.core import EXIT_MEANING, ExitCode, RecordStatus

if TYPE_CHECKING:
    from docextract.store import RunSummary


STYLES = {
    RecordStatus.OK: "green",
    RecordStatus.REVIEW: "yellow",
    RecordStatus.FAILED: "red",
    RecordStatus.SKIPPED: "dim",
}
_STOPPED_BY = {
    "deadline": "--deadline",
    "engine": "the engine",
    "limit": "--limit",
    "max_failures": "--max-failures",
    "max_minutes": "--max-minutes",
}
_NUM_REASONS = 5


def print_summary(summary: RunSummary, watch: Watch, out: Path | None, stream: IO[str]) -> None:
    """Print how a run ended, why documents failed and where the results are."""
    console = Console(file=stream, highlight=False)
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in _rows(summary, watch):
        table.add_row(Text(name, style="bold"), value)
    console.print(table)
    for line in _closing_lines(summary, watch, out):
        # A person reads whole words; a program, whole lines.
        console.print(Text(line), soft_wrap=not console.is_terminal)


def _rows(summary: RunSummary, watch: Watch) -> Iterator[tuple[str, Text]]:
    documents = f"{summary.num_found:,}"
    if summary.num_unchanged:
        documents += f" ({summary.num_unchanged:,} finished by an earlier run)"
    yield "documents", Text(documents)
    for status in RecordStatus:
        if number := summary.counts.get(status, 0):
            yield status.value, Text(f"{number:,}", style=STYLES[status])
        if status is RecordStatus.REVIEW:
            yield from _in_review(watch, number)
    for (reason, hint), number in watch.reasons.most_common(_NUM_REASONS):
        yield f"  {reason}", Text(f"{number:,}  {show_path(hint)}")
    if summary.num_pages:
        speed = summary.num_pages / max(summary.seconds, 1e-3)
        yield "pages", Text(f"{summary.num_pages:,} ({speed:.1f} pages/s)")
    yield "time", Text(show_duration(summary.seconds))


def _in_review(watch: Watch, number: int) -> Iterator[tuple[str, Text]]:
    """Yield the first documents in review with why; all reasons are in documents.csv."""
    for path, reason in watch.in_review:
        yield f"  {show_path(Path(path).name)}", Text(show_path(reason))
    more = number - len(watch.in_review)
    if watch.in_review and more > 0:
        yield f"  and {more:,} more", Text("review_reasons in documents.csv, or docextract review")


def _closing_lines(summary: RunSummary, watch: Watch, out: Path | None) -> Iterator[str]:
    if summary.num_found and summary.num_unchanged == summary.num_found:
        done = f"all {show_count(summary.num_found, 'document')}"
        yield f"nothing to do: {done} were finished by an earlier run (use --force to redo)"
        if summary.counts.get(RecordStatus.FAILED):
            yield "use --retry-failed to try those that failed again"
    if summary.stopped_by:
        by = _STOPPED_BY.get(summary.stopped_by, summary.stopped_by)
        yield f"stopped by {by}{_left(summary, watch)}; run the same command again to go on"
    if out is not None and summary.num_found:
        yield f"results are in {show_path(str(out))}"
        why = out / "failures.jsonl"
        if summary.counts.get(RecordStatus.FAILED) and why.exists():
            yield f"all that failed, and what to do, is in {show_path(str(why))}"
    if summary.exit_code is not ExitCode.OK:
        yield f"exit {int(summary.exit_code)}: {EXIT_MEANING[summary.exit_code]}"


def _left(summary: RunSummary, watch: Watch) -> str:
    if not watch.is_complete:
        return " before every input was looked at"
    num_left = summary.num_found - sum(summary.counts.values())
    return f" with {show_count(num_left, 'document')} to do" if num_left > 0 else ""
