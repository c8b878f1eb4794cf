"""A closer look: what is asked again, where, and what is taken over of the answer."""

from __future__ import annotations

import datetime as dt

from support.pdfs import invoice_lines, text_pdf
from support.seeing import Seeing

from docextract.core import EngineError, ReadOptions, Reason
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine.base import Answer, StopReason
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema

TODAY = dt.date(2026, 11, 23)
BILL = "invoice_number!, vendor: name, total: money!"
PAGE = [
    (40, 50, "Vendor: Northwind Tools Ltd"),
    (380, 80, "Invoice number: A-77"),
    (380, 110, "Order number: B-12"),
    (380, 320, "Total: 120.00"),
]
GOOD = {"invoice_number": "A-77", "vendor": "Northwind Tools Ltd", "total": "120.00"}


def look(tmp_path, first, closer, *pages, schema=BILL, max_pages=None):
    """Return the record of a document, and the closer looks that were asked for."""
    path = tmp_path / "a.pdf"
    path.write_bytes(text_pdf(*pages or (PAGE,)))
    (found,) = Discovery([str(path)])

    def script(question):
        said = closer if question.is_closer else first
        return said[question.pages[0].number] if isinstance(said, dict) else said

    engine = Seeing(script, max_pages=max_pages, can_look_closer=True)
    assembly = Assembly(DocumentJob(load_schema(schema), engine, "f", TODAY))
    for part in open_document(found.document, ReadOptions(dpi=72), with_images=True):
        assembly.add(part)
    record = assembly.record()
    assert len(engine.calls) <= 2, "one closer look at most"
    return record, [question for question in engine.questions if question.is_closer]


def paths(question):
    return [item.path for item in question.schema.fields]


def test_nothing_in_doubt_is_not_asked_again(tmp_path):
    record, asked = look(tmp_path, Answer(GOOD), None)
    assert record.status.value == "ok"
    assert asked == []
    assert [row.is_closer for row in record.questions] == [False]


def test_a_key_that_is_missing_is_found_where_its_label_stands(tmp_path):
    closer = Answer({"total": "120.00"}, views=("p1 zoom",), usage={"completion_tokens": 5.0})
    record, (asked,) = look(tmp_path, Answer(GOOD | {"total": None}), closer)
    assert paths(asked) == ["total"]
    assert asked.focus is not None
    assert 0.35 < asked.focus.top < asked.focus.bottom < 0.42
    field = record.fields["total"]
    assert (field.status.value, field.note) == ("verified", "looked closer")
    assert record.values == GOOD
    assert record.status.value == "ok"
    row = record.to_json()["questions"][1]
    assert row == {
        "pages": [1],
        "views": ["p1 zoom"],
        "fields": ["total"],
        "is_closer": True,
        "stop": "end",
    }
    assert record.usage == {"completion_tokens": 5.0}


def test_a_value_nothing_supports_is_replaced_by_one_the_page_shows(tmp_path):
    record, (asked,) = look(
        tmp_path, Answer(GOOD | {"vendor": "Nobody plc"}), Answer({"vendor": GOOD["vendor"]})
    )
    assert paths(asked) == ["vendor"]
    assert record.values == GOOD
    assert record.fields["vendor"].note == "looked closer: was Nobody plc"


def test_a_value_that_is_no_better_is_not_taken(tmp_path):
    first = Answer(GOOD | {"vendor": "Nobody plc"}, {"vendor": 0.9})
    record, _ = look(tmp_path, first, Answer({"vendor": "Somebody plc"}, {"vendor": 0.99}))
    assert record.values == GOOD | {"vendor": "Nobody plc"}
    assert record.fields["vendor"].note is None
    assert record.fields["vendor"].status.value == "unverified"


def test_a_gap_is_not_filled_with_what_no_page_shows(tmp_path):
    record, _ = look(tmp_path, Answer(GOOD | {"total": None}), Answer({"total": "777.00"}))
    assert record.values == GOOD | {"total": None}


def test_a_verified_value_stays_whatever_the_closer_look_says(tmp_path):
    closer = Answer({"invoice_number": "B-12", "vendor": "Order number", "total": "120.00"})
    record, _ = look(tmp_path, Answer(GOOD | {"total": None}), closer)
    assert record.values == GOOD


def test_a_gap_is_not_filled_with_another_field_s_value(tmp_path):
    schema = "order_number, invoice_number!, total: money!"
    first = Answer({"order_number": None, "invoice_number": "A-77", "total": "120.00"})
    record, (asked,) = look(tmp_path, first, Answer({"order_number": "A-77"}), schema=schema)
    assert paths(asked) == ["order_number"], "its label is printed"
    assert record.values is not None and record.values["order_number"] is None
    record, _ = look(tmp_path, first, Answer({"order_number": "B-12"}), schema=schema)
    assert record.values is not None and record.values["order_number"] == "B-12"


def test_an_optional_gap_needs_more_than_a_value_seen_somewhere(tmp_path):
    page = [
        (40, 50, "Deposit terms see overleaf"),
        (40, 400, "55.00"),
        (300, 600, "55.00"),
        (380, 320, "Total: 120.00"),
    ]
    first = Answer({"total": "120.00", "deposit": None})
    closer = Answer({"deposit": "55.00"})
    schema = "total: money!, deposit: money"
    record, (asked,) = look(tmp_path, first, closer, page, schema=schema)
    assert paths(asked) == ["deposit"]
    assert record.values == {"total": "120.00", "deposit": None}
    assert record.status.value == "ok"
    record, _ = look(tmp_path, first, closer, page, schema=schema + "!")
    assert record.fields["deposit"].status.value == "unverified"
    assert record.values == {"total": "120.00", "deposit": "55.00"}


def test_sums_that_only_close_together_are_taken_together(tmp_path):
    values = {
        "invoice_number": "INV-1",
        "issue_date": "14 March 2024",
        "currency": "GBP",
        "seller": {"name": "Northwind Tools Ltd"},
        "totals": {"net": "GBP 300.00", "tax": "GBP 60.00", "gross": "GBP 360.00"},
    }
    right = {"totals": {"net": "GBP 100.00", "tax": "GBP 20.00", "gross": "GBP 120.00"}}
    record, (asked,) = look(
        tmp_path, Answer(values), Answer(right), invoice_lines("INV-1", 100), schema="invoice"
    )
    assert {"totals.net", "totals.tax", "totals.gross"} <= set(paths(asked))
    assert record.values is not None
    totals = record.values["totals"]
    assert (totals["net"], totals["tax"], totals["gross"]) == ("100.00", "20.00", "120.00")
    assert {record.fields[f"totals.{name}"].status.value for name in ("net", "gross")} == {
        "verified"
    }


ROWS = [
    (40, 230, "Description"),
    (480, 230, "Amount"),
    (40, 246, "Cordless drill"),
    (480, 246, "99.00"),
    (40, 262, "Steel bucket"),
    (480, 262, "11.50"),
]
LIST = "lines: [description, amount: money]"
DRILL = {"description": "Cordless drill", "amount": "99.00"}
BUCKET = {"description": "Steel bucket", "amount": "11.50"}


def test_an_empty_list_below_a_printed_head_is_asked_again(tmp_path):
    closer = Answer({"lines": [DRILL, BUCKET]})
    record, (asked,) = look(tmp_path, Answer({"lines": []}), closer, ROWS, schema=LIST)
    assert asked.focus is None
    assert record.values == {"lines": [DRILL, BUCKET]}
    assert record.fields["lines[1].amount"].note == "looked closer"


def test_a_list_is_replaced_as_a_whole_or_not_at_all(tmp_path):
    first = Answer({"lines": [DRILL, {"description": "Wheelbarrow", "amount": "800.00"}]})
    worse = Answer({"lines": [BUCKET]})
    record, _ = look(tmp_path, first, worse, ROWS, schema=LIST)
    assert record.values == first.values, "the drill's row would be lost"
    record, _ = look(tmp_path, first, Answer({"lines": [DRILL, BUCKET]}), ROWS, schema=LIST)
    assert record.values == {"lines": [DRILL, BUCKET]}
    cut = Answer({"lines": [DRILL, BUCKET]}, stop_reason=StopReason.LENGTH)
    record, _ = look(tmp_path, first, cut, ROWS, schema=LIST)
    assert record.values == first.values, "a cut list may lack rows"


def test_each_page_is_asked_for_what_stands_there(tmp_path):
    two = [(40, 50, "Vendor: Northwind Tools Ltd")]
    one = [(40, 50, "Invoice number: A-77"), (40, 80, "Total: 120.00")]
    first = Answer({"invoice_number": None, "vendor": None, "total": None})
    closer = {1: Answer({"invoice_number": "A-77", "total": "120.00"}), 2: Answer({"vendor": None})}
    record, asked = look(tmp_path, first, closer, one, two)
    assert [(q.pages[0].number, paths(q)) for q in asked] == [
        (1, ["invoice_number", "total"]),
        (2, ["vendor"]),
    ]
    assert record.values == GOOD | {"vendor": None}
    assert [row.pages for row in record.questions] == [(1, 2), (1,), (2,)]


def test_pages_that_disagree_are_all_asked_again(tmp_path):
    pages = [[(40, 50, "Total: 120.00")], [(40, 50, "Carried over: 99.00")]]
    first = {1: Answer({"total": "120.00"}), 2: Answer({"total": "99.00"})}
    closer = {1: Answer({"total": "120.00"}), 2: Answer({"total": None})}
    record, asked = look(tmp_path, first, closer, *pages, schema="total: money!", max_pages=1)
    assert [question.pages[0].number for question in asked] == [1, 2]
    assert (record.values, record.fields["total"].status.value) == ({"total": "120.00"}, "verified")
    record, _ = look(tmp_path, first, first, *pages, schema="total: money!", max_pages=1)
    assert record.fields["total"].status.value == "conflict"
    assert record.fields["total"].readings == ("120.00", "99.00")


def test_a_closer_look_that_fails_changes_nothing(tmp_path):
    bad = Answer({}, error=EngineError(Reason.ENGINE_FAILED, "no room for the view"))
    record, _ = look(tmp_path, Answer(GOOD | {"total": None}), bad)
    assert record.values == GOOD | {"total": None}
    assert record.errors == ()
    assert [row.stop for row in record.questions] == ["end", "error"]


def test_a_document_without_any_answer_is_not_asked_again(tmp_path):
    bad = Answer({}, error=EngineError(Reason.OUT_OF_MEMORY, "no room for the page"))
    record, asked = look(tmp_path, bad, None)
    assert asked == []
    assert [item.reason for item in record.errors] == ["out_of_memory"]


def test_an_ambiguous_date_is_not_asked_again(tmp_path):
    page = [(40, 70, "Invoice date: 03/04/2024")]
    first = Answer({"invoice_date": "03/04/2024"})
    record, asked = look(tmp_path, first, None, page, schema="invoice_date: date!")
    assert len(record.fields["invoice_date"].readings) == 2
    assert asked == [], "pixels cannot settle it"
