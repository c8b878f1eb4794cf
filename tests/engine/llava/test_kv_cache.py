"""Decoding in slots gives the tokens and odds of decoding one page alone, whatever happens."""

from __future__ import annotations

import copy
import datetime as dt
import logging
import math
import random
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model
from support.grammar_generate import generate, teacher_forced
from support.tiny_llava import build_tiny_llava

from docextract.core import ANSWER_FORMS, SPARSE, EngineError, Page, Reason
from docextract.engine.answers.answer_json import answer_schema
from docextract.engine.base import Question, StopReason
from docextract.engine.llava.decode import batch as batch_module
from docextract.engine.llava.decode import scheduler as scheduler_module
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.batch import Request
from docextract.engine.llava.decode.engine import Decoder, read_answer
from docextract.engine.llava.decode.grammar import Grammars
from docextract.engine.llava.decode.scheduler import Scheduler
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.forward.attention import Chunk
from docextract.engine.llava.forward.kv_cache import SlotCache
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.prompt import question_plan
from docextract.engine.llava.prompt.inputs import PageInput
from docextract.engine.llava.weights.load import load_model
from docextract.schema.fields import Schema
from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model

UNGUARDED = Limits(max_new_tokens=90, max_field_tokens=10**6, min_loop_bytes=10**6)
SIZES = [(100, 100), (60, 200), (200, 60), (180, 160), (100, 100), (90, 210)]


class Choices(BaseModel):
    currency: Literal["EUR", "USD"] | None = None
    is_paid: Literal["yes", "no"] | None = None


class VendorAndChoice(BaseModel):
    vendor: str | None = None
    currency: Literal["EUR", "USD"] | None = None


SCHEMAS = [
    load_schema("total: money"),
    load_schema("vendor, date, lines: [net: money]"),
    Schema.from_model(Choices),
]
VENDOR_AND_CHOICE = Schema.from_model(VendorAndChoice)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    import torch

    num_threads = torch.get_num_threads()
    # On models this small a second thread costs more than it gives.
    torch.set_num_threads(1)
    yield load_model(build_tiny_llava(tmp_path_factory.mktemp("tiny")))
    torch.set_num_threads(num_threads)


@pytest.fixture(scope="module")
def grammars(loaded):
    num_tokens = loaded.model.get_output_embeddings().weight.shape[0]
    return Grammars(loaded.processor.tokenizer, num_tokens)


def page(size, seed=0):
    pixels = random.Random(seed).randbytes(size[0] * size[1] * 3)
    return Page(1, size[0], size[1], image=pixels, size=size)


def mixed_questions():
    """Pages of several shapes, schemas of several lengths."""
    return [
        Question(str(i), (page(size, i),), SCHEMAS[i % len(SCHEMAS)])
        for i, size in enumerate(SIZES)
    ]


def tokens_of(rows):
    return [row.tokens for row in rows]


@pytest.fixture(scope="module")
def alone(loaded):
    """The rows of each question asked alone, one slot, a fresh decoder each."""
    return [Decoder(loaded, UNGUARDED, 1).decode([asked])[0] for asked in mixed_questions()]


@pytest.fixture
def counted(loaded):
    """Count tokens through the decoder, tiles through the tower and the shape of every pass."""
    counts: dict[str, Any] = {"tokens": 0, "tiles": 0, "passes": []}

    def count_tokens(module, args, kwargs):
        width = kwargs["inputs_embeds"].shape[1]
        counts["tokens"] += width
        # Rows of a step are packed into one sequence; a page is alone.
        rows = kwargs["layout"].shape.num_rows if "layout" in kwargs else None
        counts["passes"].append((rows, width))

    def count_tiles(module, args, kwargs):
        counts["tiles"] += (args[0] if args else kwargs["pixel_values"]).shape[0]

    model = loaded.model.model
    hooks = [
        model.language_model.register_forward_pre_hook(count_tokens, with_kwargs=True),
        model.vision_tower.register_forward_pre_hook(count_tiles, with_kwargs=True),
    ]
    yield counts
    for hook in hooks:
        hook.remove()


class TestSameTokens:
    def test_alone_is_generate_with_a_grammar(self, loaded, grammars, alone):
        for row, asked in zip(alone, mixed_questions(), strict=True):
            grammar = grammars.start(asked.schema)
            tokens, log_probs = generate(loaded, grammar, asked, len(row.tokens))
            assert row.tokens == tokens
            assert row.log_probs[:-1] == pytest.approx(log_probs[: len(tokens) - 1], abs=1e-5)

    @pytest.mark.parametrize("num_slots", [1, 2, 3, 6, 32])
    def test_together_is_alone(self, loaded, alone, num_slots):
        rows = Decoder(loaded, UNGUARDED, num_slots).decode(mixed_questions())
        assert tokens_of(rows) == tokens_of(alone)
        for row, expected in zip(rows, alone, strict=True):
            assert row.log_probs == pytest.approx(expected.log_probs, abs=1e-5)
            assert row.stop is expected.stop

    def test_rows_are_refilled_at_once(self, loaded, counted):
        Decoder(loaded, UNGUARDED, 2).decode(mixed_questions())
        pages = [i for i, (rows, _) in enumerate(counted["passes"]) if rows is None]
        assert len(pages) == len(SIZES)
        assert pages[:2] == [0, 1]
        assert pages[2] > 2, "a page was read while another answer was being decoded"
        steps = {rows for rows, _ in counted["passes"][: pages[-1]] if rows is not None}
        assert steps == {2}, "no step ran half empty while pages were waiting"

    def test_slots_that_grow(self, loaded, alone, monkeypatch):
        monkeypatch.setattr(batch_module, "_USUAL_ANSWER", 0)
        monkeypatch.setattr(batch_module, "_LENGTH_STEP", 16)
        rows = Decoder(loaded, UNGUARDED, 3).decode(mixed_questions())
        assert tokens_of(rows) == tokens_of(alone)

    def test_after_running_out_of_memory(self, loaded, alone, caplog):
        import torch

        def fail(module, args, kwargs):
            if "layout" in kwargs and kwargs["layout"].shape.num_rows > 2:
                raise torch.OutOfMemoryError("no room")

        decoder = Decoder(loaded, UNGUARDED, 4)
        language_model = loaded.model.model.language_model
        hook = language_model.register_forward_pre_hook(fail, with_kwargs=True)
        try:
            with caplog.at_level(logging.WARNING):
                rows = decoder.decode(mixed_questions())
                (told, *_) = Decoder(loaded, UNGUARDED, 3).answer(mixed_questions())
        finally:
            hook.remove()
        assert tokens_of(rows) == tokens_of(alone)
        assert "out of memory with 4 pages at once; going on with 2" in caplog.text
        assert told.usage["slot_halvings"] == 1

    def test_a_cache_that_does_not_fit_is_halved_too(self, loaded, alone, monkeypatch):
        import torch

        allocate = SlotCache._allocate

        def allocate_little(cache):
            if cache.num_slots > 1:
                raise torch.OutOfMemoryError("no room")
            return allocate(cache)

        monkeypatch.setattr(SlotCache, "_allocate", allocate_little)
        decoder = Decoder(loaded, UNGUARDED, 4)
        assert tokens_of(decoder.decode(mixed_questions())) == tokens_of(alone)

    def test_no_memory_for_one_page(self, loaded):
        import torch

        def fail(module, args, kwargs):
            raise torch.OutOfMemoryError("no room")

        hook = loaded.model.model.language_model.register_forward_pre_hook(fail, with_kwargs=True)
        try:
            told = Decoder(loaded, UNGUARDED, 4).answer(mixed_questions()[:2])
        finally:
            hook.remove()
        assert [answer.error.reason for answer in told if answer.error] == [
            Reason.OUT_OF_MEMORY
        ] * 2

    def test_scores_that_are_no_numbers(self, loaded):
        """As of weights that overflow in 16 bit; the pages beside it are answered."""
        seen = []

        def spoil(module, args, output):
            seen.append(len(output))
            return output * float("nan") if len(seen) == 1 else output

        hook = loaded.model.get_output_embeddings().register_forward_hook(spoil)
        try:
            first, *others = Decoder(loaded, UNGUARDED, 4).answer(mixed_questions()[:3])
        finally:
            hook.remove()
        assert first.error is not None
        assert first.error.reason is Reason.ENGINE_FAILED
        assert "no numbers" in str(first.error)
        assert [answer.error for answer in others] == [None, None]

    def test_a_page_too_large_for_memory_fails_alone(self, loaded, alone):
        import torch

        longest = max(row.num_prompt_tokens for row in alone)
        asked = mixed_questions()
        asked[2] = replace(asked[2], instructions="Read it all. " * longest)

        def fail(module, args, kwargs):
            if kwargs["inputs_embeds"].shape[1] > 2 * longest:
                raise torch.OutOfMemoryError("no room")

        hook = loaded.model.model.language_model.register_forward_pre_hook(fail, with_kwargs=True)
        try:
            answers = Decoder(loaded, UNGUARDED, 4).answer(asked)
        finally:
            hook.remove()
        assert [i for i, answer in enumerate(answers) if answer.error] == [2]
        num_tokens = [answer.usage.get("completion_tokens") for answer in answers]
        assert num_tokens == [None if i == 2 else len(row.tokens) for i, row in enumerate(alone)]

    def test_a_request_that_cannot_be_read_fails_alone(self, loaded, alone):
        def no_page():
            raise EngineError(Reason.ENGINE_FAILED, "no page")

        def no_pixels(num_known):
            raise EngineError(Reason.TOO_LARGE, "no pixels")

        decoder = Decoder(loaded, UNGUARDED, 2)
        with closing(decoder.inputs.begin()) as ahead:
            good = [
                Request(partial(ahead.prepare, ahead.add(asked)), partial(decoder.start, asked))
                for asked in mixed_questions()
            ]
            bad = [
                Request(no_page, good[0].start),
                Request(lambda: PageInput(("",), no_pixels, [1]), good[0].start),
            ]
            decoding, done = decoder._scheduler.begin(), dict[int, Row | EngineError]()
            for request in (bad[0], *good[:3], bad[1], *good[3:]):
                decoding.add(request)
            while decoding.num_open:
                done |= decoding.step()
        rows = [done[index] for index in range(len(done))]
        failed = [row for row in rows if isinstance(row, EngineError)]
        assert [error.reason for error in failed] == [Reason.ENGINE_FAILED, Reason.TOO_LARGE]
        assert failed == [rows[0], rows[4]]
        assert tokens_of(rows[1:4] + rows[5:]) == tokens_of(alone)


class TestGuesses:
    """What earlier answers of a schema did between values is fed on trial."""

    asked = tuple(Question(str(i), (page((90, 90), i),), SCHEMAS[1]) for i in range(3))

    @pytest.fixture
    def without(self, loaded, monkeypatch):
        with monkeypatch.context() as patched:
            patched.setattr(Row, "draft", lambda row, max_tokens: [])
            decoder = Decoder(loaded, UNGUARDED, 1)
            return decoder.decode(self.asked), decoder._scheduler.model.num_forwards

    def test_save_passes_and_change_nothing(self, loaded, without):
        rows, num_passes = without
        decoder = Decoder(loaded, UNGUARDED, 1)
        guessed = decoder.decode(self.asked)
        assert tokens_of(guessed) == tokens_of(rows)
        for row, expected in zip(guessed, rows, strict=True):
            assert row.log_probs == pytest.approx(expected.log_probs, abs=1e-5)
        assert decoder._scheduler.model.num_forwards < num_passes

    def test_wrong_ones_change_nothing(self, loaded, grammars, without, monkeypatch):
        texts = grammars.text_of(list(range(grammars.num_tokens)))
        wrong = [(texts.index(b'"'),), (texts.index(b"n"), texts.index(b"u")), (texts.index(b"}"),)]
        monkeypatch.setattr(Row, "draft", lambda row, max_tokens: wrong if max_tokens > 4 else [])
        rows = Decoder(loaded, UNGUARDED, 2).decode(self.asked)
        assert tokens_of(rows) == tokens_of(without[0])
        for row, expected in zip(rows, without[0], strict=True):
            assert row.log_probs == pytest.approx(expected.log_probs, abs=1e-5)

    def test_take_the_place_they_are_given(self, grammars):
        grammar = grammars.start(SCHEMAS[2])
        row = Row(0, grammar, UNGUARDED)
        row.begin(10, 1)
        place = tuple(row.tokens[-2:])
        grammar.habits[place] = (7, 8, 9)
        grammar.habits[(8, 9)] = (7, 8, 9)
        assert row.draft(7) == [(7, 8, 9), (7, 8, 9)]
        assert row.draft(2) == []
        row.temperature = 0.5
        assert row.draft(7) == []


class TestLeafProbabilities:
    def test_equal_a_pass_over_the_whole_answer(self, loaded, grammars):
        asked = mixed_questions()
        for row, question in zip(Decoder(loaded, UNGUARDED, 4).decode(asked), asked, strict=True):
            grammar = grammars.start(question.schema)
            expected = teacher_forced(loaded, grammar, question, row.tokens)
            assert row.log_probs == pytest.approx(expected, abs=1e-5)
            answer = read_answer(row, grammars, question.schema, {})
            row.log_probs = expected
            again = read_answer(row, grammars, question.schema, {})
            assert answer.probabilities == pytest.approx(again.probabilities, abs=1e-5)

    def test_the_closing_quote_is_part_of_its_leaf(self, grammars):
        texts = grammars.text_of(list(range(grammars.num_tokens)))
        text = b'{"currency":"EUR","is_paid":null}'
        row = Row(0, grammars.start(SCHEMAS[2]), UNGUARDED)
        row.tokens = [texts.index(bytes([byte])) for byte in text]
        row.log_probs = [0.0] * len(text)
        row.log_probs[text.index(b'",') - 1] = math.log(0.8)
        row.log_probs[text.index(b'",')] = math.log(0.5)
        row.log_probs[text.index(b'",') + 1] = math.log(0.1)
        answer = read_answer(row, grammars, SCHEMAS[2], {})
        assert answer.probabilities == pytest.approx({"currency": 0.4, "is_paid": 1.0})


class TestSamePageAgain:
    def test_page_is_read_once(self, loaded, counted):
        decoder = Decoder(loaded, UNGUARDED, 1)
        shown = page((100, 100))
        first, second = (
            Question("", (shown,), SCHEMAS[i], told) for i, told in ((0, "Read all."), (2, ""))
        )
        (row,) = decoder.decode([first])
        assert row.num_reused_tokens == 0
        tiles, tokens = counted["tiles"], counted["tokens"]
        (again,) = decoder.decode([second])
        assert counted["tiles"] == tiles > 0, "the vision tower did not run again"
        num_second = counted["tokens"] - tokens
        (fresh,) = Decoder(loaded, UNGUARDED, 1).decode([second])
        num_fresh = counted["tokens"] - tokens - num_second
        assert num_fresh - num_second == again.num_reused_tokens > 0
        assert again.tokens == fresh.tokens
        assert again.log_probs == pytest.approx(fresh.log_probs, abs=1e-5)
        assert fresh.num_prompt_tokens == again.num_prompt_tokens

    def test_another_page_of_the_same_size_is_read(self, loaded):
        decoder = Decoder(loaded, UNGUARDED, 1)
        asked = [Question("", (page((80, 80), i),), SCHEMAS[0]) for i in range(2)]
        rows = decoder.decode(asked)
        assert [row.num_reused_tokens for row in rows] == [0, 0]


@pytest.fixture
def favour(loaded, grammars):
    """Make the model like one letter more than others, and write more than null or one token."""
    head = loaded.model.get_output_embeddings()
    texts = grammars.text_of(list(range(grammars.num_tokens)))
    letter = texts.index(b"a")
    short = [token for token, text in enumerate(texts) if b"n" in text or b'"' in text[1:]]
    hooks = []

    def start(amount):
        def add(module, args, logits):
            logits[..., letter] += amount
            logits[..., short] -= 1000

        hooks.append(head.register_forward_hook(add))

    yield start
    for hook in hooks:
        hook.remove()


class TestLimits:
    asked = tuple(Question(str(i), (page((100, 100), i),), VENDOR_AND_CHOICE) for i in range(2))

    def test_a_looping_value_is_given_up_and_the_others_are_kept(self, loaded, favour):
        favour(1000)
        for answer in Decoder(loaded, Limits(), 3).answer(self.asked):
            assert answer.stop_reason is StopReason.REPETITION
            assert answer.usage["retries"] == len(Limits().temperatures)
            assert answer.values["vendor"] is None
            assert answer.probabilities["vendor"] == 0
            assert 0 < answer.probabilities["currency"] <= 1

    def test_a_sparse_answer_gives_a_looping_value_up_too(self, loaded, favour):
        favour(1000)
        for answer in Decoder(loaded, Limits(), 2, answer_form=SPARSE).answer(self.asked):
            assert answer.stop_reason is StopReason.REPETITION
            assert answer.values["vendor"] is None

    def test_a_looping_value_is_read_anew_first(self, loaded, favour):
        favour(1.5)
        limits = Limits(temperatures=(2.0, 4.0), min_loop_bytes=6)
        rows = Decoder(loaded, limits, 3).decode(self.asked)
        assert any(row.num_retries and row.stop is StopReason.END for row in rows)
        again = [Decoder(loaded, limits, 1).decode([question])[0] for question in self.asked]
        assert tokens_of(rows) == tokens_of(again), "draws do not depend on the other slots"

    def test_a_value_of_too_many_tokens_is_given_up(self, loaded, favour):
        favour(1000)
        limits = Limits(max_field_tokens=50, min_loop_bytes=10**6)
        for answer in Decoder(loaded, limits, 3).answer(self.asked):
            assert answer.stop_reason is StopReason.LENGTH
            assert answer.values["vendor"] is None
            assert "currency" in answer.probabilities

    def test_a_page_longer_than_the_context(self, loaded, monkeypatch):
        decoder = Decoder(loaded, UNGUARDED)
        monkeypatch.setattr(decoder._scheduler.model, "max_length", 20)
        with pytest.raises(EngineError, match="the context holds 20"):
            decoder.decode(mixed_questions()[:1])

    def test_an_answer_that_fills_the_context_is_cut(self, loaded, monkeypatch):
        (row,) = Decoder(loaded, UNGUARDED).decode(mixed_questions()[1:2])
        decoder = Decoder(loaded, UNGUARDED)
        limit = row.num_prompt_tokens + len(row.tokens) - 20
        monkeypatch.setattr(decoder._scheduler.model, "max_length", limit)
        monkeypatch.setattr(question_plan, "_ANSWER_SHARE", limit)
        (cut,) = decoder.decode(mixed_questions()[1:2])
        assert cut.stop is StopReason.LENGTH
        assert cut.tokens == row.tokens[: len(cut.tokens)]


kinds = st.sampled_from([str, Decimal, dt.date, Literal["EUR", "USD"], Literal["a", "aa", "b"]])
members = st.lists(kinds, min_size=1, max_size=3)


def make_schema(singles, columns):
    fields: dict[str, Any] = {f"field_{i}": (kind | None, None) for i, kind in enumerate(singles)}
    if columns:
        members: dict[str, Any] = {f"at_{i}": (kind | None, None) for i, kind in enumerate(columns)}
        item: Any = create_model("Item", **members)
        fields["rows"] = (list[item], ...)
    return Schema.from_model(create_model("Asked", **fields))


schemas = st.builds(make_schema, members, st.one_of(st.just([]), members))


def check_fits(value, shape):
    """Assert that a value is what a JSON Schema of ours asks for."""
    if "enum" in shape:
        assert value in shape["enum"]
    elif "anyOf" in shape:
        assert value is None or len(value) <= shape["anyOf"][0]["maxLength"]
    elif shape["type"] == "array":
        assert len(value) <= shape["maxItems"]
        for item in value:
            check_fits(item, shape["items"])
    else:
        assert list(value) == shape["required"]
        for name, inner in shape["properties"].items():
            check_fits(value[name], inner)


class TestAnyAnswer:
    @given(
        st.lists(schemas, min_size=1, max_size=3),
        st.integers(1, 120),
        st.integers(1, 3),
        st.sampled_from(ANSWER_FORMS),
    )
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_fits_its_schema_however_it_was_cut(
        self, loaded, wanted, max_new_tokens, num_slots, form
    ):
        limits = Limits(max_new_tokens, min_loop_bytes=12)
        decoder = Decoder(loaded, limits, num_slots, answer_form=form)
        asked = [Question(str(i), (page((50, 70), i),), schema) for i, schema in enumerate(wanted)]
        for question, answer in zip(asked, decoder.answer(asked), strict=True):
            check_fits(answer.values, answer_schema(question.schema))
            assert all(0 <= odds <= 1.000001 for odds in answer.probabilities.values())


class TestTrie:
    def test_is_built_once_for_a_tokenizer_whoever_loads_it(self, loaded):
        tokenizer = loaded.processor.tokenizer
        first = Grammars(tokenizer, 448)
        assert Grammars(copy.deepcopy(tokenizer), 448)._trie is first._trie
        assert Grammars(tokenizer, 512)._trie is not first._trie

    def test_what_a_tokenizer_was_told_to_pad_or_cut_does_not_reach_it(self, loaded):
        tokenizer = copy.deepcopy(loaded.processor.tokenizer)
        expected = Grammars(tokenizer, 448)._trie
        tokenizer(["a", "b b"], padding="max_length", max_length=2, truncation=True)
        assert tokenizer.backend_tokenizer.padding is not None
        found = Grammars(tokenizer, 448)._trie
        assert found is expected
        assert tokenizer.backend_tokenizer.padding is not None, "its own is left as it was"


class TestStepsOnAGpu:
    def test_few_tokens_are_not_padded_beyond_a_fused_kernel(self, loaded, monkeypatch):
        """bitsandbytes 0.50.2 on an H100 unpacks all weights from 8 tokens on, ``down`` from 6."""
        monkeypatch.setattr(LanguageModel, "has_static_shapes", True)
        model = Scheduler(loaded.model, 1).model
        cache = SlotCache(model.cache_shape, 64, 40)
        sizes = {
            rows: model.step_shape(cache, [Chunk(i, 5, [7], [0]) for i in range(rows)], rows)
            for rows in (1, 5, 7, 12, 13, 17, 33)
        }
        padded = {rows: shape.num_tokens for rows, shape in sizes.items()}
        assert padded == {1: 1, 5: 5, 7: 7, 12: 12, 13: 16, 17: 24, 33: 40}


class TestRoomOnAGpu:
    """Slots get most of what is free, pages read before what slots leave; by arithmetic alone."""

    @pytest.fixture
    def fitted(self, loaded, monkeypatch):
        monkeypatch.setattr(LanguageModel, "has_static_shapes", True)

        def fitted(free, most=100, num_slots=None, num_halvings=0):
            monkeypatch.setattr(scheduler_module, "_free_bytes", lambda device: free)
            scheduler = Scheduler(loaded.model, num_slots)
            scheduler.num_halvings = num_halvings
            shape = scheduler.model.cache_shape
            slot_bytes = 10 * shape.token_bytes
            found = scheduler._fit_slots(most, shape, 10)
            return found, scheduler._prefixes.max_bytes / slot_bytes, slot_bytes

        return fitted

    def test_what_slots_leave_is_for_pages(self, fitted):
        _, _, slot_bytes = fitted(1)
        assert fitted(10 * slot_bytes)[:2] == (7, 1.0)
        assert fitted(1000 * slot_bytes)[:2] == (32, 768.0)
        assert fitted(100 * slot_bytes, most=4)[:2] == (4, 76.0)
        assert fitted(100 * slot_bytes, num_slots=2)[:2] == (2, 78.0)

    def test_there_is_always_a_slot_and_after_an_oom_no_more_is_kept(self, fitted):
        num_slots, room, slot_bytes = fitted(1)
        assert (num_slots, room) == (1, 0.0)
        _, before, _ = fitted(1000 * slot_bytes, num_halvings=1)
        assert before == scheduler_module._CPU_PREFIX_BYTES / slot_bytes
