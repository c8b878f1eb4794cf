"""``docextract correct``: puts values right without a browser, one by one or from an edited table.

Knows nothing of records or labels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options import Out, Reviewer, SchemaName, option
from docextract.cli.output import boundary, error_stream, show_path, tell
from docextract.core import ExitCode, OptionError

_HINT = "docextract correct OUT DOCUMENT totals.gross=59.40, or --from edited.csv."

DocumentName = Annotated[
    str | None,
    typer.Argument(metavar="[DOCUMENT]", help="Its path, the end of it, or of its sha256."),
]
Values = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH=VALUE]...",
        help="What is right; PATH= says that there is none, PATH alone that what stands is right.",
    ),
]
Table = Annotated[
    Path | None,
    option(
        "--from",
        "An edited documents.csv or .xlsx: its changed cells.",
        exists=True,
        dir_okay=False,
    ),
]
IsUndo = Annotated[bool, option("--undo", "Take back what you did last to the document.")]


@boundary
def correct(
    out: Out,
    document: DocumentName = None,
    values: Values = None,
    table: Table = None,
    is_undo: IsUndo = False,
    schema: SchemaName = None,
    reviewer: Reviewer = None,
) -> ExitCode:
    """Say what is right; what you say outlives every run.

    Lists are addressed by row from 0: lines[0].net=49.50, lines[2]= takes a row out, the next
    number adds one.
    """
    from docextract.review.desk.corrections import correct_document, correct_from, undo
    from docextract.review.desk.desk import Desk, write_again
    from docextract.review.teaching import teach

    _check(document, values, table, is_undo=is_undo)
    desk = Desk.open(out, schema, reviewer)
    if table is not None:
        done = correct_from(desk, table)
    elif is_undo:
        done = undo(desk, document or "")
    else:
        done = correct_document(desk, document or "", values or [])
    for line in done.changed:
        typer.echo(show_path(line))
    stream = error_stream()
    for line in done.refused:
        stream.write(f"not taken: {show_path(line)}\n")
    if done.changed:
        teach(desk, tell)
    if done.changed and not write_again(out, desk.schema):
        stream.write("a run goes on here; its exports will show it when it ends\n")
    if not done.changed and not done.refused:
        stream.write("nothing was changed\n")
    return ExitCode.USAGE if done.refused else ExitCode.OK


def _check(
    document: str | None, values: list[str] | None, table: Path | None, *, is_undo: bool
) -> None:
    """Check that exactly one thing was asked for."""
    if table is not None:
        is_clear = document is None and not is_undo
    else:
        is_clear = document is not None and is_undo != bool(values)
    if not is_clear:
        raise OptionError("say what is right of one document, or --from which table", _HINT)
