"""The options of ``docextract run``: names, help and limits, and what they build.

Knows nothing of what a run does with it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from docextract.batch.limits import parse_deadline
from docextract.cli.options import engine_options, read_options, table_options
from docextract.cli.options.option_groups import OptionGroup
from docextract.cli.options.shared_options import (
    FailOn,
    LogFormat,
    TrustHere,
    folder_of,
    option,
    parse_formats,
)
from docextract.core import (
    FORMATS,
    UPLOAD_MODES,
    MaxFailures,
    OptionError,
    Patience,
    ReadOptions,
    RunOptions,
    Shard,
)

_READ = ReadOptions()
_WORK = "What is done again, and when to stop"
_OUTPUT = "Output"
_SETTLE_S = 10.0
_YEAR_MINUTES = 366 * 24 * 60

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Files, folders, globs, addresses in storage (s3://, gs://, az://, https://), or - "
        "for a list of paths on stdin.",
    ),
]
SchemaSpec = Annotated[
    str,
    option(
        "--schema",
        "A name such as invoice, FILE.py[:Class], my.module:Class, a JSON Schema "
        'file, or a line such as "vendor, total: money, lines: \\[description, net: money]"; '
        "auto, or several names (invoice,receipt), read each document with that of its kind.",
        "-s",
    ),
]
Out = Annotated[str, option("--out", "Output folder; - writes JSON lines to stdout.", "-o")]
Jobs = Annotated[
    int | None,
    option("--jobs", "Worker processes; one per core if not given.", "-j", min=1),
]
RunnerName = Annotated[
    str,
    option(
        "--runner",
        "Where documents are read: local, or on the machines of a Ray cluster: ray for the one "
        "this machine is part of, ray://HOST:10001 for another (docextract\\[ray]).",
    ),
]
Timeout = Annotated[
    float,
    option(
        "--timeout",
        "Seconds one document, or a server's answer, may take.",
        rich_help_panel=read_options.PANEL,
        min=0.1,
    ),
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
    float | None,
    option(
        "--settle",
        "With --watch: take a file that nobody wrote to for so many seconds; 10 if not given.",
        rich_help_panel=_WORK,
        min=0,
    ),
]
ShardText = Annotated[
    str | None,
    option(
        "--shard",
        "Take one of n parts, such as 0/3; docextract merge puts them together.",
        rich_help_panel=_WORK,
    ),
]
Upload = Annotated[
    str | None,
    option(
        "--upload",
        "Also put the exports into storage, such as s3://BUCKET/FOLDER.",
        rich_help_panel=_OUTPUT,
    ),
]
UploadMode = Annotated[
    str,
    option(
        "--upload-mode",
        f"{' or '.join(UPLOAD_MODES)}: whether files there may be replaced.",
        rich_help_panel=_OUTPUT,
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


def _shared_options(
    *,
    inputs: Inputs,
    out: Out = "out",
    engine: engine_options.EngineName = "auto",
    model: engine_options.ModelGroup,
    ask: engine_options.Ask = None,
    answers: engine_options.Answers = None,
    calibration: engine_options.Calibration = None,
    ok_at: engine_options.OkAt = None,
    jobs: Jobs = None,
    read: read_options.ReadGroup,
    is_retrying: RetryFailed = False,
    is_forced: Force = False,
    max_attempts: MaxAttempts = 3,
    trusts_here: TrustHere = False,
) -> RunOptions:
    return RunOptions(
        inputs=tuple(inputs),
        schema="",
        out=None if out == "-" else folder_of("--out", out),
        engine=engine,
        answers=answers,
        model=replace(model, ask=ask),
        calibration=calibration,
        ok_at=ok_at,
        read=read,
        num_workers=jobs,
        retry_failed=is_retrying,
        force=is_forced,
        max_attempts=max_attempts,
        trust_here=trusts_here,
    )


SharedGroup = Annotated[RunOptions, OptionGroup(_shared_options)]


def _run_options(
    schema: SchemaSpec,
    shared: SharedGroup,
    runner: RunnerName = "local",
    timeout: Timeout = _READ.document_timeout_s,
    limit: Limit = None,
    max_failures: MaxFailuresText = None,
    deadline: Deadline = None,
    max_minutes: MaxMinutes = None,
    is_watching: Watch = False,
    settle_s: Settle = None,
    fail_on: FailOnText = None,
    formats: Formats = "jsonl,csv",
    *,
    tables: table_options.TableGroup,
    metrics: Metrics = None,
    shard: ShardText = None,
    upload: Upload = None,
    upload_mode: UploadMode = "replace",
) -> RunOptions:
    if shared.out is None and "jsonl" not in parse_formats(formats):
        raise OptionError(
            f"--out - writes JSON lines, not {formats}",
            "Name a folder; docextract export OUT --format csv --to - then writes one table.",
        )
    now = dt.datetime.now().astimezone()
    moment = parse_deadline(deadline, now)
    patience = Patience(timeout, _earlier(moment, now, max_minutes))
    return replace(
        shared,
        schema=schema,
        model=replace(shared.model, patience=patience),
        read=replace(shared.read, document_timeout_s=timeout),
        limit=limit,
        max_failures=MaxFailures.parse(max_failures),
        deadline=moment,
        max_minutes=max_minutes,
        settle_s=_settled_after(settle_s, is_watching=is_watching),
        runner=runner,
        fail_on_review=fail_on is FailOn.REVIEW,
        formats=parse_formats(formats),
        tables=tables,
        metrics=metrics,
        shard=Shard.parse(shard),
        upload=upload,
        upload_mode=upload_mode,
    )


def _settled_after(seconds: float | None, *, is_watching: bool) -> float | None:
    if seconds is None:
        return _SETTLE_S if is_watching else None
    if not is_watching:
        hint = "Add --watch, or leave it out, in a file of settings too."
        raise OptionError("--settle says how long --watch waits for a file", hint)
    return seconds


def _earlier(
    deadline: dt.datetime | None, now: dt.datetime, max_minutes: float | None
) -> dt.datetime | None:
    """Return the moment from which a run begins nothing more, if there is one."""
    if max_minutes is None or max_minutes > _YEAR_MINUTES:
        return deadline
    end = now + dt.timedelta(minutes=max_minutes)
    return end if deadline is None else min(deadline, end)


RunGroup = Annotated[RunOptions, OptionGroup(_run_options)]
