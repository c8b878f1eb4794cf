"""The catalogue, what fits, which model is chosen, and fetching one from a hub."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_hub import COMMIT, serve
from support.library_counts import num_image_tokens
from support.pdfs import write_invoices
from typer.testing import CliRunner

from docextract.cli import app
from docextract.core import (
    QUANTIZATIONS,
    DeviceError,
    ModelLoadError,
    ModelOptions,
    OptionError,
    SetupError,
)
from docextract.doctor import Level
from docextract.doctor.model import model_engine
from docextract.engine import choose_engine
from docextract.engine.llava.weights import download as fetching
from docextract.engine.llava.weights import select as choosing
from docextract.engine.llava.weights.catalogue import catalogue, get_model
from docextract.engine.llava.weights.device import GIB, Gpu, usable_bytes
from docextract.engine.llava.weights.select import choose_model, ranked

ROOT = Path(__file__).parents[3]
# GiB at 16-bit, int8 and nf4, GiB of a page, and pages in 15.3 and 22.5 GiB at each: figures
# computed apart from this project, from the same published shapes.
TABLE: dict[str, tuple[Any, ...]] = {
    "llava-next-vicuna-7b": (13.2, 7.1, 4.2, 1.35, (0, 4, 7), (5, 10, 12)),
    "llava-next-mistral-7b": (14.1, 7.6, 4.5, 0.34, (0, 18, 27), (20, 39, 49)),
    "llava-next-llama3-8b": (15.6, 9.1, 5.9, 0.34, (0, 14, 23), (16, 35, 44)),
    "llava-next-vicuna-13b": (24.9, 13.1, 7.4, 2.10, (0, 0, 3), (0, 3, 6)),
    "llava-next-34b": (64.7, 33.6, 18.5, 0.63, (0, 0, 0), (0, 0, 3)),
    "llava-next-72b": (135.3, 70.3, 39.0, 6.73, (0, 0, 0), (0, 0, 0)),
    "llava-next-110b": (207.8, 106.6, 57.8, 0.84, (0, 0, 0), (0, 0, 0)),
}
# Billions of weights, as their publishers say.
PUBLISHED = {
    "llava-next-llama3-8b": 8.35, "llava-next-mistral-7b": 7.57, "llava-next-34b": 34.8,
    "llava-1.5-7b": 7.06, "llava-1.5-13b": 13.4, "llava-onevision-7b": 8.03,
    "llava-onevision-0.5b": 0.89, "llava-onevision-72b": 73.2, "granite-vision-3.3-2b": 2.98,
}  # fmt: skip


class TestCatalogue:
    def test_every_kind_of_llava_is_there(self):
        families = [model.family for model in catalogue()]
        assert families.count("llava_next") == 8
        assert families.count("llava_onevision") == 3
        assert families.count("llava") == 3
        assert get_model("llava-1-7b").footprint.projector_layers == 1

    @pytest.mark.parametrize("model", catalogue(), ids=lambda model: model.name)
    def test_entries_are_whole(self, model):
        assert model.revision is None or re.fullmatch(r"[0-9a-f]{40}", model.revision)
        assert model.hub_id or model.note
        assert model.a4_tokens + 500 <= model.context_tokens
        assert (model.docvqa is None) == (model.chartqa is None)
        assert model.source and model.licence
        assert model.reads_several_pages == (model.family == "llava_onevision")
        for name in (model.name, (model.hub_id or model.name).upper()):
            assert get_model(name) is model

    def test_the_nearest_name_is_told(self):
        with pytest.raises(OptionError) as told:
            get_model("llava-next-llama-8b")
        assert "llava-next-llama3-8b" in told.value.hint

    @pytest.mark.model
    def test_a4_tokens_are_what_the_processors_count(self):
        from transformers import LlavaNextProcessor, LlavaOnevisionProcessor
        from transformers.models.llava_next.image_processing_pil_llava_next import (
            LlavaNextImageProcessorPil,
        )
        from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
            LlavaOnevisionImageProcessorPil,
        )

        # Without tokenizers, which counting does not need and which cannot be built here.
        following = LlavaNextProcessor.__new__(LlavaNextProcessor)
        size = {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}}
        following.image_processor = LlavaNextImageProcessorPil(**size)
        following.patch_size, following.num_additional_image_tokens = 14, 1
        following.vision_feature_select_strategy = "default"
        onevision = LlavaOnevisionProcessor.__new__(LlavaOnevisionProcessor)
        onevision.image_processor = LlavaOnevisionImageProcessorPil()
        onevision.num_image_tokens, onevision.vision_aspect_ratio = 27**2, "anyres_max_9"
        onevision.vision_feature_select_strategy = "full"
        granite = get_model("granite-vision-3.3-2b")
        counted = {"llava": {576, 256}}
        for name, processor in (("llava_next", following), ("llava_onevision", onevision)):
            counted[name] = set(num_image_tokens(processor, [(1754, 1240)]))
        for family, tokens in counted.items():
            others = [m for m in catalogue() if m.family == family and m is not granite]
            assert {m.a4_tokens for m in others} == tokens, "of granite its replica tells"


class TestMemory:
    @pytest.mark.parametrize("name", TABLE)
    def test_is_what_others_compute(self, name):
        model = get_model(name)
        *weights, page, in_16, in_24 = TABLE[name]
        for quantization, expected in zip(("none", "int8", "nf4"), weights, strict=True):
            assert model.footprint.weight_bytes(quantization) / GIB == pytest.approx(
                expected, rel=0.005, abs=0.08
            )
        assert model.page_bytes / GIB == pytest.approx(page, abs=0.006)
        for memory, expected in ((15.3, in_16), (22.5, in_24)):
            found = [model.num_pages(q, int(memory * GIB)) for q in ("none", "int8", "nf4")]
            # They round the scales of nf4 up to 0.518 bytes a weight.
            assert found == pytest.approx(expected, abs=1)

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_parameters_are_those_published(self, name):
        found = get_model(name).footprint.num_parameters / 1e9
        assert found == pytest.approx(PUBLISHED[name], rel=0.01)

    @pytest.mark.parametrize(("family", "decoder"), [
        ("llava_next", "mistral"), ("llava", "llama"), ("llava_onevision", "qwen2"),
    ])  # fmt: skip
    def test_formula_counts_a_real_model(self, tiny_llava, family, decoder):
        from docextract.engine.llava.weights.device import Decoder, Footprint, Vision
        from docextract.engine.llava.weights.load import load_model

        model = load_model(tiny_llava(family=family, decoder=decoder)).model
        text = model.config.text_config
        footprint = Footprint(
            Decoder(2, 64, 128, 4, 2, text.vocab_size), Vision(3, 32, 64, 56, 14), 2
        )
        # Norms and biases are left out: they weigh nothing in a real model.
        real = sum(p.numel() for n, p in model.named_parameters() if p.ndim > 1)
        assert footprint.num_parameters == pytest.approx(real, rel=0.001)

    @given(st.sampled_from(catalogue()), st.sampled_from(QUANTIZATIONS), st.floats(1, 300))
    def test_pages_never_need_more_than_there_is(self, model, quantization, card_gb):
        memory = usable_bytes(card_gb)
        num_pages = model.num_pages(quantization, memory)
        assert num_pages >= 0
        if num_pages:
            needed = model.needed_bytes(quantization) + (num_pages - 1) * model.page_bytes
            assert needed <= memory < needed + model.page_bytes


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty hub cache."""
    import huggingface_hub.constants

    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    return folder


def put(cache, name, commit=None, ref="docextract"):
    """Lay an empty snapshot of a model into the cache."""
    repository = cache / f"models--{str(get_model(name).hub_id).replace('/', '--')}"
    commit = commit or "f" * 40
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    if ref:
        (repository / "refs").mkdir(exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
    return snapshot


@pytest.fixture
def gpu(monkeypatch):
    """Pretend a GPU with so many GiB free."""

    def pretend(free_gib):
        device = Gpu("Pretended", int(free_gib * GIB), int(free_gib * GIB)) if free_gib else None
        monkeypatch.setattr(choosing, "find_gpu", lambda: device)
        monkeypatch.setattr("docextract.engine._has_gpu", lambda: device is not None)

    return pretend


class TestChoosing:
    def test_a_folder_is_itself(self, tmp_path):
        assert choose_model(str(tmp_path)).folder == tmp_path

    def test_a_name_that_was_not_fetched(self, cache):
        with pytest.raises(ModelLoadError, match="was not fetched") as told:
            choose_model("llava-next-34b")
        assert told.value.hint == "docextract models fetch llava-next-34b"

    @pytest.mark.parametrize("spec", ["./no/folder", "/no/folder", "no/such/folder"])
    def test_a_path_that_is_not_there(self, spec):
        with pytest.raises(ModelLoadError, match="no folder"):
            choose_model(spec)

    def test_a_name_leads_to_the_commit_fetched_last(self, cache, gpu):
        gpu(None)
        name = "llava-1.5-7b"
        main = put(cache, name, "a" * 40, ref="main")
        assert choose_model(name).folder == main
        pinned = put(cache, name, get_model(name).revision, ref="")
        assert choose_model(name).folder == pinned
        last = put(cache, name, "b" * 40)
        assert choose_model("llava-hf/LLaVA-1.5-7b-hf").folder == last

    def test_auto_takes_the_best_fetched_that_fits_and_says_why(self, cache, gpu):
        gpu(22.5)
        with pytest.raises(ModelLoadError) as told:
            choose_model("auto")
        assert told.value.hint == (
            "The best that fits (DocVQA 91.0, ChartQA 87.0): "
            "docextract models fetch granite-vision-3.3-2b."
        )
        put(cache, "llava-1.5-7b")
        put(cache, "llava-next-llama3-8b")
        put(cache, "llava-next-72b")
        chosen = choose_model("auto")
        assert chosen.why == (
            "llava-next-llama3-8b: the best fetched by published figures (DocVQA 78.2, ChartQA "
            "69.5) that fits 22.5 GiB at nf4, 44 A4 pages at once; granite-vision-3.3-2b (DocVQA "
            "91.0, ChartQA 87.0) was not fetched"
        )
        put(cache, "granite-vision-3.3-2b")
        assert choose_model("auto").why.startswith("granite-vision-3.3-2b: the best fetched")
        assert "was not fetched" not in choose_model("auto").why
        shutil.rmtree(cache / "models--ibm-granite--granite-vision-3.3-2b")
        # Only 16-bit weights of LLaVA-1.5 fit where the better model's do not.
        gpu(15.3)
        assert "llava-1.5-7b" in choose_model("auto", "none").why

    def test_auto_where_nothing_fits(self, cache, gpu):
        gpu(1)
        with pytest.raises(DeviceError, match=r"no model fits into 1\.0 GiB"):
            choose_model("auto")
        gpu(None)
        with pytest.raises(DeviceError, match="needs a CUDA GPU"):
            choose_model("auto")

    def test_a_model_that_does_not_fit(self, cache, gpu):
        gpu(22.5)
        put(cache, "llava-next-72b")
        with pytest.raises(DeviceError, match=r"needs 47\.\d GiB for one page at nf4; 22\.5"):
            choose_model("llava-next-72b")

    def test_ranked_is_best_first(self):
        names = [model.name for model in ranked("nf4", 80 * GIB)]
        assert names[:3] == ["granite-vision-3.3-2b", "llava-onevision-7b", "llava-next-110b"]

    def test_engine_auto(self, cache, gpu, tmp_path):
        gpu(22.5)
        assert choose_engine("auto", None, ModelOptions()).name == "text"
        put(cache, "llava-next-34b")
        chosen = choose_engine("auto", None, ModelOptions())
        assert (chosen.name, Path(str(chosen.weights)).name) == ("llava", "f" * 40)
        assert "DocVQA 84.0" in chosen.why
        gpu(4)
        assert choose_engine("auto", None, ModelOptions()).name == "text"
        gpu(None)
        assert choose_engine("auto", None, ModelOptions(str(tmp_path))).name == "text"
        assert choose_engine("llava", None, ModelOptions(str(tmp_path))).weights == tmp_path
        with pytest.raises(SetupError, match="needs --model"):
            choose_engine("llava", None, ModelOptions())

    def test_quantization_is_checked_at_birth(self):
        with pytest.raises(OptionError, match="nf4, int8, none"):
            ModelOptions("x", "int4")
        with pytest.raises(OptionError, match="--adapter needs --model"):
            ModelOptions(adapter=Path())


NAME = "llava-next-34b"
"""Stands for any model without a pinned revision."""


def start(folder, *args, **more):
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "HF_HOME": str(folder / "hf"), "COLUMNS": "200",
        "HF_HUB_DISABLE_XET": "1", **more,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "docextract", *map(str, args)],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def hub(tiny_llava, tmp_path):
    """A hub on a loopback port whose model is a tiny one, with files nobody should take."""
    folder = shutil.copytree(tiny_llava(), tmp_path / "published")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "modeling_llava.py").write_text("raise SystemExit")
    with serve(str(get_model(NAME).hub_id), folder) as serving:
        yield serving


class TestFetching:
    """Through the real client of the hub; only the server is ours."""

    def test_takes_one_commit_safetensors_only_then_asks_no_more(self, hub, tmp_path):
        done = start(tmp_path, "models", "fetch", NAME, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
        assert done.returncode == 0, done.stderr
        assert COMMIT in done.stdout
        assert "no pinned revision" in done.stderr
        taken = {path.rpartition("/")[2] for path in hub.asked if "/resolve/" in path}
        assert {"config.json", "model.safetensors", "tokenizer.json"} <= taken
        assert not any(name.endswith((".bin", ".py")) for name in taken)
        asked = len(hub.asked)
        write_invoices(tmp_path / "in", 1)
        run = start(
            tmp_path, "run", "in", "-s", "total: money", "--engine", "llava", "--model", NAME,
            "--quantization", "nf4", "--no-embedded", HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0",
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert len(hub.asked) == asked
        (row,) = map(json.loads, (tmp_path / "out/results.jsonl").read_text().splitlines())
        engine = row["engine"]
        assert (engine["model_id"], engine["revision"]) == (get_model(NAME).hub_id, COMMIT)
        assert engine["quantization"] == "nf4"
        listed = start(tmp_path, "models", "list", "--vram-gb", "24", "--json")
        rows = {row["name"]: row for row in json.loads(listed.stdout)}
        assert [name for name, row in rows.items() if row["fetched"]] == [NAME]

    def test_a_folder_of_ones_own(self, hub, tmp_path):
        more = {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0"}
        args = ("models", "fetch", NAME, "--out", "own", "--revision", "main")
        done = start(tmp_path, *args, **more)
        assert done.returncode == 0, done.stderr
        assert "no pinned revision" not in done.stderr
        from docextract.engine.llava.weights.identity import identify

        assert identify(tmp_path / "own") == (get_model(NAME).hub_id, COMMIT)

    def test_a_revision_that_is_not_there(self, hub, tmp_path):
        args = ("models", "fetch", NAME, "--revision", "v9")
        done = start(tmp_path, *args, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
        assert done.returncode == 3
        assert "no such revision" in done.stderr

    def test_pickled_weights_are_not_taken(self, hub, tmp_path):
        (hub.folder / "model.safetensors").unlink()
        done = start(tmp_path, "models", "fetch", NAME, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="0")
        assert done.returncode == 3
        assert "no safetensors" in done.stderr
        assert not any("/resolve/" in path for path in hub.asked)

    def test_a_hub_that_is_not_there(self, tmp_path):
        more = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
        done = start(tmp_path, "models", "fetch", NAME, **more)
        assert done.returncode == 3
        assert "could not be fetched" in done.stderr

    def test_offline_is_honoured(self, hub, tmp_path):
        done = start(tmp_path, "models", "fetch", NAME, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1")
        assert done.returncode == 3
        assert "HF_HUB_OFFLINE is set" in done.stderr
        assert hub.asked == []

    def test_a_disk_that_is_too_small(self, tmp_path):
        with pytest.raises(SetupError, match="GB are needed"):
            fetching._check_disk(10**18, tmp_path / "not" / "yet")


RUN = ("run", "in", "-s", "invoice", "--engine", "llava")
WIDE = {"COLUMNS": "200"}


class TestCommands:
    def test_list_for_a_card(self, cache):
        done = CliRunner().invoke(app, ("models", "list", "--vram-gb", "24"), env=WIDE)
        assert done.exit_code == 0, done.output
        assert "on a 24 GB card" in done.stdout
        row = next(row for row in done.stdout.splitlines() if "llava-next-llama3-8b" in row)
        assert row.split()[-5:] == ["45", "35", "16", "Llama", "3"]

    def test_list_without_a_gpu_shows_common_cards(self, cache, monkeypatch):
        monkeypatch.setattr("docextract.engine.llava.weights.device.find_gpu", lambda: None)
        done = CliRunner().invoke(app, ("models", "list"), env=WIDE)
        assert done.stdout.startswith("No CUDA GPU here.")
        assert all(f"{size} GB" in done.stdout for size in (8, 16, 24, 80))

    def test_show(self, cache):
        done = CliRunner().invoke(app, ("models", "show", "llava-next-llama3-8b", "--json"))
        facts = json.loads(done.stdout)
        assert facts["revision"] == get_model("llava-next-llama3-8b").revision
        assert facts["KiB per token"] == 128
        done = CliRunner().invoke(app, ("models", "show", "llava-1-7b"), env=WIDE)
        assert "projector_hidden_act" in done.stdout

    @pytest.mark.parametrize(
        "args",
        [
            ("models", "fetch", "llava-1-7b"),
            (*RUN, "--model", "llava-next-34b"),
            (*RUN, "--model", "."),
            (*RUN, "--model", "auto"),
        ],
    )
    def test_what_is_not_there_ends_with_3_and_a_remedy(self, cache, gpu, args):
        gpu(None)
        done = CliRunner().invoke(app, args)
        assert done.exit_code == 3, done.output
        assert "hint: " in done.stderr

    @pytest.mark.parametrize(
        "args",
        [
            ("models", "show", "llava-1.5-70b"),
            ("models", "fetch", "llava-1.5-70b"),
            (*RUN, "--model", "llava-1.5-70b"),
            ("plan", *RUN[1:], "--model", "llava-1.5-70b"),
        ],
    )
    def test_a_name_nobody_knows_ends_with_2_and_the_nearest(self, cache, args):
        done = CliRunner().invoke(app, args)
        assert done.exit_code == 2, done.output
        assert "error: there is no model 'llava-1.5-70b'" in done.stderr
        assert "hint: Did you mean llava-1.5-7b? See docextract models list." in done.stderr

    def test_doctor_finds_a_name_nobody_knows(self, cache):
        (*_, engine) = model_engine("llava", "llava-1.5-70b")
        assert (engine.level, engine.told) == (
            Level.BROKEN,
            "there is no model 'llava-1.5-70b'",
        )

    def test_a_quantization_that_does_not_exist(self):
        done = CliRunner().invoke(app, (*RUN, "--model", ".", "--quantization", "q4"))
        assert done.exit_code == 2


class TestDocs:
    def test_table_is_what_the_code_computes(self):
        text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
        table = text.partition("## What fits")[2].partition("| card |")[0]
        rows = [
            [cell.strip(" `") for cell in line.split("|")[1:-1]]
            for line in table.splitlines()
            if line.startswith("| `")
        ]
        assert rows == [self._row(model) for model in catalogue()]

    @staticmethod
    def _row(model):
        weights = [model.footprint.weight_bytes(name) / GIB for name in QUANTIZATIONS]
        pages = [model.num_pages("nf4", usable_bytes(size)) for size in (8, 16, 24, 80)]
        return [
            model.name,
            str(model.docvqa or "–"),
            str(model.chartqa or "–"),
            *(f"{weight:.1f}" for weight in weights),
            str(round(model.page_bytes / 2**20)),
            *(str(number or "–") for number in pages),
        ]
