"""The server engine: what is sent, what is made of every kind of reply, and of no reply."""

from __future__ import annotations

import json
import math
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from support.command_line import invoke
from support.fake_server import by_character, completion, images_of, serving, text_of
from support.pdfs import write_invoices

from docextract.core import (
    Box,
    EngineError,
    ExitCode,
    OptionError,
    Page,
    Patience,
    Reason,
    SetupError,
    Word,
    WordSource,
)
from docextract.doctor import Level
from docextract.doctor.server import server_engine
from docextract.engine.answers.answer_json import answer_schema, fitted
from docextract.engine.base import Question, SessionEngine, StopReason
from docextract.engine.server import ServerEngine
from docextract.engine.server.http import retrying
from docextract.engine.server.http.client import is_local
from docextract.engine.server.replies.reply_reader import read_reply
from docextract.engine.server.requests.ability import Ability
from docextract.engine.server.requests.capabilities import choose_server
from docextract.schema.fields import Schema
from docextract.schema.loading import load_schema


class Line(BaseModel):
    """A row."""

    net: Decimal | None = None


class Bill(BaseModel):
    """What is asked for."""

    invoice_number: str | None = None
    total: Decimal | None = None
    kind: Literal["a", "b"] | None = None
    lines: list[Line] = []


TOTAL = Schema.from_model(Bill)


@pytest.fixture
def server():
    with serving() as fake:
        yield fake


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Wait no seconds between two tries."""
    monkeypatch.setattr(retrying, "_BACKOFF_S", 0.0)


def page(number=1, px=(30, 40), **options):
    width, height = px
    pixels = bytes([200]) * (width * height * 3)
    return replace(Page(number, width, height, image=pixels, size=px), **options)


def question(*pages, schema=TOTAL, **options):
    return Question("d", pages or (page(),), schema, **options)


def engine_of(server, **options):
    return ServerEngine(choose_server(server.url, None), **options)


def says(content, **options):
    return lambda body: completion(content, **options)


class TestChoosing:
    def test_it_finds_out_what_a_server_heeds(self, server):
        chosen = choose_server(server.url, None)
        assert (chosen.model, chosen.ability) == ("tiny", Ability(True, True))
        assert "keeps to the schema" in chosen.why
        assert len(server.bodies) == 1

    @pytest.mark.parametrize(
        ("change", "ability", "told"),
        [
            ({"is_constrained": False}, Ability(False, True), "does not keep to the schema"),
            ({"has_odds": False}, Ability(True, False), "tells no probabilities"),
            ({"refuses": ("response_format",)}, Ability(False, True), "does not keep"),
            ({"refuses": ("logprobs",)}, Ability(True, False), "tells no probabilities"),
            ({"refuses": ("logprobs", "response_format")}, Ability(False, False), "does not"),
        ],
    )
    def test_what_is_ignored_or_refused_is_noticed(self, server, change, ability, told):
        for name, value in change.items():
            setattr(server, name, value)
        chosen = choose_server(server.url, None)
        assert chosen.ability == ability
        assert told in chosen.why

    def test_a_model_is_named_where_there_are_several(self, server):
        server.models = ["one", "two"]
        with pytest.raises(OptionError, match="several models") as told:
            choose_server(server.url, None)
        assert "one, two" in str(told.value.hint)
        assert choose_server(server.url, "two").model == "two"
        with pytest.raises(OptionError, match="does not serve three"):
            choose_server(server.url, "three")

    def test_a_server_that_does_not_tell_its_models(self, server):
        server.models = None
        with pytest.raises(SetupError, match="does not say which models"):
            choose_server(server.url, None)
        assert choose_server(server.url, "any").model == "any"

    def test_a_model_that_reads_no_images(self, server):
        server.refuses = ("messages",)
        with pytest.raises(SetupError, match="cannot answer about images"):
            choose_server(server.url, None)

    @pytest.mark.parametrize(
        "url",
        [
            "localhost:8000",
            "ftp://localhost",
            "http://",
            "http://[::1",
            "http://localhost:port/v1",
            "http://me:secret@localhost/v1",
        ],
    )
    def test_what_is_no_address(self, url):
        with pytest.raises(OptionError) as told:
            choose_server(url, None)
        assert told.value.exit_code is ExitCode.USAGE

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        with pytest.raises(SetupError, match="no server answers at") as told:
            choose_server(url, None)
        assert "0x" not in str(told.value), "the same words every night"

    def test_people_are_told_where_pages_go(self):
        assert is_local("http://127.0.0.1:8/v1") and is_local("http://[::1]/v1")
        assert is_local("http://localhost/v1")
        assert not is_local("https://api.example/v1") and not is_local("http://10.0.0.7/v1")


class TestAsking:
    def test_what_is_sent(self, server):
        engine = engine_of(server)
        engine.answer([question(schema=load_schema("invoice"))])
        (body,) = server.asked
        assert body["temperature"] == 0
        assert body["logprobs"] is True
        wanted = body["response_format"]["json_schema"]
        assert wanted["strict"] and wanted["schema"] == answer_schema(load_schema("invoice"))
        assert [part["type"] for part in body["messages"][0]["content"]] == ["image_url", "text"]
        assert "invoice_number" in text_of(body)

    def test_pages_arrive_as_they_look_and_no_larger_than_useful(self, server):
        engine = engine_of(server)
        small, large = page(), page(px=(1000, 5000))
        (first,) = engine.answer([question(small)])
        (second,) = engine.answer([question(large)])
        (image,), (shrunk,) = map(images_of, server.asked)
        assert image.size == (30, 40)
        assert image.getextrema() == ((200, 200),) * 3
        assert shrunk.size == (410, 2048)
        assert first.views == ("p1 whole, 30x40 pixels",)
        assert second.views == ("p1 whole, 410x2048 pixels",)

    def test_several_pages_are_named(self, server):
        engine_of(server).answer([question(page(2), page(5))])
        (body,) = server.asked
        assert len(images_of(body)) == 2
        assert "Page 2:" in text_of(body) and "Page 5:" in text_of(body)

    @pytest.mark.parametrize(
        ("with_text", "source", "is_told"),
        [
            ("auto", WordSource.TEXT_LAYER, True),
            ("auto", WordSource.OCR, False),
            ("yes", WordSource.OCR, True),
            ("no", WordSource.TEXT_LAYER, False),
        ],
    )
    def test_words_are_told(self, server, with_text, source, is_told):
        words = (Word("Rarebit", Box(0.1, 0.1, 0.2, 0.2)),)
        shown = page(words=words, word_source=source)
        (answer,) = engine_of(server, with_text=with_text).answer([question(shown)])
        assert ("Rarebit" in text_of(server.asked[0])) == is_told
        assert (len(answer.views) == 2) == is_told

    def test_what_a_server_refused_is_not_asked_of_it(self, server):
        server.refuses = ("response_format", "logprobs")
        engine_of(server).answer([question()])
        assert "response_format" not in server.asked[0]

    def test_a_key_is_sent_to_the_server_alone(self, server, monkeypatch):
        monkeypatch.setenv("DOCEXTRACT_API_KEY", "sesame")
        engine_of(server).answer([question()])
        assert server.headers["Authorization"] == "Bearer sesame"
        server.reply = lambda body: (302, "http://127.0.0.1:9/v1/chat/completions")
        (answer,) = engine_of(server).answer([question()])
        assert answer.error is not None and "302" in str(answer.error), "no redirect is followed"

    def test_a_key_that_cannot_be_sent_is_not_shown(self, server, monkeypatch):
        monkeypatch.setenv("DOCEXTRACT_API_KEY", "open\nsesame")
        with pytest.raises(OptionError) as told:
            choose_server(server.url, None)
        assert "sesame" not in f"{told.value} {told.value.hint}"

    def test_many_questions_wait_side_by_side(self, server):
        barrier = threading.Barrier(6, timeout=20)
        gave = server.reply

        def wait(body):
            barrier.wait()
            return gave(body)

        engine = engine_of(server)
        assert isinstance(engine, SessionEngine)
        server.reply = wait
        answers = engine.answer([question(page(number)) for number in range(1, 7)])
        assert [answer.views[0][:2] for answer in answers] == [f"p{n}" for n in range(1, 7)]
        engine.close()
        engine.close()

    @pytest.mark.parametrize("torn", [{"image": None, "size": None}, {"image": b"123"}])
    def test_a_page_without_pixels_fails_alone(self, server, torn):
        bad, good = engine_of(server).answer([question(page(**torn)), question()])
        assert bad.error is not None
        assert good.error is None


class TestReplies:
    @pytest.mark.parametrize(
        ("content", "values"),
        [
            ('{"invoice_number":"7","total":null,"kind":"a","lines":[{"net":"1"}]}',
             {"invoice_number": "7", "total": None, "kind": "a", "lines": [{"net": "1"}]}),
            ('Here it is:\n```json\n{ "total" : 12.50 ,\n "kind": "c", "more": [1] }\n```',
             {"invoice_number": None, "total": "12.50", "kind": None, "lines": []}),
            ('{"invoice_number":"line\nbreak","total":true,"lines":{"net":1}}',
             {"invoice_number": "line\nbreak", "total": None, "kind": None, "lines": []}),
            ('{"invoice_number":["7"],"total":"","lines":[3,{"net":"2"}]}',
             {"invoice_number": None, "total": None, "kind": None,
              "lines": [{"net": None}, {"net": "2"}]}),
        ],
    )  # fmt: skip
    def test_values_are_those_of_the_schema(self, server, content, values):
        server.reply = says(content)
        (answer,) = engine_of(server).answer([question()])
        assert answer.error is None
        assert answer.values == values

    def test_a_cut_answer_keeps_what_is_whole(self, server):
        server.reply = says(
            '{"invoice_number":"7","lines":[{"net":"1"},{"net":"2', finish_reason="length"
        )
        (answer,) = engine_of(server).answer([question()])
        assert answer.stop_reason is StopReason.LENGTH
        assert answer.values["lines"] == [{"net": "1"}]

    def test_probabilities_are_those_of_the_tokens(self, server):
        content = '{"invoice_number":"7é"}'
        at = content.index("7")
        logprobs = [*by_character(content, lambda i: math.log(0.5) if i == at else 0.0)]
        logprobs[at + 1] = {"token": "?", "bytes": list("é".encode()), "logprob": math.log(0.8)}
        logprobs.append({"token": "</s>", "logprob": -3.0})
        server.reply = says(content, logprobs=logprobs)
        (answer,) = engine_of(server).answer([question()])
        assert answer.probabilities == pytest.approx({"invoice_number": 0.4})

    @pytest.mark.parametrize(
        "logprobs",
        [
            [{"token": "x", "logprob": -1.0}],
            [{"token": "{", "logprob": "high"}],
            [{"logprob": -1.0}],
            [7],
        ],
    )
    def test_odds_of_another_text_are_none(self, logprobs):
        _, told = completion('{"total":"1"}', logprobs=logprobs)
        assert isinstance(told, dict)
        answer = read_reply(told, question())
        assert answer.values["total"] == "1"
        assert answer.probabilities == {}

    @pytest.mark.parametrize(
        "reply",
        [{}, {"choices": []}, {"choices": [7]}, {"choices": [{"message": {"content": None}}]}],
    )
    def test_what_is_no_reply(self, reply):
        with pytest.raises(EngineError) as told:
            read_reply(reply, question())
        assert told.value.reason is Reason.INVALID_ANSWER

    @given(st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["invoice_number", "total", "kind", "lines", "net", "x"]), inner
        ),
        max_leaves=12,
    ))  # fmt: skip
    def test_any_json_gives_values_of_the_schema(self, said):
        shape = answer_schema(TOTAL)
        values = fitted(said, shape)
        assert set(values) == set(shape["properties"])
        assert fitted(values, shape) == values
        assert all(isinstance(row, dict) and set(row) == {"net"} for row in values["lines"])
        try:
            answer = read_reply(
                {"choices": [{"message": {"content": json.dumps(said)}}]}, question()
            )
        except EngineError as error:
            assert error.reason is Reason.INVALID_ANSWER
        else:
            assert fitted(answer.values, shape) == answer.values


class TestTrouble:
    def test_a_busy_server_is_asked_again(self, server):
        replies = iter([(429, "later"), (503, "loading"), completion('{"total":"5"}')])
        server.reply = lambda body: next(replies)
        (answer,) = engine_of(server).answer([question()])
        assert answer.values["total"] == "5"

    @pytest.mark.parametrize(
        ("code", "said", "reason"),
        [
            (400, "broken image", Reason.REFUSED),
            (400, "This model's maximum context length is 4096", Reason.TOO_LARGE),
            (413, "", Reason.TOO_LARGE),
            (500, "does not match the expected format", Reason.ENGINE_UNAVAILABLE),
            (200, "no json", Reason.INVALID_ANSWER),
            (200, "[1]", Reason.INVALID_ANSWER),
        ],
    )
    def test_a_refused_question_fails_alone(self, server, code, said, reason):
        good = server.reply
        server.reply = lambda body: (code, said) if "Page 9" in text_of(body) else good(body)
        engine = engine_of(server)
        bad, fine = engine.answer([question(page(9), page(10)), question()])
        assert bad.error is not None and bad.error.reason is reason
        assert said in str(bad.error) or code == 200
        assert fine.error is None

    def test_a_server_that_stays_busy_ends_the_run(self, server):
        engine = engine_of(server)
        server.reply = lambda body: (503, "later")
        with pytest.raises(SetupError, match="still answers after 6 retries: 503") as told:
            engine.answer([question()])
        assert "goes on where this run ended" in str(told.value.hint)

    def test_what_takes_too_long_is_not_asked_again(self, server):
        engine = engine_of(server, patience=Patience(0.2))
        may_end = threading.Event()

        def hang(body):
            may_end.wait(20)
            return completion("{}")

        server.reply = hang
        (answer,) = engine.answer([question()])
        may_end.set()
        assert answer.error is not None
        assert answer.error.reason is Reason.ENGINE_UNAVAILABLE
        assert "--timeout" in answer.error.hint
        assert len(server.asked) == 1

    def test_a_wrong_key_ends_the_run(self, server):
        engine = engine_of(server)
        server.reply = lambda body: (401, "who are you")
        with pytest.raises(SetupError, match="another key"):
            engine.answer([question()])


def run(folder, server, *more):
    out = folder / "out"
    args = [
        "run",
        str(folder / "in"),
        "--schema",
        "invoice_number, total: money",
        "--out",
        str(out),
    ]
    return invoke(*args, "--engine", "server", "--url", server.url, *more), out


class TestCommandLine:
    def test_a_run(self, server, tmp_path):
        write_invoices(tmp_path / "in", 3)

        def read(body):
            return completion('{"invoice_number":"INV-00002","total":"102.50"}')

        server.reply = read
        result, out = run(tmp_path, server)
        assert result.exit_code == 0, result.output
        assert "engine server" in result.stderr and "keeps to the schema" in result.stderr
        rows = [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]
        assert len(rows) == 3
        assert {row["engine"]["model_id"] for row in rows} == {"tiny"}
        statuses = {
            row["document"]["path"][-9:]: row["fields"]["invoice_number"]["status"] for row in rows
        }
        assert statuses.pop("00002.pdf") == "verified"
        assert "verified" not in statuses.values(), "what the page does not say is not believed"
        assert rows[0]["questions"][0]["views"][0].startswith("p1 whole")
        again, _ = run(tmp_path, server)
        assert again.exit_code == 0
        assert len(server.asked) == 3, "nothing is asked twice"

    def test_a_server_that_refuses_all_uses_up_no_folder(self, server, tmp_path):
        """Ten refusals in a row are the server's fault: the next run asks about all of them."""
        write_invoices(tmp_path / "in", 12)
        good, server.reply = server.reply, lambda body: (400, "no images, please")
        for _ in range(2):
            assert run(tmp_path, server)[0].exit_code == ExitCode.SETUP
        server.reply = good
        result, out = run(tmp_path, server)
        assert result.exit_code == ExitCode.OK, result.output
        assert len((out / "results.jsonl").read_bytes().splitlines()) == 12

    def test_ten_in_a_row_count_though_nothing_is_left_to_begin(self, server, tmp_path):
        write_invoices(tmp_path / "in", 11)
        server.reply = lambda body: (400, "no images, please")
        assert run(tmp_path, server)[0].exit_code == ExitCode.SETUP

    def test_a_key_that_the_server_says_again_is_written_nowhere(
        self, server, tmp_path, monkeypatch
    ):
        write_invoices(tmp_path / "in", 2)
        monkeypatch.setenv("DOCEXTRACT_API_KEY", "sk-0123456789")
        server.reply = lambda body: (400, f"bad key {server.headers['Authorization']}")
        result, out = run(tmp_path, server)
        assert "bad key Bearer (the key)" in result.output
        files = [path for path in out.rglob("*") if path.is_file()]
        assert not [path for path in files if b"sk-0123456789" in path.read_bytes()]
        assert "sk-0123456789" not in result.output

    def test_a_stopped_run_counts_what_it_did_not_come_to(self, server, tmp_path):
        write_invoices(tmp_path / "in", 40)
        server.reply = lambda body: (401, "no")
        result, out = run(tmp_path, server)
        assert result.exit_code == ExitCode.SETUP
        told = json.loads((out / "run.json").read_bytes())
        assert told["num_found"] == 40
        num_left = 40 - sum(told["counts"].values())
        assert f"with {num_left} documents to do" in result.stderr

    @pytest.mark.parametrize(
        ("num_documents", "code"), [(3, ExitCode.ALL_FAILED), (32, ExitCode.SETUP)]
    )
    def test_a_night_with_a_broken_server(self, server, tmp_path, num_documents, code):
        """It is no success, stops before it has gone through all, and the next night mends it."""
        write_invoices(tmp_path / "in", num_documents)
        good, server.reply = server.reply, lambda body: (500, "CUDA error")
        result, out = run(tmp_path, server)
        assert result.exit_code == code, result.output
        failures = list(map(json.loads, (out / "failures.jsonl").read_bytes().splitlines()))
        assert {(row["stage"], row["reason"]) for row in failures} == {
            ("answer", "engine_unavailable")
        }
        assert len(failures) < 32
        assert "the server answered 500" in result.stderr
        server.reply = good
        result, out = run(tmp_path, server)
        assert result.exit_code == ExitCode.OK, result.output
        assert len((out / "results.jsonl").read_bytes().splitlines()) == num_documents
        assert (out / "failures.jsonl").read_bytes() == b""

    def test_a_server_that_goes_away_loses_nothing(self, server, tmp_path):
        write_invoices(tmp_path / "in", 3)
        good = server.reply

        def stop_soon(body):
            server.is_gone = len(server.asked) >= 2
            return good(body)

        server.reply = stop_soon
        result, out = run(tmp_path, server, "--jobs", "1")
        assert result.exit_code == ExitCode.SETUP
        assert "no server answers" in result.stderr
        with serving() as other:
            result, _ = run(tmp_path, other)
            assert result.exit_code == 0
        rows = [json.loads(line) for line in (out / "results.jsonl").read_bytes().splitlines()]
        assert len(rows) == 3

    def test_an_interrupted_run_does_not_wait_for_answers(self, server, tmp_path):
        write_invoices(tmp_path / "in", 2)
        is_asked, may_end = threading.Event(), threading.Event()

        def hang(body):
            is_asked.set()
            may_end.wait(60)
            return completion("{}")

        server.reply = hang
        schema = "total: money"
        args = ["run", "in", "--schema", schema, "--engine", "server", "--url", server.url]
        command = [sys.executable, "-m", "docextract", *args]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
        try:
            assert is_asked.wait(60)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            may_end.set()
            process.kill()

    def test_the_doctor_asks_it(self, server):
        result = invoke("doctor", "--url", server.url)
        assert result.exit_code == 0
        assert "tiny at http://127.0.0.1" in result.stdout
        server.refuses = ("messages",)
        found = server_engine(server.url, None)
        assert found.level is Level.BROKEN
        assert "cannot answer about images" in found.told
        assert "--url" in server_engine(None, None).remedy

    def test_a_free_question(self, server, tmp_path):
        (path,) = write_invoices(tmp_path, 1)
        server.reply = says('{"answer":"INV-00001"}')
        args = ("ask", str(path), "-q", "Which number?", "--engine", "server", "--url", server.url)
        result = invoke(*args)
        assert result.exit_code == 0, result.output
        assert "INV-00001" in result.stdout

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (("--engine", "server"), "--engine server needs --url"),
            (("--engine", "text", "--url", "http://localhost/v1"), "not of text"),
            (("--url", "http://localhost/v1", "--quantization", "nf4"), "is set there"),
        ],
    )
    def test_options_that_do_not_fit(self, tmp_path, args, told):
        result = invoke("run", str(tmp_path), "--schema", "total: money", *args)
        assert result.exit_code == ExitCode.USAGE
        assert told in result.stderr
