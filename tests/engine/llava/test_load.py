"""Every family of weights through the real loader: quantised, adapted, repaired or refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.library_counts import num_image_tokens

from docextract.core import MissingDependencyError, ModelLoadError, Page
from docextract.engine.base import Question, StopReason
from docextract.engine.llava.llava_engine import LlavaEngine
from docextract.engine.llava.weights.device import compute_dtype
from docextract.engine.llava.weights.identity import (
    Identity,
    digest_weights,
    identify,
    write_origin,
)
from docextract.engine.llava.weights.load import load_model
from docextract.engine.llava.weights.quantization import (
    KEPT,
    check_packages,
    check_quantization,
    num_quantized,
    quantization_config,
)
from docextract.schema.loading import load_schema

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[3]
FAMILIES = [
    ("llava_next", "mistral", "gelu"),
    ("llava_next", "llama", "gelu"),
    ("llava", "llama", "gelu"),
    ("llava", "llama", "linear"),
    ("llava_onevision", "qwen2", "gelu"),
]
PIXELS = (bytes(range(256)) * 120)[: 100 * 100 * 3]


def page():
    return Page(1, 100, 100, image=PIXELS, size=(100, 100))


@pytest.fixture
def copy(tiny_llava, tmp_path):
    """A tiny model that a test may damage."""
    return shutil.copytree(tiny_llava(), tmp_path / "model")


def edit(path, **changes):
    """Change a JSON file; a value of None removes the key."""
    tree = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: value for key, value in tree.items() if value is not None}))


class TestFamilies:
    @pytest.mark.parametrize("quantization", ["none", "nf4", "int8"])
    @pytest.mark.parametrize(("family", "decoder", "act"), FAMILIES)
    def test_loads_quantises_the_decoder_alone_and_answers(
        self, tiny_llava, family, decoder, act, quantization
    ):
        folder = tiny_llava(family=family, decoder=decoder, projector_act=act)
        engine = LlavaEngine(folder, max_new_tokens=12, quantization=quantization)
        assert engine._model is not None
        counts = num_quantized(engine._model.model)
        # Seven matrices in each of two layers.
        assert counts == dict.fromkeys(KEPT, 0) | {"rest": 0 if quantization == "none" else 14}
        (answer,) = engine.answer([Question("x", (page(),), load_schema("total: money"))])
        assert answer.stop_reason in (StopReason.END, StopReason.LENGTH)
        assert engine.info.quantization == quantization
        engine.close()

    def test_on_a_cpu_nothing_is_quantised_unless_asked(self, tiny_llava):
        assert load_model(tiny_llava()).quantization == "none"

    def test_weights_saved_as_nf4_load_as_they_are(self, tiny_llava, tmp_path):
        import torch

        loaded = load_model(tiny_llava(), quantization="nf4")
        loaded.model.save_pretrained(tmp_path)
        loaded.processor.save_pretrained(tmp_path)
        again = load_model(tmp_path)
        assert again.quantization == "nf4"
        ids = torch.tensor([[1, 5, 6, 7]])
        with torch.inference_mode():
            expected = loaded.model(input_ids=ids).logits
            assert torch.equal(again.model(input_ids=ids).logits, expected)
        with pytest.raises(ModelLoadError, match="saved as nf4"):
            load_model(tmp_path, quantization="int8")

    def test_linear_projector_is_one_projection(self, tiny_llava):
        import torch

        model = load_model(
            tiny_llava(family="llava", decoder="llama", projector_act="linear")
        ).model
        projector = model.model.multi_modal_projector
        a, b = torch.randn(2, 3, 32)
        with torch.inference_mode():
            bias = projector(torch.zeros(3, 32))
            both = projector(a + b) - bias
            apart = projector(a) - bias + projector(b) - bias
        assert torch.allclose(both, apart, atol=1e-5)


class TestQuantization:
    @pytest.mark.parametrize("skipped", [["vision_tower", "multi_modal_projector", "lm_head"], []])
    def test_short_or_missing_names_quantise_the_tower_and_are_caught(self, tiny_llava, skipped):
        import torch
        from transformers import AutoModelForImageTextToText

        config = quantization_config("nf4", torch.float32)
        config.llm_int8_skip_modules = skipped
        model = AutoModelForImageTextToText.from_pretrained(
            tiny_llava(), local_files_only=True, quantization_config=config
        )
        assert num_quantized(model)["model.vision_tower"] > 0
        with pytest.raises(ModelLoadError, match=r"model\.vision_tower"):
            check_quantization(model, "nf4")

    def test_asked_for_but_not_done_is_caught(self, tiny_llava):
        with pytest.raises(ModelLoadError, match="asked for nf4"):
            check_quantization(load_model(tiny_llava()).model, "nf4")

    def test_without_bitsandbytes_the_remedy_is_told(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "bitsandbytes", None)
        with pytest.raises(MissingDependencyError) as told:
            check_packages("nf4")
        assert "pip install bitsandbytes" in told.value.hint

    def test_no_native_code_is_downloaded(self, tmp_path):
        # bitsandbytes calls this when imported, on a CPU with AVX512-BF16.
        (tmp_path / "kernels.py").write_text("def get_kernel(*_, **__): print('downloaded')")
        code = (
            "from docextract.engine.llava.weights.quantization import check_packages\n"
            "check_packages('nf4')\nimport kernels\nprint(kernels.__file__)"
        )
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        assert done.stdout.strip() == str(tmp_path / "kernels.py"), done.stderr

    @pytest.mark.parametrize(
        ("has_gpu", "has_bf16", "quantization", "expected"),
        [
            (False, False, "none", "float32"), (False, False, "nf4", "float32"),
            (False, False, "int8", "float16"), (True, True, "nf4", "bfloat16"),
            (True, True, "int8", "float16"), (True, False, "none", "float16"),
        ],
    )  # fmt: skip
    def test_floats_by_device(self, monkeypatch, has_gpu, has_bf16, quantization, expected):
        import torch

        monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
        # A card that only emulates bfloat16 says yes unless asked like this.
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation=True: (
                has_bf16 or including_emulation
            )
        )  # fmt: skip
        assert compute_dtype(quantization) is getattr(torch, expected)


class TestProcessor:
    def test_what_old_copies_lack_is_set(self, tiny_llava, copy):
        edit(
            copy / "processor_config.json",
            patch_size=None, num_additional_image_tokens=None,
            vision_feature_select_strategy=None,
        )  # fmt: skip
        processor = load_model(copy).processor
        whole = load_model(tiny_llava()).processor
        sizes = [(100, 100), (140, 60), (60, 200)]
        assert num_image_tokens(processor, sizes) == num_image_tokens(whole, sizes)
        engine = LlavaEngine(copy, max_new_tokens=5)
        assert engine.answer([Question("x", (page(),), load_schema("total: money"))])

    def test_grids_that_differ_are_refused(self, copy):
        edit(copy / "config.json", image_grid_pinpoints=[[56, 112]])
        with pytest.raises(ModelLoadError, match="image_grid_pinpoints"):
            load_model(copy)

    def test_image_tokens_that_differ_are_refused(self, copy):
        tree = json.loads((copy / "config.json").read_text())
        name = "image_token_id" if "image_token_id" in tree else "image_token_index"
        edit(copy / "config.json", **{name: 5})
        with pytest.raises(ModelLoadError, match="image token differs"):
            load_model(copy)

    def test_without_a_chat_template_it_is_refused(self, copy):
        (copy / "chat_template.jinja").unlink()
        with pytest.raises(ModelLoadError, match="chat template"):
            load_model(copy)


class TestFolder:
    def test_no_model(self, tmp_path):
        with pytest.raises(ModelLoadError, match="no config") as told:
            load_model(tmp_path)
        assert "models fetch" in told.value.hint

    def test_pickled_weights_are_refused(self, tmp_path):
        (tmp_path / "config.json").write_text("{}")
        (tmp_path / "pytorch_model.bin").write_bytes(b"")
        with pytest.raises(ModelLoadError, match="pickled"):
            load_model(tmp_path)

    @pytest.mark.parametrize("kind", ["llava", "llava_mistral"])
    def test_the_original_format_is_refused_and_its_conversion_named(self, copy, kind):
        folder = copy.rename(copy.parent / "llava-v1.6-mistral-7b")
        edit(folder / "config.json", model_type=kind, mm_vision_tower="openai/clip-vit-large")
        with pytest.raises(ModelLoadError, match="original LLaVA code") as told:
            load_model(folder)
        assert told.value.hint.endswith("docextract models fetch llava-next-mistral-7b.")
        strange = folder.rename(copy.parent / "x")
        with pytest.raises(ModelLoadError) as told:
            load_model(strange)
        assert told.value.hint.endswith("ends in -hf.")

    def test_a_tokenizer_of_sentencepiece_alone_is_refused_with_the_way_out(self, copy):
        (copy / "tokenizer.json").unlink()
        (copy / "tokenizer.model").write_bytes(b"")
        with pytest.raises(ModelLoadError, match=r"no tokenizer\.json") as told:
            load_model(copy)
        assert "save_pretrained" in told.value.hint

    def test_other_models_are_refused(self, copy):
        edit(copy / "config.json", model_type="llama")
        with pytest.raises(ModelLoadError, match="'llama'"):
            load_model(copy)

    def test_remote_code_is_never_run(self, copy):
        (copy / "evil.py").write_text("raise SystemExit('code of the folder ran')")
        auto_map = {"AutoConfig": "evil.Config", "AutoProcessor": "evil.Processor"}
        edit(copy / "config.json", auto_map=auto_map)
        edit(copy / "processor_config.json", auto_map=auto_map)
        assert load_model(copy).quantization == "none"

    def test_a_missing_shard_is_told(self, copy):
        index = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
        (copy / "model.safetensors.index.json").write_text(json.dumps(index))
        with pytest.raises(ModelLoadError, match="lacks 1 of 1"):
            load_model(copy)

    @pytest.mark.parametrize("keep", [0, 4, 2000])
    def test_cut_weights_are_told(self, copy, keep):
        path = copy / "model.safetensors"
        path.write_bytes(path.read_bytes()[:keep])
        with pytest.raises(ModelLoadError):
            load_model(copy)

    def test_missing_tensors_are_told_and_not_made_up(self, copy):
        from safetensors.torch import load_file, save_file

        tensors = load_file(copy / "model.safetensors")
        name = next(key for key in tensors if key.endswith("layers.1.mlp.up_proj.weight"))
        del tensors[name]
        save_file(tensors, copy / "model.safetensors", {"format": "pt"})
        with pytest.raises(ModelLoadError, match="lacks 1 of its tensors"):
            load_model(copy)


class TestIdentity:
    def test_a_changed_number_in_any_tensor_changes_the_revision(self, copy):
        import torch
        from safetensors.torch import load_file, save_file

        before = identify(copy)
        tensors = load_file(copy / "model.safetensors")
        for name in ("model.multi_modal_projector.linear_1.weight", "lm_head.weight"):
            found = next(key for key in tensors if key.endswith(name.removeprefix("model.")))
            changed = {**tensors, found: tensors[found] + torch.ones(1)}
            save_file(changed, copy / "model.safetensors", {"format": "pt"})
            assert identify(copy).revision != before.revision
        save_file(tensors, copy / "model.safetensors", {"format": "pt"})
        assert before.model_id == "model"

    def test_a_snapshot_of_the_hub_s_cache_is_its_commit(self, copy, tmp_path):
        folder = tmp_path / "models--llava-hf--tiny" / "snapshots" / ("ab" * 20)
        folder.parent.mkdir(parents=True)
        copy.rename(folder)
        assert identify(folder) == Identity("llava-hf/tiny", "ab" * 20)

    def test_an_origin_holds_until_the_weights_change(self, copy):
        write_origin(copy, Identity("llava-hf/tiny", "c" * 40))
        assert identify(copy) == Identity("llava-hf/tiny", "c" * 40)
        edit(copy / "config.json", note="changed")
        assert identify(copy) == Identity("model", digest_weights(copy))


class TestAdapter:
    @pytest.fixture
    def adapter(self, tiny_llava, tmp_path):
        """A LoRA that changes answers, saved as peft saves it."""
        peft = pytest.importorskip("peft")
        import torch

        torch.manual_seed(1)
        model = load_model(tiny_llava()).model
        lora = peft.LoraConfig(
            r=4, lora_alpha=64, target_modules=r".*language_model.*\.(q_proj|v_proj|down_proj)",
            init_lora_weights=False,
        )  # fmt: skip
        peft.get_peft_model(model, lora).save_pretrained(tmp_path / "tuned")
        return tmp_path / "tuned"

    @pytest.mark.parametrize("quantization", ["none", "nf4"])
    def test_it_changes_what_the_model_says(self, tiny_llava, adapter, quantization):
        import torch

        ids = torch.tensor([[1, 5, 6, 7]])
        plain = load_model(tiny_llava(), quantization=quantization)
        tuned = load_model(tiny_llava(), quantization=quantization, adapter=adapter)
        assert type(tuned.model) is type(plain.model)
        with torch.inference_mode():
            distance = tuned.model(input_ids=ids).logits - plain.model(input_ids=ids).logits
        assert distance.abs().max() > 1e-2
        assert tuned.model_id == f"{plain.model_id}+tuned"
        assert tuned.revision.startswith(f"{plain.revision}+")

    def test_it_answers(self, tiny_llava, adapter):
        engine = LlavaEngine(tiny_llava(), 12, quantization="nf4", adapter=adapter)
        assert engine.answer([Question("x", (page(),), load_schema("total: money"))])
        assert str(engine.info.model_id).endswith("+tuned")

    def test_one_for_another_model_is_refused(self, tiny_llava, adapter):
        with pytest.raises(ModelLoadError, match="does not fit"):
            load_model(tiny_llava(hidden_size=32), adapter=adapter)

    def test_one_whose_names_fit_nothing_is_refused(self, tiny_llava, adapter):
        from safetensors.torch import load_file, save_file

        path = adapter / "adapter_model.safetensors"
        tensors = load_file(path)
        renamed = {name.replace("layers.", "blocks."): one for name, one in tensors.items()}
        save_file(renamed, path)
        with pytest.raises(ModelLoadError, match="12 of its tensors fit no layer") as told:
            load_model(tiny_llava(), adapter=adapter)
        assert "blocks.0." in str(told.value) and "layers.0." in str(told.value)

    def test_one_that_lacks_a_layer_is_refused(self, tiny_llava, adapter):
        from safetensors.torch import load_file, save_file

        path = adapter / "adapter_model.safetensors"
        tensors = load_file(path)
        save_file({name: one for name, one in tensors.items() if "layers.1." not in name}, path)
        with pytest.raises(ModelLoadError, match="6 layers of the model"):
            load_model(tiny_llava(), adapter=adapter)

    def test_names_of_older_transformers_fit(self, tiny_llava, adapter):
        import torch
        from safetensors.torch import load_file, save_file

        ids = torch.tensor([[1, 5, 6, 7]])
        expected = load_model(tiny_llava(), adapter=adapter).model(input_ids=ids).logits
        path = adapter / "adapter_model.safetensors"
        old = {
            name.replace("model.model.language_model.", "model.language_model.model."): one
            for name, one in load_file(path).items()
        }
        save_file(old, path)
        found = load_model(tiny_llava(), adapter=adapter).model(input_ids=ids).logits
        assert torch.equal(found, expected)

    def test_a_pickled_one_is_refused(self, tiny_llava, tmp_path):
        (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA"}')
        (tmp_path / "adapter_model.bin").write_bytes(b"")
        with pytest.raises(ModelLoadError, match=r"no adapter_model\.safetensors"):
            load_model(tiny_llava(), adapter=tmp_path)

    def test_without_peft_the_remedy_is_told(self, tiny_llava, adapter, monkeypatch):
        monkeypatch.setitem(sys.modules, "peft", None)
        with pytest.raises(MissingDependencyError) as told:
            load_model(tiny_llava(), adapter=adapter)
        assert "pip install" in told.value.hint
