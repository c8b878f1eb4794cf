"""Two stages end to end with the small reader: what is written, what is frozen, what is refused."""

from __future__ import annotations

import gc
import json
import shutil
from itertools import chain

import pytest
from support.processes import docextract
from support.slips import READER, SCHEMA, copy_slips, slip_dataset

from docextract.core import OptionError, OutputBusyError, StoreError, UsageError
from docextract.training.dataset.item import Split
from docextract.training.train_settings import Method, Stage, TrainSettings

pytestmark = pytest.mark.model
QUIET = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def job(base, dataset, out, rows=None, why_stop=lambda: "", **settings):
    from docextract.training.fit.stage_trainer import Watcher
    from docextract.training.jobs.train_run import TrainJob

    chosen = {"steps": 4, "batch_size": 4, "save_every": 2, "is_read_before_and_after": False}
    rows = [] if rows is None else rows
    watcher = Watcher(lambda row, num_steps: rows.append(row), why_stop)
    return TrainJob(
        base, dataset, out, TrainSettings(**(chosen | settings)), watcher, lambda text: None
    )


@pytest.fixture(scope="module", autouse=True)
def passed_over():
    """What is imported is passed over by the garbage collector, which each training calls."""
    import docextract.training.fit.stage_trainer  # noqa: F401 (transformers' Trainer, as it does)

    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def tensors(path):
    from safetensors.torch import load_file

    return load_file(path)


@pytest.fixture(scope="module")
def trained(dataset, tmp_path_factory):
    """A training of both stages with LoRA, held-out documents read before and after."""
    import torch

    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("trained") / "out"
    outcome = job(
        READER, dataset, out, is_read_before_and_after=True, lr=2e-3, steps=6, eval_every=2
    ).run()
    return out, outcome


def test_a_training_leaves_what_the_guide_says(trained):
    out, outcome = trained
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {
        "train.json", "log.jsonl", "report.json", "report.md", "curves.svg", "MODEL_CARD.md",
        "left_out.jsonl", "align/projector.safetensors", "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors", "readings/before.jsonl", "readings/tune.jsonl",
    } <= found  # fmt: skip
    assert not any("checkpoint-" in name or ".partial" in name for name in found)
    assert outcome.stopped_by == ""
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert list(report["readings"]) == ["before", "align", "tune"]
    assert report["readings"]["before"]["same_value"]["of"] > 20
    assert "<polyline" in (out / "curves.svg").read_text("utf-8")
    assert "revision" in (out / "MODEL_CARD.md").read_text("utf-8")


def test_every_step_is_logged(trained):
    out, _ = trained
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    assert [(row["stage"], row["step"]) for row in rows] == [
        *(("align", step) for step in (1, 2, 3)),
        *(("tune", step) for step in (1, 2, 3)),
    ]
    assert {"loss", "token_accuracy", "lr", "grad_norm", "tokens_per_s", "peak_bytes"} <= {*rows[0]}
    assert all("held_out_loss" in row for row in rows if row["step"] in (2, 3))


def test_the_adapter_gives_the_answers_the_report_was_made_of(trained, dataset, tmp_path):
    out, _ = trained
    slips = copy_slips(tmp_path / "in")
    for name in ("truth.jsonl", "words.jsonl"):
        (slips / name).unlink()
    docextract(
        "run", "in", "--schema", SCHEMA, "--engine", "llava", "--model", READER, "--adapter",
        out / "adapter", "-q", cwd=tmp_path, environment=QUIET, check=0,
    )  # fmt: skip
    rows = map(json.loads, (tmp_path / "out/results.jsonl").read_text("utf-8").splitlines())
    records = {row["document"]["sha256"]: row for row in rows}
    lines = (out / "readings/tune.jsonl").read_text("utf-8").splitlines()
    answers = {row["id"]: row["values"] for row in map(json.loads, lines)}
    num_compared = 0
    for item in dataset.of(Split.HELD_OUT):
        if item.is_whole and len(item.fields) >= 6:
            given = first_answers(records[item.sha256])
            expected = {path: raw for path, raw in answers[item.id].items() if path in given}
            assert given == expected
            num_compared += len(given)
    assert num_compared


def first_answers(record):
    """What the first question was answered, without what a closer look or a check has changed."""
    looks = [asked["fields"] for asked in record["questions"] if asked["is_closer"]]
    changed = {*chain.from_iterable(looks), *(repair["path"] for repair in record["repairs"])}
    return {path: info["raw"] for path, info in record["fields"].items() if path not in changed}


def test_lora_reaches_the_decoder_and_never_the_tower(trained):
    out, _ = trained
    names = list(tensors(out / "adapter/adapter_model.safetensors"))
    assert sum("lora_A" in name for name in names) == 4 * 7
    assert all("language_model" in name for name in names if "lora" in name)
    assert any("multi_modal_projector" in name for name in names)
    assert not any("vision_tower" in name for name in names)


def test_full_training_changes_the_decoder_and_leaves_the_tower(dataset, reader, tmp_path):
    out = tmp_path / "out"
    job(reader, dataset, out, method=Method.FULL, lr=1e-3).run()
    before, after = tensors(reader / "model.safetensors"), tensors(out / "model/model.safetensors")
    assert before.keys() == after.keys()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert changed
    assert not any("vision_tower" in name for name in changed)
    assert any("language_model" in name for name in changed)
    assert any("multi_modal_projector" in name for name in changed)
    aligned = tensors(out / "align/model/model.safetensors")
    assert not any(
        not before[name].equal(aligned[name]) for name in before if "language_model" in name
    )
    assert all(after[name].dtype == before[name].dtype for name in before)


def test_an_export_reads_as_base_and_adapter_do(trained, dataset, tmp_path):
    from docextract.engine.llava.llava_engine import LlavaEngine
    from docextract.training.collect.opened_pages import PageReader
    from docextract.training.examples.page_shelf import PageShelf
    from docextract.training.jobs.train_export import export_merged
    from docextract.training.outcome.held_out import read_held_out

    out, _ = trained
    export_merged(out, tmp_path / "merged")
    assert (tmp_path / "merged/README.md").is_file()
    engine = LlavaEngine(tmp_path / "merged")
    with PageReader(num_workers=1) as pages:
        shelf = PageShelf(dataset, pages)
        merged = read_held_out(engine, dataset, shelf, tmp_path / "merged.jsonl")
    beside = read_held_out(engine, dataset, shelf, out / "readings/tune.jsonl")
    same = [one.given == other.given for one, other in zip(merged, beside, strict=True)]
    # Merged weights are rounded to 16 bits.
    assert sum(same) >= 0.97 * len(same)
    with pytest.raises(UsageError, match="there already"):
        export_merged(out, tmp_path / "merged")


def test_an_adapter_can_go_a_part_of_the_way(trained, tmp_path):
    from docextract.training.jobs.train_export import export_softened

    out, _ = trained
    name = "adapter_model.safetensors"
    export_softened(out, tmp_path / "whole", 1.0)
    export_softened(out, tmp_path / "half", 0.5)
    learned, whole, half = (tensors(path / name) for path in (
        out / "adapter", tmp_path / "whole", tmp_path / "half"))  # fmt: skip
    before = tensors(READER / "model.safetensors")
    for key, tensor in learned.items():
        assert whole[key].allclose(tensor, atol=1e-6)
        if ".lora_B." in key:
            assert half[key].allclose(0.5 * tensor)
        elif "multi_modal_projector" in key:
            start = before["multi_modal_projector." + key.rpartition("projector.")[2]].float()
            assert half[key].allclose((start + tensor) / 2, atol=1e-6)
    assert (tmp_path / "half/adapter_config.json").is_file()
    with pytest.raises(UsageError, match="there already"):
        export_softened(out, tmp_path / "half", 0.5)
    done = docextract("train", "export", out, "--merged", "m", "--share", "0.5", cwd=tmp_path)
    assert done.returncode == 2
    assert "--share" in done.stderr


def test_an_unfinished_training_cannot_be_exported(dataset, reader, tmp_path):
    from docextract.training.jobs.train_export import export_merged

    outcome = job(reader, dataset, tmp_path / "out", why_stop=lambda: "SIGINT").run()
    assert outcome.stopped_by == "SIGINT"
    with pytest.raises(UsageError, match="not done"):
        export_merged(tmp_path / "out", tmp_path / "merged")


def test_another_dataset_model_or_setting_is_refused_by_name(dataset, reader, tmp_path):
    from docextract.training.jobs.train_run import begin_anew

    job(reader, dataset, tmp_path / "out", why_stop=lambda: "SIGINT").run()
    with pytest.raises(OptionError, match="settings rank was 16, now 8"):
        job(reader, dataset, tmp_path / "out", rank=8).run()
    other = slip_dataset(tmp_path / "other", seed=3)
    with pytest.raises(OptionError, match="dataset digest"):
        job(reader, other, tmp_path / "out").run()
    model = shutil.copytree(reader, tmp_path / "model")
    config = json.loads((model / "generation_config.json").read_text("utf-8"))
    (model / "generation_config.json").write_text(json.dumps(config | {"max_length": 7}), "utf-8")
    with pytest.raises(OptionError, match="model revision"):
        job(model, dataset, tmp_path / "out").run()
    fresh = begin_anew(job(reader, dataset, tmp_path / "out", rank=8))
    assert fresh.out.name == "out-2"


def test_two_trainings_cannot_share_a_folder(dataset, reader, tmp_path):
    from docextract.training.jobs.work_folder import WorkFolder

    one = job(reader, dataset, tmp_path / "out")
    with WorkFolder(tmp_path / "out").claimed(one._about()), pytest.raises(OutputBusyError):
        one.run()


def test_a_stop_saves_and_the_next_run_comes_to_the_same_weights(dataset, reader, tmp_path):
    straight = tmp_path / "straight"
    job(reader, dataset, straight, steps=6).run()
    rows, stops = [], iter(["", "SIGTERM"])  # type: ignore[var-annotated]
    out = tmp_path / "out"
    first = job(reader, dataset, out, rows, lambda: next(stops, ""), steps=6, save_every=100).run()
    assert first.stopped_by == "SIGTERM"
    assert len(rows) == 2
    job(reader, dataset, out, rows, steps=6, save_every=100).run()
    name = "adapter/adapter_model.safetensors"
    assert (out / name).read_bytes() == (straight / name).read_bytes()
    assert len(rows) == 6


def test_a_loss_that_is_no_number_ends_with_step_and_items(dataset, reader, tmp_path):
    from docextract.training.fit.answering_model import AnsweringModel
    from docextract.training.fit.loss_watch import DivergedError

    whole = AnsweringModel.forward
    calls = []

    def forward(self, examples):
        calls.append(examples)
        found = whole(self, examples)
        return found._replace(total=found.total * float("nan")) if len(calls) > 2 else found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AnsweringModel, "forward", forward)
        with pytest.raises(DivergedError, match="step 3 is no number") as raised:
            job(reader, dataset, tmp_path / "out", stage="align").run()
    assert raised.value.exit_code == 6
    assert all(example.item_id in str(raised.value) for example in calls[-1])
    # The checkpoint of step 2 is whole, and training goes on from it.
    rows = []  # type: ignore[var-annotated]
    job(reader, dataset, tmp_path / "out", rows, stage="align").run()
    assert [row["step"] for row in rows] == [3, 4]


def test_a_full_disk_keeps_the_checkpoint_before(dataset, reader, tmp_path):
    import errno

    import torch

    save, calls = torch.save, []

    def full(*args, **kwargs):
        calls.append(args)
        if len(calls) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        return save(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "save", full)
        with pytest.raises(StoreError, match="checkpoint") as raised:
            job(reader, dataset, tmp_path / "out", steps=6, stage="align").run()
    assert raised.value.exit_code == 4
    folder = tmp_path / "out/checkpoints/align"
    assert [path.parent.name for path in folder.glob("*/complete")] == ["checkpoint-2"]
    rows = []  # type: ignore[var-annotated]
    job(reader, dataset, tmp_path / "out", rows, steps=6, stage="align").run()
    assert rows[0]["step"] == 3
    straight = tmp_path / "straight"
    job(reader, dataset, straight, steps=6, stage="align").run()
    name = "align/projector.safetensors"
    assert (tmp_path / "out" / name).read_bytes() == (straight / name).read_bytes()


def test_documents_that_are_gone_are_left_out_and_counted(reader, tmp_path):
    slips = copy_slips(tmp_path / "slips")
    made = slip_dataset(tmp_path / "data", slips)
    gone, other, broken = sorted({made.path_of(item) for item in made.of(Split.TRAIN)})[:3]
    gone.unlink()
    other.write_bytes(broken.read_bytes())
    broken.write_bytes(b"no image at all")
    # Enough steps to ask every document once.
    outcome = job(reader, made, tmp_path / "out", stage="tune", steps=8).run()
    why = {made.folder / row.document: row.why.value for row in outcome.left_out}
    changed = "the file has changed since it was labelled"
    assert why == {gone: "file missing", other: changed, broken: changed}


def test_text_alone_aligns_and_cannot_tune(reader, tmp_path):
    made = slip_dataset(tmp_path / "data", with_labels=False)
    with pytest.raises(UsageError, match="nothing to tune on"):
        job(reader, made, tmp_path / "out").run()
    outcome = job(reader, made, tmp_path / "aligned", stage="align").run()
    assert (tmp_path / "aligned/align/adapter/adapter_model.safetensors").is_file()
    assert "was read before or after" in outcome.report.to_markdown()


def test_settings_say_what_they_cannot_be():
    for wrong in ({"stage": "third"}, {"quantization": "int8"}, {"method": Method.QLORA},
                  {"align_share": 1.0}, {"detail": "some"}):  # fmt: skip
        with pytest.raises(OptionError):
            TrainSettings(**wrong)
    settings = TrainSettings(epochs=2, batch_size=10)
    assert settings.num_steps(100) == {Stage.ALIGN: 10, Stage.TUNE: 10}
    assert TrainSettings(stage="tune", steps=7).num_steps(3) == {Stage.TUNE: 7}


def test_a_check_says_what_is_there_and_what_fits(dataset, tmp_path):
    done = docextract(
        "train", "check", dataset.folder, "--model", READER, cwd=tmp_path, environment=QUIET,
        check=0,
    )  # fmt: skip
    assert "train, fields" in done.stdout
    assert "questions with full answers fit a context of 2048 tokens" in done.stdout
    assert "questions with sparse answers fit" in done.stdout
    assert "qlora" in done.stdout


def test_a_check_counts_both_forms_of_answers(tmp_path):
    from docextract.training.jobs.train_check import check_dataset

    made = slip_dataset(tmp_path / "data", kinds="whole")
    found = check_dataset(made, READER, detail="auto", rank=16)
    full, sparse = found.forms
    assert (full.form, sparse.form) == ("full", "sparse")
    assert full.num_fitting == sparse.num_fitting == len(made.items)
    # A slip that has all fields is answered alike; the names of keys are told in the prompt.
    assert 0 < sparse.longest_answer <= full.longest_answer
    assert sparse.longest > full.longest


def test_qlora_of_a_7b_is_computed_to_fit_16_gb():
    from docextract.training.weights.memory_need import footprint_of, train_memory

    mistral = {
        "text_config": {"intermediate_size": 14336, "num_key_value_heads": 8},
        "vision_config": {},
    }
    shape = footprint_of(mistral)
    assert 7.3e9 < shape.num_parameters < 7.7e9
    small = train_memory(shape, Method.QLORA, 16, 2900, 500)
    assert small.smallest_card_gb() == 16
    assert train_memory(shape, Method.LORA, 16, 2900, 500).smallest_card_gb() == 24
    assert train_memory(shape, Method.FULL, 16, 2900, 500).smallest_card_gb() is None
    assert "16 GB card" in str(small)


@pytest.mark.parametrize(
    ("model", "told"), [("nowhere", "nowhere"), ("pickled", "pickled"), ("other", "bert")]
)
def test_a_folder_that_is_no_model_is_exit_3_or_2(dataset, tmp_path, model, told):
    folder = tmp_path / model
    if model != "nowhere":
        folder.mkdir()
        kind = "bert" if model == "other" else "llava_next"
        (folder / "config.json").write_text(json.dumps({"model_type": kind}), "utf-8")
        weights = READER / "model.safetensors"
        name = "model.safetensors" if model == "other" else "model.bin"
        shutil.copy(weights, folder / name)
    done = docextract(
        "train", "run", dataset.folder, "--model", folder, "--out", "out", "--steps", "1",
        cwd=tmp_path, environment=QUIET,
    )  # fmt: skip
    assert done.returncode in (2, 3)
    assert told in done.stderr
