"""The live display on a terminal: a bar, speed, time left and counts by status.

Knows nothing of documents; it draws what it hears, in the run's own thread.
"""

from __future__ import annotations

import time
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from docextract.cli.output import show_count, show_duration, show_path
from docextract.cli.progress.reporters import bug_lines, document_line
from docextract.cli.progress.summary_table import STYLES, print_summary
from docextract.cli.progress.time_left import Watch
from docextract.core import Record, RecordStatus

if TYPE_CHECKING:
    from docextract.store import RunSummary


_REDRAW_EVERY_S = 0.125
_BAR_WIDTH = 24


class LiveReporter:
    """Draws the display; use it as a context manager, so that the terminal is put back.

    It redraws when it is called and not from a thread of its own.
    """

    def __init__(self, stream: IO[str], out: Path | None, is_verbose: bool) -> None:
        self._console = Console(file=stream, highlight=False)
        self._stream = stream
        self._out = out
        self._is_verbose = is_verbose
        self._watch = Watch()
        self._live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._drawn_at_s = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def message(self, text: str) -> None:
        """Print it above the display."""
        self._console.print(Text(show_path(text)))

    def found(self, num_found: int, is_complete: bool) -> None:
        """Draw the number."""
        self._watch.found(num_found, is_complete)
        self.tick()

    def cut(self, path: str, num_documents: int) -> None:
        """Print it above the display."""
        self._watch.cut(num_documents)
        self.message(f"{path} holds {show_count(num_documents, 'document')}")

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Count it, and print it if every document should be."""
        self._watch.unchanged(status)
        if self._is_verbose:
            text = f"{status.value:<7} {show_path(path)}: no work needed"
            self._console.print(Text(text, style="dim"))
        self.tick()

    def finished(self, record: Record, num_pages: int) -> None:
        """Count it, and print a failure, or every document if so asked."""
        self._watch.finished(record, num_pages)
        if self._is_verbose or record.status is RecordStatus.FAILED:
            self._console.print(Text(document_line(record), style=STYLES[record.status]))
        self.tick()

    def tick(self) -> None:
        """Draw again, if the last time is long enough ago."""
        now_s = time.monotonic()
        if now_s - self._drawn_at_s >= _REDRAW_EVERY_S:
            self._drawn_at_s = now_s
            self._live.update(self._picture(), refresh=True)

    def summary(self, summary: RunSummary) -> None:
        """Take the display away and print the summary."""
        self._live.update(Text(""))
        self._live.stop()
        print_summary(summary, self._watch, self._out, self._stream)
        for line in bug_lines(summary.bug):
            self._console.print(Text(line, style="red"))

    def _picture(self) -> RenderableType:
        watch = self._watch
        bar = ProgressBar(
            total=max(watch.num_found, 1) if watch.is_complete else None,
            completed=watch.num_finished,
            width=_BAR_WIDTH,
            pulse=not watch.is_complete,
        )
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(bar, *map(Text, self._figures()))
        counts = Text("  ").join(
            Text(f"{status.value} {number:,}", style=STYLES[status])
            for status in RecordStatus
            if (number := watch.by_status[status])
        )
        return Group(grid, counts)

    def _figures(self) -> list[str]:
        watch = self._watch
        if not watch.is_complete:
            found = show_count(watch.num_found, "document")
            return [f"{watch.num_finished:,} of {found} found so far", self._speed()]
        left_s = watch.seconds_left
        left = "" if left_s is None else f"{show_duration(left_s)} left"
        done = f"{watch.num_finished:,}/{show_count(watch.num_found, 'document')}"
        return [done, self._speed(), left]

    def _speed(self) -> str:
        return f"{self._watch.pages_per_s:.1f} pages/s"
