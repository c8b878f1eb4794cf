"""Shows which documents are to go out of an output folder, and lets them go.

Knows nothing of how they were chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from docextract.cli.output.formatting import show_count, show_path
from docextract.cli.output.streams import error_stream

if TYPE_CHECKING:
    from docextract.store.upkeep.pruning import Row


def let_go(
    out: Path,
    schema: str | None,
    choose: Callable[[list[Row]], list[Row]],
    *,
    is_applied: bool,
    with_labels: bool,
) -> None:
    """Show the documents that are chosen, and take them out if that is wanted.

    Args:
        out: the output folder.
        schema: name of the schema whose documents are meant; None for all.
        choose: which of them.
        is_applied: whether it is done, and not only shown.
        with_labels: whether what people said of them goes too.
    """
    from docextract.review.taking_out import look, take_out

    rows, num_labels = look(out, schema, choose)
    for row in rows:
        told = "copy" if row.is_copy else row.status
        typer.echo(f"{show_path(row.shown)}  {row.schema}  {told}  {row.read_at[:10]}")
    if is_applied:
        take_out(out, schema, choose, with_labels=with_labels)
    error_stream().write(f"{_summed_up(rows, num_labels, is_applied, with_labels)}\n")


def _summed_up(rows: list[Row], num_labels: int, is_applied: bool, with_labels: bool) -> str:
    num = show_count(len(rows), "path")
    parts = [f"{num} taken out" if is_applied else f"{num} would go"]
    if num_labels:
        said = show_count(num_labels, "label")
        parts.append(
            f"{said} of people too" if with_labels else f"{said} of people stay (--labels)"
        )
    if num_away := sum(not _is_in_a_folder(row) for row in rows):
        parts.append(f"{num_away} of them in folders that are not there: is a disk missing?")
    hint = "" if is_applied or not rows else "; --apply does it"
    return ", ".join(parts) + hint


def _is_in_a_folder(row: Row) -> bool:
    folder = row.path.rpartition(b"/")[0]
    return not folder or Path(folder.decode(errors="surrogateescape")).is_dir()
