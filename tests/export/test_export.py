"""Exports are whole, strict, safe to open, and a pure function of the store."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sample_records import FIELDS, FINGERPRINT, OPTIONS, document, failed, record

from docextract.core import (
    ExitCode,
    FieldRecord,
    FieldStatus,
    OptionError,
    RecordStatus,
    StoreError,
)
from docextract.export import (
    JsonlAppender,
    StreamWriter,
    are_current,
    mark_current,
    stream_export,
    write_exports,
    write_run_json,
)
from docextract.export.atomic import atomic_file, remove_leftovers, write_atomically
from docextract.export.csv_cells import cell, without_guard
from docextract.export.csv_tables import tables
from docextract.export.naming.mirror import Mirror
from docextract.export.results import shown
from docextract.store import Store
from docextract.store.run_summary import RunSummary

ALL = ("jsonl", "csv", "json")
BANK_FIELDS = [
    ("bank.name", "name"),
    ("accounts[].iban", "iban"),
    ("accounts[].transactions[].deposit", "money"),
    ("accounts[].tags[]", "text"),
]


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def store(out):
    with Store.open(out) as opened:
        run_id = opened.begin_run(OPTIONS)
        opened.save(run_id, record(document("b.pdf"), "INV-2"))
        opened.save(run_id, record(document("a.pdf", data=b"same"), "INV-1"))
        opened.save(run_id, failed(document("bad.pdf")))
        twin = document("twin.pdf", data=b"same")
        opened.link(run_id, twin, FINGERPRINT, duplicate_of="in/a.pdf")
        opened.flush()
        yield opened


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def lines(path: Path):
    found = path.read_bytes().splitlines()
    return [json.loads(line, parse_constant=pytest.fail) for line in found]


def test_results_hold_a_record_per_document(store, out):
    write_exports(store, out, ALL)
    results = lines(out / "results.jsonl")
    assert results == [shown(tree) for tree in store.records()]
    assert all("timings_ms" not in row for row in results)
    assert [tree["status"] for tree in results] == ["ok", "ok", "failed", "skipped"]


def test_documents_csv_has_the_schemas_columns_in_its_order(store, out):
    write_exports(store, out, ("csv",))
    first, _, bad, twin = rows(out / "documents.csv")
    assert list(first) == [
        "path", "status", "reason", "invoice_number", "issue_date", "seller.name",
        "totals.gross", "confidence", "confidence_min", "num_checks_failed", "review_fields",
        "review_reasons", "num_pages", "media_type", "sha256", "reviewed", "version",
    ]  # fmt: skip
    assert first["seller.name"] == "Müller & Söhne"
    assert first["totals.gross"] == "-59.40"
    assert first["confidence_min"] == "0.98"
    assert (bad["status"], bad["reason"], bad["invoice_number"]) == ("failed", "corrupt", "")
    assert (twin["status"], twin["reason"]) == ("skipped", "duplicate")
    assert (out / "documents.csv").read_bytes().startswith(b"\xef\xbb\xbfpath,status")
    assert b"\r\n" in (out / "documents.csv").read_bytes()


def test_each_list_has_a_file_keyed_by_document_and_index(store, out):
    write_exports(store, out, ("csv",))
    assert [(row["path"], row["index"], row["net"]) for row in rows(out / "lines.csv")] == [
        ("in/a.pdf", "0", "49.50"),
        ("in/b.pdf", "0", "49.50"),
    ]
    assert list(rows(out / "taxes.csv")[0]) == ["path", "sha256", "index", "rate", "amount"]
    results = {tree["document"]["sha256"] for tree in store.records()}
    assert {row["sha256"] for row in rows(out / "lines.csv")} <= results


def test_review_fields_and_failed_checks_are_named(store, out, tmp_path):
    weak = FieldRecord("1", FieldStatus.UNVERIFIED, 0.4)
    gone = FieldRecord(None, FieldStatus.ABSENT, 0.0)
    item = replace(
        record(document("c.pdf")),
        status=RecordStatus.REVIEW,
        fields={"totals.gross": weak, "issue_date": gone},
    )
    store.save(1, item)
    write_exports(store, out, ("csv",))
    row = next(row for row in rows(out / "documents.csv") if row["path"] == "in/c.pdf")
    assert (row["review_fields"], row["confidence_min"]) == ("totals.gross", "0.4")


def test_failures_say_why_and_how_often(store, out):
    write_exports(store, out, ())
    (row,) = lines(out / "failures.jsonl")
    assert row["document"]["path"] == "in/bad.pdf"
    assert (row["stage"], row["reason"], row["attempts"]) == ("open", "corrupt", 1)
    assert row["hint"]
    assert not (out / "results.jsonl").exists()


def test_nested_lists_carry_their_parents_index():
    found = {table.file_name: table for table in tables(BANK_FIELDS)}
    assert list(found) == ["documents.csv", "accounts.csv", "transactions.csv", "tags.csv"]
    tree = {
        "document": {"path": "a", "sha256": "x"},
        "values": {
            "accounts": [
                {"iban": "DE1", "transactions": [{"deposit": "1"}], "tags": ["=a", "b"]},
                {"iban": "DE2", "transactions": None},
                {"iban": "DE3", "transactions": [{"deposit": "2"}, {"deposit": None}]},
            ]
        },
    }
    booked = found["transactions.csv"]
    assert booked.header == ["path", "sha256", "accounts_index", "index", "deposit"]
    assert list(booked.rows(tree)) == [
        ["a", "x", "0", "0", "1"],
        ["a", "x", "2", "0", "2"],
        ["a", "x", "2", "1", ""],
    ]
    assert list(found["tags.csv"].rows(tree)) == [
        ["a", "x", "0", "0", "'=a"],
        ["a", "x", "0", "1", "b"],
    ]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["items[].net"], ["lines.csv"]),
        (["lines[].net", "taxes[].net"], ["lines.csv", "taxes.csv"]),
        (["a.items[].x", "b.items[].x"], ["items.csv", "b_items.csv"]),
        (["documents[].x", "Lines[].x"], ["documents_2.csv", "Lines.csv"]),
        (["../../etc[].x", "a/b[].x"], ["etc.csv", "a_b.csv"]),
    ],
)
def test_file_names_of_lists_never_collide_or_leave_the_folder(paths, names):
    found = [table.file_name for table in tables([(path, "text") for path in paths])]
    assert [re.sub("^_+", "", name) for name in found[1:]] == names


def test_columns_that_would_be_there_twice_are_told_apart():
    table = tables([("status", "text"), ("path", "text")])[0]
    assert len(set(table.header)) == len(table.header)
    assert "values.status" in table.header


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30", "-2+3", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "＝1", "\u00a0＋1",
     "\u200b@x", "\0=1", "\ufeff=1"],
)  # fmt: skip
def test_text_that_a_spreadsheet_would_run_is_neutralised(text):
    assert cell(text).startswith("'")
    assert "\0" not in cell(text)


@pytest.mark.parametrize("number", ["-59.40", "0", "12", "-0.5"])
def test_numbers_stay_numbers_in_columns_of_numbers(number):
    assert cell(number, "money") == number


def test_a_number_column_does_not_trust_what_is_no_number():
    assert cell("-1+cmd", "money") == "'-1+cmd"
    assert cell("-5", "text") == "'-5"
    assert cell(None, "money") == ""


@pytest.mark.parametrize("text", ["Bolts;=1+1", "a; =cmd|' /C calc'!A0", "a;@SUM(1)", "a;\uff1d1"])
def test_a_formula_behind_a_semicolon_is_none_where_semicolons_part_cells(text):
    guarded = cell(text)
    cells = next(csv.reader([guarded.replace('"', "")], delimiter=";"))
    assert not any(part.lstrip().startswith(("=", "+", "@", "\uff1d")) for part in cells)
    assert without_guard(guarded) == text
    assert cell("5 mm; 6 mm; -7") == "5 mm; 6 mm; -7"


def test_true_is_no_number():
    assert cell(True) == "true"


@given(st.text())
def test_any_text_survives_csv_and_starts_no_formula(text):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([cell(text), "end"])
    buffer.getvalue().encode()
    (row,) = csv.reader(io.StringIO(buffer.getvalue(), newline=""))
    assert row == [cell(text), "end"]
    assert not row[0].lstrip().startswith(("=", "+", "-", "@"))


@given(st.lists(st.tuples(st.text(max_size=300), st.binary(max_size=8)), max_size=8))
def test_mirrored_paths_stay_inside_and_never_collide(documents):
    mirror = Mirror()
    places = [mirror.place(relative, raw) for relative, raw in dict.fromkeys(documents)]
    distinct = {raw for _, raw in documents}
    for place in places:
        assert not place.is_absolute()
        assert ".." not in place.parts
        assert all(len(part.encode()) <= 255 for part in place.parts)
        assert place.suffix == ".json"
    if len(distinct) == len(dict.fromkeys(documents)):
        assert len({str(place).casefold() for place in places}) == len(places)


def test_mirrored_names():
    mirror = Mirror()
    assert mirror.place("x/a.pdf", b"1") == PurePosixPath("x/a.pdf.json")
    assert re.fullmatch(r"x/a\.pdf-[0-9a-f]{8}\.json", str(mirror.place("x/a.pdf", b"2")))
    assert re.fullmatch(r"X/A\.pdf-[0-9a-f]{8}\.json", str(mirror.place("X/A.pdf", b"3")))
    assert mirror.place("../../etc/passwd", b"4") == PurePosixPath("__/__/etc/passwd.json")
    assert mirror.place("/etc/x", b"5") == PurePosixPath("etc/x.json")
    assert mirror.place("a\n\x1b.pdf", b"6") == PurePosixPath("a%0A%1B.pdf.json")
    assert mirror.place("x/a.pdf.json/b", b"7") == PurePosixPath("x/a.pdf.json_/b.json")
    assert mirror.place("", b"8").name == "document.json"
    assert len(mirror.place("ä" * 200, b"9").name.encode()) <= 255


def test_the_tree_has_a_file_per_document(store, out):
    twin = replace(document("root2/a.pdf", relative="a.pdf"), raw_path=b"root2/a.pdf")
    store.save(1, record(twin, "OTHER"))
    write_exports(store, out, ("json",))
    files = sorted((out / "documents").rglob("*.json"))
    assert len(files) == 5
    found = {json.loads(file.read_text(encoding="utf-8"))["document"]["path"] for file in files}
    assert found == {tree["document"]["path"] for tree in store.records()}


def test_the_same_store_gives_the_same_bytes_and_equal_files_are_left_alone(store, out, tmp_path):
    write_exports(store, out, ALL)
    write_exports(store, tmp_path / "again", ALL)
    files = [path.relative_to(out) for path in out.rglob("*") if path.is_file()]
    for file in files:
        if ".docextract" not in file.parts:
            assert (out / file).read_bytes() == (tmp_path / "again" / file).read_bytes()
    old = (out / "documents/a.pdf.json").stat().st_ino
    write_exports(store, out, ALL)
    assert (out / "documents/a.pdf.json").stat().st_ino == old


def test_a_failed_export_leaves_the_old_files(store, out, monkeypatch):
    write_exports(store, out, ALL)
    before = (out / "results.jsonl").read_bytes()
    store.save(1, record(document("z.pdf")))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_exports(store, out, ALL)
    assert (out / "results.jsonl").read_bytes() == before
    assert not list(out.glob(".docextract-*.tmp"))


def test_old_leftovers_of_a_killed_export_go_and_young_ones_stay(tmp_path):
    old, young = tmp_path / ".docextract-1.tmp", tmp_path / ".docextract-2.tmp"
    folder = tmp_path / ".docextract-3.tmp"
    folder.mkdir()
    for path in (old, young, folder / "rows"):
        path.write_text("")
    for path in (old, folder):
        os.utime(path, (time.time() - 7200,) * 2)
    remove_leftovers(tmp_path)
    assert not old.exists()
    assert not folder.exists()
    assert young.exists()


def test_an_atomic_file_is_there_only_when_whole(tmp_path):
    path = tmp_path / "new" / "file"
    with pytest.raises(RuntimeError), atomic_file(path) as file:
        file.write(b"half")
        raise RuntimeError
    assert not path.exists()
    write_atomically(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_running_result_file_begins_whole_and_grows_by_lines(store, out):
    path = out / "results.jsonl"
    path.write_bytes(b'{"torn": ')
    with JsonlAppender(path, store) as appender:
        assert path.read_bytes() == b'{"torn": '
        for number in (7, 8):
            item = record(document(f"y{number}.pdf"), f"INV-{number}")
            store.save(1, item)
            appender.append([item])
            assert lines(path) == [shown(tree) for tree in store.records()]
        items = [record(document(f"z{number}.pdf"), f"INV-{number}") for number in (1, 2)]
        store.save(1, *items)
        appender.append(items)
        assert lines(path)[-2:] == [shown(item.to_json()) for item in items]
    appended = path.read_bytes()
    write_exports(store, out, ("jsonl",))
    assert sorted(path.read_bytes().splitlines()) == sorted(appended.splitlines())


def test_streams_hold_one_format(store):
    stream = io.BytesIO()
    stream_export(store, stream, ("jsonl",))
    assert len(stream.getvalue().splitlines()) == 4
    stream = io.BytesIO()
    stream_export(store, stream, ("csv",))
    assert stream.getvalue().startswith(b"path,status")
    for formats in ((), ("json",), ("jsonl", "csv")):
        with pytest.raises(OptionError):
            stream_export(store, io.BytesIO(), formats)


def test_a_stream_on_a_full_disk_is_a_store_error(store):
    with Path("/dev/full").open("wb") as full, pytest.raises(StoreError, match="stdout"):
        try:
            StreamWriter(full).write([record(document("a.pdf"))])
        finally:
            os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_run_json_tells_the_exit_code_and_all_counts(tmp_path):
    summary = RunSummary(
        ExitCode.SOME_FAILED, {RecordStatus.OK: 2}, 3, 1, 7, 1.23456, details={"engine": "text"}
    )
    write_run_json(tmp_path, summary)
    found = json.loads((tmp_path / "run.json").read_text())
    assert (found["exit_code"], found["engine"], found["seconds"]) == (5, "text", 1.235)
    assert found["counts"] == {"ok": 2, "review": 0, "failed": 0, "skipped": 0}


def test_columns_come_from_the_store_alone(store):
    assert store.fields() == FIELDS


def test_exports_are_current_until_a_file_or_the_store_changes(store, tmp_path):
    out = store.path.parent.parent
    for formats in (("jsonl", "csv"), ("json",)):
        assert not are_current(store, out, formats)
        write_exports(store, out, formats)
        mark_current(store, out, formats)
        assert are_current(store, out, formats)
    assert not are_current(store, out, ("csv",))
    (out / "documents/a.pdf.json").unlink()
    assert not are_current(store, out, ("json",))
    mark_current(store, out, ("jsonl",))
    (out / "results.jsonl").write_bytes(b"{}\n")
    assert not are_current(store, out, ("jsonl",))
    mark_current(store, out, ("jsonl",))
    store.save(1, record(document("new.pdf")))
    assert not are_current(store, out, ("jsonl",))
