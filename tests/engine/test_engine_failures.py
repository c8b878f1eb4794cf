"""An engine that fails is a failure: of the document, of the exit code, and not for ever."""

from __future__ import annotations

import json

import pytest
from support.pdfs import invoice_lines, text_pdf, write_invoices
from support.seeing import Seeing, Stepping, running, words_of

from docextract.batch.limits import MAX_ENGINE_FAILURES
from docextract.core import DeviceError, EngineError, ExitCode, MaxFailures, Reason
from docextract.engine.base import Answer

DOWN = EngineError(Reason.ENGINE_UNAVAILABLE, "the server answered 500")
REFUSED = EngineError(Reason.REFUSED, "the server answered 400: no images")
ENGINES = [Seeing, Stepping]


@pytest.fixture
def run(tmp_path, monkeypatch):
    return running(tmp_path, monkeypatch)


def failures(tmp_path):
    rows = (tmp_path / "out/failures.jsonl").read_bytes().splitlines()
    return [json.loads(row) for row in rows]


@pytest.mark.parametrize("kind", ENGINES)
def test_a_document_without_any_answer_is_failed_and_told_everywhere(tmp_path, run, kind):
    write_invoices(tmp_path / "in", 3)
    summary, records = run(kind(lambda question: DOWN))
    assert summary.exit_code is ExitCode.ALL_FAILED
    assert {record["status"] for record in records.values()} == {"failed"}
    told = failures(tmp_path)
    assert [(row["stage"], row["reason"], row["page"]) for row in told] == [
        ("answer", "engine_unavailable", 1)
    ] * 3
    assert all(row["hint"] and row["message"] == str(DOWN) for row in told)


@pytest.mark.parametrize("kind", ENGINES)
def test_it_counts_for_max_failures(tmp_path, run, kind):
    write_invoices(tmp_path / "in", 8)
    summary, _ = run(kind(lambda question: REFUSED), max_failures=MaxFailures.parse("2"))
    assert (summary.exit_code, summary.stopped_by) == (ExitCode.STOPPED, "max_failures")


def test_the_next_run_asks_again_where_the_fault_lies_outside_the_document(tmp_path, run):
    write_invoices(tmp_path / "in", 3)
    run(Seeing(lambda question: DOWN))
    healthy = Seeing()
    summary, records = run(healthy)
    assert summary.exit_code is ExitCode.OK
    assert {record["status"] for record in records.values()} == {"ok"}
    assert len(healthy.questions) == 3
    assert failures(tmp_path) == []
    again = Seeing()
    run(again)
    assert not again.calls


def test_a_refusal_is_asked_again_only_on_demand(tmp_path, run):
    write_invoices(tmp_path / "in", 2)
    run(Seeing(lambda question: REFUSED))
    healthy = Seeing()
    assert run(healthy)[0].exit_code is ExitCode.ALL_FAILED
    assert not healthy.calls
    assert run(healthy, retry_failed=True)[0].exit_code is ExitCode.OK


def test_questions_without_an_answer_are_named_and_asked_again(tmp_path, run):
    """Of three pages one was not answered: what the others gave stands, for a person to look at."""
    (tmp_path / "in").mkdir()
    pages = [[(40, 50, f"Sheet {n}"), *invoice_lines("INV-00001", 100)] for n in (1, 2, 3)]
    (tmp_path / "in/a.pdf").write_bytes(text_pdf(*pages))
    engine = Seeing(lambda q: DOWN if q.pages[0].number == 2 else None, max_pages=1)
    summary, records = run(engine)
    assert summary.exit_code is ExitCode.OK
    assert records["a"]["status"] == "review"
    assert [(item["reason"], item["page"]) for item in records["a"]["errors"]] == [
        ("engine_unavailable", 2)
    ]
    assert records["a"]["values"]["invoice_number"] == "INV-00001"
    _, records = run(Seeing(max_pages=1))
    assert records["a"]["errors"] == []


def test_a_refused_page_of_a_record_for_review_is_asked_again_on_demand(tmp_path, run):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.pdf").write_bytes(text_pdf(invoice_lines("INV-00001", 100), [(40, 50, "2")]))
    run(Seeing(lambda q: REFUSED if q.pages[0].number == 2 else None, max_pages=1))
    healthy = Seeing(max_pages=1)
    run(healthy)
    assert not healthy.calls
    _, records = run(healthy, retry_failed=True)
    assert (len(healthy.calls), records["a"]["errors"]) == (2, [])


def test_pages_asked_about_together_are_named_together(tmp_path, run):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.pdf").write_bytes(text_pdf([(40, 50, "One")], [(40, 50, "Two")]))
    _, records = run(Seeing(lambda question: DOWN))
    (error,) = records["a"]["errors"]
    assert (error["page"], error["message"]) == (None, f"pages 1 to 2: {DOWN}")


def test_what_an_e_invoice_says_stays_though_nothing_was_answered(tmp_path, run, fixtures):
    (tmp_path / "in").mkdir()
    source = fixtures / "invoices/nordlicht.pdf"
    (tmp_path / "in/x.pdf").write_bytes(source.read_bytes())
    _, records = run(Seeing(lambda question: DOWN))
    assert records["x"]["status"] == "review"
    assert records["x"]["values"]["totals"]["gross"]
    assert records["x"]["errors"][0]["reason"] == "engine_unavailable"


@pytest.mark.parametrize(("kind", "error"), [(Seeing, REFUSED), (Stepping, DOWN)])
def test_an_engine_that_only_fails_ends_the_run(tmp_path, run, kind, error):
    write_invoices(tmp_path / "in", 20)
    lost, records = run(kind(lambda question: error))
    assert lost.exit_code is ExitCode.SETUP
    assert str(error) in str(lost)
    told = json.loads((tmp_path / "out/run.json").read_bytes())
    assert (told["exit_code"], told["stopped_by"]) == (ExitCode.SETUP, "engine")
    assert MAX_ENGINE_FAILURES <= len(records) <= MAX_ENGINE_FAILURES + 8
    assert len(failures(tmp_path)) == len(records)
    summary, records = run(Seeing(), retry_failed=True)
    assert summary.exit_code is ExitCode.OK
    assert len(records) == 20


def test_failures_with_answers_between_them_do_not_end_it(tmp_path, run):
    write_invoices(tmp_path / "in", 24)
    engine = Seeing(lambda question: None if "INV-00010" in words_of(question) else DOWN)
    _, records = run(engine)
    assert len(records) > MAX_ENGINE_FAILURES + 8


@pytest.mark.parametrize("reason", [Reason.TOO_LARGE, Reason.NO_ANSWER])
def test_what_lies_in_the_documents_does_not_end_it(tmp_path, run, reason):
    write_invoices(tmp_path / "in", 14)
    summary, records = run(Seeing(lambda question: EngineError(reason, "not this one")))
    assert summary.exit_code is ExitCode.ALL_FAILED
    assert len(records) == 14


def test_a_bug_on_every_question_ends_it_as_a_bug(tmp_path, run):
    write_invoices(tmp_path / "in", 16)
    summary, records = run(Seeing(lambda question: ZeroDivisionError()))
    assert summary.exit_code is ExitCode.UNEXPECTED
    assert len(records) < 16
    assert {row["stage"] for row in failures(tmp_path)} == {"answer"}


def test_no_answer_is_told_before_a_page_that_is_missing(tmp_path, run):
    """What failures.jsonl shows of a document is why nothing is known of it."""
    (tmp_path / "in").mkdir()
    whole = text_pdf([(40, 50, "One")], [(40, 50, "Two")])
    (tmp_path / "in/a.pdf").write_bytes(whole.replace(b"[0 0 595 842]", b"[0 0 1 1]    ", 1))
    _, records = run(Seeing(lambda question: DOWN))
    assert [(item["stage"], item["page"]) for item in records["a"]["errors"]] == [
        ("answer", 2),
        ("open", 1),
    ]


def test_an_engine_that_goes_away_leaves_the_exports_whole(tmp_path, run):
    """The next run goes on, and nothing of the night before is taken for this one's."""
    write_invoices(tmp_path / "in", 6)
    run(Seeing(), limit=1, formats=("jsonl", "csv"))
    gone = DeviceError("no server answers")
    engine = Seeing(lambda q: gone if "INV-00004" in words_of(q) else None)
    lost, records = run(engine, formats=("jsonl", "csv"))
    assert lost is gone
    assert sorted(records) == ["invoice-00001", "invoice-00002", "invoice-00003"]
    rows = (tmp_path / "out/documents.csv").read_text("utf-8").splitlines()
    assert len(rows) == 4
    told = json.loads((tmp_path / "out/run.json").read_bytes())
    assert (told["exit_code"], told["stopped_by"]) == (ExitCode.SETUP, "engine")
    summary, records = run(Seeing())
    assert summary.exit_code is ExitCode.OK
    assert len(records) == 6


def test_an_empty_answer_is_no_failure(tmp_path, run):
    write_invoices(tmp_path / "in", 12)
    summary, records = run(Seeing(lambda question: Answer({})))
    assert summary.exit_code is ExitCode.OK
    assert {record["status"] for record in records.values()} == {"review"}
