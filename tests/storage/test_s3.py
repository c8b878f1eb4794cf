"""Documents in S3, by moto's server on this machine: fetched once, read again when replaced."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from support.object_storage import files_below, served_bucket
from support.pdfs import write_invoices

from docextract.batch.runner import run_batch
from docextract.core import ExitCode, OptionError, RemoteError, RunOptions, Shard
from docextract.storage import spool
from docextract.storage.bucket import Bucket

NUM = 14


class Listening:
    """A reporter that keeps what it is told for people."""

    def __init__(self):
        self.messages = []

    def message(self, text):
        self.messages.append(text)

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


@pytest.fixture(scope="module")
def served():
    with served_bucket() as bucket:
        yield bucket


@pytest.fixture
def bucket(served, tmp_path):
    """A bucket with 14 invoices below ``in``, and a note that is no document."""
    for key in served.all_keys():
        served.delete(key)
    write_invoices(tmp_path / "in", NUM)
    served.put_folder("in/2026", tmp_path / "in")
    served.put("in/notes.txt", b"no document")
    served.put("in/.hidden/x.pdf", b"%PDF-1.7")
    return served


@pytest.fixture
def run(tmp_path):
    def run_it(*inputs, **more):
        settings = {"out": tmp_path / "out", "engine": "text", "num_workers": 1} | more
        schema = "invoice_number, total: money"
        options = RunOptions(inputs or ("s3://archive/in",), schema, **settings)
        return run_batch(options, Listening())

    return run_it


def records(folder):
    rows = map(json.loads, (folder / "results.jsonl").read_bytes().splitlines())
    return {row["document"]["path"]: row for row in rows}


def fetched(summary):
    return summary.details["storage"]["num_fetched"]


def test_fourteen_are_fetched_then_none_then_the_one_that_was_replaced(bucket, run, tmp_path):
    first = run()
    assert (first.exit_code, first.num_found, fetched(first)) == (ExitCode.OK, NUM, NUM)
    rows = records(tmp_path / "out")
    assert len(rows) == NUM
    key = sorted(rows)[0]
    assert key.startswith("s3://archive/in/2026/")
    assert rows[key]["document"]["source"] == key
    assert first.details["passed_over"] == {".txt": 1}

    before = files_below(tmp_path / "out")["results.jsonl"]
    second = run()
    assert (second.num_unchanged, fetched(second)) == (NUM, 0)
    assert files_below(tmp_path / "out")["results.jsonl"] == before

    name = key.removeprefix("s3://archive/")
    bucket.put(name, bucket.get(name).replace(b"INV-00001", b"INV-77777"))
    third = run()
    assert (third.num_unchanged, fetched(third)) == (NUM - 1, 1)
    assert records(tmp_path / "out")[key]["values"]["invoice_number"] == "INV-77777"


def test_the_records_are_those_of_the_files(bucket, run, tmp_path):
    run()
    run(str(tmp_path / "in"), out=tmp_path / "here")
    there, here = records(tmp_path / "out"), records(tmp_path / "here")
    assert [row["fields"] for _, row in sorted(there.items())] == [
        row["fields"] for _, row in sorted(here.items())
    ]


def test_what_is_replaced_while_it_is_read_has_changed_and_is_read_by_the_next_run(
    bucket, run, tmp_path, monkeypatch
):
    fetch = Bucket.fetch
    name = "in/2026/" + sorted(path.name for path in (tmp_path / "in").iterdir())[0]

    def replaced_before(self, item, path, *more):
        if item.key == name:
            bucket.put(name, bucket.get(name).replace(b"INV-00001", b"INV-88888"))
        return fetch(self, item, path, *more)

    monkeypatch.setattr(Bucket, "fetch", replaced_before)
    first = run()
    row = records(tmp_path / "out")[f"s3://archive/{name}"]
    assert first.exit_code is ExitCode.SOME_FAILED
    assert row["errors"][0]["reason"] == "changed"
    assert fetched(first) == NUM - 1
    monkeypatch.undo()
    assert fetched(run()) == 1
    row = records(tmp_path / "out")[f"s3://archive/{name}"]
    assert row["values"]["invoice_number"] == "INV-88888"


def test_a_dead_endpoint_ends_the_run_with_a_reason_and_the_next_goes_on(
    bucket, run, tmp_path, monkeypatch
):
    run("s3://archive/in/2026", limit=5)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        with pytest.raises(RemoteError, match="s3://archive: it does not answer") as raised:
            run()
    assert raised.value.exit_code is ExitCode.SETUP
    assert "the same command" in raised.value.hint
    told = json.loads((tmp_path / "out/run.json").read_bytes())
    assert (told["exit_code"], told["stopped_by"]) == (3, "storage")
    assert len(records(tmp_path / "out")) == 5
    last = run()
    assert (last.exit_code, len(records(tmp_path / "out"))) == (ExitCode.OK, NUM)
    assert last.num_unchanged == 5


def test_storage_that_goes_away_meanwhile_ends_the_run_and_the_next_goes_on(
    bucket, run, tmp_path, monkeypatch
):
    fetch, served = Bucket.fetch, []

    def away(self, item, path, *more):
        served.append(item.key)
        if len(served) > 3:
            monkeypatch.setattr(self, "_store", dead._store)
        return fetch(self, item, path, *more)

    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        dead = Bucket("s3://archive")
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "fetch", away)
        patch.setattr("docextract.storage.remote_documents.NUM_THREADS", 1)
        with pytest.raises(RemoteError, match="storage failed on 5 objects in a row"):
            run()
    rows = records(tmp_path / "out").values()
    assert sum(row["status"] == "ok" for row in rows) == 3
    assert {e["reason"] for row in rows for e in row["errors"]} == {"read_error"}
    assert run().exit_code is ExitCode.OK
    assert {row["status"] for row in records(tmp_path / "out").values()} == {"ok"}


def test_nothing_is_left_in_the_spool_and_it_never_held_more_than_its_bound(
    bucket, run, tmp_path, monkeypatch
):
    seen = []
    reserve = spool.Spool.reserve

    def watched(self, num_bytes):
        path = reserve(self, num_bytes)
        seen.append((self.num_bytes, num_bytes))
        return path

    monkeypatch.setattr(spool.Spool, "reserve", watched)
    monkeypatch.setattr("docextract.storage.given_inputs.Storage.__init__.__defaults__", (2000,))
    left = tmp_path / "out/.docextract/spool/of-a-killed-run"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"x")
    assert run().exit_code is ExitCode.OK
    assert len(seen) == NUM
    assert all(held <= 2000 or held == own for held, own in seen)
    assert not left.parent.exists()


def test_a_killed_run_is_gone_on_with_and_reads_nothing_twice(bucket, run, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "docextract", "run", "s3://archive/in", "--engine", "text"]
    options = ["--schema", "invoice_number, total: money", "--out", out, "-j", "1", "-q"]
    process = subprocess.Popen([*command, *options])
    while not (out / "results.jsonl").exists():
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.01)
    process.kill()
    process.wait()
    last = run()
    assert len(records(out)) == NUM
    assert last.num_unchanged > 0
    with closing(sqlite3.connect(out / ".docextract/store.sqlite")) as store:
        tried = store.execute("SELECT count(*), count(DISTINCT key) FROM attempts").fetchone()
    assert tried == (NUM, NUM)
    assert not (out / ".docextract/spool").exists()


def test_one_object_a_pattern_and_a_shard_name_what_they_say(bucket, run, tmp_path):
    names = sorted(path.name for path in (tmp_path / "in").iterdir())
    assert run(f"s3://archive/in/2026/{names[0]}", out=tmp_path / "one").num_found == 1
    assert run("s3://archive/**/*1.pdf", out=tmp_path / "glob").num_found == sum(
        name.endswith("1.pdf") for name in names
    )
    parts = [
        set(records(tmp_path / f"part{index}"))
        for index in range(3)
        if run(out=tmp_path / f"part{index}", shard=Shard(index, 3))
    ]
    assert len(set.union(*parts)) == sum(map(len, parts)) == NUM


def test_what_cannot_be_a_document_fails_without_being_fetched(bucket, run, tmp_path):
    bucket.put("odd/empty.pdf", b"")
    bucket.put("odd/no-ending", b"just text")
    bucket.put("odd/page.pdf", b"<html>log in</html>")
    summary = run("s3://archive/odd")
    rows = {path.rpartition("/")[2]: row for path, row in records(tmp_path / "out").items()}
    reasons = {name: row["errors"][0]["reason"] for name, row in rows.items()}
    assert reasons == {"empty.pdf": "empty_file", "page.pdf": "not_a_document"}
    assert summary.details["passed_over"] == {"no extension": 1}
    assert fetched(run("s3://archive/odd")) == 0


def test_exports_are_put_there_whole_and_only_what_has_changed(bucket, run, tmp_path):
    run(upload="s3://archive/results")
    names = ["documents.csv", "failures.jsonl", "results.jsonl", "run.json"]
    for name in names:
        assert bucket.get(f"results/{name}") == (tmp_path / "out" / name).read_bytes()
    assert [key for key in bucket.all_keys() if key.startswith("results/")] == [
        f"results/{name}" for name in names
    ]
    listening = run(upload="s3://archive/results")
    assert listening.num_unchanged == NUM


def test_exports_that_must_be_new_replace_nothing(bucket, run):
    run(upload="s3://archive/once", upload_mode="create")
    bucket.put("once/documents.csv", b"of somebody else")
    with pytest.raises(OptionError, match=r"s3://archive/once/.* is there already and differs"):
        run("s3://archive/in/2026", force=True, upload="s3://archive/once", upload_mode="create")
    assert bucket.get("once/documents.csv") == b"of somebody else"
