"""``docextract ask``: questions and fields, alone and together, and what goes wrong."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command_line import invoke
from support.pdfs import text_pdf, write_invoices
from support.seeing import Stepping

import docextract.ask as ask_room
from docextract.ask import AskOptions, Reply, ReplyStatus, ask
from docextract.ask.replies.ordered_output import InOrder
from docextract.core import (
    EngineError,
    EngineInfo,
    ExitCode,
    NoDocumentsError,
    OptionError,
    PageSelection,
    ReadOptions,
    Reason,
)
from docextract.engine.base import Answer, StopReason

TOTAL = "What is the total?"


class ScriptedEngine:
    """Answers by what ``say`` returns for a question; notes how it was asked."""

    can_look_closer = False

    def __init__(self, say, max_pages=None, needs_images=False):
        self.info = EngineInfo("scripted")
        self.max_pages = max_pages
        self.needs_images = needs_images
        self.calls = []
        self._say = say

    def answer(self, questions):
        self.calls.append(list(questions))
        return [self._answer(question) for question in questions]

    def _answer(self, question):
        said = self._say(question)
        return said if isinstance(said, Answer) else Answer({"answer": said}, {"answer": 0.9})

    def close(self):
        pass


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Ask a scripted engine: asked(engine, *inputs, questions=(...), **options)."""
    (tmp_path / "answers.jsonl").write_text("")

    def call(engine, *inputs, is_ending_wanted=False, **options):
        monkeypatch.setattr(ask_room, "load_engine", lambda choice: engine)
        options = {"questions": (TOTAL,)} | options if "fields" not in options else options
        replies: list[Reply] = []
        told: list[str] = []
        options = {"num_workers": 1, "engine": "replay", **options}
        made = AskOptions(tuple(map(str, inputs)), answers=tmp_path / "answers.jsonl", **options)
        ending = ask(made, replies.append, told.append)
        return ending if is_ending_wanted else ending.exit_code, replies, told

    return call


@pytest.fixture
def recorded(tmp_path):
    """Write recorded answers for files: recorded({path: "answer"}) or {(path, question): ...}."""

    def write(answers):
        rows = []
        for key, answer in answers.items():
            path, question = key if isinstance(key, tuple) else (key, "")
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append({"sha256": sha256, "question": question, "values": {"answer": answer},
                         "probabilities": {"answer": 0.75}})  # fmt: skip
        (tmp_path / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
        return ("--engine", "replay", "--answers", tmp_path / "answers.jsonl")

    return write


def rows_of(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


class TestFreeQuestions:
    def test_an_answer_is_shown_with_the_page_that_prints_it(self, tmp_path, recorded):
        (first, second) = write_invoices(tmp_path / "in", 2)
        engine = recorded({(first, TOTAL): "GBP 121.50", (second, TOTAL): "GBP 9,999.99"})
        done = invoke("ask", tmp_path / "in", "-q", TOTAL, *engine)
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines() == [
            str(first), f"  Q: {TOTAL}", "  A: GBP 121.50",
            '     page 1 prints "GBP 121.50", probability 0.75',
            str(second), f"  Q: {TOTAL}", "  A: GBP 9,999.99",
            "     not found on the page, probability 0.75",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("said", "quote", "match"),
        [
            ("Northwind Tools Ltd", "Northwind Tools Ltd", "exact"),
            ("121.5", "121.50", "normalized"),
            ("2024-03-14", "14 March 2024", "normalized"),
            ("Northwind Toois Ltd", "Northwind Tools Ltd", "fuzzy"),
            ("about a hundred", None, None),
        ],
    )
    def test_the_same_in_another_spelling_is_printed_too(self, tmp_path, asked, said, quote, match):
        (path,) = write_invoices(tmp_path / "in", 1)
        _, (reply,), _ = asked(ScriptedEngine(lambda question: said), path)
        evidence = reply.to_json()["evidence"]
        assert (evidence and quote in evidence["quote"]) == (quote and True)
        assert (evidence and evidence["match"]) == match

    def test_what_is_not_shown_is_no_failure(self, tmp_path, asked):
        (path,) = write_invoices(tmp_path / "in", 1)
        for said in (None, "N/A", "  "):
            code, (reply,), _ = asked(ScriptedEngine(lambda question, said=said: said), path)
            assert (code, reply.status) == (ExitCode.OK, ReplyStatus.ABSENT)
            assert reply.to_json()["answer"] is None

    @pytest.mark.parametrize("stop", [StopReason.LENGTH, StopReason.REPETITION])
    def test_an_answer_that_never_came_is_a_failure(self, tmp_path, asked, stop):
        (path,) = write_invoices(tmp_path / "in", 1)
        broken = Answer({"answer": None}, stop_reason=stop)
        code, (reply,), _ = asked(ScriptedEngine(lambda question: broken), path)
        assert code is ExitCode.ALL_FAILED
        assert [error.reason for error in reply.errors] == ["truncated_answer"]

    def test_card_numbers_are_masked(self, tmp_path, asked):
        path = tmp_path / "a.pdf"
        path.write_bytes(text_pdf([(50, 50, "Card 4111 1111 1111 1111")]))
        engine = ScriptedEngine(lambda question: "4111 1111 1111 1111")
        _, (reply,), _ = asked(engine, path)
        assert "11111111" not in json.dumps(reply.to_json()).replace(" ", "")

    def test_each_question_is_asked_of_each_input_in_order(self, tmp_path, asked):
        paths = write_invoices(tmp_path / "in", 5)
        questions = ("One?", "Two?", "One?")
        engine = ScriptedEngine(lambda question: question.instructions)
        _, replies, _ = asked(engine, tmp_path / "in", questions=questions)
        found = [(reply.sources[0].document.path, reply.question) for reply in replies]
        assert found == [(str(path), text) for path in paths for text in ("One?", "Two?")]

    def test_questions_of_many_documents_are_answered_side_by_side(self, tmp_path, asked):
        paths = write_invoices(tmp_path / "in", 3)
        engine = Stepping(
            lambda question: Answer({"answer": question.instructions}),
            num_steps=lambda question: ord(question.instructions[0]) % 5,
            num_slots=6,
            num_wanted=12,
        )
        questions = ("a", "b", "c", "d")
        _, replies, _ = asked(engine, tmp_path / "in", num_workers=1, questions=questions)
        (session,) = engine.sessions
        assert session.ended != sorted(session.ended)
        found = [(reply.sources[0].document.path, reply.question) for reply in replies]
        assert found == [(str(path), text) for path in paths for text in questions]

    def test_pages_are_chosen(self, tmp_path, asked):
        path = tmp_path / "a.pdf"
        path.write_bytes(text_pdf(*[[(50, 50, f"Sheet {i}")] for i in range(1, 6)]))
        engine = ScriptedEngine(lambda question: "Sheet 4")
        read = ReadOptions(pages=PageSelection.parse("2,4-"))
        _, (reply,), _ = asked(engine, path, read=read)
        assert [page.number for page in engine.calls[0][0].pages] == [2, 4, 5]
        assert reply.to_json()["evidence"]["page"] == 4
        assert reply.to_json()["documents"][0]["pages"] == [2, 4, 5]

    def test_xml_has_no_page_to_look_at(self, fixtures, asked):
        engine = ScriptedEngine(lambda question: "x")
        code, (reply,), _ = asked(engine, fixtures / "invoices/kastell-cii.xml")
        assert (code, engine.calls) == (ExitCode.ALL_FAILED, [])
        assert [error.reason for error in reply.errors] == ["zero_pages"]


class TestLongDocuments:
    """More pages than the engine takes at once are asked about one by one."""

    @pytest.fixture
    def long_document(self, tmp_path):
        path = tmp_path / "long.pdf"
        path.write_bytes(text_pdf(*[[(50, 50, f"Sheet {i} ends here")] for i in (1, 2, 3)]))
        return path

    def test_the_printed_answer_is_preferred_and_no_other_is_dropped(self, long_document, asked):
        said = {1: "a wild guess", 2: None, 3: "Sheet 3 ends"}
        engine = ScriptedEngine(lambda question: said[question.pages[0].number], 2, True)
        _, (reply,), _ = asked(engine, long_document)
        tree = reply.to_json()
        assert [item["pages"][0]["page"] for item in tree["shown"]] == [1, 2, 3]
        assert (tree["answer"], tree["evidence"]["page"]) == ("Sheet 3 ends", 3)
        assert [(item["answer"], item["pages"]) for item in tree["others"]] == [
            ("a wild guess", [1])
        ]
        pages = [page for call in engine.calls for question in call for page in question.pages]
        assert all(page.image for page in pages)

    def test_as_many_as_fit_stand_in_one_question(self, long_document, asked):
        engine = ScriptedEngine(lambda question: "x", 3, True)
        asked(engine, long_document)
        ((question,),) = engine.calls
        assert [page.number for page in question.pages] == [1, 2, 3]

    def test_a_page_the_engine_fails_on_leaves_the_others(self, long_document, asked):
        def say(question):
            if question.pages[0].number == 2:
                raise EngineError(Reason.ENGINE_FAILED, "no room")
            return "Sheet"

        code, (reply,), _ = asked(ScriptedEngine(say, 1, True), long_document)
        assert (code, reply.status) == (ExitCode.OK, ReplyStatus.ANSWERED)
        assert [(error.reason, error.page) for error in reply.errors] == [("engine_failed", 2)]


class TestWhatGoesWrong:
    def test_a_file_that_cannot_be_opened_has_a_row_per_question(self, tmp_path, asked):
        (good,) = write_invoices(tmp_path / "in", 1)
        (tmp_path / "in/bad.pdf").write_bytes(b"%PDF-1.4 broken")
        (tmp_path / "in/empty.pdf").write_bytes(b"")
        engine = ScriptedEngine(lambda question: "x")
        code, replies, _ = asked(engine, tmp_path / "in", questions=("a", "b"))
        assert code is ExitCode.SOME_FAILED
        reasons = [reply.errors[0].reason if reply.errors else "" for reply in replies]
        assert reasons == ["corrupt", "corrupt", "empty_file", "empty_file", "", ""]
        assert all(error.hint for reply in replies for error in reply.errors)
        assert replies[-1].sources[0].document.path == str(good)

    def test_all_failed(self, tmp_path, asked):
        code, (reply,), _ = asked(ScriptedEngine(lambda question: "x"), tmp_path / "gone.pdf")
        assert (code, reply.errors[0].reason) == (ExitCode.ALL_FAILED, "vanished")

    def test_no_document(self, tmp_path, asked):
        (tmp_path / "notes.txt").write_text("no document")
        with pytest.raises(NoDocumentsError):
            asked(ScriptedEngine(lambda question: "x"), tmp_path / "none*.pdf")

    def test_a_bug_costs_one_document_and_is_told(self, tmp_path, asked):
        paths = write_invoices(tmp_path / "in", 3)
        bad = hashlib.sha256(paths[1].read_bytes()).hexdigest()

        def say(question):
            if question.document_id == bad:
                raise KeyError(question.document_id)
            return "x"

        ending, replies, _ = asked(ScriptedEngine(say), tmp_path / "in", is_ending_wanted=True)
        assert ending.exit_code is ExitCode.UNEXPECTED
        assert "KeyError in say" in ending.bug
        assert bad not in ending.bug
        assert [reply.is_failed for reply in replies] == [False, True, False]
        assert replies[1].errors[0].reason == "internal"
        assert bad not in str(replies[1].errors)

    def test_without_a_model_a_question_is_refused_with_a_remedy(self, tmp_path, monkeypatch):
        monkeypatch.setattr("docextract.engine._has_gpu", lambda: False)
        (path,) = write_invoices(tmp_path / "in", 1)
        told = invoke("ask", path, "-q", TOTAL, "--engine", "text")
        assert told.exit_code == ExitCode.USAGE
        assert "understands no questions" in told.stderr
        assert "--fields" in told.stderr
        told = invoke("ask", path, "-q", TOTAL, "--model", tmp_path)
        assert told.exit_code == ExitCode.SETUP
        assert "--engine llava" in told.stderr

    def test_a_signal_keeps_what_is_answered(self, tmp_path, asked):
        write_invoices(tmp_path / "in", 30)
        came = []

        def say(question):
            came.append(question)
            if len(came) == 12:
                signal.raise_signal(signal.SIGTERM)
            return "x"

        code, replies, told = asked(ScriptedEngine(say), tmp_path / "in", num_workers=1)
        assert code is ExitCode.TERMINATED
        assert 8 <= len(replies) < 12
        assert any("SIGTERM" in text for text in told)


class TestTogether:
    def test_all_inputs_stand_in_one_question_in_order(self, tmp_path, asked):
        first, second = tmp_path / "before.pdf", tmp_path / "after.pdf"
        first.write_bytes(text_pdf([(50, 50, "Crack of 2 mm")], [(50, 50, "Page two")]))
        second.write_bytes(text_pdf([(50, 50, "Crack of 7 mm")]))
        engine = ScriptedEngine(lambda question: "Crack of 7 mm")
        code, (reply,), _ = asked(engine, first, second, is_together=True)
        assert code is ExitCode.OK
        ((question,),) = engine.calls
        assert [page.number for page in question.pages] == [1, 2, 3]
        texts = ["".join(word.text for word in page.words) for page in question.pages]
        assert texts == ["Crackof2mm", "Pagetwo", "Crackof7mm"]
        tree = reply.to_json()
        assert (tree["evidence"]["path"], tree["evidence"]["page"]) == (str(second), 1)
        assert [(item["path"], item["pages"]) for item in tree["documents"]] == [
            (str(first), [1, 2]), (str(second), [1]),
        ]  # fmt: skip

    def test_over_the_limit_it_says_how_many_fit(self, tmp_path, asked):
        paths = write_invoices(tmp_path / "in", 3)
        engine = ScriptedEngine(lambda question: "x", 2, True)
        with pytest.raises(OptionError, match="3 pages, and 2 pages fit") as told:
            asked(engine, *paths, is_together=True)
        assert "--pages" in told.value.hint
        assert engine.calls == []
        code, _, _ = asked(engine, *paths[:2], is_together=True)
        assert code is ExitCode.OK

    def test_one_that_cannot_be_opened_fails_the_comparison(self, tmp_path, asked):
        (good,) = write_invoices(tmp_path / "in", 1)
        bad = tmp_path / "bad.pdf"
        bad.write_bytes(b"%PDF-1.4 broken")
        engine = ScriptedEngine(lambda question: "x")
        gone = tmp_path / "gone.pdf"
        code, (reply,), _ = asked(engine, good, bad, gone, is_together=True)
        assert (code, engine.calls) == (ExitCode.ALL_FAILED, [])
        assert {error.reason for error in reply.errors} == {"corrupt", "vanished"}
        assert all(str(tmp_path) in error.message for error in reply.errors)

    def test_one_without_a_page_fails_the_comparison(self, tmp_path, fixtures, asked):
        (good,) = write_invoices(tmp_path / "in", 1)
        engine = ScriptedEngine(lambda question: "x")
        xml = fixtures / "invoices/kastell-cii.xml"
        code, (reply,), _ = asked(engine, good, xml, is_together=True)
        assert (code, engine.calls) == (ExitCode.ALL_FAILED, [])
        assert [error.reason for error in reply.errors] == ["zero_pages"]

    def test_fields_of_several_documents_are_one_record(self, tmp_path):
        first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
        first.write_bytes(text_pdf([(50, 50, "Contract"), (50, 70, "Start date: 1 May 2024")]))
        second.write_bytes(text_pdf([(50, 50, "Annex"), (50, 70, "Fee: GBP 250.00")]))
        done = invoke(
            "ask", first, second, "--fields", "start_date: date, fee: money", "--together",
            "--engine", "text", "--out", tmp_path / "x.jsonl",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        (tree,) = rows_of(tmp_path / "x.jsonl")
        assert tree["values"] == {"start_date": "2024-05-01", "fee": "250.00"}
        (evidence,) = tree["fields"]["fee"]["evidence"]
        assert (evidence["path"], evidence["page"]) == (str(second), 1)

    def test_no_document(self, tmp_path, asked):
        engine = ScriptedEngine(lambda question: "x")
        with pytest.raises(NoDocumentsError):
            asked(engine, tmp_path / "none*.pdf", is_together=True)


class TestFields:
    def test_values_are_judged_as_in_a_run(self, tmp_path):
        (path,) = write_invoices(tmp_path / "in", 1)
        fields = "invoice_number, total: money, due_date"
        done = invoke("ask", path, "--fields", fields, "--engine", "text")
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[0] == str(path)
        assert done.stdout.splitlines()[2].split()[:3] == ["total", "121.50", "verified"]
        asked = invoke("ask", path, "--fields", fields, "--engine", "text", "--out", "-")
        ran = invoke("run", path, "--schema", fields, "--engine", "text", "--out", "-", "-q")
        first, second = json.loads(asked.stdout), json.loads(ran.stdout)
        for key in ("values", "fields", "checks", "status", "document", "pages"):
            assert first[key] == second[key]

    def test_one_name_is_enough(self, tmp_path):
        (path,) = write_invoices(tmp_path / "in", 1)
        done = invoke("ask", path, "--fields", "total", "--engine", "text", "--out", "-")
        assert json.loads(done.stdout)["values"] == {"total": "121.50"}

    def test_a_model_is_asked_for_fields_page_by_page(self, tmp_path, asked):
        path = tmp_path / "a.pdf"
        path.write_bytes(text_pdf([(50, 50, "Total 5.00")], [(50, 50, "Place: Bath")]))
        said = {1: {"total": "5.00", "place": None}, 2: {"total": None, "place": "Bath"}}
        engine = ScriptedEngine(lambda question: Answer(said[question.pages[0].number]), 1, True)
        code, (reply,), _ = asked(engine, path, fields="total: money, place")
        assert code is ExitCode.OK
        assert reply.record.values == {"total": "5.00", "place": "Bath"}
        evidence = {path: item.evidence[0].page for path, item in reply.record.fields.items()}
        assert evidence == {"total": 1, "place": 2}

    def test_an_engine_that_fails_leaves_a_failed_record(self, tmp_path, asked):
        def say(question):
            raise EngineError(Reason.ENGINE_FAILED, "no room")

        (path,) = write_invoices(tmp_path / "in", 1)
        code, (reply,), _ = asked(ScriptedEngine(say, 1, True), path, fields="total: money")
        assert reply.record.errors[0].reason == "engine_failed"
        assert code is ExitCode.ALL_FAILED


class TestFiles:
    def test_jsonl_and_csv_hold_every_row(self, tmp_path, recorded):
        paths = write_invoices(tmp_path / "in", 2)
        (tmp_path / "in/zz.pdf").write_bytes(b"%PDF-1.4 broken")
        engine = recorded({paths[0]: "=1+1", paths[1]: "-121.50"})
        for name in ("a.jsonl", "a.csv"):
            done = invoke("ask", tmp_path / "in", "-q", TOTAL, *engine, "-o", tmp_path / name)
            assert (done.exit_code, done.stdout) == (5, "")
        rows = rows_of(tmp_path / "a.jsonl")
        assert [row["answer"] for row in rows] == ["=1+1", "-121.50", None]
        assert rows[2]["errors"][0]["reason"] == "corrupt"
        with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        assert [row["answer"] for row in table] == ["'=1+1", "-121.50", ""]
        assert [row["status"] for row in table] == ["answered", "answered", "failed"]
        assert [row["reason"] for row in table] == ["", "", "corrupt"]
        assert all(row["hint"] for row in table[2:])

    def test_fields_as_csv_have_the_columns_of_a_run(self, tmp_path):
        write_invoices(tmp_path / "in", 2)
        options = ("--fields", "total: money, vendor", "--engine", "text")
        done = invoke("ask", tmp_path / "in", *options, "-o", tmp_path / "a.csv")
        assert done.exit_code == 0, done.output
        with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
            table = list(csv.DictReader(file))
        assert [row["total"] for row in table] == ["121.50", "123.00"]

    @pytest.mark.parametrize(
        ("out", "fields"), [("a.txt", "total"), ("a", "total"), ("a.csv", "lines: [net: money]")]
    )
    def test_a_file_that_cannot_hold_it_is_refused_first(self, tmp_path, out, fields):
        (path,) = write_invoices(tmp_path / "in", 1)
        done = invoke("ask", path, "--fields", fields, "--engine", "text", "-o", tmp_path / out)
        assert done.exit_code == 2
        assert not (tmp_path / out).exists()

    def test_a_call_that_ends_in_an_error_leaves_the_old_file(self, tmp_path, recorded):
        (path,) = write_invoices(tmp_path / "in", 1)
        out = tmp_path / "a.jsonl"
        out.write_text("old")
        invoke("ask", tmp_path / "none*", "-q", TOTAL, *recorded({path: "x"}), "-o", out)
        assert out.read_text() == "old"
        assert not list(tmp_path.glob(".docextract*"))

    def test_hostile_names_act_neither_on_terminals_nor_on_spreadsheets(self, tmp_path, recorded):
        (path,) = write_invoices(tmp_path / "in", 1)
        folder = os.fsencode(tmp_path / "odd")
        os.mkdir(folder)  # noqa: PTH102
        for name in (b"=cmd|x.pdf", b"\x1b[2J\n\xff.pdf", b"\xe2\x80\xaefdp.pdf"):
            with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123
                file.write(path.read_bytes())
        engine = recorded({path: "\x1b[31mred\u202e"})
        done = invoke("ask", tmp_path / "odd", "-q", "what\x1b[2J?", *engine)
        assert done.exit_code == 0, done.output
        assert not {"\x1b", "\u202e"} & set(done.stdout)
        os.chdir(folder)
        done = invoke("ask", "=cmd|x.pdf", "-q", TOTAL, *engine, "-o", tmp_path / "a.csv")
        with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        assert row["path"] == "'=cmd|x.pdf"
        done = invoke("ask", tmp_path / "odd", "-q", TOTAL, *engine, "-o", tmp_path / "a.jsonl")
        assert done.exit_code == 0, done.output
        assert len(rows_of(tmp_path / "a.jsonl")) == 3


class TestQuestionFiles:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("q.txt", "\ufeffOne?\n\n  Two?\r\n"),
            ("q.jsonl", '{"question": "One?"}\n\n{"question": "Two?", "path": null}\n'),
            ("q.csv", 'path,question\n,One?\n"",Two?\n'),
        ],
    )
    def test_questions_without_a_path_are_asked_of_every_input(self, tmp_path, asked, name, text):
        paths = write_invoices(tmp_path / "in", 2)
        (tmp_path / name).write_text(text, encoding="utf-8")
        engine = ScriptedEngine(lambda question: "x")
        _, replies, _ = asked(
            engine, tmp_path / "in", questions=("Zero?",), questions_file=tmp_path / name
        )
        found = [(reply.sources[0].document.path, reply.question) for reply in replies]
        texts = ("Zero?", "One?", "Two?")
        assert found == [(str(path), text) for path in paths for text in texts]

    @pytest.mark.parametrize("suffix", ["csv", "jsonl"])
    def test_rows_with_a_path_are_asked_of_it_alone(self, tmp_path, asked, suffix):
        first, second = write_invoices(tmp_path / "in", 2)
        pairs = [(first, "One?"), (second, "Two?"), (first, "Three?"), ("-", "Four?"),
                 ("none*.pdf", "Five?")]  # fmt: skip
        path = tmp_path / f"q.{suffix}"
        with path.open("w", newline="") as file:
            if suffix == "csv":
                csv.writer(file).writerows([("path", "question"), *pairs])
            else:
                file.writelines(
                    json.dumps({"path": str(at), "question": text}) + "\n" for at, text in pairs
                )
        engine = ScriptedEngine(lambda question: "x")
        code, replies, _ = asked(engine, questions=(), questions_file=path)
        found = [(reply.sources[0].document.path, reply.question) for reply in replies]
        assert found == [
            (str(first), "One?"), (str(first), "Three?"), (str(second), "Two?"), ("./-", "Four?"),
            ("none*.pdf", "Five?"),
        ]  # fmt: skip
        assert code is ExitCode.SOME_FAILED

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("q.txt", "\n \n", "no question"),
            ("q.txt", b"caf\xe9?", "no text"),
            ("q.jsonl", "{", "line 1"),
            ("q.jsonl", '{"question": "a"}\n[1]', "line 2"),
            ("q.jsonl", '{"question": 5}', "line 1"),
            ("q.jsonl", '{"question": " "}', "empty"),
            ("q.jsonl", '{"question": "\\ud800"}', "no text"),
            ("q.jsonl", '{"question": "a", "path": "x\\u0000"}', "no file"),
            ("q.jsonl", '{"question": "a", "path": "\\ud800"}', "no file"),
            ("q.jsonl", '{"question": "a", "path": ["x"]}', "line 1"),
            ("q.jsonl", "[" * 100_000, "line 1"),
            ("q.csv", "file,text\na,b\n", "line 2"),
            ("q.csv", 'question\n"open', "no CSV"),
        ],
    )
    def test_a_file_that_is_none_is_an_error_that_names_the_line(
        self, tmp_path, asked, name, text, told
    ):
        data = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(data)
        with pytest.raises(OptionError, match=told):
            asked(ScriptedEngine(lambda question: "x"), "in", questions_file=tmp_path / name)

    def test_every_question_needs_an_input_and_every_input_a_question(self, tmp_path, asked):
        engine = ScriptedEngine(lambda question: "x")
        (tmp_path / "q.jsonl").write_text('{"question": "a", "path": "b.pdf"}')
        file = {"questions": (), "questions_file": tmp_path / "q.jsonl"}
        with pytest.raises(OptionError, match="no INPUT"):
            asked(engine)
        with pytest.raises(OptionError, match="INPUT has none"):
            asked(engine, "in", **file)
        with pytest.raises(OptionError, match="--together"):
            asked(engine, **file, is_together=True)


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("in",), "no question"),
            (("in", "--fields", " "), "no question"),
            (("in", "-q", "a", "--fields", "total"), "exclude"),
            (("in", "-q", " "), "empty"),
            (("in", "--fields", "total: monye"), "Did you mean money"),
            (("in", "-q", "a", "--engine", "oracle"), "oracle"),
            (("in", "-q", "a", "--engine", "replay"), "--answers"),
        ],
    )
    def test_what_cannot_be_is_a_usage_error(self, options, told):
        done = invoke("ask", *options)
        assert done.exit_code == 2
        assert told in done.stderr

    def test_settings_say_how_but_not_what(self, tmp_path, monkeypatch):
        """A folder that runs write to is no file for answers."""
        monkeypatch.chdir(tmp_path)
        (path,) = write_invoices(tmp_path / "in", 1)
        (tmp_path / "docextract.toml").write_text('out = "results"\nengine = "text"\n')
        done = invoke("ask", path, "--fields", "total", env={"DOCEXTRACT_OUT": "results"})
        assert done.exit_code == 0, done.output
        assert "engine text" in done.stderr
        assert "121.50" in done.stdout
        (tmp_path / "docextract.toml").write_text('question = "What?"\n')
        assert invoke("ask", path, "--fields", "total").exit_code == 2

    def test_a_list_on_stdin(self, tmp_path):
        (path,) = write_invoices(tmp_path / "in", 1)
        done = invoke("ask", "-", "--fields", "total", "--engine", "text", input=f"{path}\n")
        assert done.exit_code == 0, done.output
        assert "121.50" in done.stdout


class TestLlava:
    def test_it_runs_from_the_command_line(self, tmp_path, tiny_llava, monkeypatch):
        write_invoices(tmp_path / "in", 1)
        (tmp_path / "in/bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        monkeypatch.chdir(tmp_path)
        done = invoke(
            "ask", "in", "-q", TOTAL, "-q", "Who sent it?", "--engine", "llava",
            "--model", tiny_llava(), "--out", "answers.jsonl",
        )  # fmt: skip
        rows = rows_of(tmp_path / "answers.jsonl")
        assert done.exit_code in (5, 6), done.output
        assert done.stdout == ""
        assert "4 rows" in done.stderr
        assert [(row["documents"][0]["path"], row["question"]) for row in rows] == [
            (path, text)
            for path in ("in/bad.png", "in/invoice-00001.pdf")
            for text in (TOTAL, "Who sent it?")
        ]
        assert [row["status"] for row in rows[:2]] == ["failed", "failed"]
        for row in rows[2:]:
            assert row["engine"]["name"] == "llava"
            assert row["engine"]["prompt"]
            assert row["shown"][0]["pages"] == [{"path": row["documents"][0]["path"], "page": 1}]
            assert row["shown"][0]["views"]
            assert row["answer"] is None or row["probability"] > 0
            assert row["status"] != "failed" or row["errors"][0]["reason"] == "truncated_answer"

    def test_the_prompt_is_the_question_and_no_list_of_fields(self):
        from docextract.engine.prompt import build_prompt
        from docextract.schema.sources.free_question import free_answer

        prompt = build_prompt(free_answer(), "Is <image> signed?")
        assert prompt.endswith("signed?")
        assert "copy the fields" not in prompt
        assert "- answer" not in prompt

    @pytest.mark.model
    def test_an_answer_may_be_a_paragraph_long(self, tiny_llava):
        from transformers import AutoTokenizer

        from docextract.engine.llava.decode.grammar import Grammars
        from docextract.schema.loading import load_schema
        from docextract.schema.sources.free_question import MAX_ANSWER_CHARS, free_answer

        tokenizer = AutoTokenizer.from_pretrained(tiny_llava())
        grammars = Grammars(tokenizer, len(tokenizer))

        def is_allowed(schema, length):
            text = json.dumps({"answer": "x" * length}, separators=(",", ":"))
            return bool(grammars.start(schema).accept_text(text.encode()))

        assert is_allowed(free_answer(), MAX_ANSWER_CHARS)
        assert not is_allowed(free_answer(), MAX_ANSWER_CHARS + 1)
        assert not is_allowed(load_schema("answer: text"), MAX_ANSWER_CHARS)


@given(st.permutations(range(7)), st.integers(0, 7))
def test_results_come_in_order_whatever_ends_first(order, num_ended):
    given_out: list[int] = []
    in_order = InOrder(given_out.append)
    for count, index in enumerate(order[:num_ended], 1):
        in_order.put(index, index)
        ended = set(order[:count])
        assert given_out == [i for i in range(7) if ended.issuperset(range(i + 1))]
    in_order.end()
    assert given_out == sorted(order[:num_ended])
