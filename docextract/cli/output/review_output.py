"""Documents in doubt and single records, as people read them on a terminal.

Knows nothing of where they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from docextract.cli.output.formatting import print_table, show_count, show_duration, show_path
from docextract.records import FieldStatus, Outcome, Tree
from docextract.review.queue.doubts import Doubt
from docextract.review.queue.waiting import Waiting
from docextract.schema import at

_MAX_REASONS = 3


def waiting_lines(waiting: Sequence[Waiting]) -> Iterator[str]:
    """Yield a list of the documents in doubt, each with its foremost reasons."""
    if not waiting:
        yield "nothing is in doubt"
        return
    left = [item for item in waiting if item.left]
    seconds = sum(item.seconds for item in waiting)
    yield f"{show_count(len(left), 'document')} in doubt, about {show_duration(seconds)}"
    for item in waiting:
        mark = "" if item.left else "  (skipped)"
        yield f"\n{show_path(item.path)}  {item.status}{mark}"
        for doubt in item.doubts[:_MAX_REASONS]:
            yield f"  - {show_path(doubt.text)}"
        more = len(item.doubts) - _MAX_REASONS
        if more > 0:
            yield f"  - and {show_count(more, 'reason')} more"


def print_record(tree: Tree, doubts: Sequence[Doubt], *, is_whole: bool) -> None:
    """Print a record: why it is in doubt, then a row for each field.

    Args:
        tree: the record as it stands.
        doubts: about it.
        is_whole: also what was looked for and is not there.
    """
    document = tree["document"]
    typer.echo(f"{show_path(document['path'])}  {tree['status']}  {document['sha256'][:12]}")
    for doubt in doubts:
        typer.echo(f"  - {show_path(doubt.text)}")
    typer.echo()
    columns = ("field", "value", "status", "confidence", "page", "printed as", "said by")
    print_table(columns, _rows(tree, is_whole), unbroken=(0, 2), numeric=(3, 4))
    for check in tree["checks"]:
        if check["outcome"] in (Outcome.FAILED, Outcome.WARNING):
            told = check.get("message", ", ".join(check["paths"]))
            typer.echo(f"check {check['id']} {check['outcome']}: {show_path(told)}")


def _rows(tree: Tree, is_whole: bool) -> Iterator[tuple[str, ...]]:
    for path, field in tree["fields"].items():
        if field["status"] == FieldStatus.ABSENT and not is_whole:
            continue
        value = at(tree["values"], path)
        pages = [item["page"] for item in field["evidence"] if item["page"]]
        yield (
            path,
            "" if value is None else str(value),
            field["status"],
            f"{field['confidence']:.2f}" if value is not None else "",
            str(pages[0]) if pages else "",
            field["raw"] or "",
            field.get("confirmed", {}).get("by", ""),
        )
