"""What people change in an XLSX file comes back, and only that."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import sqlite3
import sys
from pathlib import Path

import openpyxl
import polars
import pytest
from support.command_line import invoke
from support.pdfs import text_pdf, write_invoices
from support.reviewing import correct, csv_row, run

from docextract.review.desk.desk import Desk

LUMINOSA = "luminosa.pdf"
FIXTURES = Path(__file__).parents[2] / "fixtures"
TABLES = "csv,xlsx,parquet,sqlite,values"


def said(out, *words, code=0):
    done = invoke("correct", out, *words, "--reviewer", "anna")
    assert done.exit_code == code, done.output
    return done


def edited(out, changes, sheet="documents"):
    """Save documents.xlsx as a person does who changes cells of a document."""
    invoke("export", out, "--format", "xlsx", "--to", out.parent / "tables")
    path = out.parent / "tables" / "documents.xlsx"
    book = openpyxl.load_workbook(path)
    head, *rows = book[sheet].iter_rows()
    places = {cell.value: number for number, cell in enumerate(head)}
    (row,) = (row for row in rows if row[0].value.endswith(LUMINOSA))
    for name, value in changes.items():
        row[places[name]].value = value
    book.save(path)
    return path


def labels(desk):
    return [(label.path, label.value) for label in desk.labels()]


def test_a_workbook_that_was_not_edited_changes_nothing(out, anna):
    assert "nothing was changed" in said(out, "--from", edited(out, {})).stderr
    assert anna.labels() == []


@pytest.mark.parametrize("schema", ["invoice", "auto"])
def test_a_table_with_a_file_that_could_not_be_read_is_no_edit(tmp_path, schema):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.pdf").write_bytes(b"")
    shutil.copy(FIXTURES / "invoices" / LUMINOSA, tmp_path / "in")
    run(tmp_path / "out", tmp_path / "in", schema, formats=("csv", "xlsx"))
    invoke("export", tmp_path / "out", "--format", "csv", "--dialect", "excel-de", "--to", tmp_path)
    tables = [tmp_path / "out" / name for name in ("documents.csv", "documents.xlsx")]
    for table in [*tables, tmp_path / "documents.csv"]:
        assert said(tmp_path / "out", "--from", table).stderr == "nothing was changed\n"


@pytest.mark.parametrize(
    ("read_with", "column", "text"),
    [("invoice", "invoice_number", "7"), ("auto", "schema", "receipt")],
)
def test_what_is_said_of_a_file_that_could_not_be_read_is_refused(
    tmp_path, read_with, column, text
):
    write_invoices(tmp_path / "in", 1)
    (tmp_path / "in" / "empty.pdf").write_bytes(b"")
    run(tmp_path / "out", tmp_path / "in", read_with)
    table = tmp_path / "out" / "documents.csv"
    head, *rows = csv.reader(io.StringIO(table.read_text("utf-8-sig")))
    (row,) = (row for row in rows if row[0].endswith("empty.pdf"))
    row[head.index(column)] = text
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    assert "empty.pdf could not be read" in said(tmp_path / "out", "--from", table, code=2).stderr


def test_odd_text_is_no_change(out, anna):
    odd = {"seller.name": "=1+1", "buyer.name": "_x0041_ 'x", "customer_id": "00017"}
    for path, text in odd.items():
        correct(anna, LUMINOSA, path, text)
    number = len(anna.labels())
    assert "nothing was changed" in said(out, "--from", edited(out, {})).stderr
    assert len(anna.labels()) == number


def test_only_changed_cells_of_a_workbook_are_taken(out, anna):
    changes = {
        "totals.gross": 9.99, "issue_date": dt.datetime(2025, 4, 3), "seller.name": "Ä & Söhne",
        "due_date": None, "invoice_number": 17,
    }  # fmt: skip
    said(out, "--from", edited(out, changes))
    assert sorted(labels(anna)) == [
        ("due_date", None), ("invoice_number", "17"), ("issue_date", "2025-04-03"),
        ("seller.name", "Ä & Söhne"), ("totals.gross", "9.99"),
    ]  # fmt: skip


def test_three_places_are_no_thousands(out, anna):
    said(out, "--from", edited(out, {"totals.gross": 1.234, "totals.tax": 0.5}))
    assert ("totals.gross", "1.2340") in labels(anna)
    assert ("totals.tax", "0.5") in labels(anna)


def test_text_that_a_person_writes_their_way_is_read_as_that(out, anna):
    said(out, "--from", edited(out, {"totals.gross": "1.234,50 €", "issue_date": "3 April 2025"}))
    assert sorted(labels(anna)) == [("issue_date", "2025-04-03"), ("totals.gross", "1234.50")]


def test_what_somebody_changed_since_the_workbook_was_written_is_refused(out):
    path = edited(out, {"totals.gross": 5})
    correct(Desk.open(out, reviewer="bert"), LUMINOSA, "totals.gross", "6.00")
    done = said(out, "--from", path, code=2)
    assert "totals.gross: the file has 5, but bert changed it to 6.00" in done.stderr


def test_a_formula_without_its_result_is_no_value(out, anna):
    done = said(out, "--from", edited(out, {"seller.name": '="a"&"b"'}), code=2)
    assert "holds a formula without its result" in done.stderr
    done = said(out, "--from", edited(out, {"totals.gross": "#N/A"}), code=2)
    assert "holds the error #N/A" in done.stderr
    assert anna.labels() == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"path,sha256\n"])
def test_what_is_no_workbook_is_refused(out, tmp_path, data):
    (tmp_path / "x.xlsx").write_bytes(data)
    assert "is no workbook" in said(out, "--from", tmp_path / "x.xlsx", code=2).stderr


def test_another_workbook_is_refused(out, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(tmp_path / "x.xlsx")
    assert "no table of documents" in said(out, "--from", tmp_path / "x.xlsx", code=2).stderr


def test_without_openpyxl_the_remedy_is_told(out, monkeypatch):
    path = edited(out, {})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    done = said(out, "--from", path, code=3)
    assert "docextract[xlsx]" in done.stderr


def test_a_correction_stands_in_all_tables_written_as_they_were(out):
    done = invoke("export", out, "--format", TABLES, "--dialect", "excel-de", "--with", "status")
    assert done.exit_code == 0, done.output
    said(out, LUMINOSA, "totals.gross=9.99")
    assert ";9,99;confirmed;" in (out / "documents.csv").read_text("utf-8-sig")
    assert '"gross": "9.99"' in (out / "values.jsonl").read_text("utf-8")
    head, *rows = openpyxl.load_workbook(out / "documents.xlsx")["documents"].iter_rows()
    place = [cell.value for cell in head].index("totals.gross")
    (cell,) = (row[place] for row in rows if row[0].value.endswith(LUMINOSA))
    assert (cell.value, cell.fill.fgColor.rgb) == (9.99, "FFE4DFEC")
    database = sqlite3.connect(out / "documents.sqlite")
    sql = "SELECT value, status FROM fields WHERE field = 'totals.gross' ORDER BY document_id"
    assert ("9.99", "confirmed") in database.execute(sql).fetchall()
    database.close()
    frame = polars.read_parquet(out / "documents.parquet")
    known = [one for fields in frame["fields"] for one in fields if one["path"] == "totals.gross"]
    assert ("9.99", "confirmed") in [(one["value"], one["status"]) for one in known]


def test_a_run_writes_tables_as_it_is_told_and_so_does_what_comes_after(out):
    words = ["run", out.parent / "in", "-s", "invoice", "-o", out, "--engine", "text", "-q"]
    assert invoke(*words, "--delimiter", ";").exit_code == 0
    assert (out / "documents.csv").read_text("utf-8-sig").startswith("path;status;")
    said(out, LUMINOSA, "totals.gross=9.99")
    assert (out / "documents.csv").read_text("utf-8-sig").startswith("path;status;")
    assert invoke(*words).exit_code == 0
    assert csv_row(out, LUMINOSA)["totals.gross"] == "9.99"


REMINDER = (
    "Payment reminder", "Dear Sir or Madam", "our invoice of 3 March is still open",
    "Please pay the amount of 120.00 EUR within ten days", "First reminder", "Harbour Rope Works",
)  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """An output folder of several schemas: an invoice, a receipt, and a reminder that is none."""
    out = tmp_path_factory.mktemp("mixed") / "out"
    inputs = out.parent / "in"
    inputs.mkdir()
    for file in ("invoices/luminosa.pdf", "receipts/cornerhouse-cafe.pdf"):
        shutil.copy(FIXTURES / file, inputs)
    lines = [(60.0, 60.0 + 30 * number, line) for number, line in enumerate(REMINDER)]
    (inputs / "reminder.pdf").write_bytes(text_pdf(lines))
    run(out, inputs, "invoice,receipt", formats=("csv", "xlsx"))
    return out


def test_the_workbook_of_several_schemas_comes_back_whole(mixed, tmp_path):
    book = openpyxl.load_workbook(mixed / "documents.xlsx")
    for sheet, name, value in (
        ("invoice", "invoice_number", 17),
        ("receipt", "date", "2024-05-06"),
    ):
        names = [cell.value for cell in book[sheet][1]]
        book[sheet].cell(2, names.index(name) + 1).value = value
    book.save(tmp_path / "edited.xlsx")
    done = said(mixed, "--from", tmp_path / "edited.xlsx")
    assert "-> 17" in done.stdout
    assert "date 2025-05-16 -> 2024-05-06" in done.stdout
    invoice = csv_row(mixed, LUMINOSA, "invoice.csv")
    assert invoice["invoice_number"] == "17"


def test_the_table_of_all_documents_holds_no_values_and_says_what_it_cannot_change(mixed, tmp_path):
    table = mixed / "documents.csv"
    assert "nothing was changed" in said(mixed, "--from", table).stderr
    other = tmp_path / "edited.csv"
    text = table.read_text("utf-8-sig")
    other.write_text(text.replace(",receipt,receipt,", ",invoice,receipt,"), "utf-8")
    told = said(mixed, "--from", other, code=2).stderr
    assert "it was read with receipt, and a table cannot have it read with invoice" in told


def test_a_document_of_no_kind_says_why_it_has_no_fields(mixed):
    told = said(mixed, "reminder.pdf", "totals.gross=1", code=2).stderr
    assert "it is none of invoice, receipt, so it has no field totals.gross" in told
    assert "Fields: ." not in told
    assert "is confirmed" in said(mixed, "reminder.pdf", ".").stdout
