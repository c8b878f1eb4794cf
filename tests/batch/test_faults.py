"""Faults planted in engines and in workers: each is recorded, and the run goes on."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from support.inline_pool import InlinePool
from support.pdfs import write_invoices
from support.scripted_engine import ScriptedEngine

from docextract.batch import runner as run_module
from docextract.core import (
    Box,
    EngineError,
    ExitCode,
    Place,
    ReadOptions,
    Reason,
    RunOptions,
    StoreError,
)
from docextract.engine.base import Answer, Engine, Question, StopReason
from docextract.engine.checked import answers_of
from docextract.schema.loading import load_schema

SCHEMA = "seller, total: money"


class Quiet:
    """A reporter that keeps nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def raises(error):
    def fault(questions):
        raise error

    return fault


def says(values, **more):
    return lambda questions: [Answer(values, **more) for _ in questions]


def run_with(fault, tmp_path, monkeypatch):
    """Run over three documents, on the second of which the engine fails."""
    write_invoices(tmp_path / "in", 3, start=16)
    faulty = ScriptedEngine("INV-00017", fault)
    monkeypatch.setattr(run_module, "WorkerPool", InlinePool)
    monkeypatch.setattr(run_module, "load_engine", lambda choice: faulty)
    inputs, read = (str(tmp_path / "in"),), ReadOptions(dpi=48)
    options = RunOptions(inputs, SCHEMA, tmp_path / "out", "text", read=read)
    summary = run_module.run_batch(options, Quiet())
    data = (tmp_path / "out/results.jsonl").read_text("utf-8")
    rows = [json.loads(line, parse_constant=pytest.fail) for line in data.splitlines()]
    assert len(rows) == sum(summary.counts.values()) == 3
    assert rows[0]["values"]["seller"] == rows[2]["values"]["seller"] == "Northwind Tools Ltd"
    return summary, rows[1]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (raises(EngineError(Reason.ENGINE_FAILED, "The device went away.")), Reason.ENGINE_FAILED),
        (raises(MemoryError()), Reason.OUT_OF_MEMORY),
        (lambda questions: None, Reason.INVALID_ANSWER),
        (lambda questions: [], Reason.INVALID_ANSWER),
        (lambda questions: [ScriptedEngine.good()] * 7, Reason.INVALID_ANSWER),
        (lambda questions: [{"total": "1"} for _ in questions], Reason.INVALID_ANSWER),
        (says("text"), Reason.INVALID_ANSWER),
        (says(None), Reason.INVALID_ANSWER),
        (says({"total": "1"}, probabilities=None), Reason.INVALID_ANSWER),
        (says({"seller": "x"}, stop_reason=StopReason.REPETITION), Reason.TRUNCATED_ANSWER),
    ],
)
def test_an_engine_that_fails_on_a_document(fault, reason, tmp_path, monkeypatch):
    summary, record = run_with(fault, tmp_path, monkeypatch)
    is_cut = reason is Reason.TRUNCATED_ANSWER
    assert summary.exit_code is (ExitCode.OK if is_cut else ExitCode.SOME_FAILED)
    assert record["status"] == ("review" if is_cut else "failed")
    (error,) = record["errors"]
    assert (error["stage"], error["reason"]) == ("answer", reason)
    assert error["message"]
    assert error["hint"]


@pytest.mark.parametrize("bug", [KeyError("x"), RecursionError(), AssertionError("text of a page")])
def test_an_engine_with_a_bug(bug, tmp_path, monkeypatch):
    summary, record = run_with(raises(bug), tmp_path, monkeypatch)
    assert summary.exit_code is ExitCode.UNEXPECTED
    assert [error["reason"] for error in record["errors"]] == ["internal"]
    assert "text of a page" not in json.dumps(record)


def deep():
    tree: dict[str, object] = {"seller": "x"}
    for _ in range(5000):
        tree = {"seller": tree}
    return tree


@pytest.mark.parametrize(
    "fault",
    [
        says({"total": 5, "seller": True}),
        says({"total": math.nan}),
        says({"total": {"x": "1"}, "seller": ["1"]}),
        says({"total": object(), "seller": b"\xff"}),
        says({"seller": "x" * 3_000_000, "total": "9" * 300_000}),
        says({"seller": "\ud800\0\x1b[2J", "nothing": {"like": "it"}}),
        says({"total": "GBP 9.99"}, places={"total": Place(99, Box(math.nan, -1, 5, 7))}),
        says({"total": "GBP 9.99"}, usage={"tokens": math.inf}),
        says(deep()),
    ],
)
def test_an_engine_that_answers_garbage(fault, tmp_path, monkeypatch):
    """What the page does not say is never sure, and the record is strict JSON."""
    summary, record = run_with(fault, tmp_path, monkeypatch)
    assert summary.exit_code is ExitCode.OK
    assert record["status"] == "review"
    assert {field["status"] for field in record["fields"].values()} <= {
        "absent", "conflict", "unverified"
    }  # fmt: skip


@pytest.mark.parametrize("probability", [math.nan, math.inf, -1, 17, None, "high"])
def test_a_probability_that_is_none(probability, tmp_path, monkeypatch):
    good = replace(ScriptedEngine.good(), probabilities={"total": probability})
    _, record = run_with(lambda questions: [good for _ in questions], tmp_path, monkeypatch)
    assert all(0 <= field["confidence"] <= 1 for field in record["fields"].values())
    assert record["errors"] == []
    (checked,) = answers_of(cast(Engine, Saying(good)), [Question("d", (), load_schema(SCHEMA))])
    assert checked.probabilities == {}


class Saying:
    """An engine with one answer to everything."""

    def __init__(self, answer):
        self.answer = lambda questions: [answer for _ in questions]


DYING = """
import os, sys
import test_faults as t
engine = t.ScriptedEngine(sys.argv[1], lambda questions: os._exit(9))
t.run_module.load_engine = lambda choice: engine
t.run_module.WorkerPool = t.InlinePool
options = t.RunOptions(("in",), t.SCHEMA, t.Path("out"), "text", read=t.ReadOptions(dpi=48))
sys.exit(t.run_module.run_batch(options, t.Quiet()).exit_code)
"""


def test_an_engine_that_takes_the_run_with_it(tmp_path):
    """What was answered before stays, and the next run asks for the rest alone."""
    write_invoices(tmp_path / "in", 5)
    path = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {path!r})\n{DYING}"
    codes = [
        subprocess.run([sys.executable, "-c", code, mark], cwd=tmp_path).returncode
        for mark in ("INV-00003", "nowhere")
    ]
    assert codes == [9, 0]
    rows = (tmp_path / "out/results.jsonl").read_bytes().splitlines()
    assert len({json.loads(row)["document"]["path"] for row in rows}) == len(rows) == 5


SICK_SCHEMA = '''
import os, time
from pydantic import BaseModel, field_validator

class Sick(BaseModel):
    """A schema whose own code, which runs in a worker, goes wrong for some documents."""

    invoice_number: str | None = None

    @field_validator("invoice_number")
    @classmethod
    def act(cls, value):
        if value == "INV-00001":
            os._exit(3)
        if value == "INV-00002":
            while True:
                pass
        if value == "INV-00003":
            raise MemoryError
        if value == "INV-00004":
            raise RuntimeError("text of a page")
        if value == "INV-00005":
            return bytearray(8 << 30)
        if value == "INV-00006":
            time.sleep(0.3)
        return value
'''


def test_faults_in_workers(tmp_path, monkeypatch):
    write_invoices(tmp_path / "in", 8)
    (tmp_path / "sick.py").write_text(SICK_SCHEMA, encoding="utf-8")
    read = ReadOptions(page_cpu_s=2)
    schema = str(tmp_path / "sick.py")
    options = RunOptions(
        (str(tmp_path / "in"),), schema, tmp_path / "out", "text", read=read, num_workers=3
    )
    summary = run_module.run_batch(options, Quiet())
    rows = (tmp_path / "out/results.jsonl").read_bytes().splitlines()
    records = [json.loads(row) for row in rows]
    reasons = [[error["reason"] for error in record["errors"]] for record in records]
    assert reasons == [
        ["worker_crash"], ["timeout"], ["out_of_memory"], ["internal"], ["out_of_memory"],
        [], [], [],
    ]  # fmt: skip
    assert [record["values"]["invoice_number"] for record in records[5:]] == [
        "INV-00006", "INV-00007", "INV-00008",
    ]  # fmt: skip
    assert summary.exit_code is ExitCode.UNEXPECTED
    assert b"text of a page" not in b"".join(rows)


def test_an_output_folder_that_is_moved_ends_the_run_and_no_other_is_made(tmp_path, monkeypatch):
    out = tmp_path / "out"

    def moves(questions):
        out.rename(tmp_path / "moved")
        return [ScriptedEngine.good() for _ in questions]

    with pytest.raises(StoreError, match="moved or replaced") as caught:
        run_with(moves, tmp_path, monkeypatch)
    assert caught.value.exit_code is ExitCode.STORE
    assert not out.exists()
    assert (tmp_path / "moved" / ".docextract" / "store.sqlite").exists()


def test_what_a_killed_run_left_is_removed_by_the_next_before_it_reads(tmp_path, monkeypatch):
    left = tmp_path / "out" / "documents" / ".docextract-0123456789abcdef.tmp"
    left.parent.mkdir(parents=True)
    left.touch()
    os.utime(left, (0, 0))
    seen = []

    def looks(questions):
        seen.append(left.exists())
        return [ScriptedEngine.good() for _ in questions]

    run_with(looks, tmp_path, monkeypatch)
    assert seen == [False]
