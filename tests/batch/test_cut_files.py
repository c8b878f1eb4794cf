"""A file of several documents is cut into them: names, store, exports, resume, labels, review."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest
from support.command_line import invoke
from support.papers import invoice
from support.pdfs import text_pdf
from support.review_page import Caller, served

from docextract.batch import runner as run_module
from docextract.batch.runner import run_batch
from docextract.core import (
    DeviceError,
    EngineInfo,
    ExitCode,
    ReadOptions,
    RecordStatus,
    RunOptions,
)
from docextract.engine.base import Answer
from docextract.review.desk.desk import Desk

TERMS = [(40, 50, "Terms of delivery"), (40, 80, "Goods remain ours until paid.")]
PARTS = ["scan.pdf#p1", "scan.pdf#p2-3"]


class Heard:
    """A reporter that keeps what it is told of files that are cut."""

    def __init__(self):
        self.cuts = []

    def cut(self, path, num_documents):
        self.cuts.append((path.rpartition("/")[2], num_documents))

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def numbered(page, text):
    return [*page, (280, 820, text)]


def other(number):
    return [(x, y, text.replace("RE-2024-07", number)) for x, y, text in invoice()]


def scan(*more):
    """Return a file of two invoices, the second of two pages, and perhaps more."""
    return text_pdf(
        numbered(invoice(), "Page 1 of 1"),
        numbered(other("RE-2024-08"), "Page 1 of 2"),
        numbered(TERMS, "Page 2 of 2"),
        *more,
    )


@pytest.fixture
def options(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "scan.pdf").write_bytes(scan())
    return RunOptions((str(folder),), "invoice", tmp_path / "out", "text", num_workers=1)


def lines(out):
    return [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]


def names(rows):
    return [row["document"]["path"].rpartition("/")[2] for row in rows]


def test_each_document_has_its_record_under_the_pages_it_stands_on(options, tmp_path):
    heard = Heard()
    summary = run_batch(options, heard)
    assert (summary.exit_code, summary.num_found) == (ExitCode.OK, 2)
    assert summary.counts == {RecordStatus.OK: 2}
    assert heard.cuts == [("scan.pdf", 2)]
    rows = lines(tmp_path / "out")
    assert names(rows) == PARTS
    assert [row["values"]["invoice_number"] for row in rows] == ["RE-2024-07", "RE-2024-08"]
    assert [row["document"]["num_pages"] for row in rows] == [1, 2]
    assert [row["document"]["sha256"].partition("#")[2] for row in rows] == ["p1", "p2-3"]
    evidence = rows[1]["fields"]["invoice_number"]["evidence"]
    assert [item["page"] for item in evidence] == [2]


def test_exports_name_the_parts(options, tmp_path):
    run_batch(replace(options, formats=("jsonl", "csv", "json")), Heard())
    with (tmp_path / "out/documents.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["path"].rpartition("/")[2] for row in rows] == PARTS
    assert len({row["sha256"] for row in rows}) == 2
    trees = sorted(path.name for path in (tmp_path / "out").rglob("*#p*.json"))
    assert trees == [f"{name}.json" for name in PARTS]


def test_a_second_run_does_nothing_and_tells_the_same(options, tmp_path):
    run_batch(options, Heard())
    before = lines(tmp_path / "out")
    summary = run_batch(options, Heard())
    assert (summary.num_found, summary.num_unchanged, summary.num_pages) == (2, 2, 0)
    assert summary.counts == {RecordStatus.OK: 2}
    assert lines(tmp_path / "out") == before


def test_a_copy_of_the_file_is_one_duplicate(options, tmp_path):
    (tmp_path / "in/second.pdf").write_bytes(scan())
    summary = run_batch(options, Heard())
    assert summary.counts == {RecordStatus.OK: 2, RecordStatus.SKIPPED: 1}
    *parts, copy = lines(tmp_path / "out")
    assert names(parts) == PARTS
    assert (copy["document"]["num_pages"], copy["schema"]["name"]) == (3, "invoice")


def test_what_is_cut_otherwise_takes_the_place_of_what_was(options, tmp_path):
    out, read = tmp_path / "out", ReadOptions(split="ask")
    run_batch(options, Heard())
    run_batch(replace(options, read=read), Heard())
    (row,) = lines(out)
    assert names([row]) == ["scan.pdf"]
    assert row["status"] == "review"
    told = [check["message"] for check in row["checks"] if check["id"] == "several-documents"]
    assert told[0].startswith("looks like 2 documents: pages 1, 2-3 (page 2: ")
    run_batch(options, Heard())
    assert names(lines(out)) == PARTS


def test_pages_settle_what_was_in_doubt(options, tmp_path):
    done = invoke(
        "run", tmp_path / "in", "-s", "invoice", "--out", tmp_path / "out", "--split", "ask",
        "--pages", "2-3", "-q",
    )  # fmt: skip
    assert done.exit_code == 0
    (row,) = lines(tmp_path / "out")
    assert (row["status"], row["values"]["invoice_number"]) == ("ok", "RE-2024-08")


def test_a_person_corrects_one_part_and_the_other_stays(options, tmp_path):
    out = tmp_path / "out"
    run_batch(options, Heard())
    done = invoke("correct", out, "scan.pdf#p2-3", "totals.gross=99.95")
    assert done.exit_code == 0, done.output
    shown = {row.tree["document"]["path"].rpartition("/")[2]: row.tree for row in documents(out)}
    assert shown[PARTS[1]]["values"]["totals"]["gross"] == "99.95"
    assert shown[PARTS[0]]["values"]["totals"]["gross"] == "124.95"


def test_what_was_said_of_a_part_is_told_by_name_where_the_file_is_read_whole(options, tmp_path):
    (tmp_path / "in/second.pdf").write_bytes(scan())
    out = tmp_path / "out"
    run_batch(options, Heard())
    invoke("correct", out, "scan.pdf#p2-3", "totals.gross=99.95")
    run_batch(replace(options, read=ReadOptions(split="none")), Heard())
    (told,) = invoke("labels", out).stdout.splitlines()
    assert json.loads(told)["file"].endswith("in/scan.pdf#p2-3")


def documents(out):
    desk = Desk.open(out)
    return [desk.find(name) for name in PARTS]


def test_the_review_page_shows_the_pages_of_a_part(options, tmp_path):
    out = tmp_path / "out"
    run_batch(options, Heard())
    invoke("correct", out, "scan.pdf#p2-3", "totals.gross=99.95")
    with served(out) as (url, _):
        caller = Caller(url)
        key = Desk.open(out).find(PARTS[1]).tree["document"]["sha256"].replace("#", "%23")
        sheet = caller.json(f"/api/sheet/{key}")
        assert (sheet["first_page"], sheet["num_pages"]) == (2, 2)
        assert any(word[0] == "RE-2024-08" for word in caller.json(f"/api/words/{key}/2"))


def test_a_file_that_changes_keeps_the_parts_it_had_under_names_of_their_own(options, tmp_path):
    run_batch(options, Heard())
    (tmp_path / "in/scan.pdf").write_bytes(text_pdf(invoice()))
    run_batch(options, Heard())
    found = sorted(names(lines(tmp_path / "out")))
    assert [name.rpartition("#")[0] or name for name in found] == [
        "scan.pdf", "scan.pdf#p1", "scan.pdf#p2-3"
    ]  # fmt: skip


class Pages:
    """An engine that looks at pixels and answers with the number it sees in the words."""

    info = EngineInfo("pages")
    needs_images = True
    max_pages: int | None = None
    can_look_closer = False

    def __init__(self):
        self.asked = []

    def answer(self, questions):
        self.asked += [tuple(page.number for page in question.pages) for question in questions]
        return [self._answer(question) for question in questions]

    def _answer(self, question):
        assert all(page.image is not None for page in question.pages)
        words = [word.text for page in question.pages for word in page.words]
        return Answer({"invoice_number": next(text for text in words if text.startswith("RE-"))})

    def close(self):
        """Nothing to free."""


def test_an_engine_that_looks_at_pixels_is_asked_about_each_document(
    options, tmp_path, monkeypatch
):
    engine, heard = Pages(), Heard()
    monkeypatch.setattr(run_module, "load_engine", lambda choice: engine)
    asked = replace(options, schema="invoice_number: identifier", read=ReadOptions(dpi=72))
    (tmp_path / "in/one.pdf").write_bytes(text_pdf(invoice()))
    summary = run_batch(asked, heard)
    assert sorted(engine.asked) == [(1,), (1,), (2, 3)]
    assert heard.cuts == [("scan.pdf", 2)]
    assert (summary.num_found, summary.num_pages) == (3, 4)
    rows = {name: row for row in lines(tmp_path / "out") for name in names([row])}
    assert rows["scan.pdf#p2-3"]["values"] == {"invoice_number": "RE-2024-08"}
    assert rows["scan.pdf#p2-3"]["document"]["num_pages"] == 2
    assert run_batch(asked, Heard()).num_unchanged == 3
    assert len(engine.asked) == 3


def test_half_a_file_is_never_stored(options, tmp_path, monkeypatch):
    class Stopping(Pages):
        def answer(self, questions):
            if self.asked:
                raise DeviceError("the card has gone")
            return super().answer(questions)

    monkeypatch.setattr(run_module, "load_engine", lambda choice: Stopping())
    asked = replace(options, schema="invoice_number: identifier", read=ReadOptions(dpi=72))
    with pytest.raises(DeviceError):
        run_batch(asked, Heard())
    monkeypatch.setattr(run_module, "load_engine", lambda choice: Pages())
    assert run_batch(asked, Heard()).num_unchanged == 0
    assert sorted(names(lines(tmp_path / "out"))) == PARTS
