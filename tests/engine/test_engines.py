"""The engine contract on every engine, and replay of what a run recorded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from support.fake_server import serving
from support.pdfs import invoice_lines, text_pdf, write_invoices

from docextract.core import (
    DETAILS,
    ENGINES,
    TEXT_USES,
    Box,
    EngineError,
    EngineInfo,
    OptionError,
    ReadOptions,
    fingerprint,
)
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import collect, open_document
from docextract.engine.base import Question, StopReason
from docextract.engine.llava.prompt.page_plan import Detail
from docextract.engine.prompt import PROMPT_VERSION
from docextract.engine.replay import ReplayEngine
from docextract.engine.text import TextEngine
from docextract.schema import leaves
from docextract.schema.loading import load_schema

SCHEMA = "invoice_number, vendor, total: money, lines: [description, net: money]"


@pytest.fixture(scope="module")
def tiny_folder(tiny_llava):
    return tiny_llava()


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    """Three questions about three documents, with pixels."""
    folder = tmp_path_factory.mktemp("in")
    read = ReadOptions(dpi=72)
    schema = load_schema(SCHEMA)
    asked = []
    for path in write_invoices(folder, 3):
        (found,) = Discovery([str(path)])
        opened = collect(open_document(found.document, read, with_images=True))
        asked.append(Question(found.document.sha256, opened.pages, schema))
    return asked


LLAVAS = {
    "llava-next": {},
    "llava-1.5": {"family": "llava", "decoder": "llama"},
    "llava-1": {"family": "llava", "decoder": "llama", "projector_act": "linear"},
    "llava-onevision": {"family": "llava_onevision", "decoder": "qwen2"},
}


@pytest.fixture(scope="module", params=["text", "replay", "server", *LLAVAS])
def make_engine(request, questions, tmp_path_factory, tiny_llava):
    """Yield what makes an engine of one kind; its weights are built once."""
    if request.param == "server":
        from docextract.engine.server import ServerEngine
        from docextract.engine.server.requests.capabilities import choose_server

        with serving() as fake:
            yield lambda: ServerEngine(choose_server(fake.url, None))
    elif request.param == "text":
        yield TextEngine
    elif request.param in LLAVAS:
        from docextract.engine.llava.llava_engine import LlavaEngine

        folder = tiny_llava(**LLAVAS[request.param])
        yield lambda: LlavaEngine(folder, max_new_tokens=25, num_slots=2)
    else:
        yield recorded(questions, tmp_path_factory)


def recorded(questions, tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "answers.jsonl"
    rows = [
        {"sha256": question.document_id, "values": {"invoice_number": f"N-{i}", "total": "1.00"}}
        for i, question in enumerate(questions)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return lambda: ReplayEngine(path)


@pytest.fixture(scope="module")
def engine(make_engine):
    engine = make_engine()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def answers(engine, questions):
    return engine.answer(questions)


class TestContract:
    def test_n_questions_give_n_answers_in_order(self, engine, questions, answers):
        assert len(answers) == 3
        backwards = engine.answer(questions[::-1])
        assert [answer.values for answer in backwards[::-1]] == [item.values for item in answers]

    def test_no_question_no_answer(self, engine):
        assert engine.answer([]) == []

    def test_answers_have_the_schema_s_paths_and_raw_text(self, questions, answers):
        schema = questions[0].schema
        for answer in answers:
            assert answer.error is None
            for path, value in leaves(answer.values):
                assert value is None or isinstance(value, str)
                assert schema.field_at(path) is not None
            for path, probability in answer.probabilities.items():
                assert schema.field_at(path) is not None
                assert 0 <= probability <= 1

    def test_a_stop_is_one_of_three_and_a_cut_answer_is_still_the_schema_s(self, engine, answers):
        for answer in answers:
            assert isinstance(answer.stop_reason, StopReason)
            if engine.info.name == "llava":
                assert answer.stop_reason is not StopReason.END, "25 tokens are too few"
                assert list(answer.values) == ["invoice_number", "vendor", "total", "lines"]

    def test_several_pages_in_one_question(self, engine, questions):
        pages = tuple(
            replace(question.pages[0], number=i + 1) for i, question in enumerate(questions)
        )
        (answer,) = engine.answer([replace(questions[0], pages=pages)])
        assert answer.error is None
        if engine.info.name == "llava":
            assert [view.split()[0] for view in answer.views if "whole" in view] == [
                "p1", "p2", "p3",
            ]  # fmt: skip
            assert engine.max_pages == 1, "these weights are nobody's, so trained on one page"

    def test_looking_closer(self, engine, questions):
        focus = Box(0.1, 0.1, 0.3, 0.15)
        closer = [replace(question, is_closer=True, focus=focus) for question in questions]
        answers = engine.answer(closer)
        assert len(answers) == 3
        assert all(answer.error is None for answer in answers)
        is_shown = [any("detail" in view for view in answer.views) for answer in answers]
        assert is_shown == [engine.can_look_closer] * 3

    def test_closing_twice(self, make_engine):
        engine = make_engine()
        engine.close()
        engine.close()

    def test_info_has_a_name(self, engine):
        assert engine.info.name in ENGINES


class TestText:
    def test_reads_what_is_there(self, questions):
        values = TextEngine().answer(questions)[1].values
        assert values["invoice_number"] == "INV-00002"
        assert "123.00" in values["total"]
        assert [row["description"] for row in values["lines"]] == ["Cordless drill"]


class TestReplay:
    def test_a_document_that_was_not_recorded(self, tmp_path, questions):
        path = tmp_path / "answers.jsonl"
        path.write_text("")
        with pytest.raises(EngineError, match="holds nothing"):
            ReplayEngine(path).answer(questions)

    @pytest.mark.parametrize("text", ["{", "[]", '{"values": {}}', '"x"'])
    def test_a_file_that_is_no_answers_file(self, tmp_path, text):
        path = tmp_path / "answers.jsonl"
        path.write_text(text)
        with pytest.raises(OptionError, match="line 1"):
            ReplayEngine(path)


def run(folder, *args):
    command = [sys.executable, "-m", "docextract", "run", *map(str, args)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    out = folder / args[args.index("--out") + 1]
    return done, [json.loads(row) for row in (out / "results.jsonl").read_bytes().splitlines()]


def test_results_of_a_run_replay_to_the_same_values(tmp_path):
    write_invoices(tmp_path / "in", 2)
    _, first = run(tmp_path, "in", "--schema", "invoice", "--out", "one")
    answers = ("--engine", "replay", "--answers", "one/results.jsonl")
    _, again = run(tmp_path, "in", "--schema", "invoice", "--out", "two", *answers)
    assert [row["values"] for row in again] == [row["values"] for row in first]
    assert {row["engine"]["name"] for row in again} == {"replay"}
    assert [row["fields"]["totals.gross"]["status"] for row in again] == ["verified"] * 2


def test_planted_values_are_flagged(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.pdf").write_bytes(text_pdf(invoice_lines("INV-7", 100)))
    (found,) = Discovery([str(tmp_path / "in/a.pdf")])
    planted = {
        "invoice_number": "INV-7",
        "seller": {"name": "Eastwood Metals plc"},
        "totals": {"net": "GBP 100.00", "tax": "GBP 20.00", "gross": "GBP 130.00"},
        "payment": {"iban": "GB33BUKB20201555555555"},
    }
    row = {"sha256": found.document.sha256, "values": planted}
    (tmp_path / "answers.jsonl").write_text(json.dumps(row))
    options = ("--engine", "replay", "--answers", "answers.jsonl", "--out", "out")
    _, (record,) = run(tmp_path, "in", "--schema", "invoice", *options)
    status = {path: field["status"] for path, field in record["fields"].items()}
    assert record["status"] == "review"
    assert status["invoice_number"] == "verified"
    assert status["seller.name"] == "unverified"
    assert status["totals.gross"] == "consistent", "the page's own total closes the sum"
    assert record["fields"]["totals.gross"]["readings"] == ["120.00", "130.00"]
    assert status["due_date"] == "absent"
    assert status["payment.iban"] == "unverified", "its checksum agrees, but no page shows it"
    assert [(item["check"], item["was"]) for item in record["repairs"]] == [("BR-CO-15", "130.00")]


def test_llava_runs_from_the_command_line(tmp_path, tiny_folder):
    write_invoices(tmp_path / "in", 2)
    options = ("--engine", "llava", "--model", tiny_folder, "--quantization", "none")
    shown = ("--detail", "high", "--with-text", "no")
    schema = ("in", "--schema", "total: money", "--out", "out")
    done, records = run(tmp_path, *schema, *options, *shown)
    assert done.returncode == 0, done.stderr
    assert len(records) == 2
    for record in records:
        engine = record["engine"]
        assert len(engine.pop("revision")) == 16
        assert engine == {
            "name": "llava", "model_id": tiny_folder.name, "quantization": "none",
            "prompt": PROMPT_VERSION, "detail": "high", "with_text": "no",
            "confidence": "uncalibrated",
        }  # fmt: skip
        assert record["status"] == "review", "a model of random weights proves nothing"


def test_llava_that_fails_on_every_question_is_no_success(tmp_path, tiny_llava):
    """Weights that are no numbers load, and answer nothing."""
    folder = tmp_path / "sick"
    shutil.copytree(tiny_llava(), folder)
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (name,) = [name for name in weights if name.endswith("model.norm.weight")]
    weights[name].fill_(float("nan"))
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    write_invoices(tmp_path / "in", 2)
    options = ("--engine", "llava", "--model", folder, "--quantization", "none")
    done, records = run(tmp_path, "in", "--schema", "total: money", "--out", "out", *options)
    assert done.returncode == 6, done.stderr
    failures = (tmp_path / "out/failures.jsonl").read_bytes().splitlines()
    told = [json.loads(row) for row in failures]
    assert [(row["stage"], row["reason"]) for row in told] == [("answer", "engine_failed")] * 2
    assert "no numbers" in told[0]["message"]
    assert [record["status"] for record in records] == ["failed"] * 2


def test_a_replay_that_lacks_a_document_is_no_success(tmp_path):
    write_invoices(tmp_path / "in", 2)
    run(tmp_path, "in/invoice-00001.pdf", "--schema", "invoice", "--out", "one")
    answers = ("--engine", "replay", "--answers", "one/results.jsonl")
    done, records = run(tmp_path, "in", "--schema", "invoice", "--out", "two", *answers)
    assert done.returncode == 5, done.stderr
    assert [record["status"] for record in records] == ["ok", "failed"]
    assert [error["reason"] for error in records[1]["errors"]] == ["no_answer"]


def test_what_is_shown_decides_whether_a_document_is_done_again():
    infos = [
        EngineInfo("llava", detail=detail, with_text=use) for detail in DETAILS for use in TEXT_USES
    ]
    marks = {fingerprint("x", ReadOptions(), asdict(info), "y") for info in infos}
    assert len(marks) == len(infos)


def test_a_renamed_option_reads_no_document_again(monkeypatch):
    monkeypatch.setattr("docextract.core.config.__version__", "0.1.0")
    as_before = fingerprint("schema", ReadOptions(), {"name": "text"}, "weights")
    assert as_before == "b23733c73d447695"
    finer = fingerprint("schema", ReadOptions(dpi=300), {"name": "text"}, "weights")
    assert finer != as_before


@pytest.mark.parametrize("option", ["--detail", "--with-text", "--quantization"])
def test_an_unknown_way_of_showing_is_refused(tmp_path, option):
    command = [sys.executable, "-m", "docextract", "run", "in", "--schema", "a: text", option, "x"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{option}: 'x' is not one of" in done.stderr


def test_details_are_the_engines():
    assert tuple(Detail) == DETAILS
