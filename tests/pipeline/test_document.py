"""One document through all stages: each status earned on a real PDF."""

from __future__ import annotations

import datetime as dt

import pytest
from support.pdfs import invoice_lines, text_pdf

from docextract.core import EngineInfo, ReadOptions, Record
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine.base import Answer, StopReason
from docextract.engine.text import TextEngine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema

TODAY = dt.date(2026, 11, 23)


class Fixed:
    """An engine that gives its answers one after another."""

    info = EngineInfo("fixed")

    def __init__(self, *answers: Answer, needs_images: bool = False) -> None:
        self.answers = answers
        self.needs_images = needs_images
        self.max_pages: int | None = 1
        self.can_look_closer = False
        self.num_asked = 0

    def answer(self, questions):
        first = self.num_asked
        self.num_asked += len(questions)
        return list(self.answers[first : self.num_asked])

    def close(self) -> None:
        """Nothing to free."""


def record_of(tmp_path, *pages, schema="invoice", engine=None) -> Record:
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf(*pages))
    (found,) = Discovery([str(path)])
    with_images = engine is not None and engine.needs_images
    assembly = Assembly(DocumentJob(load_schema(schema), engine or TextEngine(), "f", TODAY))
    for part in open_document(found.document, ReadOptions(), with_images):
        assembly.add(part)
    return assembly.record()


def test_a_clean_invoice_is_ok(tmp_path):
    record = record_of(tmp_path, invoice_lines("INV-1", 100))
    assert record.status.value == "ok"
    assert record.values is not None
    assert record.values["totals"]["gross"] == "120.00"
    assert record.values["issue_date"] == "2024-03-14"
    assert {check.id for check in record.checks if check.outcome.value == "passed"} >= {
        "BR-CO-15",
        "line-net",
    }


def test_a_broken_sum_is_a_conflict_and_needs_review(tmp_path):
    lines = [(x, y, text.replace("120.00", "130.00")) for x, y, text in invoice_lines("I-1", 100)]
    record = record_of(tmp_path, lines)
    assert record.status.value == "review"
    assert record.fields["totals.gross"].status.value == "conflict"
    assert record.fields["totals.net"].status.value != "absent"
    failed = [check for check in record.checks if check.outcome.value == "failed"]
    assert [check.id for check in failed] == ["BR-CO-15"]


def test_an_ambiguous_date_keeps_both_readings(tmp_path):
    page = [(40, 50, "Invoice number: A-77"), (40, 70, "Invoice date: 03/04/2024")]
    field = record_of(tmp_path, page).fields["issue_date"]
    assert field.status.value == "unverified"
    assert set(field.readings) == {"2024-04-03", "2024-03-04"}


def test_another_date_of_the_document_settles_it(tmp_path):
    page = [
        (40, 50, "Invoice number: A-77"),
        (40, 70, "Invoice date: 03/04/2024"),
        (40, 90, "Due date: 30/04/2024"),
    ]
    record = record_of(tmp_path, page)
    assert record.values is not None
    assert record.values["issue_date"] == "2024-04-03"
    assert record.fields["issue_date"].readings == ()


def test_pages_are_asked_one_by_one_where_pixels_are_needed(tmp_path):
    one = Answer({"total": "100.00", "note": None}, {"total": 0.9})
    two = Answer({"total": "999.00", "note": "hello"}, stop_reason=StopReason.LENGTH)
    engine = Fixed(one, two, needs_images=True)
    pages = [[(40, 50, "Total 100.00")], [(40, 50, "Note: hello")]]
    record = record_of(tmp_path, *pages, schema="total: money, note: text", engine=engine)
    assert engine.num_asked == 2
    assert record.values == {"total": "100.00", "note": "hello"}
    assert record.fields["total"].status.value == "conflict"
    assert record.fields["total"].readings == ("100.00", "999.00")
    assert [error.reason for error in record.errors] == ["truncated_answer"]


def test_a_value_that_is_nowhere_on_the_page_is_not_verified(tmp_path):
    engine = Fixed(Answer({"total": "77.00", "vendor": "Nobody Ltd"}, {"total": 0.99}))
    record = record_of(
        tmp_path, [(40, 50, "Total 100.00")], schema="total: money!, vendor", engine=engine
    )
    assert record.status.value == "review"
    assert record.fields["total"].status.value == "unverified"
    assert record.fields["total"].evidence == ()
    assert record.fields["total"].confidence < 0.6


def test_an_answer_that_breaks_the_schema_s_own_rules_is_told(tmp_path):
    path = tmp_path / "strict.py"
    path.write_text(
        "from decimal import Decimal\nfrom pydantic import BaseModel, Field\n"
        "class Strict(BaseModel):\n    total: Decimal = Field(ge=500)\n    vendor: str\n"
    )
    record = record_of(tmp_path, [(40, 50, "Total 100.00")], schema=str(path))
    failed = {check.id: check.paths for check in record.checks if check.outcome.value == "failed"}
    assert record.status.value == "review"
    assert "schema" in failed


def test_card_numbers_are_masked(tmp_path):
    page = [(40, 50, "Note: paid with 4111 1111 1111 1111 today")]
    record = record_of(tmp_path, page, schema="note: text")
    assert "411111" in str(record.values)
    assert record.fields["note"].evidence
    assert "4111 1111 1111 1111" not in str(record.to_json())
    assert "4111111111111111" not in str(record.to_json())


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_pages_are_read_upright(tmp_path, degrees):
    data = text_pdf(invoice_lines("INV-1", 100)).replace(
        b"/MediaBox", f"/Rotate {degrees} /MediaBox".encode()
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    (found,) = Discovery([str(path)])
    assembly = Assembly(DocumentJob(load_schema("invoice"), TextEngine(), "f", TODAY))
    for part in open_document(found.document, ReadOptions()):
        assembly.add(part)
    record = assembly.record()
    assert record.values is not None
    assert record.values["totals"]["gross"] == "120.00"
