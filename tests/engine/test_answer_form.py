"""Answers written sparse are read back as the full ones they stand for, whole, cut or not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docextract.core import FULL, SPARSE
from docextract.engine.answers.answer_form import (
    columns,
    expanded,
    keys_told,
    written,
    written_schema,
)
from docextract.engine.answers.answer_json import AnswerReader, answer_schema, complete
from docextract.engine.base import Question
from docextract.engine.prompt import build_prompt, prompt_version
from docextract.engine.server.replies.reply_reader import read_reply
from docextract.schema import leaves
from docextract.schema.loading import load_schema
from docextract.schema.sources.free_question import free_answer

BUILT_IN = ("invoice", "receipt", "purchase_order", "bank_statement")
INVOICE = load_schema("invoice")
ANSWER = {
    "invoice_number": "7",
    "seller": {"name": "Ink & Co", "tax_id": None},
    "buyer": {"name": "Mill"},
    "totals": {"net": "10.00", "gross": "11.90"},
    "lines": [
        {"description": "Ink", "net": "4.00"},
        {"description": "Paper", "net": "6.00", "tax_rate": "19"},
    ],
}
SPARSELY = (
    '{"invoice_number":"7","seller.name":"Ink & Co","buyer.name":"Mill","net":"10.00",'
    '"gross":"11.90","lines":[[null,null,"Ink",null,null,null,null,"4.00"],'
    '[null,null,"Paper",null,null,null,null,"6.00","19"]]}'
)


def whole(tree, shape=None):
    """Return an answer with null for all that it leaves out."""
    shape = shape or answer_schema(INVOICE)
    if "items" in shape:
        return [whole(row, shape["items"]) for row in tree or []]
    if "properties" not in shape:
        return tree
    return {name: whole((tree or {}).get(name), it) for name, it in shape["properties"].items()}


def read(text, schema=INVOICE):
    told = expanded(AnswerReader(text).tree, schema, SPARSE)
    return complete(told.root, answer_schema(schema)), told


def dumped(tree):
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def test_what_is_not_there_costs_nothing():
    assert dumped(written(whole(ANSWER), INVOICE, SPARSE)) == SPARSELY
    assert len(SPARSELY) < 0.25 * len(dumped(written(whole(ANSWER), INVOICE, FULL)))


def test_it_is_read_as_the_full_answer_it_stands_for():
    values, told = read(SPARSELY)
    assert values == whole(ANSWER)
    spans = told.by_path(AnswerReader(SPARSELY).spans)
    found = {path: json.loads(SPARSELY[slice(*span)]) for path, span in spans.items()}
    assert {path: value for path, value in found.items() if value is not None} == {
        path: value for path, value in leaves(whole(ANSWER)) if value is not None
    }


@pytest.mark.parametrize("name", BUILT_IN)
def test_keys_tell_every_field_apart(name):
    shape = answer_schema(load_schema(name))
    keys = [it.key for it in columns(shape)]
    assert len(set(keys)) == len(keys)
    assert all(".".join(it.path).endswith(it.key) for it in columns(shape))


leaf = st.none() | st.text("ab1", min_size=1, max_size=3)
rows = st.lists(st.fixed_dictionaries({"x": leaf, "y": leaf}), max_size=3)
trees = st.fixed_dictionaries({"a": leaf, "g": st.fixed_dictionaries({"b": leaf}), "l": rows})
ANY = load_schema("a, g: {b}, l: [x, y]")


@given(trees)
def test_nothing_is_lost_on_the_way(tree):
    assert read(dumped(written(tree, ANY, SPARSE)), ANY)[0] == tree


@given(trees, st.integers(0, 100))
def test_a_cut_answer_keeps_complete_rows_alone(tree, cut):
    text = dumped(written(tree, ANY, SPARSE))
    kept = read(text[: min(cut, len(text) - 1)], ANY)[0]["l"]
    assert kept == tree["l"][: len(kept)]


def test_an_empty_value_is_none():
    assert read('{"invoice_number":"","gross":"5"}')[0]["invoice_number"] is None


def test_a_question_in_ones_own_words_is_answered_as_ever():
    assert written_schema(free_answer(), SPARSE) == answer_schema(free_answer())
    assert keys_told(free_answer(), SPARSE) is None


def test_the_prompt_says_so_under_a_version_of_its_own():
    full, sparse = (build_prompt(INVOICE, keys=keys_told(INVOICE, it)) for it in (FULL, SPARSE))
    assert "- totals.gross" in full and "Write null" in full
    assert "- gross" in sparse and "Leave out what is not there" in sparse
    assert full == build_prompt(INVOICE), "answers asked for earlier are not asked for again"
    assert prompt_version(FULL) != prompt_version(SPARSE)


def reply_of(content):
    return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}]}


@pytest.mark.parametrize("content", [SPARSELY, dumped(whole(ANSWER)), f"It is: {SPARSELY}"])
def test_a_server_may_answer_in_either_form(content):
    answer = read_reply(reply_of(content), Question("x", (), INVOICE), SPARSE)
    assert answer.values == whole(ANSWER)


def test_probabilities_of_a_server_are_those_of_the_values_as_written():
    content = '{"gross":"9","lines":[[null,null,"Ink"]]}'
    tokens = [{"token": it, "logprob": -0.5 if it in "9Ink" else 0.0} for it in content]
    reply = reply_of(content)
    reply["choices"][0]["logprobs"] = {"content": tokens}
    odds = read_reply(reply, Question("x", (), INVOICE), SPARSE).probabilities
    assert odds["totals.gross"] == pytest.approx(0.6065, abs=1e-4)
    assert odds["lines[0].description"] == pytest.approx(0.2231, abs=1e-4)
