"""A plain class of somebody who read no docs is filled from pages with tables on them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from docextract import Extractor, extract
from docextract.core import DocumentError, OptionError, ReadOptions, SchemaInvalidError
from docextract.schema.loading import load_schema

PAGE_ONLY = ReadOptions(use_embedded=False)


def read_born_digital(root: Path, model: type[BaseModel]) -> Iterator[tuple[Any, Any]]:
    """Yield the truth of each born-digital invoice, and what one warm worker reads of it."""
    truths = map(json.loads, (root / "fixtures/truth.jsonl").read_text("utf-8").splitlines())
    with Extractor(model, workers=1) as extractor:
        for truth in truths:
            if truth["schema"] == "invoice" and truth["kind"] == "born_digital":
                yield truth, extractor.extract(root / "fixtures" / truth["file"]).values


def test_totals_are_not_taken_from_table_cells(root):
    model = load_schema("invoice_number, vendor, total: money, due_date: date").model
    num_right = num_asked = 0
    for truth, found in read_born_digital(root, model):
        wanted = truth["values"]
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


def test_rows_end_where_totals_and_tax_tables_begin(root):
    model = load_schema("total_net: money, lines: [description, net: money]").model
    is_right = [
        [str(row.net) for row in found.lines] == [row["net"] for row in truth["values"]["lines"]]
        for truth, found in read_born_digital(root, model)
    ]
    assert sum(is_right) >= 0.8 * len(is_right)


def test_a_class_that_asks_for_more_than_is_there_is_typed_all_the_same(root):
    class Line(BaseModel):
        description: str
        net: Decimal

    class Strict(BaseModel):
        model_config = ConfigDict(populate_by_name=False)

        gross_total: Decimal = Field(alias="grossTotal")
        issue_date: dt.date
        passport_number: str
        currency: Literal["EUR", "USD"] | None = None
        lines: list[Line] = []

    found = extract(root / "fixtures/invoices/luminosa.pdf", Strict)
    assert found.status.value == "review"
    assert found.values.gross_total == Decimal("4553.95")
    assert found.values.issue_date == dt.date(2025, 5, 21)
    assert vars(found.values)["passport_number"] is None
    assert [type(row) for row in found.values.lines] == [Line] * 5
    assert "schema" in {check.id for check in found.checks if check.outcome.value == "failed"}


def test_one_file_is_asked_for(root):
    with pytest.raises(OptionError, match="folder"):
        extract(root / "fixtures", Bill)
    with pytest.raises(DocumentError, match="no file"):
        extract(root / "fixtures/invoices/*.pdf", Bill)
    with pytest.raises(SchemaInvalidError, match="no Pydantic class"):
        extract(root / "fixtures/invoices/luminosa.pdf", dict)  # type: ignore[type-var]


class Bill(BaseModel):
    total: Decimal | None = None
