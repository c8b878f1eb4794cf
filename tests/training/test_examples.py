"""What is taught are the tokens of the engine: its prompt, its grammar's answer, its features."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.slips import READER

from docextract.core import ANSWER_FORMS, EngineError
from docextract.engine.answers.answer_form import written
from docextract.engine.base import StopReason
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder, read_answer
from docextract.engine.llava.decode.grammar import Grammars
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.weights.load import load_model
from docextract.schema.loading import load_schema
from docextract.training.collect.opened_pages import PageReader
from docextract.training.dataset.item import Item, ItemKind, Split
from docextract.training.examples.answer_ids import answer_ids, answer_text
from docextract.training.examples.example import ExampleMaker
from docextract.training.examples.example_set import make_examples
from docextract.training.examples.page_shelf import DocumentKey, PageShelf
from docextract.training.examples.step_order import drawn, num_documents, step_order
from docextract.training.examples.tower_features import TowerFeatures
from docextract.training.weights.empty_model import load_empty

pytestmark = pytest.mark.model
NAMES = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5, unique=True)
# A grammar of JSON has no control characters as they are; such a print is left out.
PRINT = st.characters(exclude_categories=("Cc", "Cs"))
VALUES = st.none() | st.text(PRINT, min_size=1, max_size=40)


@pytest.fixture(scope="module")
def loaded():
    return load_model(READER)


@pytest.fixture(scope="module")
def tokens(loaded):
    tokenizer = loaded.processor.tokenizer
    return Grammars(tokenizer, 576), tokenizer


@pytest.fixture(scope="module")
def shelf(dataset):
    with PageReader(num_workers=1) as reader:
        yield PageShelf(dataset, reader)


def walked(schema, text, grammars):
    """Return the row of a decoder that writes a text: forced tokens, else what comes next."""
    row = Row(0, grammars.start(schema), Limits())
    row.begin(1, 1)
    while row.stop is None:
        done = b"".join(grammars.text_of(row.tokens))
        rest = text.encode()[len(done) :]
        trie = row.grammar
        row.accept(first_token(rest, trie), 0.0)
    return row


def first_token(rest, grammar):
    return grammar._trie.tokenize_bytes(rest)[0]


@pytest.mark.parametrize("form", ANSWER_FORMS)
def test_every_item_is_asked_as_the_engine_asks(dataset, loaded, shelf, form):
    maker = ExampleMaker(loaded, dataset.schemas, answer_form=form)
    decoder = Decoder(loaded, Limits(), 1, answer_form=form)
    for item in dataset.items[::15]:
        pages = shelf.pages(DocumentKey(item.path, item.sha256))
        plan = decoder.plan(item.question(pages, dataset.schemas))
        example = maker.make(item, pages)
        image = maker.image_token
        shown = [token for token in example.prompt_ids if token != image]
        assert shown == [token for token in plan.ids if token != image]
        assert len(example.prompt_ids) == plan.num_tokens
        assert [key.view for key in example.views] == [shown.view for shown in plan.views]
        question = item.question(pages, dataset.schemas)
        answer = written(item.answer, question.schema, form)
        told = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        assert loaded.processor.tokenizer.decode(example.answer_ids[:-1]) == told


@settings(max_examples=60)
@given(NAMES, st.data())
def test_answers_are_tokens_of_their_grammar(loaded, tokens, names, data):
    grammars, tokenizer = tokens
    schema = load_schema(", ".join([*names, ""]) if len(names) == 1 else ", ".join(names))
    answer = {name: data.draw(VALUES) for name in names}
    ids = answer_ids(answer, schema, grammars, tokenizer)
    row = walked(schema, answer_text(answer, schema), grammars)
    assert row.tokens == ids
    assert row.stop is StopReason.END
    assert read_answer(row, grammars, schema, {}).values == answer


@pytest.mark.parametrize("value", ["<s>", "</s> 12.00", "a <image> b", "<unk>"])
def test_the_name_of_a_special_token_is_text_in_an_answer(tokens, value):
    grammars, tokenizer = tokens
    schema = load_schema("number: text, name: text")
    answer = {"number": value, "name": None}
    ids = answer_ids(answer, schema, grammars, tokenizer)
    assert b"".join(grammars.text_of(ids)).decode() == answer_text(answer, schema)
    assert not set(ids) & set(tokenizer.all_special_ids)


def test_rows_are_answers_too(tokens):
    grammars, tokenizer = tokens
    schema = load_schema("number: id, lines: [name: text, net: money]")
    answer = {
        "number": "A-1",
        "lines": [{"name": "Tea", "net": "1.50"}, {"name": None, "net": "2"}],
    }
    ids = answer_ids(answer, schema, grammars, tokenizer)
    text = b"".join(grammars.text_of(ids)).decode()
    assert text == answer_text(answer, schema)
    assert answer_ids({"number": None, "lines": []}, schema, grammars, tokenizer)


def test_an_answer_its_grammar_does_not_allow_is_refused(tokens):
    grammars, tokenizer = tokens
    schema = load_schema("number: id,")
    for wrong in ({"number": "x" * 500}, {}, {"number": ["a"]}):
        with pytest.raises(EngineError):
            answer_ids(wrong, schema, grammars, tokenizer)


def test_what_does_not_fit_is_left_out_and_never_cut(dataset, loaded, shelf):
    maker = ExampleMaker(loaded, dataset.schemas)
    items = [item for item in dataset.items if item.kind is ItemKind.TEXT][:3]
    maker.context = 150
    left_out = []  # type: ignore[var-annotated]
    long = Item(
        ItemKind.TEXT, items[0].path, items[0].sha256, (1,), {"answer": "x1y2z3" * 100},
        instructions="What is printed?",
    )  # fmt: skip
    maker.context = 300
    found = make_examples([*items, long], maker, shelf, left_out)
    assert long.id not in found
    assert [row.why.value for row in left_out] == ["question and answer do not fit the context"]
    assert all(example.num_tokens <= 300 for example in found.values())


def test_the_context_of_a_model_without_weights_is_the_same(dataset, loaded, shelf):
    item = dataset.items[0]
    pages = shelf.pages(DocumentKey(item.path, item.sha256))
    with_weights = ExampleMaker(loaded, dataset.schemas).make(item, pages)
    assert ExampleMaker(load_empty(READER), dataset.schemas).make(item, pages) == with_weights


def test_features_are_those_of_the_engine_and_carry_no_gradient(dataset, loaded, shelf):
    import torch

    item = dataset.items[0]
    pages = shelf.pages(DocumentKey(item.path, item.sha256))
    example = ExampleMaker(loaded, dataset.schemas).make(item, pages)
    encoder = Encoder(loaded)
    views = [key.view for key in example.views]
    engine, *_ = encoder.encode(encoder.prepare(pages[0], views))
    features = TowerFeatures(encoder)
    found = features.of(example.views[0], lambda: pages[0])
    assert not found.requires_grad
    assert features.of(example.views[0], lambda: pytest.fail("seen twice")) is found
    from docextract.engine.llava.vision.encoder import pack_features

    inner = loaded.model.model
    packed = pack_features(inner.multi_modal_projector(found), views[0], inner.image_newline)
    assert torch.equal(packed, engine)


def test_steps_depend_on_the_seed_and_nothing_else(dataset):
    items = dataset.of(Split.TRAIN)
    steps = step_order(items, 20, 4, seed=1)
    assert step_order(list(reversed(items)), 20, 4, seed=1) == steps
    assert step_order(items, 20, 4, seed=2) != steps
    assert step_order(items, 10, 4, seed=1) == steps[:10]


def test_items_of_which_nothing_can_be_made_leave_their_place_to_others(dataset):
    items = dataset.of(Split.TRAIN)
    lost = {item.id for item in items if item.id < "8"}
    asked = []

    def make(some):
        asked.append(len(some))
        return {item.id: item for item in some if item.id not in lost}

    steps, made = drawn(items, 10, 4, 0, make)
    assert len(asked) > 1
    assert {one for step in steps for one in step} <= made.keys()
    assert not made.keys() & lost
    assert all(len(step) == 4 for step in steps)


def test_an_epoch_asks_every_document_once(dataset):
    items = dataset.of(Split.TRAIN)
    documents = {item.id: item.document_key for item in items}
    num = num_documents(items)
    (epoch,) = step_order(items, 1, num, seed=0)
    assert sorted(documents[one] for one in epoch) == sorted(set(documents.values()))
