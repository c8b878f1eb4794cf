"""``docextract file``: copies or moves documents to names made of their fields.

Knows nothing of records or names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import IsApplied, Out, SchemaName, option
from docextract.cli.output import boundary, error_stream, show_count, show_path
from docextract.core import ExitCode

if TYPE_CHECKING:
    from docextract.export.naming.filing import Fate, Step

To = Annotated[
    str,
    option(
        "--to",
        "Folder and name with fields in braces, such as "
        "'archive/{issue_date:%Y}/{seller.name}-{invoice_number}.pdf'.",
    ),
]
IsMove = Annotated[bool, option("--move", "Move the files instead of copying them.")]
IsAll = Annotated[bool, option("--all", "Also documents that are in review.")]


@boundary
def file(
    out: Out,
    to: To,
    is_applied: IsApplied = False,
    is_move: IsMove = False,
    is_all: IsAll = False,
    schema: SchemaName = None,
) -> ExitCode:
    """File documents under names made of their fields; shows what it would do until --apply.

    Only documents that are ok, by the run or by what people said. What lies in a mail or zip is
    written out, of several documents in a PDF each one's pages. Nothing is overwritten, and
    nothing a document says leads out of the folder that stands before the first field.
    """
    from docextract.core import ReadOptions
    from docextract.export.naming.filing import Fate, Pattern, carried_out, plan_filing
    from docextract.pipeline.document_bytes import DocumentBytes
    from docextract.review.overlay.overlay import overlay_of
    from docextract.store import Store, flat_fields

    counts: Counter[Fate] = Counter()
    with DocumentBytes(ReadOptions()) as inside, Store.read_only(out, schema=schema) as store:
        store.lens = overlay_of(store)
        pattern = Pattern.parse(to, flat_fields(store.fields()))
        steps = plan_filing(
            store.documents(), pattern, inside.alone, is_all=is_all, is_move=is_move
        )
        if is_applied:
            steps = carried_out(steps, pattern.root, inside.alone, is_move=is_move)
        for step in steps:
            counts[step.fate] += 1
            _tell(step)
    _sum_up(counts, is_applied=is_applied, is_move=is_move, root=pattern.root)
    return ExitCode.SOME_FAILED if counts[Fate.REFUSED] else ExitCode.OK


def _tell(step: Step) -> None:
    if step.fate == "file":
        typer.echo(f"{show_path(step.shown)} -> {show_path(str(step.target))}")
    elif step.fate == "refused":
        error_stream().write(f"not filed: {show_path(step.shown)}: {show_path(step.why)}\n")
    elif step.fate == "left":
        error_stream().write(f"left out: {show_path(step.shown)}: {show_path(step.why)}\n")


def _sum_up(counts: Mapping[Fate, int], *, is_applied: bool, is_move: bool, root: Path) -> None:
    done = "moved" if is_move else "copied"
    told_of = {fate.value: number for fate, number in counts.items()}
    num_filed = told_of.get("file", 0)
    filed = show_count(num_filed, "file")
    told = f"{filed} {done}" if is_applied else f"{filed} would be {done}"
    more = [
        f"{told_of[name]} {words}"
        for name, words in (
            ("there", "already there"),
            ("refused", "not filed"),
            ("left", "left out"),
        )
        if told_of.get(name)
    ]
    hint = "" if is_applied or not num_filed else "; --apply does it"
    stream = error_stream()
    stream.write(f"{', '.join([told, *more])}, in {show_path(str(root))}{hint}\n")
