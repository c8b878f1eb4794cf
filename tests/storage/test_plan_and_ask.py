"""``plan`` and ``ask`` over documents in storage: listed, a few fetched, nothing left behind."""

from __future__ import annotations

import io
import json

import pytest
from support.command_line import invoke
from support.object_storage import files_below, served_bucket
from support.pdfs import write_invoices

FIELDS = "invoice_number, total: money"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    """A bucket with four invoices."""
    folder = tmp_path_factory.mktemp("in")
    write_invoices(folder, 4)
    with served_bucket() as served:
        served.put_folder("in", folder)
        served.put("in/notes.txt", b"no document")
        yield served


def objects_below(folder):
    """Return all files but those of the store, which SQLite makes for who reads it."""
    return {name: data for name, data in files_below(folder).items() if "store.sqlite" not in name}


def test_a_plan_lists_what_is_new_and_fetches_nothing_that_is_known(bucket, tmp_path):
    before = objects_below(tmp_path)
    told = invoke("plan", "s3://archive/in", "--schema", FIELDS, "--json", "--out", tmp_path / "o")
    found = json.loads(told.stdout)
    assert (found["files"], found["to_read"], found["pages"]) == (4, 4, 4)
    assert found["ignored"] == {".txt": 1}
    assert objects_below(tmp_path) == before
    ran = invoke(
        "run", "s3://archive/in", "--schema", FIELDS, "--engine", "text", "-j", "1", "-q",
        "--out", tmp_path / "o",
    )  # fmt: skip
    assert ran.exit_code == 0, ran.stderr
    before = objects_below(tmp_path)
    told = invoke("plan", "s3://archive/in", "--schema", FIELDS, "--json", "--out", tmp_path / "o")
    found = json.loads(told.stdout)
    assert (sum(found["done"].values()), found["counted_files"]) == (4, 0)
    assert objects_below(tmp_path) == before


def test_questions_about_storage_are_answered_and_leave_nothing(bucket, tmp_path):
    told = invoke(
        "ask", "s3://archive/in/*.pdf", "--fields", FIELDS, "--engine", "text", "--out", "-",
        "-j", "1",
    )  # fmt: skip
    rows = [json.loads(line) for line in io.StringIO(told.stdout)]
    assert len(rows) == 4
    assert all("s3://archive/in/" in json.dumps(row) for row in rows)


def test_what_must_be_a_file_of_this_machine_says_so(tmp_path):
    for asked in (
        ("run", tmp_path, "--schema", "s3://archive/mine.json"),
        ("export", "s3://o/out"),
    ):
        told = invoke(*asked)
        assert told.exit_code == 2
        assert "fetch it first" in told.stderr
