"""``docextract show``: one document with all its fields, and a picture of its evidence.

Knows nothing of records' content.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import DocumentName, IsJson, Out, Password, SchemaName, option
from docextract.cli.output import boundary, error_stream, print_table, show_path
from docextract.core import ExitCode, FieldStatus, Outcome, Tree
from docextract.schema import at

if TYPE_CHECKING:
    from docextract.review.queue.doubts import Doubt

IsAll = Annotated[bool, option("--all", "Also what was looked for and is not there.")]
Picture = Annotated[
    Path | None,
    option("--image", "Draw the page with the boxes of its values, .png or .webp.", dir_okay=False),
]
PageNumber = Annotated[
    int | None, option("--page", "Page of the picture; the first with a value.", min=1)
]


@boundary
def show(
    out: Out,
    document: DocumentName,
    is_all: IsAll = False,
    is_json: IsJson = False,
    image: Picture = None,
    page: PageNumber = None,
    password: Password = None,
    schema: SchemaName = None,
) -> ExitCode:
    """Show a document's fields: value, status, confidence and where each stands."""
    from docextract.core import to_json
    from docextract.review.desk.desk import Desk
    from docextract.review.queue.doubts import doubts_of

    desk = Desk.open(out, schema)
    tree = desk.find(document).tree
    if image is not None:
        from docextract.review.pictures.evidence import draw_evidence

        number = draw_evidence(out, tree, image, page, password)
        error_stream().write(f"page {number} is in {show_path(str(image))}\n")
    if is_json:
        typer.echo(to_json(tree, indent=2))
    else:
        _print(tree, doubts_of(tree, desk.schema), is_whole=is_all)
    return ExitCode.OK


def _print(tree: Tree, doubts: Sequence[Doubt], *, is_whole: bool) -> None:
    """Print a record: why it is in doubt, then a row for each field.

    Args:
        tree: the record as it stands.
        doubts: about it.
        is_whole: also what was looked for and is not there.
    """
    document = tree["document"]
    typer.echo(f"{show_path(document['path'])}  {tree['status']}  {document['sha256'][:12]}")
    if kind := tree.get("kind"):
        sure, name = f"{100 * kind['probability']:.0f} %", kind["name"].replace("_", " ")
        typer.echo(f"  taken for: {name} ({sure}), schema {show_path(tree['schema']['name'])}")
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
