"""One test per exit code, some a real process; and what it leaves on stdout and stderr.

The others are in this process, which costs a sixth as much.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from support.command_line import invoke
from support.pdfs import invoice_lines, text_pdf, write_invoices
from support.processes import docextract, own_process

from docextract import extract
from docextract.core import EXIT_MEANING, ExitCode, SetupError
from docextract.store import Store


@pytest.fixture
def invoices(tmp_path):
    write_invoices(tmp_path / "in", 3)
    return tmp_path / "in"


# One worker is started sooner than two and reads a handful of invoices as soon.
ONE_WORKER = {"DOCEXTRACT_JOBS": "1"}


def start_run(tmp_path, *args, check, start=docextract):
    return start(
        "run", *args, "--schema", "invoice", cwd=tmp_path, check=check, environment=ONE_WORKER
    )


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run in this process: run(*args, check=0)."""
    monkeypatch.chdir(tmp_path)

    def call(*args, check):
        done = invoke("run", *args, "--schema", "invoice", env={**ONE_WORKER, "NO_COLOR": "1"})
        assert done.exit_code == check, done.output
        return done

    return call


def test_0_ok(tmp_path, invoices):
    done = start_run(tmp_path, invoices, check=0, start=own_process)
    assert done.stdout == ""
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    assert [row["values"]["invoice_number"] for row in rows] == [
        "INV-00001",
        "INV-00002",
        "INV-00003",
    ]
    assert {row["status"] for row in rows} == {"ok"}


def test_1_a_bug_is_recorded_and_the_others_go_on(tmp_path, invoices):
    (tmp_path / "broken_schema.py").write_text(
        "from pydantic import BaseModel, field_validator\n\n"
        "class BrokenSchema(BaseModel):\n"
        "    invoice_number: str | None = None\n\n"
        "    @field_validator('invoice_number')\n"
        "    @classmethod\n"
        "    def explode(cls, value):\n"
        "        if value == 'INV-00002':\n"
        "            raise RuntimeError('a bug')\n"
        "        return value\n"
    )
    done = own_process("run", invoices, "--schema", "broken_schema.py", cwd=tmp_path, check=1)
    assert "Traceback" not in done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    assert [row["status"] == "failed" for row in rows] == [False, True, False]
    assert rows[1]["errors"][0]["reason"] == "internal"


def test_2_usage(tmp_path, invoices, run):
    done = own_process("run", invoices, "--schema", "invoise", cwd=tmp_path, check=2)
    assert "Did you mean invoice?" in done.stderr
    own_process("run", cwd=tmp_path, check=2)
    run(invoices, "--pages", "3-1", check=2)
    run(invoices, "--engine", "magic", check=2)


def test_3_setup(tmp_path, invoices):
    done = start_run(tmp_path, invoices, "--engine", "llava", check=3)
    assert "--model" in done.stderr


def test_4_store_of_a_newer_format(tmp_path, invoices, run):
    run(invoices, check=0)
    database = sqlite3.connect(tmp_path / "out/.docextract/store.sqlite")
    database.execute("PRAGMA user_version = 999")
    database.close()
    done = start_run(tmp_path, invoices, check=4)
    assert "newer" in done.stderr


def test_4_corrupted_store_is_moved_aside(tmp_path, invoices, run):
    run(invoices, check=0)
    path = tmp_path / "out/.docextract/store.sqlite"
    for stale in path.parent.glob("store.sqlite-*"):
        stale.unlink()
    path.write_bytes(b"SQLite format 3\x00" + b"garbage" * 2000)
    done = start_run(tmp_path, invoices, check=4)
    assert "Traceback" not in done.stderr
    run(invoices, check=0)


def test_5_some_failed(tmp_path, invoices):
    (invoices / "bad.pdf").write_bytes(b"not a document at all")
    done = start_run(tmp_path, invoices, check=5)
    assert "not_a_document" in done.stderr
    failures = [
        json.loads(row) for row in (tmp_path / "out/failures.jsonl").read_bytes().splitlines()
    ]
    assert [row["reason"] for row in failures] == ["not_a_document"]


def test_6_all_failed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/empty.pdf").write_bytes(b"")
    start_run(tmp_path, "in", check=6)


def test_7_no_documents(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/notes.txt").write_text("no document")
    done = start_run(tmp_path, "in", check=7)
    assert "no document" in done.stderr


def test_8_deadline_and_max_failures(tmp_path, invoices, run):
    start_run(tmp_path, invoices, "--deadline", "2001-01-01T00:00", check=8)
    (invoices / "a-bad.pdf").write_bytes(b"no")
    run(invoices, "--max-failures", "0", "-j", "1", check=8)
    run(invoices, check=5)


def test_8_minutes_and_the_rest_is_done_by_the_next_run(tmp_path, invoices, run):
    done = run(invoices, "--max-minutes", "0", check=8)
    assert "stopped by --max-minutes" in done.stderr
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert (summary["exit_code"], summary["stopped_by"]) == (8, "max_minutes")
    run(invoices, "--max-minutes", "10", check=0)
    assert len((tmp_path / "out/results.jsonl").read_bytes().splitlines()) == 3


def test_8_a_share_of_failures_counts_from_20_documents_on(tmp_path, run):
    (tmp_path / "in").mkdir()
    for i in range(24):
        (tmp_path / f"in/{i:02}.pdf").write_bytes(b"%PDF-1.4 broken" + bytes([i]))
    run("in", "--max-failures", "10%", "-j", "1", check=8)
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert 20 <= summary["counts"]["failed"] <= 22


def test_retry_failed_gives_up_after_max_attempts(tmp_path, invoices, run):
    (invoices / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    run(invoices, check=5)
    for _ in range(2):
        done = run(invoices, "--retry-failed", check=5)
        assert "nothing to do" not in done.stderr
    done = run(invoices, "--retry-failed", check=5)
    assert "left alone, as they failed 3 times (--max-attempts): 1" in done.stderr
    done = run(invoices, "--retry-failed", "--max-attempts", "4", check=5)
    assert "nothing to do" not in done.stderr


def test_run_json_and_the_figures_hold_counts_and_the_code(tmp_path, invoices, run):
    (invoices / "bad.pdf").write_bytes(b"%PDF-1.4 broken")
    run(invoices, "--metrics", "x.prom", check=5)
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert summary["counts"] == {"ok": 3, "review": 0, "failed": 1, "skipped": 0}
    assert sum(summary["counts"].values()) == summary["num_found"]
    assert summary["exit_code"] == 5
    assert f'exit_code{{out="{tmp_path / "out"}"}} 5' in (tmp_path / "x.prom").read_text("utf-8")
    run(invoices, "--metrics", "x.prom", "--engine", "llava", check=3)
    assert '"} 3' in (tmp_path / "x.prom").read_text("utf-8")
    run("nowhere/*.pdf", "--metrics", "x.prom", check=7)
    assert '"} 7' in (tmp_path / "x.prom").read_text("utf-8")


def test_9_review(tmp_path, run):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/letter.pdf").write_bytes(text_pdf([(50, 50, "Dear reader, hello there.")]))
    run("in", check=0)
    start_run(tmp_path, "in", "--fail-on", "review", "--force", check=9)


def test_75_another_run_holds_the_folder(tmp_path, invoices, run):
    with Store.open(tmp_path / "out"):
        done = start_run(tmp_path, invoices, check=75)
    assert str(os.getpid()) in done.stderr
    run(invoices, check=0)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
)
def test_130_and_143_keep_what_is_done(tmp_path, number, code, run):
    write_invoices(tmp_path / "in", 80)
    command = [sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "-q"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    results = tmp_path / "out/results.jsonl"
    while not (results.exists() and results.stat().st_size) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(number)
    _, told = process.communicate(timeout=300)
    assert process.returncode == code, told
    assert "Traceback" not in told
    done_before = len(results.read_bytes().splitlines())
    assert 0 < done_before < 80
    run("in", "-q", check=0)
    assert len(results.read_bytes().splitlines()) == 80


def test_closed_pipe_is_quiet(tmp_path, invoices):
    command = (
        f"{sys.executable} -m docextract run in --schema invoice --out - -q | head -c 10 >/dev/null"
    )
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.stderr == ""


def test_streaming_to_stdout_is_data_only(tmp_path, invoices):
    done = start_run(tmp_path, invoices, "--out", "-", check=0, start=own_process)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 3
    assert not (tmp_path / "out").exists()


def test_second_run_does_no_work_and_says_so(tmp_path, invoices, run):
    run(invoices, check=0)
    before = (tmp_path / "out/results.jsonl").read_bytes()
    done = run(invoices, check=0)
    assert "nothing to do" in done.stderr
    assert (tmp_path / "out/results.jsonl").read_bytes() == before


def test_retry_failed_redoes_only_failures(tmp_path, invoices, run):
    bad = invoices / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 broken")
    run(invoices, check=5)
    run(invoices, "--retry-failed", "-v", check=5)
    with Store.read_only(tmp_path / "out") as store:
        attempts = {
            stored.tree["document"]["path"].rpartition("/")[2]: store.num_attempts(
                stored.tree["document"]["sha256"], stored.tree["fingerprint"]
            )
            for stored in store.documents()
        }
    assert attempts["bad.pdf"] == 2
    assert set(attempts.values()) == {1, 2}


def test_a_changed_option_that_can_change_answers_does_the_work_again(tmp_path, invoices, run):
    run(invoices, check=0)
    again = run(invoices, "--pages", "1", check=0)
    assert "nothing to do" not in again.stderr
    slower = run(invoices, "--pages", "1", "-j", "1", check=0)
    assert "nothing to do" in slower.stderr


def test_equal_bytes_are_done_once(tmp_path, invoices, run):
    page = text_pdf(invoice_lines("INV-00001", 101.25))
    (invoices / "zz-copy.pdf").write_bytes(page)
    run(invoices, check=0)
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    assert [row["status"] for row in rows] == ["ok", "ok", "ok", "skipped"]
    assert rows[3]["errors"][0]["reason"] == "duplicate"


def test_a_working_folder_that_is_gone_is_told(tmp_path, invoices, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    done = invoke("run", invoices, "--schema", "invoice", "--out", tmp_path / "out")
    assert (done.exit_code, "working folder is gone" in done.stderr) == (3, True)
    with pytest.raises(SetupError, match="working folder is gone"):
        extract(invoices / "invoice-00001.pdf", "invoice_number")


def test_help_lists_every_exit_code(tmp_path):
    text = " ".join(own_process("--help", cwd=tmp_path, check=0).stdout.split())
    for code in EXIT_MEANING:
        assert str(int(code)) in text


def test_what_lies_outside_the_document_is_tried_again(tmp_path, invoices, run):
    (invoices / "link.pdf").symlink_to(invoices / "later.pdf")
    run(str(invoices / "link.pdf"), check=6)
    write_invoices(tmp_path / "new", 1, start=9)
    (tmp_path / "new/invoice-00009.pdf").rename(invoices / "later.pdf")
    run(str(invoices / "link.pdf"), check=0)


def test_one_file_named_in_two_ways_is_one_document(tmp_path, invoices, run):
    run("in", check=0)
    again = run("./in", str(invoices), check=0)
    assert "nothing to do" in again.stderr
    assert len((tmp_path / "out/results.jsonl").read_bytes().splitlines()) == 3


def test_equal_names_in_two_folders_are_two_documents(tmp_path, run, monkeypatch):
    for name, start in (("c1", 1), ("c2", 2)):
        (path,) = write_invoices(tmp_path / name / "inbox", 1, start=start)
        path.rename(path.with_name("a.pdf"))
        monkeypatch.chdir(tmp_path / name)
        run("inbox", "--out", tmp_path / "out", check=0)
    rows = [json.loads(row) for row in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    assert {row["values"]["invoice_number"] for row in rows} == {"INV-00001", "INV-00002"}


def test_max_failures_counts_this_run_alone(tmp_path, invoices, run):
    for i in range(3):
        (invoices / f"a{i}.pdf").write_bytes(b"%PDF-1.4 broken" + bytes([i]))
    run(invoices, "--max-failures", "1", "-j", "1", check=8)
    run(invoices, "--max-failures", "1", "-j", "1", check=5)
    assert len((tmp_path / "out/results.jsonl").read_bytes().splitlines()) == 6


def test_derived_files_do_not_grow_stale(tmp_path, invoices, run):
    run(invoices / "invoice-00001.pdf", check=0)
    run(invoices, "--format", "csv", check=0)
    assert len((tmp_path / "out/results.jsonl").read_bytes().splitlines()) == 3


def test_limit_that_is_not_reached_is_no_stop(tmp_path, invoices, run):
    done = run(invoices, "--limit", "3", check=0)
    assert "stopped" not in done.stderr
    (tmp_path / "out").rename(tmp_path / "old")
    done = run(invoices, "--limit", "2", check=0)
    assert len((tmp_path / "out/results.jsonl").read_bytes().splitlines()) == 2


def test_a_schema_that_prints_does_not_soil_stdout(tmp_path, invoices):
    (tmp_path / "talk.py").write_text(
        "from pydantic import BaseModel\nprint('hello')\n"
        "class Talk(BaseModel):\n    invoice_number: str | None = None\n"
    )
    done = own_process(
        "run", invoices, "--schema", "talk.py", "--out", "-", "-q", cwd=tmp_path, check=0
    )
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["ok"] * 3


def test_invented_values_are_not_ok(tmp_path, invoices, run):
    run(invoices, check=0)
    rows = [json.loads(row) for row in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    answers = [
        {"sha256": row["document"]["sha256"], "values": {"vendor": "Nobody", "total": "9,999.00"}}
        for row in rows
    ]
    (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, answers)))
    done = invoke(
        "run", invoices, "--schema", "vendor, total: money", "--engine", "replay",
        "--answers", "answers.jsonl", "--out", "-", env=ONE_WORKER,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert done.stdout
    for line in done.stdout.splitlines():
        record = json.loads(line)
        assert record["status"] == "review"
        assert {f["confidence"] < 0.2 for f in record["fields"].values()} == {True}
