"""Values are put right without a browser: one by one, or from an edited table."""

from __future__ import annotations

import csv
import io
import json
import os

import pytest
from PIL import Image
from support.command_line import invoke
from support.containers import pdf, zipped
from support.pdfs import invoice_lines, text_pdf, write_invoices
from support.reviewing import correct, csv_row, run

from docextract.core import UnclearValueError
from docextract.review.desk.desk import Desk
from docextract.review.desk.typed_input import read_typed
from docextract.review.queue.waiting import waiting_of
from docextract.schema import Schema
from docextract.schema.loading import load_schema

LUMINOSA, COPPERLEAF = "luminosa.pdf", "copperleaf.pdf"


def said(out, *words, code=0):
    done = invoke("correct", out, *words, "--reviewer", "anna")
    assert done.exit_code == code, done.output
    return done


def value(out, path, name=LUMINOSA):
    return csv_row(out, name)[path]


def test_values_are_put_right_by_path_and_stand_in_the_exports(out):
    done = said(out, LUMINOSA, "totals.gross=9,99", "due_date=", "seller.name", "lines[0].net=1")
    told = done.stdout
    assert "totals.gross 4553.95 -> 9.99" in told
    assert "due_date 2025-06-20 -> nothing" in told
    assert "seller.name is confirmed" in told
    assert "review; still in doubt: " in told
    assert value(out, "totals.gross") == "9.99"
    assert value(out, "due_date") == ""
    assert csv_row(out, LUMINOSA, "lines.csv")["net"] == "1"


def test_all_that_is_said_at_once_is_kept_or_nothing(out, anna):
    done = said(out, LUMINOSA, "totals.gross=9.99", "issue_date=03/04/2025", code=2)
    assert "03/04/2025: which? 2025-04-03 or 2025-03-04" in done.stderr
    assert anna.labels() == []


def test_a_document_is_found_by_the_end_of_its_path_or_of_its_hash(out, anna):
    sha256 = anna.find(LUMINOSA).tree["document"]["sha256"]
    said(out, sha256[:8], "totals.gross=1.00")
    assert value(out, "totals.gross") == "1.00"
    assert "holds no document called x.pdf" in said(out, "x.pdf", "due_date=", code=2).stderr


@pytest.mark.parametrize("path", ["lines", "lines[0]", "lines[-1].net", "lines[x].net", "lines[]"])
def test_what_is_no_cell_is_told_how_to_name_one(out, anna, path):
    done = said(out, LUMINOSA, f"{path}=1", code=2)
    assert f"{path} names no cell of a list" in done.stderr
    assert "counted from 0: lines[0]." in done.stderr
    assert "Did you mean lines[].net?" in said(out, LUMINOSA, "lines[0].nett=1", code=2).stderr
    assert anna.labels() == []


def test_undo_takes_back_what_one_did_last(out):
    said(out, LUMINOSA, "totals.gross=1.00")
    assert "totals.gross as before" in said(out, LUMINOSA, "--undo").stdout
    assert value(out, "totals.gross") == "4553.95"
    assert "nothing to undo" in said(out, LUMINOSA, "--undo", code=2).stderr


def test_the_command_asks_for_one_thing(out):
    for words in ([], [LUMINOSA], [LUMINOSA, "a=1", "--undo"]):
        assert "say what is right" in said(out, *words, code=2).stderr
    assert "Did you mean totals.gross?" in said(out, LUMINOSA, "totals.grose=1", code=2).stderr


@pytest.mark.parametrize(
    ("path", "text", "typed"),
    [
        ("issue_date", "3 April 2025", "2025-04-03"),
        ("issue_date", "03.04.2025", "2025-04-03"),
        ("totals.gross", "1.234,50", "1234.50"),
        ("totals.gross", "-59,40 €", "-59.40"),
        ("currency", "€", "EUR"),
        ("seller.name", " Müller & Söhne ", "Müller & Söhne"),
        ("payment.iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ],
)
def test_what_is_typed_becomes_a_value(path, text, typed):
    assert read_typed(text, load_schema("invoice").field_at(path)) == typed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "text", "choices"),
    [
        ("issue_date", "03/04/2025", ("2025-04-03", "2025-03-04")),
        ("lines[0].quantity", "1.234", ("1.2340", "1234")),
        ("issue_date", "soon", ()),
        ("totals.gross", "N/A", ()),
    ],
)
def test_what_is_not_clear_is_asked_back(path, text, choices):
    field = load_schema("invoice").field_at(path)
    with pytest.raises(UnclearValueError) as error:
        read_typed(text, field)  # type: ignore[arg-type]
    assert error.value.choices == choices
    for choice in choices:
        assert read_typed(choice, field)  # type: ignore[arg-type]


def edited(out, changes, path="edited.csv", delimiter=",", encoding="utf-8-sig", **cells):
    """Save documents.csv as a spreadsheet does, with changes by document."""
    with (out / "documents.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        name = row["path"].rpartition("/")[2]
        row.update(changes.get(name, {}))
        for column, change in cells.items():
            row[column.replace("__", ".")] = change(row[column.replace("__", ".")])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, quoting=csv.QUOTE_MINIMAL)
    writer.writeheader()
    writer.writerows(rows)
    (out.parent / path).write_text(text.getvalue(), encoding=encoding, newline="")
    return out.parent / path


def test_a_table_that_was_not_edited_changes_nothing(out, anna):
    done = said(out, "--from", edited(out, {}))
    assert "nothing was changed" in done.stderr
    assert anna.labels() == []


def test_only_changed_cells_of_a_table_are_taken(out, anna):
    changes = {LUMINOSA: {"totals.gross": "9.99", "seller.name": 'Say "hello", Ltd; co'}}
    said(out, "--from", edited(out, changes))
    assert [label.path for label in anna.labels()] == ["seller.name", "totals.gross"]
    assert value(out, "seller.name") == 'Say "hello", Ltd; co'
    said(out, "--from", edited(out, {LUMINOSA: {"due_date": ""}}))
    assert value(out, "due_date") == ""


def test_a_spreadsheets_semicolons_decimal_commas_and_dates_are_no_changes(out, anna):
    def comma(text):
        return text.replace(".", ",")

    def day_first(text):
        return "/".join(reversed(text.split("-")))

    money = {f"totals__{name}": comma for name in ("net", "tax", "gross", "line_total")}
    table = edited(
        out, {LUMINOSA: {"totals.gross": "1.234,5"}}, delimiter=";", issue_date=day_first,
        **(money | {"totals__gross": lambda text: text if "1.2" in text else comma(text)}),
    )  # fmt: skip
    said(out, "--from", table)
    assert [(label.path, label.value) for label in anna.labels()] == [("totals.gross", "1234.5")]


def test_what_a_spreadsheet_cut_is_no_change(out, anna):
    said(out, LUMINOSA, "customer_id=001234567890123456")
    table = edited(out, {LUMINOSA: {"customer_id": "1.23457E+15"}})
    assert "nothing was changed" in said(out, "--from", table).stderr
    table = edited(out, {LUMINOSA: {"customer_id": "1234567890123456"}})
    assert "nothing was changed" in said(out, "--from", table).stderr


def test_an_apostrophe_that_guards_a_cell_is_no_change(out, anna):
    said(out, LUMINOSA, "seller.phone=+34 960 000 000", "purchase_order=-12")
    number = len(anna.labels())
    said(out, "--from", edited(out, {}))
    assert len(anna.labels()) == number


def test_what_somebody_changed_since_the_table_was_written_is_refused_by_name(out, anna):
    table = edited(out, {LUMINOSA: {"totals.gross": "5.00", "totals.net": "4.00"}})
    correct(Desk.open(out, reviewer="bert"), LUMINOSA, "totals.gross", "6.00")
    correct(Desk.open(out, reviewer="bert"), LUMINOSA, "totals.tax", "2.00")
    done = said(out, "--from", table, code=2)
    assert "totals.gross: the file has 5.00, but bert changed it to 6.00" in done.stderr
    assert "totals.tax" not in done.stderr
    assert [value(out, f"totals.{name}") for name in ("gross", "net", "tax")] == [
        "6.00", "4.00", "2.00",
    ]  # fmt: skip


def test_a_table_of_records_that_were_read_anew_is_refused_where_it_differs(out, anna):
    table = edited(out, {LUMINOSA: {"totals.gross": "5.00", "version": "v00000000"}})
    done = said(out, "--from", table, code=2)
    assert "totals.gross: the file has 5.00, but it was read anew as 4553.95" in done.stderr
    assert anna.labels() == []


def test_a_table_without_versions_never_overwrites_what_people_said(out):
    table = edited(out, {LUMINOSA: {"totals.gross": "5.00", "totals.net": "4.00", "version": ""}})
    correct(Desk.open(out, reviewer="bert"), LUMINOSA, "totals.gross", "6.00")
    done = said(out, "--from", table, code=2)
    assert "bert changed it to 6.00" in done.stderr
    assert value(out, "totals.net") == "4.00"


def test_what_is_unclear_in_a_table_is_refused_by_name_and_the_rest_taken(out):
    changes = {LUMINOSA: {"issue_date": "soon", "totals.gross": "5.00"}}
    done = said(out, "--from", edited(out, changes), code=2)
    assert "issue_date: 'soon' is no date" in done.stderr
    assert value(out, "totals.gross") == "5.00"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "path,sha256\nx,y\n", ""])
def test_another_table_is_refused(out, tmp_path, text):
    (tmp_path / "other.csv").write_text(text)
    assert "no table of documents" in said(out, "--from", tmp_path / "other.csv", code=2).stderr


def test_a_row_of_a_document_nobody_knows_is_named(out):
    table = edited(out, {LUMINOSA: {"sha256": "", "path": "x.pdf"}})
    assert "holds no document called x.pdf" in said(out, "--from", table, code=2).stderr


def test_the_list_names_documents_in_doubt_with_their_reasons(out):
    said(out, LUMINOSA, "totals.gross=9.99")
    done = invoke("review", out, "--list")
    assert "Totals gross, totals net, totals tax: 3923.69 + 630.26 is not 9.99" in done.stdout
    only = in_list(out)[LUMINOSA]
    assert only["left"] == ["totals.net", "totals.tax"]
    assert only["reasons"][0]["paths"] == ["totals.gross", "totals.net", "totals.tax"]
    said(out, LUMINOSA, "totals.gross=4553.95")
    assert LUMINOSA not in in_list(out)
    said(out, COPPERLEAF, "seller.name", "buyer.name")
    assert "nothing is in doubt" in invoke("review", out, "--list").stdout


def in_list(out):
    waiting = json.loads(invoke("review", out, "--list", "--json").stdout)
    return {item["path"].rpartition("/")[2]: item for item in waiting}


def test_show_tells_all_of_a_document_and_draws_its_evidence(out, tmp_path):
    said(out, LUMINOSA, "totals.gross=9.99")
    picture = tmp_path / "page.png"
    done = invoke("show", out, LUMINOSA, "--image", picture)
    assert done.exit_code == 0, done.output
    assert "confirmed" in done.stdout
    assert "check BR-CO-15 failed" in done.stdout
    with Image.open(picture) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(2**24)}  # type: ignore[union-attr]
    assert (0, 130, 95) in colours
    tree = json.loads(invoke("show", out, LUMINOSA, "--json").stdout)
    assert tree["fields"]["totals.gross"]["confirmed"]["by"] == "anna"
    assert "due_date" in invoke("show", out, LUMINOSA, "--all").stdout


def test_a_picture_of_a_file_that_has_gone_or_moved(out, anna, tmp_path):
    picture = tmp_path / "page.png"
    run(out, out.parent / "in")
    (out.parent / "in" / COPPERLEAF).rename(out.parent / "in" / "moved.pdf")
    run(out, out.parent / "in")
    assert invoke("show", out, "moved.pdf", "--image", picture).exit_code == 0
    assert "ends in none of" in invoke("show", out, "moved.pdf", "--image", "x.doc").stderr


def test_a_picture_of_a_file_that_changed_or_is_gone_is_no_bug(tmp_path):
    out, picture = tmp_path / "out", tmp_path / "page.png"
    one, other = write_invoices(tmp_path / "in", 2)
    run(out, tmp_path / "in")
    one.write_bytes(other.read_bytes() + b"\n")
    changed = invoke("show", out, one.name, "--image", picture)
    assert (changed.exit_code, changed.stdout) == (6, "")
    assert "has changed" in changed.stderr
    assert "run again to read it as it is now" in changed.stderr
    one.unlink()
    gone = invoke("show", out, one.name, "--image", picture)
    assert (gone.exit_code, gone.stdout) == (6, "")
    assert "There is no file" in gone.stderr
    assert not picture.exists()


def test_a_record_that_is_ok_has_no_doubts(anna):
    assert waiting_of(anna.find(LUMINOSA).tree, load_schema("invoice")) is None


def test_a_record_without_any_value_is_in_doubt_as_a_whole():
    schema = Schema.from_model(load_schema("a, b").model, "mine")
    tree = {
        "status": "review", "errors": [], "checks": [], "repairs": [], "fields": {}, "values": {},
        "document": {"path": "x", "sha256": "y"},
    }  # fmt: skip
    waiting = waiting_of(tree, schema)
    assert waiting.left == ("",)  # type: ignore[union-attr]


def test_a_document_is_found_by_its_name_as_terminals_show_it(tmp_path):
    """Names with newlines or bytes that are no text can be given as they were told."""
    (tmp_path / "in").mkdir()
    for number, raw in enumerate((b"new\nline.pdf", b"bad\xff.pdf")):
        (tmp_path / "in" / os.fsdecode(raw)).write_bytes(text_pdf(invoice_lines(f"A-1{number}", 9)))
    out = tmp_path / "out"
    fields = "invoice_number, total: money"
    invoke("run", tmp_path / "in", "--schema", fields, "--out", out, "-q")
    for name in ("new\nline.pdf", "new\\nline.pdf", "bad\\xff.pdf", os.fsdecode(b"bad\xff.pdf")):
        assert said(out, name, "total=9").exit_code == 0


def test_a_file_of_several_documents_is_asked_back_by_their_names(tmp_path):
    pages = ([*invoice_lines(f"A-{n}1", 100.0 + n), (40, 800, "Page 1 of 1")] for n in (1, 2))
    data = text_pdf(*pages)
    (tmp_path / "in").mkdir()
    for name in ("pile.pdf", "same.pdf"):
        (tmp_path / "in" / name).write_bytes(data)
    out = tmp_path / "out"
    fields = "invoice_number, total: money"
    invoke("run", tmp_path / "in", "--schema", fields, "--out", out, "-q")
    for name in ("pile.pdf", "same.pdf"):
        told = said(out, name, "total=9", code=2).stderr
        assert "pile.pdf#p1" in told
        assert "pile.pdf#p2" in told
        assert "Name one of them, such as" in told
    assert said(out, "pile.pdf#p2", "total=9").exit_code == 0


def test_a_mail_or_zip_is_asked_back_by_what_lies_in_it(tmp_path):
    fields, out = "invoice_number, total: money", tmp_path / "out"
    (tmp_path / "post.zip").write_bytes(zipped(("a.pdf", pdf("A-1")), ("b.pdf", pdf("B-1"))))
    (tmp_path / "one.zip").write_bytes(zipped(("c.pdf", pdf("C-1"))))
    invoke("run", *tmp_path.glob("*.zip"), "--schema", fields, "--out", out, "-q")
    told = said(out, "post.zip", "total=9", code=2).stderr
    assert "post.zip holds 2 documents" in told
    assert "post.zip!b.pdf" in told
    for name in ("one.zip", "c.pdf", "post.zip!b.pdf"):
        assert said(out, name, "total=9").exit_code == 0


def test_a_file_that_was_not_read_and_a_run_that_found_nothing_are_told(tmp_path):
    fields, out = "invoice_number, total: money", tmp_path / "out"
    (tmp_path / "in").mkdir()
    invoke("run", tmp_path / "in", "--schema", fields, "--out", out, "-q")
    listed = invoke("review", out, "--list")
    assert (listed.exit_code, listed.stdout) == (0, "nothing is in doubt\n")
    invoke("run", tmp_path / "in/gone.pdf#p2", "--schema", fields, "--out", out, "-q")
    assert "gone.pdf#p2 could not be read" in said(out, "gone.pdf#p2", "total=9", code=2).stderr


def test_the_rows_of_duplicates_in_an_untouched_table_say_nothing(tmp_path):
    pages = ([*invoice_lines(f"A-{n}1", 100.0 + n), (40, 800, "Page 1 of 1")] for n in (1, 2))
    (tmp_path / "in").mkdir()
    for name, data in (("one", text_pdf(invoice_lines("Z-12", 9))), ("pile", text_pdf(*pages))):
        for copy in "ab":
            (tmp_path / f"in/{name}-{copy}.pdf").write_bytes(data)
    out = tmp_path / "out"
    fields = "invoice_number, total: money"
    invoke("run", tmp_path / "in", "--schema", fields, "--out", out, "--format", "csv", "-q")
    assert (out / "documents.csv").read_text("utf-8").count("skipped,duplicate") == 2
    assert said(out, "--from", out / "documents.csv").exit_code == 0
