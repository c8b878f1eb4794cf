"""``docextract run``: options in, one run, its exit code out.

Knows nothing of how a run works.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

from docextract.cli import run_options
from docextract.cli.boundary import boundary
from docextract.cli.config_file import Config
from docextract.cli.options import FailOn, LogFormat, parse_formats
from docextract.config import (
    MaxFailures,
    ModelOptions,
    PageSelection,
    ReadOptions,
    RunOptions,
)
from docextract.errors import ExitCode, OptionError
from docextract.limits import parse_deadline

_READ_DEFAULTS = ReadOptions()


@boundary
def run(
    inputs: run_options.Inputs,
    schema: run_options.SchemaSpec,
    out: run_options.Out = "out",
    engine: run_options.EngineName = "auto",
    model: run_options.Model = None,
    quantization: run_options.Quantization = None,
    adapter: run_options.Adapter = None,
    answers: run_options.Answers = None,
    calibration: run_options.Calibration = None,
    jobs: run_options.Jobs = None,
    pages: run_options.Pages = None,
    renderer: run_options.Renderer = "pdfium",
    has_no_embedded: run_options.NoEmbedded = False,
    password: run_options.Password = None,
    max_pages: run_options.MaxPages = _READ_DEFAULTS.max_pages,
    timeout: run_options.Timeout = _READ_DEFAULTS.document_timeout_s,
    is_retrying: run_options.RetryFailed = False,
    is_forced: run_options.Force = False,
    limit: run_options.Limit = None,
    max_failures: run_options.MaxFailuresText = None,
    deadline: run_options.Deadline = None,
    max_minutes: run_options.MaxMinutes = None,
    max_attempts: run_options.MaxAttempts = 3,
    is_watching: run_options.Watch = False,
    settle_s: run_options.Settle = 10.0,
    fail_on: run_options.FailOnText = None,
    formats: run_options.Formats = "jsonl,csv",
    metrics: run_options.Metrics = None,
    is_quiet: run_options.Quiet = False,
    is_verbose: run_options.Verbose = False,
    log_format: run_options.LogFormatName = LogFormat.TEXT,
    config: Config = None,
) -> ExitCode:
    """Extract the fields of a schema from documents.

    Kill it at any point and run the same command again: nothing is lost and
    nothing is done twice. Data go to --out, messages to stderr. An option that
    is not given is taken from DOCEXTRACT_<NAME>, such as DOCEXTRACT_SCHEMA=invoice,
    or else from docextract.toml (schema = "invoice").
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
        model=ModelOptions(model, quantization, adapter),
        calibration=calibration,
        read=read,
        num_workers=jobs,
        retry_failed=is_retrying,
        force=is_forced,
        limit=limit,
        formats=parse_formats(formats),
        fail_on_review=fail_on is FailOn.REVIEW,
        max_failures=MaxFailures.parse(max_failures),
        deadline=parse_deadline(deadline, dt.datetime.now().astimezone()),
        max_minutes=max_minutes,
        max_attempts=max_attempts,
        metrics=metrics,
        settle_s=settle_s if is_watching else None,
    )
    if is_quiet and is_verbose:
        raise OptionError("--quiet and --verbose exclude each other")
    return _execute(
        options, config, is_quiet=is_quiet, is_verbose=is_verbose, log_format=log_format
    )


def _execute(options: RunOptions, config: Path | None, **watching: Any) -> ExitCode:
    from docextract.cli.progress import watch
    from docextract.run import run_batch

    with watch(options.out, **watching) as reporter:
        if config is not None:
            reporter.message(f"settings from {config.absolute()}")
        summary = run_batch(options, reporter, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer)
    return summary.exit_code
