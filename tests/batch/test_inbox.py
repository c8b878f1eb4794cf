"""An inbox of mails and zips: all they hold is accounted for, once, whatever happens meanwhile."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import BaseModel
from support.containers import locked, mail, pdf, png, zipped
from support.processes import docextract, own_process

from docextract import extract
from docextract.core import DocumentError, OptionError

NUM_NOTES = 9_995


def inbox(folder: Path) -> Path:
    """A mail in a zip in a mail, a bomb, 10,000 members, a Word file, hidden files, a logo."""
    deep = zipped(("mail.eml", mail("Rechnung 7", rechnung_pdf=pdf("R-7")).as_bytes()))
    outer = mail("Fwd", alles_zip=deep)
    outer.add_attachment(png(90, 30), "image", "png", filename="logo.png", cid="<logo>")
    notes = [(f"notes/{number}.txt", b"note %d" % number) for number in range(NUM_NOTES)]
    files = {
        "a.eml": outer.as_bytes(),
        "b.zip": zipped(("zeros.bin", b"\0" * 50_000_000), ("../b.pdf", pdf("R-8"))),
        "c.zip": zipped(*notes, ("c.pdf", pdf("R-9"))),
        "d.zip": locked(zipped(("d.pdf", pdf("R-10")))),
        "e.docx": b"PK\x03\x04",
        "f.zip": b"PK\x03\x04 cut off",
        ".DS_Store": b"x",
        "g.txt": b"notes",
    }
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def run(cwd: Path, *more: str, check: int | None = None, start=docextract):
    environment = {"DOCEXTRACT_JOBS": "1"}
    args = ["run", "in", "--schema", "invoice", "--out", "out", *more]
    return start(*args, cwd=cwd, check=check, environment=environment)


def lines(path: Path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_everything_in_an_inbox_is_accounted_for_by_name(tmp_path):
    inbox(tmp_path / "in")
    done = run(tmp_path, check=5, start=own_process)
    records = {row["document"]["path"]: row for row in lines(tmp_path / "out/results.jsonl")}
    assert {
        path: (row["errors"] or [{"reason": ""}])[0]["reason"] for path, row in records.items()
    } == {
        "in/a.eml!alles.zip!mail.eml!rechnung.pdf": "",
        "in/b.zip!zeros.bin": "too_large",
        "in/b.zip!b.pdf": "",
        "in/c.zip!c.pdf": "",
        "in/d.zip!d.pdf": "encrypted",
        "in/e.docx": "unsupported",
        "in/f.zip": "corrupt",
    }
    nested = records["in/a.eml!alles.zip!mail.eml!rechnung.pdf"]
    assert nested["values"]["invoice_number"] == "R-7"
    assert nested["document"]["mail"] == {
        "from": "Jörg Bäcker <joerg@baecker.example>",
        "subject": "Rechnung 7",
        "date": "2026-11-02T10:00:00+01:00",
    }
    assert "mail" not in records["in/c.zip!c.pdf"]["document"]
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    named = {item["path"]: item["why"] for item in summary["passed_over_files"]}
    assert len(named) == NUM_NOTES + 3
    assert named["in/.DS_Store"] == "hidden"
    assert named["in/g.txt"] == named["in/c.zip!notes/9994.txt"] == "no document"
    assert named["in/a.eml!logo.png"].startswith("a logo or signature")
    assert summary["passed_over"] == {".txt": NUM_NOTES + 1, "hidden": 1, ".png": 1}
    assert "in/.DS_Store: hidden" in done.stderr
    assert f"and {NUM_NOTES + 3 - 20} more" in done.stderr
    assert len(done.stderr.splitlines()) < 60
    assert summary["peak_memory_mib"]["parent"] < 250
    assert 30 < summary["peak_memory_mib"]["worker"] < 400


def test_a_second_run_reads_nothing_again_and_new_options_read_members_anew(tmp_path):
    inbox(tmp_path / "in")
    run(tmp_path, check=5)
    listings = kept(tmp_path)
    assert len(listings) == 5
    before = (tmp_path / "out/results.jsonl").read_bytes()
    done = run(tmp_path, check=5, start=own_process)
    assert "7 finished by an earlier run" in done.stderr
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert summary["peak_memory_mib"]["worker"] == 0  # none was started
    assert (tmp_path / "out/results.jsonl").read_bytes() == before
    assert kept(tmp_path) == listings
    run(tmp_path, "--no-embedded", check=5)
    assert kept(tmp_path) == listings
    assert lines(tmp_path / "out/results.jsonl")[0]["values"]["invoice_number"] == "R-7"


def kept(folder: Path) -> dict[str, bytes]:
    with closing(sqlite3.connect(folder / "out/.docextract/store.sqlite")) as store:
        return dict(store.execute("SELECT sha256, listing FROM containers"))


def test_a_killed_run_goes_on_inside_a_container(tmp_path):
    (tmp_path / "in").mkdir()
    members = [(f"{number:02}.pdf", pdf(f"R-{number}")) for number in range(30)]
    (tmp_path / "in/a.zip").write_bytes(zipped(*members))
    command = [sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice"]
    results = tmp_path / "out/results.jsonl"
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (
        results.exists() and results.read_bytes().count(b"\n") > 2
    ):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run(tmp_path, check=0)
    assert [row["document"]["path"] for row in lines(results)] == [
        f"in/a.zip!{name}" for name, _ in members
    ]
    with closing(sqlite3.connect(tmp_path / "out/.docextract/store.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM attempts").fetchone() == (30,)


def test_a_container_that_failed_and_is_read_now_leaves_no_failure_behind(tmp_path):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in/a.zip"
    path.write_bytes(b"PK\x03\x04 not all of it")
    run(tmp_path, check=6)
    path.write_bytes(zipped(("a.pdf", pdf())))
    run(tmp_path, check=0)
    assert [row["document"]["path"] for row in lines(tmp_path / "out/results.jsonl")] == [
        "in/a.zip!a.pdf"
    ]


def test_the_same_bytes_on_two_mails_are_a_duplicate_with_a_mail_of_its_own(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("erste", "zweite"):
        (tmp_path / f"in/{name}.eml").write_bytes(mail(name, r_pdf=pdf()).as_bytes())
    run(tmp_path, check=0)
    first, second = lines(tmp_path / "out/results.jsonl")
    assert (first["status"], second["status"]) == ("ok", "skipped")
    assert second["errors"][0]["message"] == "same bytes as in/erste.eml!r.pdf"
    subjects = [row["document"]["mail"]["subject"] for row in (first, second)]
    assert subjects == ["erste", "zweite"]
    docextract("export", "out", "--format", "jsonl", cwd=tmp_path, check=0)
    assert [
        row["document"]["mail"]["subject"] for row in lines(tmp_path / "out/results.jsonl")
    ] == subjects


def test_a_member_can_be_named_shown_planned_and_asked(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.eml").write_bytes(mail(a_pdf=pdf("R-1"), b_pdf=pdf("R-2")).as_bytes())
    plan = docextract("plan", "in", "--schema", "invoice", "--json", cwd=tmp_path, check=0)
    assert json.loads(plan.stdout)["pages"] == 2
    run(tmp_path, check=0)
    args = ("show", "out", "a.eml!b.pdf", "--image", "b.png")
    docextract(*args, cwd=tmp_path, check=0)
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    asked = docextract("ask", "in/a.eml", "--fields", "invoice_number", cwd=tmp_path, check=0)
    assert "in/a.eml!a.pdf" in asked.stdout
    assert "R-1" in asked.stdout
    assert "R-2" in asked.stdout
    one = docextract("ask", "in/a.eml!b.pdf", "--fields", "invoice_number", cwd=tmp_path, check=0)
    assert "R-2" in one.stdout
    assert "R-1" not in one.stdout
    gone = docextract("ask", "in/a.eml!c.pdf", "--fields", "total", cwd=tmp_path, check=6)
    assert "There is no such document in in/a.eml." in gone.stdout + gone.stderr


class Bill(BaseModel):
    invoice_number: str | None = None


def test_extract_reads_the_one_document_of_a_mail_or_asks_which(tmp_path):
    one, two, none = (tmp_path / f"{name}.eml" for name in ("one", "two", "none"))
    one.write_bytes(mail(a_pdf=pdf("R-1")).as_bytes())
    two.write_bytes(mail(a_pdf=pdf("R-1"), b_pdf=pdf("R-2")).as_bytes())
    none.write_bytes(mail().as_bytes())
    assert extract(one, Bill).values.invoice_number == "R-1"
    assert extract(f"{two}!b.pdf", Bill).values.invoice_number == "R-2"
    with pytest.raises(OptionError, match=r"two\.eml holds 2 documents: .*a\.pdf, .*b\.pdf"):
        extract(two, Bill)
    with pytest.raises(DocumentError, match="is no document and holds none"):
        extract(none, Bill)
    with pytest.raises(DocumentError, match="There is no file"):
        extract(tmp_path / "gone.eml!a.pdf", Bill)


def test_a_watched_mail_is_taken_once_it_is_settled(tmp_path):
    (tmp_path / "in").mkdir()
    command = [
        sys.executable,
        "-m",
        "docextract",
        "run",
        "in",
        "--schema",
        "invoice",
        "--watch",
        "1",
    ]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    (tmp_path / "in/a.eml").write_bytes(mail(a_pdf=pdf("R-1")).as_bytes())
    results = tmp_path / "out/results.jsonl"
    while process.poll() is None and not (results.exists() and results.read_bytes()):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    assert process.wait() in {0, 143}  # 143 where the last event of its job was still to come
    assert [row["document"]["path"] for row in lines(results)] == ["in/a.eml!a.pdf"]
