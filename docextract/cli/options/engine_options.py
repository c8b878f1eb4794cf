"""The options that say which engine answers, and with which weights.

Knows nothing of engines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from docextract.cli.options.option_groups import OptionGroup
from docextract.cli.options.shared_options import option
from docextract.core import (
    ANSWER_FORMS,
    ASKED,
    DETAILS,
    ENGINES,
    FULL,
    QUANTIZATIONS,
    TEXT_USES,
    ModelOptions,
)

_PANEL = "Engine"

EngineName = Annotated[str, option("--engine", ", ".join(ENGINES) + ".", rich_help_panel=_PANEL)]
Model = Annotated[
    str | None,
    option(
        "--model",
        "Weights of the llava engine: a name of models list, a folder, or auto; a served model.",
        rich_help_panel=_PANEL,
    ),
]
Url = Annotated[
    str | None,
    option(
        "--url",
        "An OpenAI-compatible server to ask, such as http://localhost:8000/v1.",
        rich_help_panel=_PANEL,
    ),
]
Quantization = Annotated[
    str | None,
    option(
        "--quantization",
        f"{', '.join(QUANTIZATIONS)}; nf4 on a GPU if not given.",
        rich_help_panel=_PANEL,
    ),
]
Adapter = Annotated[
    Path | None,
    option(
        "--adapter",
        "Folder of a LoRA for the model.",
        rich_help_panel=_PANEL,
        exists=True,
        file_okay=False,
    ),
]
Detail = Annotated[
    str,
    option(
        "--detail",
        f"{', '.join(DETAILS)}: whether the llava engine may look closer, or does so at once.",
        rich_help_panel=_PANEL,
    ),
]
WithText = Annotated[
    str,
    option(
        "--with-text",
        f"{', '.join(TEXT_USES)}: tell a model a page's words too; auto, a text layer's.",
        rich_help_panel=_PANEL,
    ),
]
MaxAnswerTokens = Annotated[
    int | None,
    option(
        "--max-answer-tokens",
        "Longest answer of a model; if not given, what the schema may need and the context holds.",
        rich_help_panel=_PANEL,
        min=16,
        max=2**20,
    ),
]
AnswerForm = Annotated[
    str,
    option(
        "--answer-form",
        f"{', '.join(ANSWER_FORMS)}: a model writes every field, or what is there alone.",
        rich_help_panel=_PANEL,
    ),
]
Ask = Annotated[
    str | None,
    option(
        "--ask",
        f"{', '.join(ASKED)}: what a model is asked once the text engine has read; "
        "doubt with --engine auto, else the model reads alone.",
        rich_help_panel=_PANEL,
    ),
]
Answers = Annotated[
    Path | None,
    option(
        "--answers",
        "Recorded answers for the replay engine.",
        rich_help_panel=_PANEL,
        exists=True,
        dir_okay=False,
    ),
]
Calibration = Annotated[
    Path | None,
    option(
        "--calibration",
        "Confidence refitted to your labels by docextract eval --calibrate.",
        rich_help_panel=_PANEL,
        exists=True,
        dir_okay=False,
    ),
]
OkAt = Annotated[
    float | None,
    option(
        "--ok-at",
        "Least confidence from which a record is ok, 0 to 1; docextract eval shows what it costs.",
        rich_help_panel=_PANEL,
        min=0.0,
        max=1.0,
    ),
]


def _model_options(
    model: Model = None,
    quantization: Quantization = None,
    adapter: Adapter = None,
    detail: Detail = "auto",
    with_text: WithText = "auto",
    url: Url = None,
    max_answer_tokens: MaxAnswerTokens = None,
    answer_form: AnswerForm = FULL,
) -> ModelOptions:
    return ModelOptions(
        model, quantization, adapter, detail, with_text, url, max_answer_tokens,
        answer_form=answer_form,
    )  # fmt: skip


ModelGroup = Annotated[ModelOptions, OptionGroup(_model_options)]
