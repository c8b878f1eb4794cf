"""One run over what strangers sent: each file has its reason, and healthy ones are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.drawn_files import LINES, fake_poppler, picture
from support.hostile_files import FILES, MAX_BYTES, MAX_PAGES, READ

from docextract.batch.runner import run_batch
from docextract.core import HINTS, ExitCode, ReadOptions, Reason, RunOptions
from docextract.documents.discovery.discover import Discovery
from docextract.store.run_summary import RunSummary

LIMITS = ReadOptions(max_bytes=MAX_BYTES, max_pages=MAX_PAGES, page_cpu_s=5, page_timeout_s=120)
MIN_RIGHT_SHARE = 0.98


class Silent:
    """Tells nobody anything."""

    def __getattr__(self, name: str):
        return lambda *args, **kwargs: None


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> tuple[RunSummary, dict[str, dict[str, Any]]]:
    """Return the summary of one run over all hostile files, and its records by file name."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (_, make) in FILES.items():
        (folder / "in" / name).parent.mkdir(exist_ok=True)
        (folder / "in" / name).write_bytes(make())
    options = RunOptions(
        (str(folder / "in"),), "invoice", folder / "out", "text", read=LIMITS, num_workers=2
    )
    summary = run_batch(options, Silent())
    rows = map(json.loads, (folder / "out/results.jsonl").read_bytes().splitlines())
    return summary, {Path(row["document"]["path"]).name: row for row in rows}


def test_there_are_many_kinds():
    assert len(FILES) >= 60
    reasons = {reason for reason, _ in FILES.values()}
    assert reasons >= {
        READ, "encrypted", "xfa_form", "zero_pages", "corrupt", "not_a_document", "empty_file",
        "too_large", "too_many_pages", "unsupported", "timeout", "invalid_einvoice",
    }  # fmt: skip


def test_every_file_has_one_record_and_the_run_ends_well(finished):
    summary, records = finished
    assert set(records) == set(FILES)
    assert summary.exit_code is ExitCode.SOME_FAILED
    assert summary.bug == ""
    memory = summary.details["peak_memory_mib"]
    assert memory["parent"] > 0
    assert 0 < memory["worker"] < LIMITS.max_memory_bytes / 2**20


def test_reasons_are_those_a_person_would_give(finished):
    _, records = finished
    found = {
        name: "+".join(sorted({error["reason"] for error in row["errors"]}))
        for name, row in records.items()
    }
    wrong = {name: found[name] for name, (reason, _) in FILES.items() if found[name] != reason}
    assert len(wrong) <= (1 - MIN_RIGHT_SHARE) * len(FILES), wrong


def test_every_failure_says_where_why_and_what_to_do(finished):
    _, records = finished
    for name, row in records.items():
        assert row["status"] in ("ok", "review", "failed"), name
        for error in row["errors"]:
            assert error["stage"] in ("discover", "open", "embedded"), name
            assert error["reason"] in set(Reason), name
            assert len(error["hint"]) > 20, name
            assert error["message"], name


@pytest.mark.parametrize(
    "name", [name for name, (reason, _) in FILES.items() if reason == READ and "pdf" in name]
)
def test_what_can_be_read_is_read(finished, name):
    row = finished[1][name]
    assert row["status"] in ("ok", "review")
    assert sum(page["words"] for page in row["pages"]) >= 2


def test_every_reason_has_a_hint_and_a_line_in_the_documentation(root):
    text = (root / "docs/errors.md").read_text("utf-8")
    assert set(HINTS) == set(Reason)
    assert all(f"| `{reason}` |" in text for reason in Reason)


def test_odd_entries_of_a_folder_are_not_followed(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out.pdf"
    inside.mkdir()
    make = FILES["healthy.pdf"][1]
    outside.write_bytes(make())
    (inside / "link.pdf").symlink_to(outside)
    (inside / "loop.pdf").symlink_to(inside / "loop.pdf")
    (inside / "null.pdf").symlink_to(os.devnull)
    os.mkfifo(inside / "pipe.pdf")
    (inside / "folder.pdf").mkdir()
    (inside / "folder.pdf/inner.pdf").write_bytes(make() + b"%")
    found = [item.document.path for item in Discovery([str(inside)])]
    assert found == [str(inside / "folder.pdf/inner.pdf")]


def test_a_pipe_or_device_named_outright_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.pdf")
    for name in (str(tmp_path / "pipe.pdf"), os.devnull):
        (found,) = Discovery([name])
        assert found.error is not None
        assert found.error.reason == Reason.NOT_A_DOCUMENT


def test_a_run_that_waits_for_its_list_obeys_sigterm(tmp_path):
    (tmp_path / "a.pdf").write_bytes(FILES["healthy.pdf"][1]())
    command = [sys.executable, "-m", "docextract", "run", "-", "--schema", "invoice", "-v"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdin is not None
        assert run.stderr is not None
        run.stdin.write(b"a.pdf\n")
        run.stdin.flush()
        told = b""
        while b"a.pdf" not in told:
            told += run.stderr.readline()
        run.terminate()
        assert run.wait(timeout=60) == ExitCode.TERMINATED
    assert (tmp_path / "out/results.jsonl").read_bytes().count(b"\n") == 1


def test_a_file_that_hangs_pdfium_is_read_with_poppler(tmp_path, monkeypatch):
    fake_poppler(tmp_path, monkeypatch, picture(*LINES))
    (tmp_path / "hangs.pdf").write_bytes(FILES["form-tree.pdf"][1]())
    limits = replace(LIMITS, page_cpu_s=4)
    inputs = (str(tmp_path / "hangs.pdf"),)
    run_batch(RunOptions(inputs, "invoice", tmp_path / "out", "text", read=limits), Silent())
    (row,) = map(json.loads, (tmp_path / "out/results.jsonl").read_bytes().splitlines())
    assert row["errors"] == []
    assert row["pages"][0]["notes"] == ["poppler"]
    assert row["values"]["invoice_number"] == "4711"
