"""``docextract ask``: questions in, one call, answers on stdout or in a file.

Knows nothing of how a question is answered.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import (
    Config,
    TrustHere,
    engine_options,
    read_options,
    run_options,
    with_option_groups,
)
from docextract.cli.output import boundary, error_stream, show_count, show_path
from docextract.core import ExitCode, Patience, ReadOptions

if TYPE_CHECKING:
    from docextract.ask import Reply

_READ_DEFAULTS = ReadOptions()
_TELL_EVERY_S = 30.0

# What is asked stands on the command line alone; only how may come from settings.
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT", help="Files, folders, globs, or - for a list of paths on stdin."
    ),
]
Questions = Annotated[
    list[str] | None,
    typer.Option("--question", "-q", help="Asked of every input; may be given several times."),
]
QuestionsFile = Annotated[
    Path | None,
    typer.Option(
        "--questions",
        help="More of them: one a line, or .jsonl or .csv with question and perhaps path.",
        exists=True,
        dir_okay=False,
    ),
]
Fields = Annotated[
    str | None,
    typer.Option(
        "--fields",
        help='Fields instead of questions, such as "total: money, date"; each value is '
        "checked as in a run.",
    ),
]
Together = Annotated[
    bool,
    typer.Option(
        "--together", help="All inputs at once, for one answer: compare, before and after."
    ),
]
Out = Annotated[
    str | None,
    typer.Option(
        "--out", "-o", help="A .jsonl or .csv file; - writes JSON lines to stdout instead of text."
    ),
]


@boundary
@with_option_groups
def ask(
    *,
    inputs: Inputs = None,
    questions: Questions = None,
    questions_file: QuestionsFile = None,
    fields: Fields = None,
    is_together: Together = False,
    out: Out = None,
    engine: engine_options.EngineName = "auto",
    model: engine_options.ModelGroup,
    answers: engine_options.Answers = None,
    jobs: run_options.Jobs = None,
    read: read_options.ReadGroup,
    timeout: run_options.Timeout = _READ_DEFAULTS.document_timeout_s,
    trusts_here: TrustHere = False,
    config: Config = None,
) -> ExitCode:
    """Ask questions of documents and images.

    Each answer is shown with the page that prints it, if one does, and with the
    probability of its words. Questions need a model (docextract models); --fields
    works with every engine. Nothing is kept but --out.
    """
    from docextract.ask import AskOptions
    from docextract.ask import ask as ask_all
    from docextract.cli.progress.reporters import bug_lines

    del trusts_here  # of the settings, which are read by now
    options = AskOptions(
        inputs=tuple(inputs or ()),
        questions=tuple(questions or ()),
        questions_file=questions_file,
        fields=fields,
        is_together=is_together,
        engine=engine,
        answers=answers,
        model=replace(model, patience=Patience(timeout)),
        read=replace(read, document_timeout_s=timeout),
        num_workers=jobs,
    )
    if config is not None:
        _tell(f"settings from {config.absolute()}")
    with _writing_to(out, options.schema_spec) as write:
        ending = ask_all(options, write, _tell, stdin=sys.stdin.buffer)
    for line in bug_lines(ending.bug):
        _tell(line)
    return ending.exit_code


@contextmanager
def _writing_to(out: str | None, schema_spec: str | None) -> Iterator[Callable[[Reply], None]]:
    if out is None:
        from docextract.cli.output.ask_output import Printer

        yield Printer().print
    elif out == "-":
        from docextract.ask.replies.reply_file import write_json

        yield partial(write_json, sys.stdout.buffer)
    else:
        from docextract.ask import open_writer

        with open_writer(Path(out), schema_spec) as write:
            counted = _Counted(write)
            yield counted
        _tell(f"{counted}: {out}")


class _Counted:
    """Writes replies and tells now and then how many there are."""

    def __init__(self, write: Callable[[Reply], None]) -> None:
        self._write = write
        self._num_replies = self._num_failed = 0
        self._told_at_s = time.monotonic()

    def __call__(self, reply: Reply) -> None:
        self._write(reply)
        self._num_replies += 1
        self._num_failed += reply.is_failed
        if time.monotonic() - self._told_at_s >= _TELL_EVERY_S:
            self._told_at_s = time.monotonic()
            _tell(f"{self} so far")

    def __str__(self) -> str:
        failed = f", {self._num_failed:,} failed" if self._num_failed else ""
        return f"{show_count(self._num_replies, 'row')}{failed}"


def _tell(text: str) -> None:
    stream = error_stream()
    stream.write(f"{show_path(text)}\n")
    stream.flush()
