"""Chooses the reporter that fits stderr and what the user asked for.

Knows nothing of what reporters say.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from docextract.batch.progress import Reporter
from docextract.cli.options import LogFormat
from docextract.cli.output import error_stream
from docextract.cli.progress.reporters import JsonReporter, PlainReporter, QuietReporter


@contextlib.contextmanager
def watch(
    out: Path | None, *, is_quiet: bool, is_verbose: bool, log_format: LogFormat
) -> Iterator[Reporter]:
    """Yield the reporter that fits stderr and what the user asked for.

    Args:
        out: where results go, or None for stdout.
        is_quiet: say nothing but errors.
        is_verbose: say a line per document.
        log_format: text for people or JSON for programs.
    """
    stream = error_stream()
    if log_format is LogFormat.JSON:
        yield JsonReporter(stream, out, is_quiet, is_verbose)
    elif is_quiet:
        yield QuietReporter(stream)
    elif not _is_terminal(stream):
        yield PlainReporter(stream, out, is_verbose)
    else:
        from docextract.cli.progress.live import LiveReporter

        with LiveReporter(stream, out, is_verbose) as reporter:
            yield reporter


def _is_terminal(stream: IO[str]) -> bool:
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
