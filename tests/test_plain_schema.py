"""A plain class of somebody who read no docs is filled from pages with tables on them."""

from __future__ import annotations

import json
from typing import Any

from docextract import extract
from docextract.config import ReadOptions
from docextract.schema.loading import load_schema

PAGE_ONLY = ReadOptions(use_embedded=False)


def test_totals_are_not_taken_from_table_cells(root):
    model = load_schema("invoice_number, vendor, total: money, due_date: date").model
    truths = map(json.loads, (root / "fixtures/truth.jsonl").read_text("utf-8").splitlines())
    num_right = num_asked = 0
    for truth in truths:
        if truth["schema"] != "invoice" or truth["kind"] != "born_digital":
            continue
        wanted = truth["values"]
        found: Any = extract(root / "fixtures" / truth["file"], model).values
        pairs = [
            (found.invoice_number, wanted["invoice_number"]),
            (found.vendor, wanted["seller"]["name"]),
            (str(found.total), wanted["totals"]["gross"]),
            (str(found.due_date), str(wanted["due_date"])),
        ]
        num_asked += len(pairs)
        num_right += sum(ours == theirs for ours, theirs in pairs)
    assert num_right >= 0.95 * num_asked


def test_what_is_not_on_the_page_is_absent(root):
    model = load_schema("passport_number, flight_number, date_of_birth: date, iban").model
    found = extract(root / "fixtures/invoices/copperleaf.pdf", model, read=PAGE_ONLY)
    assert set(found.values.model_dump().values()) == {None}
    assert {item.status.value for item in found.fields.values()} == {"absent"}
