"""Trains and reads one arm of a comparison of stages, on drawn slips, from a reader that forgot.

Knows nothing of which arms there are, nor of tables. A reader whose projector is drawn anew sees
nothing it has a name for: that is where LLaVA's two stages begin.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch

from docextract.core import Page
from docextract.engine.base import Question
from docextract.engine.llava.llava_engine import LlavaEngine
from docextract.engine.llava.weights.load import load_model
from docextract.evaluation import NameMapping
from docextract.schema.loading import load_schema
from docextract.training.collect.known_words import read_known_words
from docextract.training.collect.labelled_documents import from_text, from_truth
from docextract.training.collect.make_dataset import DataSettings, make_dataset
from docextract.training.collect.opened_pages import PageReader
from docextract.training.collect.question_kinds import Mixture
from docextract.training.collect.split_groups import SplitRule
from docextract.training.dataset import Dataset, read_dataset, write_dataset
from docextract.training.fit.stage_trainer import Watcher
from docextract.training.jobs.train_export import export_softened
from docextract.training.jobs.train_run import TrainJob
from docextract.training.jobs.work_folder import write_whole
from docextract.training.train_settings import Method, TrainSettings
from docextract.training.weights.methods import load_projector
from docextract.training.weights.whole_model import save_whole

sys.path.append(str(Path(__file__).parents[1] / "fixtures"))

from drawing.slips import FIELDS, REVERSED, SCHEMA, Look, Slip, draw_slips
from make_slips import write_slips

PLAIN = Look()
READER = Path(__file__).parents[1] / "fixtures/reader"
BATCH_SIZE = 12
_KINDS = "whole=.6,subset=.2,single=.05,closer=.05,text=.1"
RATES_ALONE = {Method.FULL: (1e-4, 3e-3), Method.LORA: (1e-3, 3e-3)}
"""Of what answers and of the projector, where no first stage has taught it what it forgot; the
product's own rates are meant for a projector that knows.
"""


def forgetful(base: Path, folder: Path, seed: int) -> Path:
    """Return a reader whose projector is random, made once."""

    def write(partial: Path) -> None:
        loaded = load_model(base)
        torch.manual_seed(seed)
        # As transformers draws them: torch's own, larger weights learn several times slower.
        std = loaded.model.config.text_config.initializer_range
        for layer in loaded.model.model.multi_modal_projector.modules():
            if isinstance(layer, torch.nn.Linear):
                torch.nn.init.normal_(layer.weight, std=std)
                torch.nn.init.zeros_(layer.bias)
        save_whole(loaded.model, loaded.processor, base, partial)

    if not folder.is_dir():
        write_whole(folder, write)
    return folder


def slips_of(number: int, seed: int | str, look: Look = PLAIN) -> list[Slip]:
    """Return slips; other seeds give others."""
    return list(draw_slips(number, f"stages:{seed}", look))


def slip_data(
    folder: Path, slips: Iterable[Slip], *, with_labels: bool = True, kinds: str = _KINDS
) -> Dataset:
    """Return a dataset of slips, all of them taught, made once."""
    if not folder.is_dir():
        drawn = folder.with_name(f"{folder.name}-slips")
        write_slips(drawn, slips)
        write_whole(folder, lambda partial: _write_data(partial, drawn, with_labels, kinds))
    return read_dataset(folder)


def _write_data(folder: Path, slips: Path, with_labels: bool, kinds: str) -> None:
    schema = load_schema(SCHEMA)
    words = read_known_words(slips / "words.jsonl", slips)
    documents = list(from_truth(slips / "truth.jsonl", slips, [schema], NameMapping.load(), []))
    if not with_labels:
        documents = list(from_text(document.path for document in documents))
    settings = DataSettings(
        SplitRule("file"), 0.0, Mixture.parse(kinds), is_forced=True, words=words
    )
    with PageReader(num_workers=1) as reader:
        write_dataset(make_dataset(folder, documents, [schema], settings, [], print, reader))


def shuffled(dataset: Dataset) -> Dataset:
    """Return a dataset whose answers stand at other documents: nothing is left to be learned."""
    by_question: dict[tuple[str, ...], list[int]] = {}
    for index, item in enumerate(dataset.items):
        by_question.setdefault((item.kind.value, *item.fields), []).append(index)
    items = list(dataset.items)
    for places in by_question.values():
        for index, other in zip(places, [*places[1:], places[0]], strict=True):
            items[index] = replace(items[index], answer=dataset.items[other].answer)
    return replace(dataset, items=tuple(items))


def aligned(base: Path, dataset: Dataset, folder: Path, num_steps: int, seed: int) -> Path:
    """Return a reader after the first stage, made once."""
    settings = _settings("align", Method.LORA, num_steps, seed)

    def write(partial: Path) -> None:
        loaded = load_model(base)
        load_projector(loaded.model, folder / "align/projector.safetensors")
        save_whole(loaded.model, loaded.processor, base, partial)

    _train(base, dataset, folder, settings)
    if not (folder / "base").is_dir():
        write_whole(folder / "base", write)
    return folder / "base"


def tuned(
    base: Path,
    dataset: Dataset,
    folder: Path,
    num_steps: int,
    seed: int,
    method: Method,
    rates: tuple[float | None, float | None] = (None, None),
) -> tuple[Path, Path | None]:
    """Return model and adapter after the second stage, made once; by the product's own rates."""
    settings = _settings("tune", method, num_steps, seed, rates)
    _train(base, dataset, folder, settings)
    return (folder / "model", None) if method is Method.FULL else (base, folder / "adapter")


def softened(folder: Path, share: float) -> Path:
    """Return the adapter of a training that goes only a share of its way, made once."""
    target = folder / f"softened-{share}"
    if not target.is_dir():
        export_softened(folder, target, share)
    return target


def _settings(
    stage: str,
    method: Method,
    num_steps: int,
    seed: int,
    rates: tuple[float | None, float | None] = (None, None),
) -> TrainSettings:
    return TrainSettings(
        stage, method, steps=num_steps, lr=rates[0], lr_projector=rates[1], lr_align=3e-3,
        batch_size=BATCH_SIZE, seed=seed, precision="bf16", is_read_before_and_after=False,
    )  # fmt: skip


def _train(base: Path, dataset: Dataset, folder: Path, settings: TrainSettings) -> None:
    if (folder / "report.json").is_file():
        return
    watcher = Watcher(lambda row, num_steps: None)
    outcome = TrainJob(base, dataset, folder, settings, watcher, _tell).run()
    if outcome.report is None:
        raise SystemExit(f"{folder}: stopped by {outcome.stopped_by}")


def share_read(model: Path, slips: Sequence[Slip], adapter: Path | None = None) -> float:
    """Return the share of fields that the engine reads as printed; null where nothing is."""
    engine = LlavaEngine(model, adapter=adapter, num_slots=8)
    num_right = 0
    try:
        for some in _batches(slips, 16):
            answers = engine.answer([_question(slip) for slip in some])
            pairs = zip(some, answers, strict=True)
            num_right += sum(
                slip.values[name] == answer.values.get(name)
                for slip, answer in pairs
                for name in FIELDS
            )
    finally:
        engine.close()
    return num_right / (len(slips) * len(FIELDS))


def _question(slip: Slip) -> Question:
    image = slip.image
    page = Page(1, image.width, image.height, size=image.size, image=image.tobytes())
    return Question("slip", (page,), load_schema(SCHEMA))


def _batches(slips: Sequence[Slip], size: int) -> Iterator[list[Slip]]:
    rest = iter(slips)
    while some := list(islice(rest, size)):
        yield some


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def new_layout() -> Look:
    """Return the look of slips that no reader was taught: other words, read from below."""
    return Look(layout=REVERSED)
