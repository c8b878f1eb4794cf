"""Bad input of every kind: each gets a status and a reason, the others go on."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from support.pdfs import invoice_lines, text_pdf, write_invoices
from support.processes import docextract


def run(folder, *args, stdin=None):
    """Run the command in a folder; return its exit code, records by path, and stderr."""
    # One worker is started sooner than two and reads a handful of files as soon.
    environment = {"DOCEXTRACT_JOBS": "1"}
    done = docextract(
        "run", *args, "--schema", "invoice", cwd=folder, environment=environment, input=stdin
    )
    lines = (folder / "out/results.jsonl").read_bytes().splitlines()
    records = {row["document"]["path"]: row for row in map(json.loads, lines)}
    return done.returncode, records, done.stderr


def reasons(records):
    return {path: [e["reason"] for e in row["errors"]] for path, row in records.items()}


def test_every_broken_fixture_has_its_reason(tmp_path, fixtures):
    shutil.copytree(fixtures / "broken", tmp_path / "in")
    write_invoices(tmp_path / "in", 1)
    code, records, _ = run(tmp_path, "in")
    assert code == 5
    assert {path.removeprefix("in/"): found for path, found in reasons(records).items()} == {
        "corrupt.jpg": ["corrupt"],
        "empty.pdf": ["empty_file"],
        "encrypted.pdf": ["encrypted"],
        "huge-page.pdf": ["too_large"],
        "image-bomb.png": ["too_large"],
        "invoice-00001.pdf": [],
        "not-a-document.pdf": ["not_a_document"],
        "truncated.pdf": ["corrupt"],
        "zero-pages.pdf": ["zero_pages"],
    }
    for row in records.values():
        assert (row["status"] == "failed") == bool(row["errors"])
        assert all(error["hint"] and error["message"] for error in row["errors"])


def test_password_opens_and_is_stored_nowhere(tmp_path, fixtures):
    code, records, _ = run(tmp_path, str(fixtures / "broken/encrypted.pdf"), "--password", "secret")
    assert code == 0
    assert next(iter(records.values()))["values"]["invoice_number"]
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or b"secret" not in path.read_bytes()


def test_wrong_password_is_told(tmp_path, fixtures):
    code, records, _ = run(tmp_path, str(fixtures / "broken/encrypted.pdf"), "--password", "nope")
    assert code == 6
    assert list(reasons(records).values()) == [["encrypted"]]


def test_hostile_names_are_read_and_shown_safely(tmp_path):
    (tmp_path / "in").mkdir()
    names = [b"new\nline.pdf", b"\xff\xfe.pdf", b"\x1b[31mred.pdf", b"=cmd.pdf", b"-v.pdf"]
    for i, name in enumerate(names):
        path = tmp_path / "in" / os.fsdecode(name)
        path.write_bytes(text_pdf(invoice_lines(f"N-{i:03d}", 100 + i)))
    code, records, told = run(tmp_path, "in", "-v")
    assert code == 0
    assert sorted(row["values"]["invoice_number"] for row in records.values()) == [
        f"N-{i:03d}" for i in range(5)
    ]
    assert "\x1b" not in told
    assert "new\nline" not in told
    csv = (tmp_path / "out/documents.csv").read_text("utf-8-sig")
    assert not any(row.startswith(("=", "-", "+", "@")) for row in csv.split("\r\n"))


def test_same_stem_twice_gives_two_files(tmp_path):
    for folder in ("a", "b"):
        write_invoices(tmp_path / folder, 1, start=1 if folder == "a" else 2)
        (tmp_path / folder).rename(tmp_path / f"in-{folder}")
    (tmp_path / "in-b/invoice-00002.pdf").rename(tmp_path / "in-b/invoice-00001.pdf")
    code, records, _ = run(tmp_path, "in-a", "in-b", "--format", "json,jsonl")
    assert code == 0
    written = list((tmp_path / "out/documents").rglob("*.json"))
    numbers = {json.loads(path.read_text("utf-8"))["values"]["invoice_number"] for path in written}
    assert numbers == {"INV-00001", "INV-00002"}
    assert len(records) == 2


def test_symlink_loops_and_links_out_of_the_folder(tmp_path):
    write_invoices(tmp_path / "in", 1)
    write_invoices(tmp_path / "elsewhere", 1, start=9)
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/out.pdf").symlink_to(tmp_path / "elsewhere/invoice-00009.pdf")
    (tmp_path / "in/dangling.pdf").symlink_to(tmp_path / "nowhere.pdf")
    os.mkfifo(tmp_path / "in/pipe.pdf")
    code, records, _ = run(tmp_path, "in")
    assert code == 0
    assert list(records) == ["in/invoice-00001.pdf"]


def test_a_path_that_is_not_there(tmp_path):
    write_invoices(tmp_path / "in", 1)
    code, records, _ = run(tmp_path, "in", "gone.pdf")
    assert code == 5
    assert reasons(records)["gone.pdf"] == ["vanished"]


def test_what_is_passed_over_is_told(tmp_path):
    write_invoices(tmp_path / "in", 1)
    (tmp_path / "in/notes.md").write_text("# notes")
    (tmp_path / "in/.secret").write_text("x")
    (tmp_path / "in/truth.csv").write_text("a,b")
    code, records, told = run(tmp_path, "in", "nowhere/*.pdf")
    assert code == 0
    assert len(records) == 1
    assert "passed over 3 files" in told
    assert ".csv 1" in told
    assert "in/.secret: hidden" in told
    assert "nowhere/*.pdf matched nothing" in told
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert summary["passed_over"] == {"hidden": 1, ".md": 1, ".csv": 1}
    assert summary["passed_over_files"] == [
        {"path": "in/.secret", "why": "hidden"},
        {"path": "in/notes.md", "why": "no document"},
        {"path": "in/truth.csv", "why": "no document"},
    ]


def test_office_files_and_web_pages_fail_with_what_to_do_instead(tmp_path):
    write_invoices(tmp_path / "in", 1)
    (tmp_path / "in/offer.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "in/list.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (tmp_path / "in/bill.html").write_text("<!doctype html><p>Invoice 7")
    code, records, _ = run(tmp_path, "in")
    assert code == 5
    for name in ("offer.docx", "list.xls", "bill.html"):
        (error,) = records[f"in/{name}"]["errors"]
        assert error["reason"] == "unsupported"
        assert "soffice --headless --convert-to pdf" in error["hint"]


def test_a_list_on_stdin(tmp_path):
    paths = write_invoices(tmp_path / "in", 3)
    listed = "\n".join(str(path) for path in paths[:2]).encode()
    code, records, _ = run(tmp_path, "-", stdin=listed)
    assert code == 0
    assert len(records) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    (path,) = write_invoices(tmp_path / "in", 1)
    path.chmod(0)
    code, records, _ = run(tmp_path, "in")
    assert code == 6
    assert list(reasons(records).values()) == [["permission"]]


def test_a_page_that_is_not_there(tmp_path):
    write_invoices(tmp_path / "in", 1)
    code, records, _ = run(tmp_path, "in", "--pages", "7")
    assert code == 6
    assert list(reasons(records).values()) == [["no_such_page"]]


def test_too_many_pages(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/long.pdf").write_bytes(text_pdf(*[invoice_lines("X-1", 5)] * 4))
    code, records, _ = run(tmp_path, "in", "--max-pages", "3")
    assert code == 6
    assert list(reasons(records).values()) == [["too_many_pages"]]
    code, records, _ = run(tmp_path, "in", "--max-pages", "3", "--pages", "1-2")
    assert code == 0
