"""A step is fit for a captured graph: nothing waits for the host, and few kernels are launched."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from support.dispatch_counts import WAITS, count_calls, num_launches

from docextract.core import Page
from docextract.engine.base import Question
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder
from docextract.engine.llava.forward.attention import Chunk, lay_out
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.forward.kv_cache import SlotCache
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.weights.load import load_model
from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model

DECODERS = ["mistral", "llama", "qwen2"]
NUM_SLOTS = 4
SCHEMA = load_schema("vendor, total: money, lines: [description]")


@pytest.fixture
def ready(tiny_llava, monkeypatch):
    """Return a decoder with pages read into four slots, in the shapes of a GPU."""
    import torch

    torch.set_num_threads(1)
    monkeypatch.setattr(LanguageModel, "has_static_shapes", True)

    def one(decoder="llama", num_layers=2, is_fused=False):
        folder = tiny_llava(decoder=decoder, num_layers=num_layers)
        loaded = load_model(folder)
        if is_fused:
            from docextract.engine.llava.forward.fusing import fuse

            fuse(loaded.model.model.language_model)
        runner = LanguageModel(loaded.model)
        cache = SlotCache(runner.cache_shape, NUM_SLOTS, 200)
        torch.manual_seed(0)
        with torch.inference_mode():
            for slot in range(NUM_SLOTS):
                page = torch.randn(100 + slot, 64)
                runner.read_page(cache, slot, 0, page, [99 + slot])
        return runner, cache

    return one


def chunks(shift=0):
    return [Chunk(slot, 100 + slot + shift, [7 + slot + shift], [0]) for slot in range(NUM_SLOTS)]


def calls_of(runner, cache):
    """Return how often each operator is called in a step."""
    import torch

    with torch.inference_mode():
        return count_calls(lambda: runner.step(cache, chunks(), NUM_SLOTS))


def launches_per_layer(ready, **options):
    few, many = (num_launches(calls_of(*ready(num_layers=num, **options))) for num in (2, 6))
    return (many - few) / 4


@pytest.mark.parametrize("decoder", DECODERS)
def test_the_host_never_waits_inside_a_step(ready, decoder):
    assert not WAITS & set(calls_of(*ready(decoder)))


def test_a_traced_step_with_other_tokens_and_places_is_that_step(ready):
    import torch
    from torch.fx.experimental.proxy_tensor import make_fx

    runner, cache = ready()
    shape = runner.step_shape(cache, chunks(), NUM_SLOTS)
    before = [[store.clone() for store in stores] for stores in cache._stores]

    def restore():
        for stores, kept in zip(cache._stores, before, strict=True):
            for store, one in zip(stores, kept, strict=True):
                store.copy_(one)

    def given(shift):
        return lay_out(chunks(shift), shape, cache.length, runner.device)[0]

    def run(numbers):
        return runner._logits(runner._step(cache, shape, numbers))

    with torch.no_grad():
        traced = make_fx(run, tracing_mode="real")(given(0))
        for shift in (1, 2, 5):
            restore()
            expected = run(given(shift)).clone()
            restore()
            assert torch.equal(traced(given(shift)), expected)


class TestRecordings:
    """Steps played from recordings, which are played here as the step itself over held memory."""

    asked = tuple(
        Question(str(i), (Page(1, 90, 90, image=bytes(90 * 90 * 3), size=(90, 90)),), SCHEMA)
        for i in range(3)
    )

    def decode(self, folder, captured=None):
        decoder = Decoder(load_model(folder), Limits(40), 2, captured=captured)
        rows = decoder.decode(self.asked)
        return [row.tokens for row in rows], [row.log_probs for row in rows]

    def test_answers_are_those_of_steps_run_by_python(self, tiny_llava):
        captured = CapturedSteps(lambda run, held: lambda: run(held))
        tokens, odds = self.decode(tiny_llava(), captured)
        expected, expected_odds = self.decode(tiny_llava())
        assert tokens == expected
        for own, other in zip(odds, expected_odds, strict=True):
            assert own == pytest.approx(other, abs=1e-5)
        assert captured.is_on and 0 < captured.num_recorded < 12

    @pytest.mark.parametrize("how", ["fails", "plays something else"])
    def test_what_cannot_be_recorded_is_run_as_ever(self, tiny_llava, caplog, how):
        def record(run, held):
            if how == "fails":
                raise RuntimeError("operation not permitted when stream is capturing")
            return lambda: run(held) + 100

        captured = CapturedSteps(record)
        assert self.decode(tiny_llava(), captured) == self.decode(tiny_llava())
        assert not captured.is_on and captured.num_recorded == 0
        assert "steps are not recorded" in caplog.text

    def test_recordings_end_with_the_memory_they_read(self):
        import torch

        captured, given = CapturedSteps(lambda run, held: lambda: run(held)), torch.ones(2)
        first, second = object(), object()
        for owner in (first, first, second, second):
            captured.run(owner, "shape", lambda held: held * 2, given)
        assert captured.num_recorded == 2

    def test_without_a_gpu_there_are_none(self, caplog):
        import torch

        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        captured = CapturedSteps()
        found = captured.run(object(), "shape", lambda held: held * 2, torch.ones(2))
        assert found.tolist() == [2.0, 2.0]
        assert not captured.is_on

    @pytest.mark.parametrize(("num_slots", "most"), [(8, 26), (16, 50)])
    def test_an_a4_page_needs_few_of_them(self, ready, num_slots, most):
        runner, _ = ready()
        runner.captured = CapturedSteps(lambda run, held: lambda: run(held))
        cache = SlotCache(replace(runner.cache_shape, num_layers=1), 1, 4096)
        shapes = set()
        for num_rows in range(1, num_slots + 1):
            for width, rest in itertools.product(range(1, 17), range(1, 17)):
                lengths = [width] + [min(width, rest)] * (num_rows - 1)
                fed = [Chunk(at, 3100, [1] * length, [0]) for at, length in enumerate(lengths)]
                rows = runner.num_rows_for(num_rows, num_slots)
                shapes.add(runner.step_shape(cache, fed, rows))
        assert len(shapes) <= most


@pytest.mark.parametrize("decoder", DECODERS)
def test_fused_layers_give_the_same_numbers(ready, decoder):
    import torch

    with torch.inference_mode():
        plain, fused = (
            runner.step(cache, chunks(), NUM_SLOTS)
            for runner, cache in (ready(decoder), ready(decoder, is_fused=True))
        )
    assert torch.allclose(plain, fused, atol=1e-5)


def test_fusing_launches_far_fewer_kernels_a_layer(ready):
    """Counted on a CPU, where some of what a GPU does in one kernel takes more."""
    plain = launches_per_layer(ready)
    fused = launches_per_layer(ready, is_fused=True)
    assert plain <= 42
    assert fused <= 25


def test_4_bit_layers_are_not_joined(tiny_llava):
    from docextract.engine.llava.forward.fusing import FusedNorm, fuse

    model = load_model(tiny_llava(), quantization="nf4").model
    fuse(model.model.language_model)
    layer = model.model.language_model.layers[0]
    assert type(layer.self_attn.q_proj).__name__ == "Linear4bit"
    assert isinstance(layer.input_layernorm, FusedNorm)
