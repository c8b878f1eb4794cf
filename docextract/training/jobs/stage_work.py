"""One stage from the base to its outcome: load, prepare, train, write down.

Knows nothing of other stages, readings or reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import Page, UsageError
from docextract.engine.llava.vision.encoder import Encoder
from docextract.engine.llava.weights.load import LoadedModel, load_model
from docextract.training.dataset import Dataset, Item, ItemKind, LeftOut, Split
from docextract.training.examples.example import Example, ExampleMaker
from docextract.training.examples.example_set import make_examples, nothing_made
from docextract.training.examples.page_shelf import DocumentKey, PageShelf
from docextract.training.examples.step_order import drawn
from docextract.training.examples.tower_features import TowerFeatures
from docextract.training.fit.answering_model import AnsweringModel
from docextract.training.fit.stage_trainer import StagePlan, Watcher, run_stage
from docextract.training.jobs.work_folder import WorkFolder, write_whole
from docextract.training.train_settings import Method, Stage, TrainSettings
from docextract.training.weights.methods import (
    Trained,
    checkpoint_layers,
    load_projector,
    prepared,
    save_projector,
    save_projector_adapter,
)
from docextract.training.weights.whole_model import save_whole

_CPU_TOKENS = 4096
"""Positions in one pass on a CPU: more of them cost memory and win nothing."""
_MOST_EAGER_TOKENS = 1024
"""Longest example on a CPU whose attention is written out: its gradients cost half of those of
fused attention there, its memory grows with the square of the length."""
_MOST_HELD_OUT = 64
_PROJECTOR = "projector.safetensors"


@dataclass(frozen=True)
class StageWork:
    """What all stages share.

    Attributes:
        base: folder of the model that is taught.
        dataset: what is taught.
        shelf: its pages.
        folder: of the training.
        settings: of the training.
        left_out: takes what cannot be taught.
        watcher: is told, and says when to stop.
    """

    base: Path
    dataset: Dataset
    shelf: PageShelf
    folder: WorkFolder
    settings: TrainSettings
    left_out: list[LeftOut]
    watcher: Watcher

    def is_done(self, stage: Stage) -> bool:
        """Whether a stage's outcome is there."""
        return self.outcome(stage).is_dir()

    def outcome(self, stage: Stage) -> Path:
        """Return the folder of a stage's outcome."""
        if stage is Stage.ALIGN:
            return self.folder.align
        is_whole = self.settings.method is Method.FULL
        return self.folder.model if is_whole else self.folder.adapter

    def run(self, stage: Stage, num_steps: int) -> str:
        """Train a stage and write its outcome.

        Returns:
            Why it was stopped; empty where it is done.

        Raises:
            UsageError: there is nothing to teach in it.
            DivergedError, DeviceError, StoreError: as :func:`run_stage`.
        """
        loaded = load_model(self.base, quantization=self.settings.quantization)
        if stage is Stage.TUNE and (self.folder.align / _PROJECTOR).is_file():
            load_projector(loaded.model, self.folder.align / _PROJECTOR)
        # The tower is wrapped before LoRA layers are put in: the encoder keeps the bare one.
        features = TowerFeatures(Encoder(loaded, cache_bytes=0))
        steps, examples, held_out = self._drawn(stage, num_steps, loaded, features)
        _choose_attention(loaded.model, examples.values())
        trained = self._prepared(loaded.model, stage)
        model = AnsweringModel(
            trained.model, features, self._page, loaded.model.config.image_token_id
        )
        plan = StagePlan(
            stage.value, steps, examples, held_out, trained.groups, self.settings, self._most_tokens
        )
        checkpoints = self.folder.checkpoints(stage.value)
        stopped_by = run_stage(model, plan, checkpoints, self.folder.log, self.watcher)
        if not stopped_by:
            self._write(stage, trained, loaded)
            checkpoints.clear()
        return stopped_by

    @property
    def _most_tokens(self) -> int:
        return self.settings.batch_tokens or _default_tokens()

    def _prepared(self, model: Any, stage: Stage) -> Trained:
        import torch

        torch.manual_seed(self.settings.seed)
        trained = prepared(model, stage, self.settings)
        if torch.cuda.is_available():
            checkpoint_layers(trained.model)
        return trained

    def _items(self, stage: Stage) -> list[Item]:
        return stage_items(self.dataset.of(Split.TRAIN), stage)

    def _drawn(
        self, stage: Stage, num_steps: int, loaded: LoadedModel, features: TowerFeatures
    ) -> tuple[list[list[str]], dict[str, Example], Sequence[Example]]:
        """Return the ids of each step, their examples, and held-out examples that are watched."""
        maker = ExampleMaker(
            loaded,
            self.dataset.schemas,
            detail=self.settings.detail,
            with_text=self.settings.with_text,
            answer_form=self.settings.answer_form,
        )

        def make(items: Sequence[Item]) -> dict[str, Example]:
            return make_examples(items, maker, self.shelf, self.left_out, features.see)

        settings, items = self.settings, self._items(stage)
        steps, taught = drawn(items, num_steps, settings.batch_size, settings.seed, make)
        if not taught:
            raise nothing_made(self.left_out)
        watched: Mapping[str, Example] = {}
        if self.settings.eval_every:
            some = stage_items(self.dataset.of(Split.HELD_OUT), stage)[:_MOST_HELD_OUT]
            watched = make_examples(some, maker, self.shelf, self.left_out) if some else {}
        maker.close()
        return steps, taught, list(watched.values())

    def _page(self, example: Example, number: int) -> Page:
        pages = self.shelf.pages(DocumentKey(*example.document))
        return next(page for page in pages if page.number == number)

    def _write(self, stage: Stage, trained: Trained, loaded: LoadedModel) -> None:
        def write(folder: Path) -> None:
            if stage is Stage.ALIGN:
                save_projector(trained.model, folder / _PROJECTOR)
                if self.settings.method is not Method.FULL:
                    save_projector_adapter(trained.model, folder / "adapter")
                else:
                    save_whole(trained.model, loaded.processor, self.base, folder / "model")
            elif self.settings.method is Method.FULL:
                save_whole(trained.model, loaded.processor, self.base, folder)
            elif trained.adapter is None:
                save_projector_adapter(trained.model, folder)
            else:
                trained.adapter.save_pretrained(folder, safe_serialization=True)

        write_whole(self.outcome(stage), write)


def stage_items(items: Sequence[Item], stage: Stage) -> list[Item]:
    """Return what a stage is taught: text to copy first, then all questions.

    Without text to copy, the first stage takes all questions too.

    Raises:
        UsageError: there is nothing to teach, or nothing but text for the second stage.
    """
    texts = [item for item in items if item.kind is ItemKind.TEXT]
    if stage is Stage.ALIGN and texts:
        return texts
    if not items or (stage is Stage.TUNE and len(texts) == len(items)):
        raise UsageError(
            f"the dataset has nothing to {stage.value} on",
            "Give labels, or train --stage align on text alone.",
        )
    return list(items)


def _choose_attention(model: Any, examples: Iterable[Example]) -> None:
    import torch

    longest = max(example.num_tokens for example in examples)
    if not torch.cuda.is_available() and longest <= _MOST_EAGER_TOKENS:
        model.set_attn_implementation("eager")


def _default_tokens() -> int:
    """Return the positions of one pass: on a GPU for what is free, at 7B's cost of a token.

    About 2.6 MB for each position with checkpointed layers, logits at answers alone (computed).
    """
    import torch

    if not torch.cuda.is_available():
        return _CPU_TOKENS
    free, _ = torch.cuda.mem_get_info()
    return max(_CPU_TOKENS, int(free) // 2 // 2_600_000)
