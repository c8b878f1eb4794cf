"""The options of ``docextract run``: names, help and limits, as Typer reads them.

Knows nothing of what a run does with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options import FailOn, LogFormat, option
from docextract.config import ENGINES, FORMATS, QUANTIZATIONS, RENDERERS

_READING = "What is read"
_WORK = "What is done again, and when to stop"
_OUTPUT = "Output"
_ENGINE = "Engine"

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT", help="Files, folders, globs, or - for a list of paths on stdin."
    ),
]
SchemaSpec = Annotated[
    str,
    option(
        "--schema",
        "A name such as invoice, FILE.py[:Class], package.module:Class, a JSON Schema "
        'file, or a line such as "vendor, total: money, lines: \\[description, net: money]".',
        "-s",
    ),
]
Out = Annotated[str, option("--out", "Output folder; - writes JSON lines to stdout.", "-o")]
EngineName = Annotated[str, option("--engine", ", ".join(ENGINES) + ".", rich_help_panel=_ENGINE)]
Model = Annotated[
    str | None,
    option(
        "--model",
        "Weights of the llava engine: a name of models list, a folder, or auto.",
        rich_help_panel=_ENGINE,
    ),
]
Quantization = Annotated[
    str | None,
    option(
        "--quantization",
        f"{', '.join(QUANTIZATIONS)}; nf4 on a GPU if not given.",
        rich_help_panel=_ENGINE,
    ),
]
Adapter = Annotated[
    Path | None,
    option(
        "--adapter",
        "Folder of a LoRA for the model.",
        rich_help_panel=_ENGINE,
        exists=True,
        file_okay=False,
    ),
]
Answers = Annotated[
    Path | None,
    option(
        "--answers",
        "Recorded answers for the replay engine.",
        rich_help_panel=_ENGINE,
        exists=True,
        dir_okay=False,
    ),
]
Calibration = Annotated[
    Path | None,
    option(
        "--calibration",
        "Confidence refitted to your labels by docextract eval --calibrate.",
        rich_help_panel=_ENGINE,
        exists=True,
        dir_okay=False,
    ),
]
Jobs = Annotated[
    int | None,
    option("--jobs", "Worker processes; one per core if not given.", "-j", min=1),
]
Pages = Annotated[
    str | None,
    option("--pages", "Pages from 1, such as 1-3,7,9-.", rich_help_panel=_READING),
]
Renderer = Annotated[
    str, option("--renderer", ", ".join(RENDERERS) + ".", rich_help_panel=_READING)
]
NoEmbedded = Annotated[
    bool,
    option(
        "--no-embedded",
        "Read the page even where e-invoice XML is inside.",
        rich_help_panel=_READING,
    ),
]
Password = Annotated[
    str | None,
    option(
        "--password",
        "Tried on encrypted PDFs; safer in DOCEXTRACT_PASSWORD.",
        rich_help_panel=_READING,
    ),
]
MaxPages = Annotated[
    int,
    option("--max-pages", "Refuse longer documents.", rich_help_panel=_READING, min=1),
]
Timeout = Annotated[
    float,
    option("--timeout", "Seconds one document may take.", rich_help_panel=_READING, min=0.1),
]
RetryFailed = Annotated[
    bool,
    option("--retry-failed", "Also redo what failed before.", rich_help_panel=_WORK),
]
Force = Annotated[bool, option("--force", "Redo everything.", rich_help_panel=_WORK)]
Limit = Annotated[
    int | None,
    option("--limit", "Stop after so many documents.", rich_help_panel=_WORK, min=1),
]
MaxFailuresText = Annotated[
    str | None,
    option(
        "--max-failures",
        "Give up after more, such as 25 or 10%; a share counts from 20 documents on.",
        rich_help_panel=_WORK,
    ),
]
Deadline = Annotated[
    str | None,
    option(
        "--deadline",
        "Begin nothing after 06:30 or 2026-01-31T06:30, local time.",
        rich_help_panel=_WORK,
    ),
]
MaxMinutes = Annotated[
    float | None,
    option("--max-minutes", "Begin nothing after so long.", rich_help_panel=_WORK, min=0),
]
MaxAttempts = Annotated[
    int,
    option(
        "--max-attempts",
        "How often --retry-failed tries a document, over all runs.",
        rich_help_panel=_WORK,
        min=1,
    ),
]
Watch = Annotated[
    bool,
    option(
        "--watch", "Go on reading what comes into the folders until stopped.", rich_help_panel=_WORK
    ),
]
Settle = Annotated[
    float,
    option(
        "--settle",
        "With --watch: take a file that nobody wrote to for so many seconds.",
        rich_help_panel=_WORK,
        min=0,
    ),
]
FailOnText = Annotated[
    FailOn | None,
    option("--fail-on", "Exit 9 if a record needs review.", rich_help_panel=_WORK),
]
Formats = Annotated[
    str, option("--format", f"Any of {', '.join(FORMATS)}.", rich_help_panel=_OUTPUT)
]
Metrics = Annotated[
    Path | None,
    option(
        "--metrics",
        "Also write the run's figures for Prometheus, such as x.prom.",
        rich_help_panel=_OUTPUT,
        dir_okay=False,
    ),
]
Quiet = Annotated[bool, option("--quiet", "Errors only.", "-q", rich_help_panel=_OUTPUT)]
Verbose = Annotated[
    bool, option("--verbose", "A line per document.", "-v", rich_help_panel=_OUTPUT)
]
LogFormatName = Annotated[
    LogFormat,
    option("--log-format", "How stderr is written.", rich_help_panel=_OUTPUT),
]
