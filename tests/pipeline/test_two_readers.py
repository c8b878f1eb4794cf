"""Two readers, one record: what the model is asked, and what becomes of both readings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.papers import invoice
from support.pdfs import text_pdf
from support.seeing import SMALL, Seeing, Silent

import docextract.batch.runner
from docextract.core import EngineError, ModelOptions, Reason, RunOptions
from docextract.engine import EngineChoice
from docextract.engine.base import Answer

BILL = "invoice_number!, vendor: name, total: money!"
CLEAR = [
    (40, 50, "Northwind Tools Ltd"),
    (380, 80, "Invoice number: A-77"),
    (380, 320, "Total: 120.00"),
]
NO_TOTAL = [
    (40, 50, "Northwind Tools Ltd"),
    (380, 80, "Invoice number: A-77"),
    (380, 306, "Of last year 33.00"),
    (380, 320, "To be settled soon 120.00"),
]
"""The text engine finds no total here; a reader with eyes may."""


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Return what runs pages with a played model, and gives the record and the model."""

    def run(page, say=lambda question: Answer({}), ask="doubt", schema=BILL, **more):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / "a.pdf").write_bytes(text_pdf(page))
        model = Seeing(say, max_pages=1, **more)
        runner = docextract.batch.runner
        load = runner.load_engine  # type: ignore[attr-defined]
        monkeypatch.setattr(runner, "load_engine", lambda choice: model)
        monkeypatch.setattr(
            runner, "choose_engine", lambda *_: EngineChoice("server", why="played", ask=ask)
        )
        options = RunOptions(
            (str(tmp_path / "in"),), schema, tmp_path / "out", read=SMALL, num_workers=1
        )
        runner.run_batch(replace(options, model=ModelOptions(ask=ask)), Silent())
        monkeypatch.setattr(runner, "load_engine", load)
        lines = (Path(tmp_path) / "out" / "results.jsonl").read_bytes().splitlines()
        # An earlier document of that name is kept under its name and hash.
        (now,) = (row for row in map(json.loads, lines) if row["document"]["path"].endswith(".pdf"))
        return now, model

    return run


def asked(model):
    return [[item.path for item in question.schema.fields] for question in model.questions]


def test_a_document_without_doubt_is_not_asked_about(read):
    record, model = read(CLEAR)
    assert (record["status"], model.calls, record["questions"]) == ("ok", [], [])
    assert record["engine"]["name"] == "seeing"
    assert record["engine"]["ask"] == "doubt"
    assert record["fields"]["total"]["readers"] == ["text"]


def test_the_model_is_asked_about_what_is_in_doubt_alone(read):
    record, model = read(NO_TOTAL, lambda question: Answer({"total": "120.00"}))
    assert asked(model) == [["total"]]
    assert record["questions"][0]["fields"] == ["total"]
    assert record["values"]["total"] == "120.00"
    assert record["fields"]["total"]["readers"] == ["seeing"]
    assert record["fields"]["invoice_number"]["readers"] == ["text"]


def test_what_no_page_shows_is_never_verified(read):
    record, _ = read(NO_TOTAL, lambda question: Answer({"total": "777.77"}, {"total": 1.0}))
    total = record["fields"]["total"]
    assert (record["values"]["total"], total["status"]) == ("777.77", "unverified")
    assert total["readers"] == ["seeing"]
    assert record["status"] == "review"


def test_everything_is_asked_and_agreement_speaks_for_a_value(read):
    alone, _ = read(CLEAR)
    both, model = read(
        CLEAR,
        lambda question: Answer({"invoice_number": "A-77", "total": "120.00"}),
        ask="all",
    )
    assert asked(model) == [["invoice_number", "vendor", "total"]]
    total, before = both["fields"]["total"], alone["fields"]["total"]
    assert total["readers"] == ["text", "seeing"]
    assert total["signals"]["agreed"] == 1
    assert total["confidence"] > before["confidence"]
    assert both["fields"]["vendor"]["readers"] == ["text"], "the model gave none"
    assert both["status"] == "ok"


def test_two_readers_that_differ_are_a_conflict_with_both_readings(read):
    record, _ = read(
        CLEAR, lambda question: Answer({"invoice_number": "A-77", "total": "129.00"}), ask="all"
    )
    total = record["fields"]["total"]
    assert total["status"] == "conflict"
    assert set(total["readings"]) == {"120.00", "129.00"}
    assert total["readers"] == ["text"]
    assert record["status"] == "review"


def test_a_model_that_fails_leaves_the_first_reading_and_says_so(read):
    error = EngineError(Reason.ENGINE_FAILED, "no luck")
    record, _ = read(NO_TOTAL, lambda question: Answer({}, error=error))
    assert record["status"] == "review"
    assert record["values"]["invoice_number"] == "A-77"
    assert [item["reason"] for item in record["errors"]] == ["engine_failed"]


def test_a_page_with_a_known_place_is_asked_about_its_neighbourhood(read):
    page = [*CLEAR[:2], (380, 320, "Total:"), (40, 586, "33.00"), (40, 600, "120.00")]
    _, model = read(page, lambda question: Answer({"total": None}), can_look_closer=True)
    (question,) = model.questions
    assert question.is_closer
    assert question.focus is not None


def test_a_run_with_other_readers_is_another_run(read):
    first, _ = read(CLEAR)
    second, model = read(CLEAR, ask="all")
    assert first["fingerprint"] != second["fingerprint"]
    assert len(model.questions) == 1


def test_confidences_fitted_to_another_engine_are_said_to_be_uncalibrated(read):
    asked_about, _ = read(NO_TOTAL, lambda question: Answer({"total": "120.00"}))
    left_alone, _ = read(CLEAR)
    assert asked_about["engine"]["confidence"] == "uncalibrated"
    assert "confidence" not in left_alone["engine"]


@pytest.mark.parametrize("ask", [None, "all", "doubt"])
def test_of_several_schemas_the_model_is_asked_with_the_one_that_was_chosen(read, ask):
    record, model = read(invoice(net="104.00"), schema="auto", ask=ask)
    assert (record["schema"]["name"], record["kind"]["name"]) == ("invoice", "invoice")
    assert {question.schema.name for question in model.questions} == {"invoice"}


@pytest.mark.parametrize("ask", [None, "all", "doubt"])
def test_about_what_no_schema_is_for_no_model_is_asked(read, ask):
    page = [(40, 60, "PAYMENT REMINDER"), (40, 120, "The invoice below is overdue. Reminder fee")]
    record, model = read(page, schema="auto", ask=ask)
    assert (record["kind"]["name"], record["status"]) == ("reminder", "review")
    assert model.questions == []
