"""``docextract run``: options in, one run, its exit code out.

Knows nothing of how a run works.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from docextract.cli.boundary import boundary
from docextract.cli.options import FailOn, LogFormat, option, parse_deadline, parse_formats
from docextract.config import (
    ENGINES,
    FORMATS,
    RENDERERS,
    MaxFailures,
    PageSelection,
    ReadOptions,
    RunOptions,
)
from docextract.errors import ExitCode, OptionError

_READING = "What is read"
_WORK = "What is done again, and when to stop"
_OUTPUT = "Output"
_ENGINE = "Engine"
_READ_DEFAULTS = ReadOptions()


@boundary
def run(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Files, folders, globs, or - for a list of paths on stdin."
        ),
    ],
    schema: Annotated[
        str,
        option(
            "--schema",
            "A name such as invoice, FILE.py[:Class], package.module:Class, a JSON Schema "
            'file, or a line such as "vendor, total: money, lines: \\[description, net: money]".',
            "-s",
        ),
    ],
    out: Annotated[
        str, option("--out", "Output folder; - writes JSON lines to stdout.", "-o")
    ] = "out",
    engine: Annotated[
        str, option("--engine", ", ".join(ENGINES) + ".", rich_help_panel=_ENGINE)
    ] = "auto",
    model: Annotated[
        Path | None,
        option("--model", "Folder with the llava engine's weights.", rich_help_panel=_ENGINE),
    ] = None,
    answers: Annotated[
        Path | None,
        option(
            "--answers",
            "Recorded answers for the replay engine.",
            rich_help_panel=_ENGINE,
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        option("--jobs", "Worker processes; one per core if not given.", "-j", min=1),
    ] = None,
    pages: Annotated[
        str | None,
        option("--pages", "Pages from 1, such as 1-3,7,9-.", rich_help_panel=_READING),
    ] = None,
    renderer: Annotated[
        str, option("--renderer", ", ".join(RENDERERS) + ".", rich_help_panel=_READING)
    ] = "pdfium",
    has_no_embedded: Annotated[
        bool,
        option(
            "--no-embedded",
            "Read the page even where e-invoice XML is inside.",
            rich_help_panel=_READING,
        ),
    ] = False,
    password: Annotated[
        str | None,
        option(
            "--password",
            "Tried on encrypted PDFs; safer in DOCEXTRACT_PASSWORD.",
            rich_help_panel=_READING,
        ),
    ] = None,
    max_pages: Annotated[
        int,
        option("--max-pages", "Refuse longer documents.", rich_help_panel=_READING, min=1),
    ] = _READ_DEFAULTS.max_pages,
    timeout: Annotated[
        float,
        option("--timeout", "Seconds one document may take.", rich_help_panel=_READING, min=0.1),
    ] = _READ_DEFAULTS.document_timeout_s,
    is_retrying: Annotated[
        bool,
        option("--retry-failed", "Also redo what failed before.", rich_help_panel=_WORK),
    ] = False,
    is_forced: Annotated[
        bool, option("--force", "Redo everything.", rich_help_panel=_WORK)
    ] = False,
    limit: Annotated[
        int | None,
        option("--limit", "Stop after so many documents.", rich_help_panel=_WORK, min=1),
    ] = None,
    max_failures: Annotated[
        str | None,
        option("--max-failures", "Give up after more, such as 25 or 10%.", rich_help_panel=_WORK),
    ] = None,
    deadline: Annotated[
        str | None,
        option(
            "--deadline",
            "Begin nothing after 06:30 or 2026-01-31T06:30, local time.",
            rich_help_panel=_WORK,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        option("--fail-on", "Exit 9 if a record needs review.", rich_help_panel=_WORK),
    ] = None,
    formats: Annotated[
        str, option("--format", f"Any of {', '.join(FORMATS)}.", rich_help_panel=_OUTPUT)
    ] = "jsonl,csv",
    is_quiet: Annotated[
        bool, option("--quiet", "Errors only.", "-q", rich_help_panel=_OUTPUT)
    ] = False,
    is_verbose: Annotated[
        bool, option("--verbose", "A line per document.", "-v", rich_help_panel=_OUTPUT)
    ] = False,
    log_format: Annotated[
        LogFormat,
        option("--log-format", "How stderr is written.", rich_help_panel=_OUTPUT),
    ] = LogFormat.TEXT,
) -> ExitCode:
    """Extract the fields of a schema from documents.

    Kill it at any point and run the same command again: nothing is lost and
    nothing is done twice. Data go to --out, messages to stderr. Every option
    can be set as DOCEXTRACT_<NAME>, such as DOCEXTRACT_SCHEMA=invoice.
    """
    read = ReadOptions(
        pages=PageSelection.parse(pages),
        renderer=renderer,
        use_embedded=not has_no_embedded,
        password=password,
        max_pages=max_pages,
        document_timeout_s=timeout,
    )
    options = RunOptions(
        inputs=tuple(inputs),
        schema=schema,
        out=None if out == "-" else Path(out),
        engine=engine,
        answers=answers,
        model=model,
        read=read,
        num_workers=jobs,
        retry_failed=is_retrying,
        force=is_forced,
        limit=limit,
        formats=parse_formats(formats),
        fail_on_review=fail_on is FailOn.REVIEW,
        max_failures=MaxFailures.parse(max_failures),
        deadline=parse_deadline(deadline, dt.datetime.now()),
    )
    if is_quiet and is_verbose:
        raise OptionError("--quiet and --verbose exclude each other")
    return _execute(options, is_quiet=is_quiet, is_verbose=is_verbose, log_format=log_format)


def _execute(options: RunOptions, **watching: Any) -> ExitCode:
    from docextract.cli.progress import watch
    from docextract.run import run_batch

    with watch(options.out, **watching) as reporter:
        summary = run_batch(options, reporter, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer)
    return summary.exit_code
