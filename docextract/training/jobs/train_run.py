"""The order of a training: claim the folder, read before, align, tune, read after, report.

Knows nothing of terminals. Each part leaves its outcome in the folder before the next begins, so
that a run which was killed anywhere goes on where it was.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from docextract.core import Tree, __version__, to_json
from docextract.engine.llava.llava_engine import LlavaEngine
from docextract.engine.llava.weights.identity import identify
from docextract.engine.prompt import PROMPT_VERSION
from docextract.export.atomic import write_atomically
from docextract.training.collect.opened_pages import PageReader
from docextract.training.dataset import Dataset, LeftOut, Split
from docextract.training.examples.page_shelf import PageShelf
from docextract.training.examples.step_order import num_documents
from docextract.training.fit.stage_trainer import Watcher
from docextract.training.jobs.stage_work import StageWork, stage_items
from docextract.training.jobs.work_folder import WorkFolder
from docextract.training.outcome.curves import loss_curves
from docextract.training.outcome.held_out import Leaf, held_out_items, read_held_out
from docextract.training.outcome.model_card import model_card
from docextract.training.outcome.train_report import TrainReport
from docextract.training.train_settings import Method, Stage, TrainSettings

BEFORE = "before"


@dataclass(frozen=True)
class TrainOutcome:
    """How a training ended.

    Attributes:
        folder: of the training.
        stopped_by: why it was stopped before its end; empty where it is done.
        report: what it came to; None where it is not done.
        left_out: what could not be taught.
    """

    folder: WorkFolder
    stopped_by: str = ""
    report: TrainReport | None = None
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class TrainJob:
    """What is to be trained.

    Attributes:
        base: folder of the model.
        dataset: what is taught.
        out: folder of the training.
        settings: of the training.
        watcher: is told, and says when to stop.
        tell: takes messages for people.
    """

    base: Path
    dataset: Dataset
    out: Path
    settings: TrainSettings
    watcher: Watcher
    tell: Callable[[str], None]
    left_out: list[LeftOut] = field(default_factory=list)

    def run(self) -> TrainOutcome:
        """Train, from where an earlier run was.

        Raises:
            UsageError: the folder is another training's, or there is nothing to teach.
            OutputBusyError: another process trains in it.
            SetupError: weights, package or device are missing, or too small.
            DivergedError: the loss is no number, or has left for good.
            StoreError: the disk is full; the checkpoint before is whole.
        """
        folder = WorkFolder(self.out)
        for stage in self.settings.stages:
            stage_items(self.dataset.of(Split.TRAIN), stage)
        with folder.claimed(self._about()), PageReader() as reader:
            shelf = PageShelf(self.dataset, reader)
            readings = {BEFORE: self._read(folder, shelf, BEFORE, None)}
            for stage in self.settings.stages:
                stopped_by = self._stage(folder, shelf, stage)
                if stopped_by:
                    return TrainOutcome(
                        folder, stopped_by, left_out=tuple(dict.fromkeys(self.left_out))
                    )
                readings[stage.value] = self._read(folder, shelf, stage.value, stage)
            report = TrainReport(readings, self._about() | {"steps": self._num_steps()})
            self._write(folder, report)
        return TrainOutcome(folder, report=report, left_out=tuple(dict.fromkeys(self.left_out)))

    def _about(self) -> Tree:
        identity = identify(self.base)
        return {
            "format": 1,
            "made_by": __version__,
            "settings": self.settings.to_json(),
            "dataset": {
                "digest": self.dataset.digest,
                "documents": num_documents(self.dataset.of(Split.TRAIN)),
                "prompt_version": self.dataset.about.get("prompt_version", PROMPT_VERSION),
                "schemas": sorted(self.dataset.schemas),
            },
            "model": {"id": identity.model_id, "revision": identity.revision},
            "base": str(self.base),
        }

    def _num_steps(self) -> int:
        return sum(self._steps().values())

    def _steps(self) -> Mapping[Stage, int]:
        return self.settings.num_steps(num_documents(self.dataset.of(Split.TRAIN)))

    def _stage(self, folder: WorkFolder, shelf: PageShelf, stage: Stage) -> str:
        work = StageWork(
            self.base, self.dataset, shelf, folder, self.settings, self.left_out, self.watcher
        )
        if work.is_done(stage):
            return ""
        self.tell(f"{stage}: {self._steps()[stage]} steps of {self.settings.batch_size} questions")
        stopped_by = work.run(stage, self._steps()[stage])
        del work
        _free_memory()
        return stopped_by

    def _read(
        self, folder: WorkFolder, shelf: PageShelf, name: str, stage: Stage | None
    ) -> list[Leaf]:
        """Return what the real engine makes of the held-out documents, weights loaded afresh."""
        is_asked = self.settings.is_read_before_and_after and held_out_items(self.dataset)
        if not is_asked:
            return []
        self.tell(f"reading {len(held_out_items(self.dataset))} held-out questions: {name}")
        model, adapter = self._weights(folder, stage)
        engine = LlavaEngine(
            model,
            quantization=self.settings.quantization,
            adapter=adapter,
            detail=self.settings.detail,
            with_text=self.settings.with_text,
            answer_form=self.settings.answer_form,
        )
        try:
            return read_held_out(engine, self.dataset, shelf, folder.answers(name))
        finally:
            engine.close()
            del engine
            _free_memory()

    def _weights(self, folder: WorkFolder, stage: Stage | None) -> tuple[Path, Path | None]:
        """Return the model and adapter that a stage has come to."""
        if stage is None:
            return self.base, None
        inner = folder.path if stage is Stage.TUNE else folder.align
        if self.settings.method is Method.FULL:
            return inner / "model", None
        return self.base, inner / "adapter"

    def _write(self, folder: WorkFolder, report: TrainReport) -> None:
        rows = folder.log.rows()
        files = {
            "report.json": to_json(report.to_json(), indent=2) + "\n",
            "report.md": report.to_markdown() + "\n",
            "curves.svg": loss_curves(rows),
            "MODEL_CARD.md": model_card(report),
            "left_out.jsonl": "".join(
                f"{to_json(row.to_json())}\n" for row in dict.fromkeys(self.left_out)
            ),
        }
        for name, text in files.items():
            write_atomically(folder.path / name, text.encode())


def _free_memory() -> None:
    """Give back what a model held before the next one is loaded."""
    gc.collect()
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def begin_anew(job: TrainJob) -> TrainJob:
    """Return the same training in a folder that is not there yet."""
    return replace(job, out=WorkFolder.free(job.out))
