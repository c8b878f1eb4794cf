"""The options of ``train run`` that decide the weights, declared once.

Knows nothing of how a model is trained.
"""

from __future__ import annotations

from typing import Annotated, Any

from docextract.cli.options import option
from docextract.training.train_settings import Method, TrainSettings


def _how(name: str, text: str, **settings: Any) -> Any:
    return option(name, text, rich_help_panel="How it is trained", **settings)


def _kept(name: str, text: str, **settings: Any) -> Any:
    return option(name, text, rich_help_panel="What is kept and looked at", **settings)


Stage = Annotated[str, _how("--stage", "align, tune or both.")]
MethodName = Annotated[
    str,
    _how("--method", "lora, qlora (a GPU), full or projector; by the GPU's memory if not given."),
]
Rank = Annotated[int, _how("--rank", "Of a LoRA.", min=1)]
Steps = Annotated[int | None, _how("--steps", "Of both stages; else by --epochs.", min=1)]
Epochs = Annotated[float, _how("--epochs", "Times each document is asked about.")]
AlignShare = Annotated[float, _how("--align-share", "The first stage's share of the steps.")]
Rate = Annotated[float | None, _how("--lr", "Learning rate of the second stage.")]
ProjectorRate = Annotated[float | None, _how("--lr-projector", "Of the projector there.")]
AlignRate = Annotated[float, _how("--lr-align", "Learning rate of the first stage.")]
BatchSize = Annotated[int, _how("--batch-size", "Questions a step.", min=1)]
BatchTokens = Annotated[
    int | None, _how("--batch-tokens", "Positions in one pass; by memory if not given.", min=1)
]
Detail = Annotated[str, _how("--detail", "As for run.")]
WithText = Annotated[str, _how("--with-text", "As for run.")]
AnswerForm = Annotated[str, _how("--answer-form", "As for run.")]
Precision = Annotated[str | None, _how("--precision", "fp32 or bf16; bf16 on a GPU if not given.")]
Seed = Annotated[int, _how("--seed", "Of all that is drawn.")]
SaveEvery = Annotated[int, _kept("--save-every", "Steps between checkpoints.", min=1)]
EvalEvery = Annotated[
    int, _kept("--eval-every", "Steps between looks at the held-out loss; 0: never.", min=0)
]
Keep = Annotated[int, _kept("--keep", "Checkpoints kept.", min=2)]
NoEval = Annotated[bool, _kept("--no-eval", "Do not read the held-out documents before and after.")]
MaxMinutes = Annotated[
    float | None, _kept("--max-minutes", "Save and stop after so many.", min=0.0)
]
IsFresh = Annotated[bool, _kept("--fresh", "Begin anew in a folder beside OUT.")]


def train_settings(
    stage: Stage = "both",
    method: MethodName = "auto",
    rank: Rank = 16,
    steps: Steps = None,
    epochs: Epochs = 3.0,
    align_share: AlignShare = 0.5,
    lr: Rate = None,
    lr_projector: ProjectorRate = None,
    lr_align: AlignRate = 1e-3,
    batch_size: BatchSize = 16,
    batch_tokens: BatchTokens = None,
    detail: Detail = "auto",
    with_text: WithText = "auto",
    answer_form: AnswerForm = "full",
    precision: Precision = None,
    seed: Seed = 0,
    save_every: SaveEvery = 50,
    eval_every: EvalEvery = 0,
    keep: Keep = 2,
    has_no_eval: NoEval = False,
) -> TrainSettings:
    """Return the settings that the options name; what is not said suits the device."""
    from docextract.training.weights.methods_by_device import chosen_method, chosen_precision

    chosen = chosen_method(method)
    return TrainSettings(
        stage, chosen, rank, steps, epochs, align_share, lr, lr_projector, lr_align, batch_size,
        batch_tokens, detail, with_text, answer_form, seed, save_every, eval_every, keep,
        "nf4" if chosen is Method.QLORA else "none", precision or chosen_precision(),
        not has_no_eval,
    )  # fmt: skip
