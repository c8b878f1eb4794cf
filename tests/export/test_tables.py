"""Tables as other programs open them: typed, whole, equal to the CSV, and never a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import duckdb
import openpyxl
import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command_line import invoke
from support.sample_records import FIELDS, OPTIONS, document, failed, record

from docextract.core import (
    DIALECTS,
    EXTRA_COLUMNS,
    Box,
    Check,
    Evidence,
    FieldRecord,
    FieldStatus,
    Match,
    MissingDependencyError,
    OptionError,
    Outcome,
    RecordStatus,
    StoreError,
    TableStyle,
    WordSource,
)
from docextract.export import check_formats, write_exports
from docextract.export.csv_tables import tables
from docextract.export.tables.sheet import MAX_COLUMNS, Cell, Sheet, file_uri, open_book
from docextract.export.tables.typed import typed
from docextract.export.tables.workbook import RecordBook
from docextract.store import Store

FORMATS = ("csv", "xlsx", "parquet", "sqlite", "values")
HOSTILE = (
    '=HYPERLINK("http://evil.example","click")', "=1+1", "+49 30 1234", "-2+3", "@SUM(A1)",
    "http://evil.example/", "file:///etc/passwd", "mailto:x@evil.example", "internal:Sheet1!A1",
    "DDE(\"cmd\";\"/C calc\";\"x\")", "\t=1", "＝1", "00123", "1E5", "2024-03-01", "TRUE",
    "<script>alert(1)</script>", "_x0041_", "a\r\nb", "\x1b[2J", "{=1+1}",
)  # fmt: skip


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def store(out):
    with Store.open(out) as opened:
        run_id = opened.begin_run(OPTIONS)
        opened.save(run_id, record(document("b.pdf"), "INV-2", totals={"gross": "1234567.891"}))
        opened.save(run_id, record(document("a.pdf"), "00017"), doubtful(document("c.pdf")))
        opened.save(run_id, failed(document("bad.pdf")))
        yield opened


def doubtful(doc, **values):
    """Return a record in review: a number nobody proved, two that differ, a sum that fails."""
    place = Evidence(2, Box(0.1, 0.2, 0.3, 0.25), "INV 9", Match.FUZZY, WordSource.OCR)
    found = {
        "invoice_number": FieldRecord("INV 9", FieldStatus.UNVERIFIED, 0.41, (place,)),
        "totals.gross": FieldRecord(
            "1.234", FieldStatus.CONFLICT, 0.2, readings=("1.234", "1234"), note="two sources"
        ),
        "issue_date": FieldRecord(None, FieldStatus.ABSENT, 0.0),
        "lines[0].net": FieldRecord("49.50", FieldStatus.VERIFIED, 0.98, (place,)),
    }
    check = Check("BR-CO-15", Outcome.FAILED, ("totals.gross",), "1 + 1 is not 3")
    return replace(
        record(doc, "INV-9", **values), status=RecordStatus.REVIEW, fields=found, checks=(check,)
    )


def written(store, out, *formats, **style):
    write_exports(store, out, formats or FORMATS, TableStyle(**style))
    return out


def csv_rows(path, **marks):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, **marks))


def sheet_rows(path, name):
    sheet = openpyxl.load_workbook(path)[name]
    head, *rest = sheet.iter_rows()
    return [{one.value: cell for one, cell in zip(head, row, strict=True)} for row in rest]


def query(path, sql):
    database = sqlite3.connect(path)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def rows_of(sql):
    found = duckdb.sql(sql)
    assert found is not None
    return found.fetchall()


def cells(book):
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def test_every_table_says_the_same_sums_as_the_csv(store, out):
    written(store, out)
    header = sum(Decimal(row["totals.gross"] or 0) for row in csv_rows(out / "documents.csv"))
    lines = sum(Decimal(row["net"]) for row in csv_rows(out / "lines.csv"))
    assert (header, lines) == (Decimal("1234449.091"), Decimal("148.50"))
    sheets = out / "documents.xlsx"
    assert (
        sum(
            Decimal(repr(row["totals.gross"].value or 0)) for row in sheet_rows(sheets, "documents")
        )
        == header
    )
    assert sum(row["net"].value for row in sheet_rows(sheets, "lines")) == float(lines)
    (found,) = query(
        out / "documents.sqlite", 'SELECT round(sum("totals.gross"), 3) FROM documents'
    )
    assert found == (float(header),)
    assert query(out / "documents.sqlite", "SELECT sum(net) FROM lines") == [(float(lines),)]
    packed = str(out / "documents.parquet")
    assert rows_of(f"SELECT sum(values.totals.gross) FROM '{packed}'") == [(header,)]
    nested = f"SELECT unnest(values.lines).net AS net FROM '{packed}'"
    assert rows_of(f"SELECT sum(net) FROM ({nested})") == [(lines,)]
    frame = polars.read_parquet(packed)
    totals = frame["values"].struct.field("totals").struct.field("gross")
    assert totals.sum() == header


def test_cells_of_a_sheet_have_types_colours_and_links(store, out):
    written(store, out, "xlsx")
    book = openpyxl.load_workbook(out / "documents.xlsx")
    assert book.sheetnames == ["documents", "taxes", "lines", "review"]
    assert {(sheet.freeze_panes, sheet.auto_filter.ref is not None) for sheet in book} == {
        ("B2", True)
    }
    first, _, bad, doubt = sheet_rows(out / "documents.xlsx", "documents")
    number, date, gross = (first[name] for name in ("invoice_number", "issue_date", "totals.gross"))
    assert (number.value, number.data_type, number.number_format) == ("00017", "s", "@")
    assert (date.value.isoformat(), date.number_format) == ("2024-03-01T00:00:00", "yyyy-mm-dd")
    assert (gross.value, gross.number_format) == (-59.4, "#,##0.00########")
    assert (bad["status"].value, bad["reason"].value) == ("failed", "corrupt")
    assert bad["status"].fill.fgColor.rgb != first["status"].fill.fgColor.rgb
    conflict, weak = doubt["totals.gross"], doubt["invoice_number"]
    assert conflict.font.b
    assert conflict.fill.fgColor.rgb != weak.fill.fgColor.rgb != number.fill.fgColor.rgb
    assert doubt["status"].hyperlink.location == "'review'!A3"


def test_the_sheet_of_reviews_says_what_is_in_doubt_and_why(store, out):
    written(store, out, "xlsx")
    rows = sheet_rows(out / "documents.xlsx", "review")
    told = [
        [row[name].value for name in ("path", "field", "value", "status", "why")] for row in rows
    ]
    assert told[0][:2] == ["in/bad.pdf", None]
    assert told[0][4].startswith("corrupt: it is broken")
    assert told[1:] == [
        ["in/c.pdf", "totals.gross", None, None, "BR-CO-15: 1 + 1 is not 3"],
        ["in/c.pdf", "invoice_number", "INV-9", "unverified", None],
        ["in/c.pdf", "totals.gross", "-59.40", "conflict", "two sources; could be 1.234 or 1234"],
    ]
    assert rows[2]["page"].value == 2
    assert rows[2]["printed as"].value == "INV 9"


def test_a_path_leads_to_its_file(tmp_path, out):
    odd = tmp_path / "a #1 100%[x] ü.pdf"
    named = replace(document(odd.name), raw_path=str(odd).encode())
    with Store.open(out) as store:
        store.save(store.begin_run(OPTIONS), record(named))
        written(store, out, "xlsx")
    (row,) = sheet_rows(out / "documents.xlsx", "documents")
    assert row["path"].hyperlink.target.lower() == odd.as_uri().lower()
    assert file_uri(b"\xff\xfe.pdf") == file_uri(b"in/a.pdf") == ""
    assert file_uri(b"/in/a b.eml!c.zip!x.pdf") == "File:///in/a%20b.eml"


def test_no_text_of_a_document_is_a_formula_a_number_or_a_link(out):
    with Store.open(out) as store:
        run_id = store.begin_run(OPTIONS)
        for number, text in enumerate(HOSTILE):
            lines = [{"description": text, "net": "1.00"}]
            store.save(run_id, record(document(f"{number:02}.pdf"), text, lines=lines))
        written(store, out)
    book = openpyxl.load_workbook(out / "documents.xlsx")
    assert [cell.value for cell in cells(book) if cell.data_type == "f" or cell.hyperlink] == []
    found = sheet_rows(out / "documents.xlsx", "documents")
    # openpyxl leaves what looks like an escape of OOXML as the file has it.
    ways = {"\x1b": "\\x1b", "\r\n": "\n", "_x0041_": "_x005F_x0041_"}
    shown = list(HOSTILE)
    for odd, way in ways.items():
        shown = [text.replace(odd, way) for text in shown]
    assert [row["invoice_number"].value for row in found] == shown
    assert {row["invoice_number"].data_type for row in found} == {"s"}
    assert query(out / "documents.sqlite", "SELECT invoice_number FROM documents")[1] == ("=1+1",)
    frame = polars.read_parquet(out / "documents.parquet")
    assert frame["values"].struct.field("invoice_number").to_list() == list(HOSTILE)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
def test_any_text_stays_text_in_a_sheet(tmp_path, texts):
    file = io.BytesIO()
    with open_book(file, tmp_path) as book:
        sheet = Sheet(book, "documents", [("text", 10), ("number", 10)])
        for text in texts:
            sheet.add([Cell(typed(text, "text")), Cell(typed(text, "money"))])
        sheet.finish()
    found = openpyxl.load_workbook(file)["documents"]
    assert found.max_row <= len(texts) + 1
    for row in found.iter_rows(min_row=2):
        assert row[0].data_type in ("s", "n", "inlineStr")
        assert row[0].value is None or isinstance(row[0].value, str)
        assert not any(cell.hyperlink or cell.data_type == "f" for cell in row)


def test_numbers_that_a_sheet_would_cut_stay_text(tmp_path):
    file = io.BytesIO()
    values = ["1234567890123456", "0.12345678901234567", "123456789012345", "-0.1", "1e5"]
    with open_book(file, tmp_path) as book:
        sheet = Sheet(book, "documents", [("n", 10)])
        for value in values:
            sheet.add([Cell(typed(value, "money"))])
        for value in ("1899-12-31", "2024-02-29", "2024-02-30"):
            sheet.add([Cell(typed(value, "date"))])
        sheet.add([Cell(typed("x" * 40_000, "text"))])
        sheet.add([Cell(typed("true", "boolean"))])
    found = [row[0].value for row in openpyxl.load_workbook(file)["documents"].iter_rows(min_row=2)]
    assert found[:5] == [values[0], values[1], 123456789012345, -0.1, "1e5"]
    assert (found[5], found[6].isoformat(), found[7]) == (
        "1899-12-31", "2024-02-29T00:00:00", "2024-02-30",
    )  # fmt: skip
    assert len(found[8]) == 32_767
    assert found[8].endswith("(too long for a cell; results.jsonl has it all)")
    assert found[9] is True


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path):
    file = io.BytesIO()
    trees = [doubtful(document(f"{number}.pdf")).to_json() for number in range(7)]
    with open_book(file, tmp_path, max_rows=4) as book:
        records = RecordBook(book, tables(FIELDS))
        for tree in trees:
            records.write(tree, "")
        records.finish()
    book = openpyxl.load_workbook(file)
    names = [name for name in book.sheetnames if name.startswith("documents")]
    assert names == ["documents", "documents_2", "documents_3"]
    paths = [row[0].value for name in names for row in book[name].iter_rows(min_row=2)]
    assert paths == [tree["document"]["path"] for tree in trees]
    place = book["documents_3"]["B2"].hyperlink.location
    name, _, corner = place.replace("'", "").partition("!")
    assert book[name][corner].value == "in/6.pdf"


def test_more_columns_than_a_sheet_holds_are_refused(tmp_path):
    with open_book(io.BytesIO(), tmp_path) as book, pytest.raises(OptionError, match="columns"):
        Sheet(book, "documents", [("x", 1)] * (MAX_COLUMNS + 1))


@pytest.mark.parametrize("name", ["history", "review", "a/b:c" * 20, "", "'x'"])
def test_names_of_sheets_are_taken_by_excel(tmp_path, name):
    with open_book(io.BytesIO(), tmp_path) as book:
        Sheet(book, name, [("x", 1)])
        Sheet(book, name.upper(), [("x", 1)])
        given_names = [sheet.name for sheet in book.book.worksheets()]
    assert len({one.lower() for one in given_names}) == 2
    assert all(0 < len(one) <= 31 and one.lower() != "history" for one in given_names)


def test_a_list_called_review_has_a_sheet_of_its_own(tmp_path):
    file = io.BytesIO()
    with open_book(file, tmp_path) as book:
        RecordBook(book, tables([("review[].text", "text"), ("fields[].text", "text")]))
    assert openpyxl.load_workbook(file).sheetnames == [
        "documents", "review_list", "fields", "review",
    ]  # fmt: skip


def test_parquet_is_typed_and_nested_as_the_schema(store, out):
    written(store, out, "parquet")
    frame = polars.read_parquet(out / "documents.parquet")
    values = frame.schema["values"]
    assert str(values) == str(
        polars.Struct(
            {
                "invoice_number": polars.String,
                "issue_date": polars.Date,
                "seller": polars.Struct({"name": polars.String}),
                "totals": polars.Struct({"gross": polars.Decimal(38, 10)}),
                "taxes": polars.List(
                    polars.Struct(
                        {"rate": polars.Decimal(38, 10), "amount": polars.Decimal(38, 10)}
                    )
                ),
                "lines": polars.List(
                    polars.Struct({"description": polars.String, "net": polars.Decimal(38, 10)})
                ),
            }
        )
    )
    (doubt,) = frame.filter(polars.col("status") == "review").to_dicts()
    field = next(one for one in doubt["fields"] if one["path"] == "totals.gross")
    assert (field["value"], field["raw"], field["status"]) == ("-59.40", "1.234", "conflict")
    (bad,) = frame.filter(polars.col("status") == "failed").to_dicts()
    assert bad["values"] is None or set(bad["values"].values()) == {None}


def test_a_value_that_no_column_holds_stands_as_text_beside_it(out):
    with Store.open(out) as store:
        long = record(document("a.pdf"), totals={"gross": "1" * 40})
        fields = {"totals.gross": FieldRecord("1" * 40, FieldStatus.VERIFIED, 0.9)}
        exact = record(document("b.pdf"), totals={"gross": "0.123456789012"})
        store.save(store.begin_run(OPTIONS), replace(long, fields=fields), exact)
        written(store, out, "parquet", "sqlite")
    first, second = polars.read_parquet(out / "documents.parquet").to_dicts()
    assert first["values"]["totals"]["gross"] is None
    assert first["fields"][0]["value"] == "1" * 40
    assert second["values"]["totals"]["gross"] == Decimal("0.1234567890")
    assert query(out / "documents.sqlite", "SELECT value FROM fields LIMIT 1") == [("1" * 40,)]


def test_sqlite_has_keys_types_and_the_proof_of_each_field(store, out):
    written(store, out, "sqlite")
    path = out / "documents.sqlite"
    kinds = {row[1]: row[2] for row in query(path, "PRAGMA table_info(documents)")}
    assert kinds["totals.gross"] == "DECIMAL"
    assert kinds["issue_date"] == "DATE"
    assert (kinds["invoice_number"], kinds["num_pages"]) == ("TEXT", "INTEGER")
    assert query(path, 'SELECT invoice_number, "totals.gross" FROM documents LIMIT 1') == [
        ("00017", -59.4)
    ]
    joined = "SELECT count(*) FROM lines JOIN documents USING (document_id)"
    assert query(path, joined) == [(3,)]
    keys = [row[1] for row in query(path, "PRAGMA table_info(lines)") if row[5]]
    assert keys == ["document_id", "index"]
    assert query(path, "PRAGMA foreign_key_check") == []
    doubt = "SELECT field, page, box_left, quote FROM fields WHERE status = 'unverified'"
    assert query(path, doubt) == [("invoice_number", 2, 0.1, "INV 9")]


def test_a_moment_has_its_own_type_and_a_date_among_moments_too(out):
    fields = [*FIELDS, ("departure", "datetime")]
    with Store.open(out) as store:
        run_id = store.begin_run({**OPTIONS, "fields": fields})
        store.save(run_id, record(document("a.pdf"), "1", departure="2024-03-14T09:30:00"))
        store.save(run_id, record(document("b.pdf"), "2", departure="2024-03-15"))
        written(store, out, "xlsx", "parquet", "sqlite")
    moments = [dt.datetime(2024, 3, 14, 9, 30), dt.datetime(2024, 3, 15)]
    rows = sheet_rows(out / "documents.xlsx", "documents")
    assert [row["departure"].value for row in rows] == moments
    found = polars.read_parquet(out / "documents.parquet")["values"].struct.field("departure")
    assert found.to_list() == moments
    told = query(out / "documents.sqlite", "SELECT departure FROM documents")
    assert told == [("2024-03-14 09:30:00",), ("2024-03-15",)]


def test_lists_in_lists_keep_their_places(out):
    fields = [
        ("bank.name", "name"), ("accounts[].iban", "iban"), ("accounts[].tags[]", "text"),
        ("accounts[].transactions[].deposit", "money"),
    ]  # fmt: skip
    accounts = [
        {"iban": "DE1", "transactions": [{"deposit": "1.10"}], "tags": ["=a", "b"]},
        {"iban": "DE2", "transactions": None, "tags": []},
        {"iban": "DE3", "transactions": [{"deposit": "2"}, {"deposit": None}]},
    ]
    with Store.open(out) as store:
        run_id = store.begin_run({"schema_name": "statement", "fields": fields})
        tree = {"bank": {"name": "B"}, "accounts": accounts}
        own = replace(record(document("a.pdf")), schema_name="statement", values=tree)
        store.save(run_id, own)
        written(store, out)
    booked = 'SELECT accounts_index, "index", deposit FROM transactions'
    assert query(out / "documents.sqlite", booked) == [(0, 0, 1.1), (2, 0, 2), (2, 1, None)]
    assert query(out / "documents.sqlite", "SELECT value FROM tags") == [("=a",), ("b",)]
    (row,) = polars.read_parquet(out / "documents.parquet").to_dicts()
    assert row["values"]["accounts"][0]["transactions"] == [{"deposit": Decimal("1.10")}]
    assert [account["tags"] for account in row["values"]["accounts"]] == [["=a", "b"], [], None]
    sheet = sheet_rows(out / "documents.xlsx", "transactions")
    assert [cell["accounts_index"].value for cell in sheet] == [0, 2, 2]


def test_names_that_sqlite_takes_for_one_are_told_apart(out):
    fields = [
        ("Total", "money"),
        ("total", "money"),
        ("document_id", "text"),
        ("fields[].a", "text"),
    ]
    with Store.open(out) as store:
        store.begin_run({"schema_name": "odd", "fields": fields})
        written(store, out, "sqlite")
    columns = [row[1] for row in query(out / "documents.sqlite", "PRAGMA table_info(documents)")]
    assert [columns[0], *columns[4:7]] == ["document_id", "Total", "total_2", "document_id_2"]


def test_csv_is_written_as_a_spreadsheet_of_the_country_wants_it(store, out):
    style = DIALECTS["excel-de"]
    written(store, out, "csv", delimiter=style.delimiter, decimal=style.decimal)
    rows = csv_rows(out / "documents.csv", delimiter=";")
    assert [row["totals.gross"] for row in rows] == ["-59,40", "1234567,891", "", "-59,40"]
    assert rows[0]["confidence_min"] == "0,98"
    assert rows[0]["seller.name"] == "Müller & Söhne"
    plain = out.parent / "plain"
    written(store, plain, "csv")
    assert [row["version"] for row in rows] == [
        row["version"] for row in csv_rows(plain / "documents.csv")
    ]


def test_columns_beside_the_values_tell_how_sure_where_and_by_what(store, out):
    written(store, out, extra=EXTRA_COLUMNS)
    doubt = csv_rows(out / "documents.csv")[3]
    beside = [doubt[f"invoice_number.{name}"] for name in EXTRA_COLUMNS]
    assert beside == ["0.41", "2", "unverified"]
    assert [doubt[f"issue_date.{name}"] for name in EXTRA_COLUMNS] == ["", "", "absent"]
    line = csv_rows(out / "lines.csv")[2]
    assert [line[f"net.{name}"] for name in EXTRA_COLUMNS] == ["0.98", "2", "verified"]
    sheet = sheet_rows(out / "documents.xlsx", "documents")[3]
    assert sheet["invoice_number.confidence"].value == 0.41
    found = query(out / "documents.sqlite", 'SELECT "net.page" FROM lines')
    assert found == [(None,), (None,), (2,)]


def test_values_alone_are_a_line_a_document(store, out):
    written(store, out, "values")
    rows = polars.read_ndjson(out / "values.jsonl", infer_schema_length=None)
    assert rows.columns == ["path", "sha256", "status", "values"]
    assert rows["status"].to_list() == ["ok", "ok", "failed", "review"]


def test_the_same_records_give_the_same_bytes(store, out, tmp_path):
    written(store, out)
    written(store, tmp_path / "again")
    for path in (tmp_path / "again").glob("documents.*"):
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name


def test_an_empty_store_gives_tables_without_rows(out):
    with Store.open(out) as store:
        store.begin_run(OPTIONS)
        written(store, out)
    assert sheet_rows(out / "documents.xlsx", "review") == []
    assert polars.read_parquet(out / "documents.parquet").height == 0


@pytest.mark.parametrize("name", ["xlsx", "parquet", "sqlite"])
def test_a_table_that_cannot_be_finished_leaves_the_old_one(store, out, name, monkeypatch):
    written(store, out, name)
    before = (out / f"documents.{name}").read_bytes()

    def broken(self, *args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("docextract.export.csv_tables.DocumentTable.typed_rows", broken)
    with pytest.raises(StoreError, match="No space left"):
        written(store, out, name)
    assert (out / f"documents.{name}").read_bytes() == before
    assert list(out.glob(".docextract-*")) == []


def test_a_package_that_is_missing_is_said_before_anything_is_read(monkeypatch, out, fixtures):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError) as error:
        check_formats(["csv", "parquet"])
    assert "docextract[parquet]" in error.value.hint
    one = fixtures / "invoices" / "luminosa.pdf"
    done = invoke("run", one, "-s", "invoice", "-o", out, "--format", "parquet")
    assert done.exit_code == 3
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--dialect", "excel-fr"],
            "--dialect: 'excel-fr' is not one of excel, excel-de, excel-tab",
        ),
        (["--delimiter", "x"], "--delimiter: 'x' is not one of"),
        (["--decimal", ","], "--decimal , needs another --delimiter"),
        (["--decimal", ";"], "is neither . nor ,"),
        (["--with", "confidence,pages"], "--with: 'pages' is not one of confidence, page, status"),
    ],
)
def test_marks_that_make_no_table_are_refused(out, words, told):
    assert told in invoke("export", out, *words).stderr


def test_libreoffice_reads_the_sheets_as_the_csv_has_them(store, out, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    written(store, out)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    # Commas, quotes, UTF-8, from the first line, values rather than what cells show of them.
    to = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false"
    command = [office, profile, "--headless", "--convert-to", to, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(out / "documents.xlsx")], check=True, timeout=300)
    found, expected = csv_rows(tmp_path / "documents.csv"), csv_rows(out / "documents.csv")
    for path in ("invoice_number", "seller.name", "status"):
        assert [row[path] for row in found] == [row[path] for row in expected]
    sums = [
        sum(Decimal(row["totals.gross"].replace(",", "") or 0) for row in rows)
        for rows in (found, expected)
    ]
    assert sums[0] == sums[1] > 0
