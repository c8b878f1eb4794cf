"""Small copies of the published checkpoints: asked, seen and decoded as their processors would.

No published weight is at hand: what is proved here is all that does not depend on their numbers.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from support.grammar_generate import generate, model_inputs
from support.library_counts import num_image_tokens, num_onevision_features
from support.replicas.build import build_replica
from support.replicas.facts import CHECKPOINTS

from docextract.core import Page
from docextract.engine.base import Question, StopReason
from docextract.engine.llava.decode.answer_limits import Limits
from docextract.engine.llava.decode.engine import Decoder
from docextract.engine.llava.decode.grammar import Grammars
from docextract.engine.llava.forward.kv_cache import SlotCache
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.prompt.page_plan import Detail
from docextract.engine.llava.prompt.placeholders import expanded
from docextract.engine.llava.weights.catalogue import catalogue, get_model
from docextract.engine.llava.weights.device import Decoder as DecoderShape
from docextract.engine.llava.weights.device import Footprint, Vision
from docextract.engine.llava.weights.load import load_model
from docextract.engine.llava.weights.quantization import KEPT, num_quantized
from docextract.engine.prompt import build_prompt
from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model

SCHEMA = load_schema("vendor, date, total: money")
ANSWER = '{"vendor":"ACME GmbH","date":null,"total":"1,234.50 €"}'
UNGUARDED = Limits(max_new_tokens=40, max_field_tokens=10**6, min_loop_bytes=10**6)
NAMES = list(CHECKPOINTS)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Return the folder of a replica, built once."""
    built = {}

    def folder_of(name, **options):
        key = (name, *options.items())
        if key not in built:
            built[key] = build_replica(name, tmp_path_factory.mktemp("replica") / name, **options)
        return built[key]

    return folder_of


@pytest.fixture(scope="module")
def load(folder):
    """Return a loaded replica; the last one is kept, as tests go checkpoint by checkpoint."""
    import torch

    torch.set_num_threads(1)
    kept = {}  # type: ignore[var-annotated]

    def one(name):
        if name not in kept:
            kept.clear()
            kept[name] = load_model(folder(name))
        return kept[name]

    return one


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def loaded(load, name):
    return load(name)


@pytest.fixture
def decoder(loaded):
    return Decoder(loaded, UNGUARDED, 2, detail=Detail.LOW, with_text="no")


def page(size=(300, 340), seed=1):
    """Return a page of noise, so that nothing of it is trimmed."""
    width, height = size
    pixels = random.Random(seed).randbytes(width * height * 3)
    return Page(1, width, height, image=pixels, size=size)


def asked(*args, **options):
    return Question("x", (page(*args, **options),), SCHEMA)


def picture(shown):
    """Return what a view shows of its page, as a person would give it to a processor."""
    from PIL import Image

    whole = Image.frombytes("RGB", shown.page.size, shown.page.image)
    region = shown.view.region
    return whole.crop((region.left, region.top, region.right, region.bottom))


def message(prompt, image=None):
    shown = {"type": "image"} if image is None else {"type": "image", "image": image}
    return {"role": "user", "content": [shown, {"type": "text", "text": prompt}]}


def processed(loaded, shown, prompt):
    """Return the ids of a prompt with its image, as the checkpoint's own processor makes them."""
    processor = loaded.processor
    if loaded.model.config.model_type != "llava_onevision":
        made = processor.apply_chat_template(
            [message(prompt, picture(shown))], add_generation_prompt=True, tokenize=True,
            return_dict=True,
        )  # fmt: skip
        return made["input_ids"][0]
    # Its processor asks for torchvision; the tokenizer's part of its work is the same.
    text = processor.apply_chat_template(
        [message(prompt)], add_generation_prompt=True, tokenize=False
    )
    size = picture(shown).size
    num_tokens = num_onevision_features(processor, size, 384)
    text = text.replace("<image>", "<image>" * num_tokens)
    return processor.tokenizer(text)["input_ids"]


def test_the_docs_tell_of_every_model_what_is_proved():
    text = (Path(__file__).parents[3] / "docs" / "models.md").read_text("utf-8")
    table = text.partition("## Proved on replicas")[2].partition("\n## ")[0]
    rows = {
        cells[1].strip("` "): [cell.strip() for cell in cells[2:-1]]
        for cells in (line.split("|") for line in table.splitlines() if line.startswith("| `"))
    }
    assert set(rows) == {model.name for model in catalogue()}
    assert {name for name, (replica, *_) in rows.items() if replica == "own"} == set(NAMES)
    for replica, *proofs, unproved in rows.values():
        assert set(proofs) == ({"yes"} if replica == "own" else {""})
        assert unproved


class TestPrompt:
    def test_special_ids_are_those_published(self, loaded, name):
        facts, tokenizer = CHECKPOINTS[name], loaded.processor.tokenizer
        assert loaded.processor.image_token_id == facts.image_id
        assert loaded.model.config.image_token_id == facts.image_id
        assert tokenizer.eos_token_id == facts.eos_id
        assert tokenizer.pad_token_id == facts.pad_id
        assert loaded.model.generation_config.eos_token_id == facts.eos_id

    @pytest.mark.parametrize("size", [(300, 340), (700, 200)])
    def test_ids_are_the_processor_s(self, loaded, name, decoder, size):
        plan = decoder.plan(asked(size))
        (shown,) = plan.views
        ids = expanded(plan.ids, loaded.model.config.image_token_id, [shown.view.num_tokens])
        assert ids == processed(loaded, shown, build_prompt(SCHEMA))
        bos = CHECKPOINTS[name].bos_id
        assert bos is None or (ids[0] == bos and ids.count(bos) == 1)

    def test_tokens_kept_free_for_it_are_enough(self, loaded, decoder):
        plan = decoder.plan(asked())
        needed = decoder._planner._num_prompt_tokens(asked())
        assert len(plan.ids) <= needed <= len(plan.ids) + 40


class TestImage:
    sizes = ((1754, 1240), (1240, 1754), (1600, 400), (340, 300), (2000, 90))

    def test_tokens_are_the_processor_s(self, loaded, name, decoder):
        side = loaded.model.config.vision_config.image_size
        for height, width in self.sizes:
            (shown,) = decoder.plan(asked((width, height))).views
            size = picture(shown).size
            if name.startswith("llava-onevision"):
                expected = num_onevision_features(loaded.processor, size, side)
            else:
                (expected,) = num_image_tokens(loaded.processor, [size[::-1]])
            assert shown.view.num_tokens == expected

    def test_an_a4_page_takes_what_the_catalogue_says(self, name, decoder):
        (shown,) = decoder.plan(asked((1240, 1754))).views
        assert shown.view.num_tokens == CHECKPOINTS[name].a4_tokens == get_model(name).a4_tokens

    def test_features_are_the_model_s(self, loaded, decoder):
        import torch

        question = asked()
        (shown,) = decoder.plan(question).views
        (features,) = decoder.encoder.encode(
            decoder.encoder.prepare(question.pages[0], [shown.view])
        )
        inputs = model_inputs(loaded, question)
        sizes = {"image_sizes": inputs["image_sizes"]} if "image_sizes" in inputs else {}
        with torch.inference_mode():
            made = loaded.model.get_image_features(inputs["pixel_values"], **sizes).pooler_output
        expected = torch.cat(list(made)) if isinstance(made, list | tuple) else made.flatten(0, -2)
        assert features.shape == expected.shape
        assert torch.allclose(features, expected, atol=1e-4, rtol=1e-4)


class TestAnswer:
    def test_decoding_is_generate_with_a_grammar(self, loaded, name, decoder):
        grammar = grammars_of(loaded, name).start(SCHEMA)
        scaling = getattr(loaded.model.config.text_config, "logits_scaling", 1.0)
        tokens, log_probs = generate(loaded, grammar, asked(), 40, scaling)
        (row,) = decoder.decode([asked()])
        assert row.tokens[:40] == tokens[:40]
        # The last of generate's is known with the token after it.
        assert row.log_probs[: len(log_probs)] == pytest.approx(log_probs, abs=2e-4)

    def test_probabilities_are_the_decoder_s_own(self, load):
        """transformers' LLaVA-NeXT leaves out what Granite divides its scores by."""
        import torch
        from transformers import AutoModelForCausalLM

        loaded = load("granite-vision-3.3-2b")
        model, config = loaded.model, loaded.model.config.text_config
        alone = AutoModelForCausalLM.from_config(config).eval()
        alone.model = model.model.language_model
        alone.lm_head = model.lm_head
        runner = LanguageModel(model)
        embeddings = runner.embed([5, 6, 7])
        with torch.inference_mode():
            found = runner.read_page(SlotCache(runner.cache_shape, 1, 8), 0, 0, embeddings, [2])
            expected = alone(inputs_embeds=embeddings[None]).logits[0, 2]
        assert torch.allclose(found[0], expected, atol=1e-5)

    def test_what_its_tokenizer_writes_the_grammar_allows_and_nothing_special(self, loaded, name):
        """What follows the prompt in an answered chat, as the checkpoint tokenizes it whole."""
        tokenizer = loaded.processor.tokenizer
        grammars = grammars_of(loaded, name)
        wanted = answer_tokens(loaded.processor, ANSWER)
        row = grammars.start(SCHEMA)
        special = {*tokenizer.all_special_ids, CHECKPOINTS[name].image_id}
        written = []
        while not row.is_finished:
            written += (forced := row.accept_forced())
            assert written == wanted[: len(written)], "what is forced is what it would write"
            if not forced or not row.is_finished:
                assert not special & set(allowed_tokens(row, grammars.num_tokens))
                row.accept(wanted[len(written)])
                written.append(wanted[len(written)])
        assert b"".join(grammars.text_of(written)).decode() == CHECKPOINTS[name].lead + ANSWER

    def test_an_answer_ends_without_a_pass_for_its_last_token(self, loaded):
        (answer,) = Decoder(loaded, Limits(400, 40), 1, detail=Detail.LOW).answer([asked()])
        assert answer.error is None
        assert answer.stop_reason in (StopReason.END, StopReason.LENGTH, StopReason.REPETITION)


def grammars_of(loaded, name):
    vocab_size = loaded.model.get_output_embeddings().weight.shape[0]
    return Grammars(loaded.processor.tokenizer, vocab_size, CHECKPOINTS[name].lead)


def answer_tokens(processor, answer):
    """Return the tokens between prompt and end of turn, where a chat is tokenized whole."""
    said = {"role": "assistant", "content": [{"type": "text", "text": answer}]}
    asked_only, answered = (
        processor.tokenizer(
            processor.apply_chat_template(chat, add_generation_prompt=asks, tokenize=False)
        )["input_ids"]
        for chat, asks in (([message("total?")], True), ([message("total?"), said], False))
    )
    assert answered[: len(asked_only)] == asked_only
    after = answered[len(asked_only) :]
    text = b""
    for num_tokens in range(1, len(after) + 1):
        text = processor.tokenizer.decode(after[:num_tokens]).encode()
        if text.decode().endswith(answer):
            return after[:num_tokens]
    raise AssertionError(text)


def allowed_tokens(row, num_tokens):
    import torch
    from support.grammar_generate import allowed

    mask = torch.zeros(1, -(-num_tokens // 32), dtype=torch.int32)
    row.fill_mask(mask, 0)
    return allowed(mask, num_tokens)[0].nonzero().flatten().tolist()


class TestWeights:
    def test_memory_of_several_feature_layers_is_counted(self, load):
        model = load("granite-vision-3.3-2b").model
        footprint = Footprint(
            DecoderShape(2, 128, 256, 4, 1, 49156, has_tied_embeddings=True),
            Vision(27, 32, 64, 384, 14),
            feature_layers=4,
        )
        real = sum(one.numel() for one in model.parameters() if one.ndim > 1)
        assert footprint.num_parameters == pytest.approx(real, rel=0.001)

    def test_old_and_new_names_are_the_same_model(self, folder, loaded, name):
        import torch

        again = load_model(folder(name, is_new=not CHECKPOINTS[name].is_new))
        ids = torch.tensor([[1, 5, 6, 7]])
        with torch.inference_mode():
            expected = loaded.model(input_ids=ids).logits
            assert torch.equal(again.model(input_ids=ids).logits, expected)

    def test_nf4_quantises_the_decoder_alone_and_answers(self, folder, name):
        small = load_model(folder(name), quantization="nf4")
        # Seven matrices in each of two layers.
        assert num_quantized(small.model) == dict.fromkeys(KEPT, 0) | {"rest": 14}
        (row,) = Decoder(small, Limits(5), 1, detail=Detail.LOW).decode([asked()])
        assert len(row.tokens) >= 5

    def test_a_lora_fits(self, folder, load, name, tmp_path):
        peft = pytest.importorskip("peft")
        import torch

        targets = r".*language_model.*\.(q_proj|v_proj|down_proj)"
        lora = peft.LoraConfig(r=2, lora_alpha=64, target_modules=targets, init_lora_weights=False)
        peft.get_peft_model(load_model(folder(name)).model, lora).save_pretrained(tmp_path / "a")
        ids = torch.tensor([[1, 5, 6, 7]])
        with torch.inference_mode():
            tuned = load_model(folder(name), adapter=tmp_path / "a").model(input_ids=ids).logits
            assert (tuned - load(name).model(input_ids=ids).logits).abs().max() > 1e-3
