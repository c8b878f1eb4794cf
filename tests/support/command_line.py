"""Calls commands in this process, or starts them in one of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from typer.testing import CliRunner

from docextract.cli import app
from docextract.core import (
    Document,
    ExitCode,
    RecordStatus,
    RunOptions,
)
from docextract.store.run_summary import RunSummary
from support.sample_records import document, failed, record

ROOT = Path(__file__).parents[2]


class FakeRun:
    """Stands in for ``docextract.batch.runner``: notes the options and does what it is told."""

    def __init__(self, monkeypatch) -> None:
        self.options: RunOptions
        self.result: ExitCode | BaseException = ExitCode.OK
        module = ModuleType("docextract.batch.runner")
        module.run_batch = self.run_batch  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "docextract.batch.runner", module)

    def run_batch(self, options, reporter, *, stdin=None, stdout=None):
        self.options = options
        if isinstance(self.result, BaseException):
            raise self.result
        tell(reporter)
        if options.out is None:
            stdout.write(b'{"a": 1}\n')
        return summary(self.result)


def summary(code=ExitCode.OK, **more):
    counts = {RecordStatus.OK: 1, RecordStatus.FAILED: 1}
    return RunSummary(code, counts, 2, 0, 3, 1.5, **more)


def tell(reporter, code=ExitCode.SOME_FAILED, **more):
    reporter.message("engine text: no GPU")
    reporter.found(2, True)
    reporter.unchanged("in/old.pdf", RecordStatus.OK)
    reporter.finished(record(document("a.pdf")), 1)
    reporter.tick()
    odd = Document("in/\x1b[31m\n[bold]x\u202e.pdf", b"x", "y")
    reporter.finished(failed(odd), 0)
    reporter.summary(summary(code, **more))


def invoke(*args, **more):
    return CliRunner().invoke(app, list(map(str, args)), **more)


def start(*args, **more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "docextract", *map(str, args)],
        env=environment, capture_output=True, text=True, timeout=300, **more,
    )  # fmt: skip
