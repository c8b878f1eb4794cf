"""The run itself, with an engine that lives in its process: a bug costs one document."""

from __future__ import annotations

import io
import json

import pytest
from support.pdfs import write_invoices

from docextract.batch import runner as run_module
from docextract.core import EngineInfo, ExitCode, ReadOptions, RunOptions
from docextract.engine.base import Answer

TEXT = "".join(["sec", "ret text of the page"])


class Quiet:
    """A reporter that keeps nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class BuggyEngine:
    """Answers about pixels, and has a bug that the second invoice brings out."""

    info = EngineInfo("buggy")
    needs_images = True
    max_pages: int | None = 1
    can_look_closer = False

    def answer(self, questions):
        words = {word.text for item in questions for page in item.pages for word in page.words}
        if "INV-00002" in words:
            raise KeyError(TEXT)
        return [Answer({"total": "GBP 1.00"}) for _ in questions]

    def close(self):
        """Nothing to free."""


@pytest.fixture
def options(tmp_path, monkeypatch):
    write_invoices(tmp_path / "in", 3)
    monkeypatch.setattr(run_module, "load_engine", lambda choice: BuggyEngine())
    read = ReadOptions(dpi=72)
    return RunOptions((str(tmp_path / "in"),), "total: money", tmp_path / "out", "text", read=read)


def test_a_bug_is_that_document_s_failure(options, tmp_path):
    summary = run_module.run_batch(options, Quiet())
    assert summary.exit_code is ExitCode.UNEXPECTED
    rows = [json.loads(row) for row in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    assert sorted(row["status"] == "failed" for row in rows) == [False, False, True]
    failed = next(row for row in rows if row["status"] == "failed")
    assert failed["errors"][0]["reason"] == "internal"
    assert "secret" not in json.dumps(rows)
    assert "secret" not in (tmp_path / "out/run.json").read_text("utf-8")
    assert summary.num_pages == 3


def test_a_reader_of_stdout_that_goes_is_no_document_s_fault(options, tmp_path):
    class Gone(io.BytesIO):
        def write(self, data):
            raise BrokenPipeError

    streamed = RunOptions(options.inputs, options.schema, None, "text", read=options.read)
    with pytest.raises(BrokenPipeError):
        run_module.run_batch(streamed, Quiet(), stdout=Gone())
