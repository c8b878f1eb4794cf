"""Draws small business papers as real PDFs and reads them through the whole pipeline."""

from __future__ import annotations

import datetime as dt
import json

from docextract.core import ReadOptions, Record
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine.replay import ReplayEngine
from docextract.engine.text import TextEngine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema
from support.pdfs import text_pdf

TODAY = dt.date(2026, 11, 23)

INVOICE = {
    "date": "5 March 2024", "due": "4 April 2024", "from": "1 February 2024",
    "until": "29 February 2024", "vat_id": "DE136695976", "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX", "currency": "EUR",
    "rows": [("Cordless drill", "2", "30.00", "60.00"), ("Angle grinder", "1", "50.00", "50.00")],
    "taxes": [("19%", "100.00", "19.00"), ("19%", "5.00", "0.95")],
    "line_total": "110.00", "discount": "10.00", "charges": "5.00", "net": "105.00",
    "tax": "19.95", "gross": "124.95", "paid": "24.95", "due_amount": "100.00",
}  # fmt: skip


def invoice(**changes):
    """Return the lines of an invoice whose values all agree, but for the changes.

    A value of None is not printed.
    """
    v = INVOICE | changes
    page = [
        (40, 50, "Nordwind Werkzeuge GmbH"), (40, 64, "Hafenstr. 12"), (40, 78, "20457 Hamburg"),
        (400, 50, "INVOICE"), (380, 80, "Invoice number:"), (480, 80, "RE-2024-07"),
        *pair(95, "Invoice date:", v["date"]), *pair(110, "Due date:", v["due"]),
        *pair(125, "Period from:", v["from"]), *pair(140, "Period to:", v["until"]),
        *pair(155, "Currency:", v["currency"]),
        (40, 140, "Bill to:"), (40, 154, "Hafen Buchhandlung GmbH"), (40, 168, "Am Kai 3"),
        (40, 182, "28195 Bremen"),
        *table(230, ("Description", "Qty", "Unit price", "Amount"), v["rows"]),
    ]  # fmt: skip
    labels = {
        "line_total": "Sum of lines", "discount": "Discount", "charges": "Shipping",
        "net": "Net total", "tax": "VAT", "gross": "Total", "paid": "Paid",
        "due_amount": "Amount due",
    }  # fmt: skip
    y = 330
    for name, label in labels.items():
        page += pair(y, label, v[name])
        y += 15
    page += table(480, ("VAT rate", "Taxable amount", "VAT amount"), v["taxes"])
    page += [*line(600, "VAT ID:", v["vat_id"]), *line(615, "IBAN:", v["iban"])]
    return [*page, *line(630, "BIC:", v["bic"])]


def pair(y, label, value, x=380):
    """Return a label and its value to the right, or nothing without a value."""
    return [] if value is None else [(x, y, label), (x + 110, y, value)]


def line(y, label, value):
    """Return a label and its value as one text."""
    return [] if value is None else [(40, y, f"{label} {value}")]


def table(y, headers, rows, x=40, step=130):
    """Return a table whose columns stand ``step`` points apart."""
    cells = [(x + step * i, y, text) for i, text in enumerate(headers)]
    for number, row in enumerate(rows, start=1):
        cells += [(x + step * i, y + 16 * number, text) for i, text in enumerate(row) if text]
    return cells


def read(tmp_path, *pages, schema="invoice", options=None) -> Record:
    """Return the record of a PDF with these pages, read by the text engine."""
    return read_bytes(tmp_path, text_pdf(*pages), schema, options=options)


def read_bytes(tmp_path, data, schema="invoice", name="a.pdf", engine=None, options=None) -> Record:
    """Return the record of a file with these bytes."""
    path = tmp_path / name
    path.write_bytes(data)
    (found,) = Discovery([str(path)])
    assembly = Assembly(DocumentJob(load_schema(schema), engine or TextEngine(), "f", TODAY))
    for part in open_document(found.document, options or ReadOptions()):
        assembly.add(part)
    return assembly.record()


def replay(tmp_path, values, *pages, schema="invoice", **more) -> Record:
    """Return the record of a PDF about which a model said ``values``."""
    data = text_pdf(*pages)
    (tmp_path / "r.pdf").write_bytes(data)
    (found,) = Discovery([str(tmp_path / "r.pdf")])
    row = {"sha256": found.document.sha256, "values": values, **more}
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps(row), encoding="utf-8")
    return read_bytes(tmp_path, data, schema, "r.pdf", ReplayEngine(answers))


def outcomes(record, rule):
    """Return the outcomes of a rule on a record, without where it did not apply."""
    found = {check.outcome.value for check in record.checks if check.id == rule}
    return found - {"not_applicable"}


def status(record, path):
    """Return the status of a field as text."""
    return record.fields[path].status.value


RECEIPT = {
    "rows": [("Coffee beans", "2", "4.00", "8.00"), ("Filter paper", "1", "2.00", "2.00")],
    "subtotal": "10.00", "tax": "1.90", "tip": None, "total": "11.90", "cash": "20.00",
    "change": "8.10", "taxes": [("19%", "8.00", "1.52"), ("19%", "2.00", "0.38")],
}  # fmt: skip


def receipt(**changes):
    """Return the lines of a till receipt whose amounts agree, but for the changes."""
    v = RECEIPT | changes
    page = [
        (40, 40, "Corner Coffee Ltd"), (40, 54, "5 Market Street"), (40, 68, "Bristol BS1 4ND"),
        (40, 90, "Date: 12 March 2024"), (300, 90, "Time: 14:05"),
        *table(120, ("Item", "Qty", "Price", "Amount"), v["rows"]),
    ]  # fmt: skip
    labels = {
        "subtotal": "Subtotal", "tax": "VAT", "tip": "Tip", "total": "Total",
        "cash": "Cash", "change": "Change",
    }  # fmt: skip
    y = 200
    for name, label in labels.items():
        page += pair(y, label, v[name], x=320)
        y += 15
    return [*page, *table(320, ("VAT rate", "Net", "VAT amount"), v["taxes"])]


STATEMENT = {
    "from": "1 May 2024", "until": "31 May 2024", "start": "100.00", "end": "105.00",
    "in": "55.00", "out": "50.00",
    "rows": [
        ("05/02", "Rent from tenant", "", "50.00", "150.00"),
        ("05/03", "Water works", "30.00", "", "120.00"),
        ("05/14", "Telephone", "20.00", "", "100.00"),
        ("05/25", "Refund", "", "5.00", "105.00"),
    ],
}  # fmt: skip
COLUMNS = ("Date", "Description", "Withdrawals", "Deposits", "Balance")


def statement(**changes):
    """Return the lines of a bank statement whose balances agree, but for the changes."""
    v = STATEMENT | changes
    return [
        (40, 40, "Harbour Savings Bank"), (40, 60, "Account statement"),
        *pair(90, "Statement start:", v["from"], x=40),
        *pair(105, "Statement end:", v["until"], x=40),
        *pair(90, "Opening balance", v["start"]), *pair(105, "Closing balance", v["end"]),
        *pair(120, "Total deposits", v["in"]), *pair(135, "Total withdrawals", v["out"]),
        *table(200, COLUMNS, v["rows"], step=100),
    ]  # fmt: skip
