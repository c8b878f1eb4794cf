"""The options of ``train run`` that decide the weights, declared once.

Knows nothing of how a model is trained.
"""

from __future__ import annotations

from typing import Annotated

from docextract.cli.options.shared_options import option
from docextract.training.train_settings import Method, TrainSettings

_HOW, _KEPT = "How it is trained", "What is kept and looked at"


def train_settings(
    stage: Annotated[str, option("--stage", "align, tune or both.", rich_help_panel=_HOW)] = "both",
    method: Annotated[
        str,
        option(
            "--method",
            "lora, qlora (a GPU, nf4), full or projector; by the GPU's memory if not given.",
            rich_help_panel=_HOW,
        ),
    ] = "auto",
    rank: Annotated[int, option("--rank", "Of a LoRA.", min=1, rich_help_panel=_HOW)] = 16,
    steps: Annotated[
        int | None,
        option("--steps", "Of both stages; else by --epochs.", min=1, rich_help_panel=_HOW),
    ] = None,
    epochs: Annotated[
        float,
        option("--epochs", "Times each document is asked about.", rich_help_panel=_HOW),
    ] = 3.0,
    align_share: Annotated[
        float, option("--align-share", "Of the steps.", rich_help_panel=_HOW)
    ] = 0.5,
    lr: Annotated[
        float | None, option("--lr", "Of the second stage.", rich_help_panel=_HOW)
    ] = None,
    lr_projector: Annotated[
        float | None,
        option("--lr-projector", "Of the projector there.", rich_help_panel=_HOW),
    ] = None,
    lr_align: Annotated[
        float, option("--lr-align", "Of the first stage.", rich_help_panel=_HOW)
    ] = 1e-3,
    batch_size: Annotated[
        int, option("--batch-size", "Questions a step.", min=1, rich_help_panel=_HOW)
    ] = 16,
    batch_tokens: Annotated[
        int | None,
        option("--batch-tokens", "Positions in one pass; by memory.", rich_help_panel=_HOW),
    ] = None,
    detail: Annotated[str, option("--detail", "As for run.", rich_help_panel=_HOW)] = "auto",
    with_text: Annotated[str, option("--with-text", "As for run.", rich_help_panel=_HOW)] = "auto",
    precision: Annotated[
        str | None,
        option("--precision", "fp32 or bf16; bf16 on a GPU if not given.", rich_help_panel=_HOW),
    ] = None,
    seed: Annotated[int, option("--seed", "Of every choice by chance.", rich_help_panel=_HOW)] = 0,
    save_every: Annotated[
        int, option("--save-every", "Steps between checkpoints.", min=1, rich_help_panel=_KEPT)
    ] = 50,
    eval_every: Annotated[
        int,
        option(
            "--eval-every",
            "Steps between looks at the held-out loss; 0 for never.",
            min=0,
            rich_help_panel=_KEPT,
        ),
    ] = 0,
    keep: Annotated[int, option("--keep", "Checkpoints kept.", min=2, rich_help_panel=_KEPT)] = 2,
    has_no_eval: Annotated[
        bool,
        option(
            "--no-eval",
            "Do not read the held-out documents before and after.",
            rich_help_panel=_KEPT,
        ),
    ] = False,
) -> TrainSettings:
    """Return the settings that the options name; what is not said suits the device."""
    from docextract.training.methods_by_device import chosen_method, chosen_precision

    chosen = chosen_method(method)
    return TrainSettings(
        stage, chosen, rank, steps, epochs, align_share, lr, lr_projector, lr_align, batch_size,
        batch_tokens, detail, with_text, seed, save_every, eval_every, keep,
        "nf4" if chosen is Method.QLORA else "none", precision or chosen_precision(),
        not has_no_eval,
    )  # fmt: skip
