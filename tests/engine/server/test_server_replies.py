"""Replies of servers as they come in the wild: read, or refused with a reason and a remedy."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel
from support.command_line import invoke
from support.fake_server import by_character, completion, is_probe, nothing, serving
from support.pdfs import write_invoices

from docextract.core import (
    EngineError,
    EngineInfo,
    ModelOptions,
    Page,
    ReadOptions,
    Reason,
    SetupError,
    fingerprint,
)
from docextract.engine.answers.answer_json import AnswerReader, answer_schema, plain_schema
from docextract.engine.answers.answer_size import MAX_TOKENS, MIN_TOKENS, max_tokens_of
from docextract.engine.base import Question, StopReason
from docextract.engine.server import ServerEngine
from docextract.engine.server.replies.json_start import find_json
from docextract.engine.server.replies.reply_reader import read_reply
from docextract.engine.server.requests.ability import Ability, room_left, without_refused
from docextract.engine.server.requests.capabilities import choose_server
from docextract.schema.fields import Schema
from docextract.schema.loading import load_schema


class Party(BaseModel):
    """Somebody."""

    tax_id: str | None = None


class Line(BaseModel):
    """A row."""

    unit_price: Decimal | None = None


class Bill(BaseModel):
    """What is asked for."""

    invoice_number: str | None = None
    total: Decimal | None = None
    kind: Literal["credit_note", "invoice"] | None = None
    seller: Party = Party()
    lines: list[Line] = []


BILL = Schema.from_model(Bill)
SHAPE = answer_schema(BILL)
NOTHING: dict[str, object] = {
    "invoice_number": None,
    "total": None,
    "kind": None,
    "seller": {"tax_id": None},
    "lines": [],
}
TWO = {"invoice_number": "7", "total": "59.40"}
TEXT = json.dumps(TWO)
PAGE = Page(1, 30, 40, image=bytes([200]) * 3600, size=(30, 40))
QUESTION = Question("d", (PAGE,), BILL)


@pytest.fixture
def server():
    with serving() as fake:
        yield fake


def read(content, **more):
    message = {"content": content} | more.pop("message", {})
    choice = {"message": message, "finish_reason": "stop"} | more.pop("choice", {})
    return read_reply({"choices": [choice]} | more, QUESTION)


def refusal_of(reply, server):
    """Return the error that a reply to a question is."""
    server.reply = lambda body: reply
    (answer,) = ServerEngine(choose_server(server.url, None)).answer([QUESTION])
    assert answer.error is not None
    assert answer.error.hint, "everybody is told what to do"
    return answer.error


class TestUnderstood:
    @pytest.mark.parametrize(
        "content",
        [
            TEXT,
            f"```json\n{TEXT}\n```",
            f"<think>The {{total}} is {{\"total\": \"1\"}}.</think>\n{TEXT}",
            f"The {{total}}, as asked: {TEXT} {{done}}",
            f'Of the form {{"total": "...", ...}} it is {TEXT}',
            [{"type": "text", "text": TEXT}],
            [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": TEXT[:9]},
             {"type": "text", "text": TEXT[9:]}],
            json.dumps({"invoice": TWO}),
            json.dumps({"status": "ok", "data": {"result": TWO}}),
            json.dumps([TWO]),
            json.dumps({"invoiceNumber": "7", "Total": "59.40"}),
            json.dumps({"Invoice Number": "7", "total": 59.4}).replace("59.4", "59.40"),
            json.dumps([{"field": "invoice_number", "value": "7"},
                        {"field": "total", "value": "59.40"}]),
            json.dumps({"fields": [{"name": key, "value": it} for key, it in TWO.items()]}),
            json.dumps({key: {"value": it, "confidence": 0.9} for key, it in TWO.items()}),
            '{"invoice_number": "7", "total": "59.40", "total": null}',
            '{"invoice_number": "7", "total": "1", "total": "59.40",}',
            "{\"invoice_number\": \"7\" \"total\": \"59.40\"}",
        ],
    )  # fmt: skip
    def test_two_values_put_in_many_ways(self, content):
        answer = read(content)
        assert answer.values == NOTHING | TWO
        assert answer.stop_reason is StopReason.END

    @pytest.mark.parametrize(
        ("said", "values"),
        [
            ({"seller.taxId": "X", "lines[0].unitPrice": "1", "lines[1].unitPrice": "2"},
             {"seller": {"tax_id": "X"}, "lines": [{"unit_price": "1"}, {"unit_price": "2"}]}),
            ({"fields": [{"field": "lines[0].unit_price", "value": "1"},
                         {"field": "seller.tax_id", "value": "X"}]},
             {"seller": {"tax_id": "X"}, "lines": [{"unit_price": "1"}]}),
            ([{"unitPrice": "1"}, {"unit_price": "2"}],
             {"lines": [{"unit_price": "1"}, {"unit_price": "2"}]}),
            ('{"lines": [{"unit_price": "1"}], "seller": {"tax_id": "X"}, "lines": [],'
             ' "seller": {"tax_id": null}}',
             {"seller": {"tax_id": "X"}, "lines": [{"unit_price": "1"}]}),
            ({"kind": "Credit Note"}, {"kind": "credit_note"}),
            ({"seller": {"taxID": "X", "other": 1}}, {"seller": {"tax_id": "X"}}),
        ],
    )  # fmt: skip
    def test_parts_and_rows(self, said, values):
        text = said if isinstance(said, str) else json.dumps(said)
        assert read(text).values == NOTHING | values

    @pytest.mark.parametrize(
        "said",
        [
            NOTHING,
            {"total": None},
            {"invoice": {"total": None, "lines": []}},
            {"kind": "other"},
            NOTHING | {"note": "blurred"},
        ],
    )
    def test_an_obedient_answer_may_be_empty(self, said):
        assert read(json.dumps(said)).values == NOTHING

    def test_probabilities_follow_their_values(self):
        content = '<think>so</think>{"invoice": {"Total": "59.40", "invoiceNumber": "7"}}'
        at = content.index("59")
        tokens = by_character(content, lambda i: math.log(0.5) if i == at else 0.0)
        answer = read(content, choice={"logprobs": {"content": tokens}})
        assert answer.probabilities == pytest.approx({"total": 0.5, "invoice_number": 1.0})

    @pytest.mark.parametrize(
        "odd",
        [
            {"bytes": 1_500_000_000},
            {"bytes": [32] * 5000},
            {"bytes": ["x"]},
            {"bytes": [300]},
            {"logprob": math.nan},
            {"logprob": math.inf},
            {"logprob": "high"},
            {"logprob": float("9" * 400)},
            {"logprob": None},
        ],
    )
    def test_odd_tokens_cost_probabilities_at_most(self, odd):
        tokens = by_character(TEXT)
        tokens[0] |= odd
        answer = read(TEXT, choice={"logprobs": {"content": tokens}})
        assert answer.values == NOTHING | TWO
        assert all(0 <= odds <= 1 for odds in answer.probabilities.values())
        assert not answer.probabilities or "bytes" in odd

    @pytest.mark.parametrize("told", [10**400, math.nan, math.inf, -1, "many", None, [1], True])
    def test_odd_usage_is_left_out(self, told):
        usage = {"prompt_tokens": told, "completion_tokens": 3}
        assert read(TEXT, usage=usage).usage.get("completion_tokens") == 3

    def test_numbers_of_any_length(self, server):
        digits = "9" * 10_000
        _, reply = completion(f'{{"total": {digits}, "invoice_number": 7}}')
        text = json.dumps(reply).replace('"prompt_tokens": 7', f'"prompt_tokens": {digits}')
        server.reply = lambda body: (200, text)
        (answer,) = ServerEngine(choose_server(server.url, None)).answer([QUESTION])
        assert answer.error is None
        assert answer.values["invoice_number"] == "7"
        assert set(answer.values["total"]) == {"9"} and len(answer.values["total"]) < 100
        assert answer.stop_reason is StopReason.LENGTH, "no part of a value is silently the value"
        assert "prompt_tokens" not in answer.usage

    def test_rows_and_characters_without_number(self):
        rows = '{"total": "59.40", "lines": [' + '{"unit_price": "1"},' * 50_000
        answer = read(rows, choice={"logprobs": {"content": by_character(rows)}})
        assert len(answer.values["lines"]) == SHAPE["properties"]["lines"]["maxItems"]
        assert answer.stop_reason is StopReason.LENGTH
        long = read('{"total": "59.40", "invoice_number": "' + "x\\n" * 1000 + '"}')
        assert len(long.values["invoice_number"]) < 300

    def test_a_broken_end_is_told(self):
        answer = read('{"total": "59.40", "invoice_number": oh}')
        assert answer.values["total"] == "59.40"
        assert answer.stop_reason is StopReason.LENGTH


class TestNotUnderstood:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("I see an invoice.", "is no JSON"),
            ("{}", "names nothing"),
            ('{"foo": "1", "bar": {"baz": "2"}}', "names foo, bar"),
            ('{"total": null, "reason": "blurred"}', "nothing of the answer fits"),
            ('{"lines": "none", "seller": "ACME"}', "nothing of the answer fits"),
            ('{"invoices": [{"total": "1"}, {"total": "2"}]}', "nothing of the answer fits"),
            (json.dumps(NOTHING | {"seller": {"name": "X"}, "lines": [{"price": "1"}]}),
             "nothing of the answer fits"),
            (json.dumps(NOTHING | {"seller": "ACME"}), "nothing of the answer fits"),
            ("[1, 2]", "is no JSON"),
            ('{"a":' * 200_000, "no JSON|nothing of the answer fits|characters"),
            ("{" * 100_000, "is no JSON"),
            ("[" * 100_000, "is no JSON|nothing of the answer fits"),
            ("x\n" * 1_000_000, "2,000,000 characters"),
            ("<think>{", "thought and gave no answer"),
            ('<think>{"total": "1"}</think> Sorry.', "is no JSON"),
            ("", "is empty"),
            (None, "is empty"),
            ([], "is empty"),
            ([{"type": "reasoning", "text": "Hm"}], "thought and gave no answer"),
        ],
    )  # fmt: skip
    def test_it_is_an_error_that_helps(self, content, told):
        with pytest.raises(EngineError, match=told) as error:
            read(content)
        assert error.value.reason is Reason.INVALID_ANSWER
        assert len(str(error.value)) < 300
        assert error.value.hint

    @pytest.mark.parametrize(
        ("choice", "reason", "hint"),
        [
            ({"finish_reason": "length"}, Reason.INVALID_ANSWER, "--max-answer-tokens"),
            ({"finish_reason": "content_filter"}, Reason.REFUSED, "filter"),
            ({"message": {"content": None, "refusal": "I can't."}}, Reason.REFUSED, "model"),
            ({"message": {"content": [{"type": "refusal", "refusal": "No"}]}}, Reason.REFUSED,
             "model"),
            ({"message": {"content": "", "reasoning_content": "Hm"}}, Reason.INVALID_ANSWER,
             "thinking"),
        ],
    )  # fmt: skip
    def test_nothing_was_said(self, choice, reason, hint):
        with pytest.raises(EngineError) as error:
            read("", choice=choice)
        assert error.value.reason is reason
        assert hint in error.value.hint

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ({"message": "no such adapter", "code": 400}, Reason.REFUSED),
            ({"message": "bad", "type": "invalid_request_error"}, Reason.REFUSED),
            ({"message": "bad", "type": "internal_server_error"}, Reason.ENGINE_UNAVAILABLE),
            ({"message": "oh", "code": 500}, Reason.ENGINE_UNAVAILABLE),
            ("CUDA out of memory", Reason.ENGINE_UNAVAILABLE),
            ("maximum context length is 10 tokens", Reason.TOO_LARGE),
            (["odd"], Reason.ENGINE_UNAVAILABLE),
            ({"message": "no", "type": "content_policy_violation"}, Reason.REFUSED),
        ],
    )
    def test_an_error_inside_a_reply(self, server, error, reason):
        assert refusal_of((200, {"error": error}), server).reason is reason
        if isinstance(error, dict):
            assert refusal_of((200, {"object": "error"} | error), server).reason is reason

    @pytest.mark.parametrize(
        ("status", "said", "reason", "hint"),
        [
            (400, "cannot decode image", Reason.REFUSED, "message names"),
            (404, '{"detail": "no such model"}', Reason.REFUSED, "--url"),
            (422, "bad", Reason.REFUSED, "message names"),
            (500, "CUDA out of memory. Tried to", Reason.ENGINE_UNAVAILABLE, "more memory"),
            (500, "oops", Reason.ENGINE_UNAVAILABLE, "log"),
            (413, "", Reason.TOO_LARGE, "larger requests"),
            (400, "exceeds the available context size", Reason.TOO_LARGE, "--ctx-size"),
            (200, "<html>", Reason.INVALID_ANSWER, "/v1"),
            (200, '{"a":' * 200_000 + "1" + "}" * 200_000, Reason.INVALID_ANSWER, "/v1"),
            (200, '{"a long enough key":' * 20_000, Reason.INVALID_ANSWER, "/v1"),
            (200, "9" * 10_000, Reason.INVALID_ANSWER, "/v1"),
            (200, '{"choices": [{"message": 7}]}', Reason.INVALID_ANSWER, "--url"),
        ],
    )
    def test_what_is_no_completion(self, server, status, said, reason, hint):
        error = refusal_of((status, said), server)
        assert error.reason is reason
        assert hint in error.hint

    def test_what_a_server_says_acts_on_no_terminal(self, server):
        error = refusal_of((400, "\x1b[2J bad\nimage"), server)
        assert "\x1b" not in str(error) and "\n" not in str(error)


def refuses(server, text, is_refused):
    """Let a server refuse requests with such a text, else obey."""
    obey = server.reply
    server.reply = lambda body: (
        (400, {"error": {"message": text}}) if is_refused(body) else obey(body)
    )


class TestOtherWords:
    def ask_twice(self, server):
        engine = ServerEngine(choose_server(server.url, None))
        answers = [engine.answer([QUESTION])[0] for _ in range(2)]
        assert [answer.error for answer in answers] == [None, None]
        return [body for body in server.bodies if not is_probe(body)]

    @pytest.mark.parametrize(
        ("text", "key", "num_asked"),
        [
            ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", "max_tokens", 3),
            ("'temperature' does not support 0 with this model.", "temperature", 3),
            ("logprobs are not available", "logprobs", 3),
        ],
    )
    def test_what_is_refused_is_left_out_from_then_on(self, server, text, key, num_asked):
        refuses(server, text, lambda body: key in body)
        asked = self.ask_twice(server)
        assert len(asked) == num_asked
        assert key not in asked[-1]
        assert asked[-1].keys() >= {"model", "messages"}

    def test_a_schema_goes_in_two_steps(self, server):
        told = "response_format json_schema is not supported"
        refuses(server, told, lambda body: "response_format" in body)
        engine = ServerEngine(choose_server(server.url, None))
        (answer,) = engine.answer([QUESTION])
        assert "no JSON" in str(answer.error), "it was asked in the end, and heeds no schema"
        assert ["response_format" in body for body in server.asked] == [True, True, False]
        engine.answer([QUESTION])
        assert len(server.asked) == 4

    def test_a_limit_has_two_names(self, server):
        refuses(server, "'max_tokens' is not supported", lambda body: "max_tokens" in body)
        asked = self.ask_twice(server)
        assert asked[-1]["max_completion_tokens"] == asked[0]["max_tokens"]

    @pytest.mark.parametrize("word", ["maxLength", "anyOf"])
    def test_a_schema_is_put_in_plainer_words(self, server, word):
        refuses(server, f"schema: {word} is not permitted", lambda body: word in json.dumps(body))
        asked = self.ask_twice(server)
        assert len(asked) == 3
        sent = asked[-1]["response_format"]["json_schema"]["schema"]
        assert sent == plain_schema(SHAPE)
        assert sent["properties"]["lines"]["items"]["properties"]["unit_price"] == {
            "type": ["string", "null"]
        }

    def test_all_at_once_from_the_probe_on(self, server):
        server.refuses = ("max_tokens", "temperature", "logprobs")
        chosen = choose_server(server.url, None)
        assert chosen.ability == Ability(
            True, False, has_temperature=False, limit_key="max_completion_tokens"
        )
        assert len(server.bodies) == 4

    def test_what_names_nothing_is_refused_once(self, server):
        refuses(server, "cannot decode image", lambda body: True)
        (answer,) = ServerEngine(choose_server(server.url, None)).answer([QUESTION])
        assert answer.error is not None and answer.error.reason is Reason.REFUSED
        assert len(server.asked) == 1

    @pytest.mark.parametrize("told", ["", "bad image", "maximum context length is 9 tokens"])
    def test_nothing_to_leave_out(self, told):
        assert without_refused(Ability(True, True), told) is None


CONTEXT = (
    "This model's maximum context length is {0} tokens. However, you requested {1} tokens "
    "({2} in the messages, {3} in the completion). Please reduce the length."
)


class TestContext:
    @pytest.mark.parametrize(
        ("told", "room"),
        [
            (CONTEXT.format(4096, 9500, 1500, 8000), 2596),
            ("'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum "
             "context length is 4096 tokens and your request has 1203 input tokens "
             "(8000 > 4096 - 1203).", 2893),
            ("Requested token count exceeds the model's maximum context length of 4096 tokens. "
             "You requested a total of 9000 tokens: 1000 tokens from the input messages and 8000 "
             "tokens for the completion.", 3096),
            ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and "
             "8000 `max_new_tokens`", 3096),
            ("max_tokens is too large: 8000. This model supports at most 4096 completion tokens, "
             "whereas you provided 8000.", 4096),
            (CONTEXT.format(4096, 13000, 5000, 8000), None),
            ("maximum context length is 4096 tokens. However, you requested 8900 tokens", 3196),
            ("the request exceeds the available context size", None),
            ("no such image", None),
        ],
    )  # fmt: skip
    def test_what_is_left(self, told, room):
        assert room_left(told, 8000) == room

    def refuse(self, server, context, num_prompt):
        obey = server.reply

        def answer(body):
            total = num_prompt + body["max_tokens"]
            if total <= context:
                return obey(body)
            told = CONTEXT.format(context, total, num_prompt, body["max_tokens"])
            return 400, {"error": {"message": told}}

        server.reply = answer

    def test_an_answer_takes_what_is_left_and_that_is_remembered(self, server):
        self.refuse(server, 4096, 2900)
        engine = ServerEngine(choose_server(server.url, None))
        for _ in range(2):
            (answer,) = engine.answer([QUESTION])
            assert answer.error is None
        wanted = max_tokens_of(SHAPE)
        assert [body["max_tokens"] for body in server.asked] == [wanted, 1196, 1196]

    def test_a_prompt_that_is_too_long_alone(self, server):
        self.refuse(server, 4096, 5000)
        (answer,) = ServerEngine(choose_server(server.url, None)).answer([QUESTION])
        assert answer.error is not None and answer.error.reason is Reason.TOO_LARGE
        assert "longer context" in answer.error.hint
        assert len(server.asked) == 1


class TestLongestAnswer:
    def test_it_grows_with_the_schema(self):
        sizes = [
            max_tokens_of(answer_schema(load_schema(spec)))
            for spec in ("total: money", "invoice", "bank_statement")
        ]
        assert sizes == sorted(sizes)
        assert sizes[0] == MIN_TOKENS and 2647 * 2 < sizes[-1] <= MAX_TOKENS

    def test_it_can_be_given(self, server, tmp_path):
        write_invoices(tmp_path / "in", 1)
        args = (
            "run",
            str(tmp_path / "in"),
            "--schema",
            "total: money",
            "--engine",
            "server",
            "--url",
            server.url,
        )
        result = invoke(*args, "--out", str(tmp_path / "out"), "--max-answer-tokens", "777")
        assert result.exit_code == 0, result.output
        assert [body["max_tokens"] for body in server.asked] == [777]
        (row,) = map(json.loads, (tmp_path / "out/results.jsonl").read_bytes().splitlines())
        assert row["engine"]["max_answer_tokens"] == 777
        asking = invoke(
            "ask", str(tmp_path / "in"), "-q", "?", "--url", server.url,
            "--max-answer-tokens", "55",
        )  # fmt: skip
        assert server.asked[-1]["max_tokens"] == 55, asking.output

    def test_it_changes_the_fingerprint_where_it_is_given_alone(self):
        def mark(engine):
            return fingerprint("x", ReadOptions(), engine, "y")

        info = EngineInfo("server", "tiny")
        before = {name: it for name, it in asdict(info).items() if name != "max_answer_tokens"}
        assert mark(asdict(info)) == mark(before)
        assert mark(asdict(replace(info, max_answer_tokens=9))) != mark(before)

    def test_the_command_line_hands_it_on(self):
        assert ModelOptions().max_answer_tokens is None


class TestProbe:
    @pytest.mark.parametrize("content", ["", None, "  \n ", "<think>Hm", '{"rep'])
    def test_a_model_that_thinks_is_not_turned_away(self, server, content):
        server.probe = lambda body: completion(content, finish_reason="length")
        chosen = choose_server(server.url, None)
        assert chosen.ability.is_constrained
        assert "thinks before it answers" in chosen.why
        server.reply = lambda body: completion(f"<think>Hm</think>{TEXT}")
        (answer,) = ServerEngine(chosen).answer([QUESTION])
        assert answer.values == NOTHING | TWO

    def test_blanks_that_eat_the_reply_do_not_hide_that_it_keeps_to_the_schema(self, server):
        content = '{"reply":\n\t\t   \n \t "docex'
        server.probe = lambda body: completion(content, finish_reason="length")
        chosen = choose_server(server.url, None)
        assert chosen.ability.is_constrained
        assert "which keeps to the schema" in chosen.why

    def test_prose_is_no_thought(self, server):
        server.probe = lambda body: completion("This image shows", finish_reason="length")
        assert not choose_server(server.url, None).ability.is_constrained

    def test_blanks_do_not_hide_that_the_schema_is_kept(self, server):
        server.probe = lambda body: completion('  {\n "reply" :\t"docextract-probe"\n}\n')
        assert "keeps to the schema" in choose_server(server.url, None).why
        assert server.bodies[0]["max_tokens"] == 256

    def test_another_address(self, server):
        server.probe = lambda body: (404, "no such page")
        with pytest.raises(SetupError, match="has no chat completions") as error:
            choose_server(server.url, None)
        assert "--url" in error.value.hint and "--model" in error.value.hint
        assert len(server.bodies) == 1

    def test_a_server_that_fails(self, server):
        server.probe = lambda body: (500, "CUDA out of memory")
        with pytest.raises(SetupError, match="out of memory") as error:
            choose_server(server.url, None)
        assert "more memory" in error.value.hint


leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
objects = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        leaves,
        lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(max_size=3), it, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)
prose = st.text(max_size=30).filter(lambda text: not set(text) & set("{}[]<|◁"))


@given(prose, objects, prose, st.sampled_from([None, 2]))
def test_any_object_in_prose_is_found(before, said, after, indent):
    text = json.dumps(said, indent=indent, ensure_ascii=False)
    assume("</" not in text and "[/" not in text and "◁" not in text)
    whole = f"{before}{text}{after}"
    (found,) = find_json(whole)
    assert (found.begin, found.end, found.is_whole) == (len(before), len(before) + len(text), True)
    assert AnswerReader(whole, found.begin).is_complete


@given(
    st.text(
        alphabet=st.sampled_from('{}[]":,\\ntrue019.-eE <>/think|') | st.characters(), max_size=60
    )
)
def test_no_text_does_more_than_be_refused(content):
    for found in find_json(content):
        assert 0 <= found.begin < found.end <= len(content)
    try:
        answer = read(content)
    except EngineError as error:
        assert error.reason is Reason.INVALID_ANSWER
    else:
        assert set(answer.values) == set(nothing(SHAPE))
