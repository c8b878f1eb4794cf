"""The text engine on the drawn documents that carry a text layer, against their truth."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from docextract.core import Document, Page, ReadOptions, Tree
from docextract.documents.opening import collect, open_document
from docextract.engine.base import Question
from docextract.engine.text import TextEngine
from docextract.normalise import gather_evidence
from docextract.normalise.dates.dates import parse_date
from docextract.normalise.numbers.numbers import parse_number
from docextract.normalise.text.identifiers import parse_currency
from docextract.schema.loading import load_schema

HEADER = {
    "invoice": (
        "invoice_number", "issue_date", "due_date", "currency", "seller.name", "buyer.name",
        "totals.net", "totals.tax", "totals.gross",
    ),
    "receipt": ("merchant.name", "date", "currency", "total"),
    "purchase_order": ("po_number", "issue_date", "seller.name", "buyer.name", "totals.gross"),
    "bank_statement": ("bank.name", "account_holder.name", "statement_start", "statement_end"),
}  # fmt: skip
ROWS = {"invoice": "net", "receipt": "total", "purchase_order": "net"}


def drawn(fixtures: Path) -> list[Tree]:
    rows = [json.loads(line) for line in (fixtures / "truth.jsonl").read_text("utf-8").splitlines()]
    return [r for r in rows if r["kind"] in ("born_digital", "e_invoice") and ".pdf" in r["file"]]


def open_pages(path: Path) -> tuple[Page, ...]:
    document = Document(str(path), os.fsencode(path))
    return collect(open_document(document, ReadOptions(use_embedded=False))).pages


def at(values: Tree, path: str) -> str | None:
    node: object = values
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node if isinstance(node, str) else None


def agrees(path: str, raw: str | None, truth: str, text: str) -> bool:
    if raw is None:
        return False
    evidence = gather_evidence([text])
    if re.fullmatch(r"-?\d+\.\d+", truth):
        value = parse_number(raw, evidence).value
        return value is not None and abs(abs(float(value)) - abs(float(truth))) < 0.005
    if re.fullmatch(r"\d{4}-\d\d-\d\d", truth):
        reading = parse_date(raw, evidence)
        return truth in (reading.value, *reading.readings)
    if path == "currency":
        return parse_currency(raw, evidence).value == truth
    return raw.casefold() == truth.casefold()


def test_header_fields_and_rows_of_the_drawn_documents(fixtures: Path) -> None:
    documents = drawn(fixtures)
    if not documents:
        pytest.skip("fixtures are not drawn")
    engine = TextEngine()
    wrong: list[str] = []
    num_fields = num_rows = num_rows_found = 0
    for row in documents:
        pages = open_pages(fixtures / row["file"])
        schema = load_schema(row["schema"])
        values = engine.answer([Question(row["file"], pages, schema)])[0].values
        text = " ".join(word.text for page in pages for word in page.words)
        for path in HEADER[row["schema"]]:
            truth = at(row["values"], path)
            if truth is not None:
                num_fields += 1
                if not agrees(path, at(values, path), truth, text):
                    wrong.append(f"{row['file']} {path}: {at(values, path)!r} is not {truth!r}")
        name = ROWS.get(row["schema"])
        if name is not None:
            num_rows += len(row["values"]["lines"])
            pairs = zip(row["values"]["lines"], values["lines"], strict=False)
            num_rows_found += sum(agrees(name, b[name], a[name], text) for a, b in pairs)
    assert len(wrong) <= 0.03 * num_fields, "\n".join(wrong)
    assert num_rows_found >= 0.97 * num_rows
