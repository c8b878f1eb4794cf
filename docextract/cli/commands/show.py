"""``docextract show``: one document with all its fields, and a picture of its evidence.

Knows nothing of records' content.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.boundary import boundary
from docextract.cli.options.review_options import DocumentName, IsJson, Out, Password, SchemaName
from docextract.cli.options.shared_options import option
from docextract.cli.output.formatting import show_path
from docextract.cli.streams import error_stream
from docextract.errors import ExitCode

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
    from docextract.cli.output.review_output import print_record
    from docextract.json_text import to_json
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
        print_record(tree, doubts_of(tree, desk.schema), is_whole=is_all)
    return ExitCode.OK
