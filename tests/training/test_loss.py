"""The loss is that of the answers' tokens, however a step is cut, and the tower stays as it is."""

from __future__ import annotations

import contextlib
import math

import pytest
from support.slips import READER

from docextract.core import DeviceError
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.weights.load import load_model
from docextract.training.collect.opened_pages import PageReader
from docextract.training.dataset.item import Split
from docextract.training.examples.example import ExampleMaker
from docextract.training.examples.example_set import make_examples
from docextract.training.examples.page_shelf import DocumentKey, PageShelf
from docextract.training.examples.tower_features import TowerFeatures
from docextract.training.train_settings import Method, Stage, TrainSettings

pytestmark = pytest.mark.model


class Bench:
    """A model that is taught, and examples for it."""

    def __init__(self, dataset, shelf, stage=Stage.TUNE, method=Method.LORA):
        import torch

        from docextract.training.fit.answering_model import AnsweringModel
        from docextract.training.weights.methods import prepared

        self.loaded = load_model(READER)
        self.encoder = Encoder(self.loaded, cache_bytes=0)
        maker = ExampleMaker(self.loaded, dataset.schemas)
        found = make_examples(dataset.of(Split.TRAIN)[:40], maker, shelf, [])
        self.examples = [found[key] for key in sorted(found)][:4]
        torch.manual_seed(0)
        self.trained = prepared(self.loaded.model, stage, TrainSettings(method=method))
        self.model = AnsweringModel(
            self.trained.model, TowerFeatures(self.encoder),
            lambda example, number: shelf.pages(DocumentKey(*example.document))[0],
            maker.image_token,
        )  # fmt: skip

    def step(self, most_tokens):
        from docextract.training.fit.passes import Passes

        self.model.zero_grad(set_to_none=True)
        self.model.train()
        backward = lambda loss: loss.backward()  # noqa: E731
        found = Passes(most_tokens).step(
            self.model, self.examples, backward, contextlib.nullcontext
        )
        named = self.model.named_parameters()
        return found, {name: it.grad.clone() for name, it in named if it.grad is not None}


@pytest.fixture(scope="module")
def shelf(dataset):
    with PageReader(num_workers=1) as reader:
        yield PageShelf(dataset, reader)


def alone(model, example):
    """Return the loss of an example by the plain reading of its definition."""
    import torch
    from torch.nn import functional

    embeddings = model._embedded([example])
    hidden = model.model.model.language_model(inputs_embeds=embeddings).last_hidden_state
    logits = model.model.lm_head(hidden)[0]
    whole = torch.tensor([*example.prompt_ids, *example.answer_ids])
    first = len(example.prompt_ids)
    return functional.cross_entropy(logits[first - 1 : -1], whole[first:], reduction="sum")


def test_the_loss_is_of_the_answers_tokens_and_their_end(dataset, shelf, reader):
    bench = Bench(dataset, shelf)
    found = bench.model(bench.examples)
    assert found.num_tokens == sum(len(example.answer_ids) for example in bench.examples)
    eos = bench.loaded.processor.tokenizer.eos_token_id
    assert all(example.answer_ids[-1] == eos for example in bench.examples)
    wanted = sum(float(alone(bench.model, example).detach()) for example in bench.examples)
    assert float(found.total.detach()) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_one_pass_or_four_give_the_same_loss_and_gradients(dataset, shelf, reader, is_checkpointed):
    from docextract.training.weights.methods import checkpoint_layers

    bench = Bench(dataset, shelf)
    if is_checkpointed:
        checkpoint_layers(bench.trained.model)
    together, gradients = bench.step(100_000)
    one_by_one, others = bench.step(1)
    assert together.mean == pytest.approx(one_by_one.mean, rel=1e-5)
    assert gradients.keys() == others.keys()
    for name, gradient in gradients.items():
        assert gradient == pytest.approx(others[name], abs=1e-5), name


def test_checkpointing_changes_no_loss(dataset, shelf, reader):
    from docextract.training.weights.methods import checkpoint_layers

    plain, _ = Bench(dataset, shelf).step(100_000)
    bench = Bench(dataset, shelf)
    checkpoint_layers(bench.trained.model)
    assert bench.step(100_000)[0].mean == pytest.approx(plain.mean, rel=1e-6)


@pytest.mark.parametrize("method", [Method.LORA, Method.FULL, Method.PROJECTOR])
@pytest.mark.parametrize("stage", list(Stage))
def test_only_what_a_stage_trains_gets_gradients(dataset, shelf, reader, stage, method):
    bench = Bench(dataset, shelf, stage, method)
    _, gradients = bench.step(100_000)
    assert gradients
    assert not any("vision_tower" in name for name in gradients)
    of_projector = [name for name in gradients if "multi_modal_projector" in name]
    assert of_projector
    if stage is Stage.ALIGN and method is Method.LORA:
        assert of_projector == list(gradients)
    named = dict(bench.model.named_parameters())
    assert not any("lora" in name and "vision_tower" in name for name in named)
    assert gradients.keys() <= bench.model.state_dict().keys()


def test_memory_that_runs_out_halves_the_pass(dataset, shelf, reader):
    import torch

    from docextract.training.fit.passes import Passes

    bench = Bench(dataset, shelf)
    wanted = bench.step(100_000)[0].mean
    whole = bench.model.forward
    sizes = []

    def forward(examples):
        sizes.append(len(examples))
        if len(examples) > 1:
            raise torch.OutOfMemoryError("no room")
        return whole(examples)

    bench.model.forward = forward  # type: ignore[method-assign]
    longest = max(example.num_tokens for example in bench.examples)
    passes = Passes(8 * longest)
    backward = lambda loss: loss.backward()  # noqa: E731
    found = passes.step(bench.model, bench.examples, backward, contextlib.nullcontext)
    assert found.mean == pytest.approx(wanted, rel=1e-5)
    assert passes.most_tokens == longest
    assert sizes[-4:] == [1, 1, 1, 1]


def test_memory_too_small_for_one_question_says_what_would_fit(dataset, shelf, reader):
    import torch

    from docextract.training.fit.passes import Passes

    bench = Bench(dataset, shelf)

    def forward(examples):
        raise torch.OutOfMemoryError("no room")

    bench.model.forward = forward  # type: ignore[method-assign]
    with pytest.raises(DeviceError, match="does not fit") as raised:
        Passes(4096).step(bench.model, bench.examples, lambda loss: None, contextlib.nullcontext)
    assert "qlora" in raised.value.hint


def test_a_loss_that_left_is_noticed():
    from docextract.training.fit.loss_watch import DivergedError, LossWatch

    watch = LossWatch([1.0])
    for step in range(49):
        watch.see(4.0, step, ["a"])
    with pytest.raises(DivergedError, match="50 steps"):
        watch.see(4.0, 50, ["a", "b"])
    watch = LossWatch([1.0, *[4.0] * 30])
    watch.see(1.0, 31, ["a"])
    with pytest.raises(DivergedError, match="step 32 is no number; its items: c"):
        watch.see(math.nan, 32, ["c"])
