"""A folder of mixed kinds in one run: a table for each kind, one store, one review."""

from __future__ import annotations

import csv
import json

import pytest
from support.command_line import invoke
from support.papers import invoice, receipt
from support.pdfs import text_pdf

REMINDER = [
    (40, 50, "Nordwind Werkzeuge GmbH"), (40, 120, "PAYMENT REMINDER"),
    (40, 160, "The invoice below is overdue. Reminder fee: 5.00 EUR"),
    (40, 180, "Invoice number: RE-2024-07"), (40, 195, "Amount due: 124.95 EUR"),
]  # fmt: skip


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Return the folder of a run over an invoice, a receipt and a reminder."""
    folder = tmp_path_factory.mktemp("mixed")
    inbox = folder / "in"
    inbox.mkdir()
    pages = {"bill": invoice(), "till": receipt(), "late": REMINDER}
    for name, page in pages.items():
        (inbox / f"{name}.pdf").write_bytes(text_pdf(page))
    ran = run(folder)
    assert ran.exit_code == 0, ran.output
    return folder


def run(folder, schema="auto"):
    out = str(folder / "out")
    return invoke("run", str(folder / "in"), "--schema", schema, "--out", out, "--jobs", "1")


def rows(folder, name):
    with (folder / "out" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_kind_has_a_table_of_its_own(mixed):
    kinds = {row["path"].rpartition("/")[2]: row["kind"] for row in rows(mixed, "documents")}
    assert kinds == {"bill.pdf": "invoice", "late.pdf": "reminder", "till.pdf": "receipt"}
    (bill,) = rows(mixed, "invoice")
    assert bill["invoice_number"] == "RE-2024-07"
    (till,) = rows(mixed, "receipt")
    assert till["total"] == "11.90"
    assert rows(mixed, "invoice_lines")
    assert not rows(mixed, "purchase_order")


def test_a_record_says_schema_kind_and_probability(mixed):
    lines = (mixed / "out" / "results.jsonl").read_text("utf-8").splitlines()
    (bill,) = [tree for tree in map(json.loads, lines) if "bill" in tree["document"]["path"]]
    assert bill["schema"]["name"] == "invoice"
    assert bill["kind"]["name"] == "invoice"
    assert 0.8 <= bill["kind"]["probability"] <= 1


def test_the_second_run_has_nothing_to_do(mixed):
    told = run(mixed).output
    assert "all 3 documents were finished" in told
    assert "kinds: 1 invoice, 1 receipt, 1 reminder" in told


def test_what_a_person_says_is_kept_under_the_schema_that_read_it(mixed):
    out = str(mixed / "out")
    done = invoke("correct", out, "bill.pdf", "invoice_number=RE-2024-08")
    assert done.exit_code == 0, done.output
    assert rows(mixed, "invoice")[0]["invoice_number"] == "RE-2024-08"
    told = invoke("labels", out)
    assert '"schema": "invoice"' in told.output or '"schema":"invoice"' in told.output
    scored = invoke("eval", out, "--schema", "invoice")
    assert "scored 1 labelled document" in scored.stderr
    assert "nobody has reviewed" in invoke("eval", out, "--schema", "receipt").stderr
    assert invoke("correct", out, "bill.pdf", "--undo").exit_code == 0


def test_an_edited_table_of_one_kind_is_taken_back(mixed):
    table = mixed / "edited.csv"
    text = (mixed / "out" / "receipt.csv").read_text("utf-8")
    table.write_text(text.replace("11.90", "12.90"), "utf-8")
    done = invoke("correct", str(mixed / "out"), "--from", str(table))
    assert "total 11.90 -> 12.90" in done.output, done.output
    assert rows(mixed, "receipt")[0]["total"] == "12.90"


def test_the_review_lists_all_kinds(mixed):
    told = invoke("review", str(mixed / "out"), "--list").output
    assert "It looks like a reminder, and was not read" in told


def test_names_that_are_no_schemas_among_those_that_are_are_refused(mixed):
    refused = run(mixed, "invoice,recipt")
    assert refused.exit_code == 2
    assert "Did you mean receipt?" in refused.output
    assert "auto stands for all built-in schemas" in run(mixed, "auto,total").output


def test_a_list_of_fields_stays_one_though_a_field_is_called_like_a_schema(mixed):
    shown = invoke("schema", "check", "invoice: text, receipt: text")
    assert "2 fields" in shown.output
    assert "2 fields" in invoke("schema", "check", "invoice, total: money").output


def test_each_document_of_a_file_is_told_by_itself(tmp_path):
    separator = [(250, 400, "PATCH T")]
    (tmp_path / "in").mkdir()
    pile = text_pdf(invoice(), separator, receipt(), separator, REMINDER)
    (tmp_path / "in" / "pile.pdf").write_bytes(pile)
    assert run(tmp_path).exit_code == 0
    kinds = {row["path"].rpartition("#")[2]: row["kind"] for row in rows(tmp_path, "documents")}
    assert kinds == {"p1": "invoice", "p3": "receipt", "p5": "reminder"}
