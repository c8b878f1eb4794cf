"""One stage by transformers' Trainer: its optimiser, schedule and resume, our steps and loss.

Knows nothing of stages' order, reports or files beyond checkpoints and the log. Which items a step
takes is told by its number alone, so that nothing of a data loader has to be restored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    get_cosine_schedule_with_warmup,
)

from docextract.core import DeviceError, StoreError, Tree
from docextract.training.examples.example import Example
from docextract.training.fit.answering_model import AnsweringModel
from docextract.training.fit.checkpoints import Checkpoints, step_of
from docextract.training.fit.loss_watch import LossWatch
from docextract.training.fit.passes import Passes, StepLoss, grouped
from docextract.training.fit.training_log import TrainingLog
from docextract.training.train_settings import TrainSettings

_WARM_UP = 0.03
_MOST_WARM_UP = 100


@dataclass(frozen=True)
class StagePlan:
    """What a stage is to do.

    Attributes:
        name: ``align`` or ``tune``.
        steps: examples' ids of each step.
        examples: by id of the item.
        held_out: examples whose loss is looked at now and then.
        groups: parameters and their learning rates.
        settings: of the run.
        most_tokens: positions in one pass.
    """

    name: str
    steps: Sequence[Sequence[str]]
    examples: dict[str, Example]
    held_out: Sequence[Example]
    groups: Sequence[tuple[Sequence[Any], float]]
    settings: TrainSettings
    most_tokens: int


class Watcher:
    """What a stage tells of itself, and asks whether to go on.

    Args:
        tell: takes each row of the log.
        why_stop: returns why to stop after this step; empty to go on.
    """

    def __init__(
        self, tell: Callable[[Tree, int], None], why_stop: Callable[[], str] = lambda: ""
    ) -> None:
        self.tell = tell
        self.why_stop = why_stop


def run_stage(
    model: AnsweringModel,
    plan: StagePlan,
    checkpoints: Checkpoints,
    log: TrainingLog,
    watcher: Watcher,
) -> str:
    """Train one stage, from its newest checkpoint on.

    Returns:
        Why it was stopped; empty where it is done.

    Raises:
        DivergedError: the loss is no number, or has left for good.
        DeviceError: not even one example fits the device.
        StoreError: a checkpoint or the log cannot be written; the one before is whole.
    """
    _check_devices()
    newest = checkpoints.newest()
    log.cut(plan.name, step_of(newest))
    watch = LossWatch(row["loss"] for row in log.rows(plan.name) if "loss" in row)
    trainer = StageTrainer(model, plan, checkpoints, watch)
    listener = _Listener(trainer, plan, checkpoints, log, watcher)
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(listener)
    with _saving_errors(trainer, checkpoints):
        trainer.train(resume_from_checkpoint=None if newest is None else str(newest))
    return listener.stopped_by


def _check_devices() -> None:
    if torch.cuda.device_count() > 1:
        raise DeviceError(
            "training uses one GPU, and there are several", "Set CUDA_VISIBLE_DEVICES to one."
        )


class _saving_errors:
    """Turns what a full disk makes of a save into the error of the store."""

    def __init__(self, trainer: StageTrainer, checkpoints: Checkpoints) -> None:
        self._trainer = trainer
        self._checkpoints = checkpoints

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        del kind, trace
        is_disk = isinstance(error, OSError | SafetensorError | RuntimeError)
        if self._trainer.is_saving and is_disk:
            raise StoreError(
                f"cannot write a checkpoint below {self._checkpoints.folder}: {error}",
                "Free disk space and run again; the checkpoint before is whole.",
            ) from error


class StageTrainer(Trainer):  # type: ignore[misc]
    """A Trainer whose step is one of ours.

    Attributes:
        last: what the last step came to.
        is_saving: whether a checkpoint is being written.
    """

    def __init__(
        self,
        model: AnsweringModel,
        plan: StagePlan,
        checkpoints: Checkpoints,
        watch: LossWatch,
    ) -> None:
        self.last: StepLoss | None = None
        self.is_saving = False
        self.passes = Passes(plan.most_tokens)
        self._plan = plan
        self._watch = watch
        super().__init__(
            model=model,
            args=_arguments(plan, str(checkpoints.folder)),
            # One row a step, of which nothing but their number is used.
            train_dataset=_StepNumbers(len(plan.steps)),
            data_collator=lambda rows: {"steps": rows},
            optimizers=_optimiser(plan),
        )

    def training_step(
        self, model: Any, inputs: Any, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """Add the gradients of the step whose number the state tells."""
        del inputs, num_items_in_batch
        model.train()
        number = self.state.global_step
        ids = self._plan.steps[number]
        examples = [self._plan.examples[one] for one in ids]
        backward = self.accelerator.backward
        self.last = self.passes.step(model, examples, backward, self.compute_loss_context_manager)
        self._watch.see(self.last.mean, number + 1, ids)
        return torch.tensor(self.last.mean, device=self.args.device)

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write what is trained; a save has begun, and ends when it is marked."""
        self.is_saving = True
        super().save_model(output_dir, _internal_call)

    def held_out_loss(self) -> StepLoss:
        """Return the loss of the held-out examples."""
        model, total, num_right = self.model, 0.0, 0
        model.eval()
        with torch.no_grad(), self.compute_loss_context_manager():
            for group in grouped(self._plan.held_out, self.passes.most_tokens):
                found = model(group)
                total += float(found.total)
                num_right += found.num_right
        num = sum(len(example.answer_ids) for example in self._plan.held_out)
        return StepLoss(total / num, num_right / num, num)


class _StepNumbers(torch.utils.data.Dataset):  # type: ignore[misc]
    def __init__(self, num_steps: int) -> None:
        self._num_steps = num_steps

    def __len__(self) -> int:
        return self._num_steps

    def __getitem__(self, index: int) -> int:
        return index


def _arguments(plan: StagePlan, folder: str) -> Any:
    settings = plan.settings
    return TrainingArguments(
        output_dir=folder,
        max_steps=len(plan.steps),
        per_device_train_batch_size=1,
        gradient_accumulation_steps=1,
        max_grad_norm=1.0,
        save_strategy="steps",
        save_steps=settings.save_every,
        save_total_limit=max(2, settings.keep),
        logging_steps=1,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        use_cpu=not torch.cuda.is_available(),
        bf16=settings.precision == "bf16",
        seed=settings.seed,
    )


def _optimiser(plan: StagePlan) -> tuple[Any, Any]:
    groups = [{"params": list(part), "lr": rate} for part, rate in plan.groups]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.0)
    num_steps = len(plan.steps)
    num_warm_up = min(_MOST_WARM_UP, max(1, round(_WARM_UP * num_steps)))
    return optimiser, get_cosine_schedule_with_warmup(optimiser, num_warm_up, num_steps)


class _Listener(TrainerCallback):  # type: ignore[misc]
    """Writes the log, marks checkpoints and stops where it is asked to."""

    def __init__(
        self,
        trainer: StageTrainer,
        plan: StagePlan,
        checkpoints: Checkpoints,
        log: TrainingLog,
        watcher: Watcher,
    ) -> None:
        self.stopped_by = ""
        self._trainer = trainer
        self._plan = plan
        self._checkpoints = checkpoints
        self._log = log
        self._watcher = watcher
        self._began_s = time.perf_counter()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Note when a step begins."""
        self._began_s = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop after this step where it is asked for, with a checkpoint."""
        self.stopped_by = self._watcher.why_stop()
        if self.stopped_by and state.global_step < state.max_steps:
            control.should_save = control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        """Write the row of a step."""
        last = self._trainer.last
        if last is None or "loss" not in logs:
            return
        seconds = max(1e-9, time.perf_counter() - self._began_s)
        row: Tree = {
            "stage": self._plan.name,
            "step": state.global_step,
            "loss": last.mean,
            "token_accuracy": last.accuracy,
            "lr": logs["learning_rate"],
            "grad_norm": float(logs["grad_norm"]),
            "tokens_per_s": round(last.num_tokens / seconds, 1),
            "peak_bytes": _peak_bytes(),
        }
        row |= self._held_out(state.global_step, state.max_steps)
        self._log.add(row)
        self._watcher.tell(row, state.max_steps)

    def _held_out(self, step: int, num_steps: int) -> Tree:
        every = self._plan.settings.eval_every
        if not every or not self._plan.held_out or (step % every and step < num_steps):
            return {}
        found = self._trainer.held_out_loss()
        return {"held_out_loss": found.mean, "held_out_token_accuracy": found.accuracy}

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint that was just written."""
        self._checkpoints.mark(state.global_step)
        self._trainer.is_saving = False


def _peak_bytes() -> int:
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    import resource

    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
