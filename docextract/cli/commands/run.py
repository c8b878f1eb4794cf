"""``docextract run``: options in, one run, its exit code out.

Knows nothing of how a run works.
"""

from __future__ import annotations

import sys

from docextract.cli.options import Config, LogFormat, run_options, with_option_groups
from docextract.cli.output import boundary
from docextract.core import ExitCode, OptionError


@boundary
@with_option_groups
def run(
    options: run_options.RunGroup,
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
    from docextract.batch.runner import run_batch
    from docextract.cli.progress.watch import watch

    if is_quiet and is_verbose:
        raise OptionError("--quiet and --verbose exclude each other")
    with watch(
        options.out, is_quiet=is_quiet, is_verbose=is_verbose, log_format=log_format
    ) as reporter:
        if config is not None:
            reporter.message(f"settings from {config.absolute()}")
        summary = run_batch(options, reporter, stdin=sys.stdin.buffer, stdout=sys.stdout.buffer)
    return summary.exit_code
