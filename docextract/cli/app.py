"""Puts the commands together and is where the process begins and ends.

Knows nothing of what a command does.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from docextract.cli.commands import (
    ask,
    correct,
    doctor,
    export,
    file,
    forget,
    labels,
    learned,
    merge,
    models,
    plan,
    prune,
    review,
    run,
    schema,
    show,
    status,
    train,
    version,
)
from docextract.cli.commands import eval as evaluation
from docextract.cli.options import ReadingCommand
from docextract.cli.output import complain, flush_stdout, is_json_asked, prepare_streams
from docextract.core import EXIT_MEANING, ExitCode, __version__

_EPILOG = "\n".join(
    ["Exit codes:", *(f"{int(code):>4}  {text}" for code, text in EXIT_MEANING.items())]
)

# Typer brings a copy of Click with it or depends on Click, by its version.
_USAGE_ERROR: Any = typer.BadParameter.__base__

app = typer.Typer(
    name="docextract",
    help="Pull verified fields out of folders of PDFs and images.",
    epilog=_EPILOG,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("run", epilog=_EPILOG)(run.run)
app.command("ask", epilog=_EPILOG)(ask.ask)
app.command("plan")(plan.plan)
app.command("export")(export.export)
app.command("merge", epilog=_EPILOG)(merge.merge)
app.command("file")(file.file)
app.command("review")(review.review)
app.command("show")(show.show)
app.command("correct")(correct.correct)
app.command("labels")(labels.labels)
app.command("learned")(learned.learned)
app.command("forget")(forget.forget)
app.command("prune")(prune.prune)
app.command("eval")(evaluation.evaluate)
app.add_typer(models.app, name="models")
app.add_typer(schema.app, name="schema")
app.add_typer(train.app, name="train")
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("version")(version.version)


def _with_plain_flags(group: typer.Typer) -> None:
    """Have the help show no type behind options that take nothing."""
    group.info.cls = _Group
    for command in group.registered_commands:
        command.cls = _Command
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _with_plain_flags(inner.typer_instance)


def _plain(parameters: list[Any]) -> list[Any]:
    for each in parameters:
        if getattr(each, "is_flag", False) and each.metavar is None:
            each.metavar = ""
    return parameters


class _Command(ReadingCommand):
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; an unknown option may be the name of a document."""
        try:
            return super().parse_args(ctx, args)
        except _USAGE_ERROR as error:
            name = getattr(error, "option_name", "--")
            if not name.startswith("--") and "--" not in args:
                error.message += ". A name that begins with - stands at the end, behind --"
            raise

    def get_params(self, ctx: Any) -> list[Any]:
        """Return options and arguments, flags without a type."""
        return _plain(super().get_params(ctx))


class _Group(TyperGroup):
    def get_params(self, ctx: Any) -> list[Any]:
        """Return options and arguments, flags without a type."""
        return _plain(super().get_params(ctx))


_with_plain_flags(app)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"docextract {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Pull verified fields out of folders of PDFs and images."""


def main() -> None:
    """Run the command line and end the process with one of the codes in ``ExitCode``."""
    prepare_streams()
    try:
        if is_json_asked(sys.argv, os.environ):
            _run_for_programs()
        else:
            app(prog_name="docextract")
    except SystemExit as end:
        # Typer ends with 1 where help or a usage error meets a closed pipe.
        is_cut = isinstance(end.__context__, BrokenPipeError) or not flush_stdout()
        sys.exit(int(ExitCode.CLOSED_PIPE) if is_cut else end.code)


def _run_for_programs() -> NoReturn:
    """Run the command line with usage errors as JSON too."""
    try:
        code = app(prog_name="docextract", standalone_mode=False)
    except _USAGE_ERROR as error:
        path = error.ctx.command_path if error.ctx else "docextract"
        complain(error.format_message(), f"See {path} --help.", ExitCode.USAGE, is_json=True)
        code = ExitCode.USAGE
    sys.exit(int(code or 0))
