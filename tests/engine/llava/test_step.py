"""A step is fit for a captured graph: nothing waits for the host, and few kernels are launched."""

from __future__ import annotations

import pytest
from support.dispatch_counts import WAITS, count_calls, num_launches

from docextract.engine.llava.forward.attention import Chunk, StepLayout, lay_out
from docextract.engine.llava.forward.kv_cache import SlotCache
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.weights.load import load_model

pytestmark = pytest.mark.model

DECODERS = ["mistral", "llama", "qwen2"]
NUM_SLOTS = 4


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
    shape = runner._step_shape(cache, chunks(), NUM_SLOTS)
    before = [[store.clone() for store in stores] for stores in cache._stores]

    def restore():
        for stores, kept in zip(cache._stores, before, strict=True):
            for store, one in zip(stores, kept, strict=True):
                store.copy_(one)

    def tensors(shift):
        embedding = runner._embed.weight
        layout = lay_out(chunks(shift), shape, cache.length, runner._num_groups, embedding)
        return [getattr(layout, name) for name in StepLayout.__slots__ if name != "shape"]

    def run(*given):
        layout = StepLayout(shape, *given)
        cache.begin_step(layout)
        options = {
            "attention_mask": layout.mask,
            "position_ids": layout.positions[None],
            "layout": layout,
        }
        hidden = runner._run(cache, runner._embed(layout.ids)[None], options)
        return runner._logits(hidden[0, layout.asked])

    with torch.no_grad():
        traced = make_fx(run, tracing_mode="real")(*tensors(0))
        for shift in (1, 2, 5):
            restore()
            expected = run(*tensors(shift)).clone()
            restore()
            assert torch.equal(traced(*tensors(shift)), expected)


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
