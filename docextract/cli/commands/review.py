"""``docextract review``: what is in doubt, and a page on this machine to put it right.

Knows nothing of records or of how the page works.
"""

from __future__ import annotations

from typing import Annotated

import typer

from docextract.cli.boundary import boundary
from docextract.cli.options.review_options import IsJson, Out, Reviewer, SchemaName
from docextract.cli.options.shared_options import option
from docextract.errors import ExitCode

IsList = Annotated[bool, option("--list", "Only name the documents in doubt, and why.")]


@boundary
def review(
    out: Out,
    is_list: IsList = False,
    is_json: IsJson = False,
    schema: SchemaName = None,
    reviewer: Reviewer = None,
) -> ExitCode:
    """Look at what is in doubt and put it right.

    What you say is kept at once, apart from the records, and outlives every run.
    """
    from docextract.cli.output.review_output import waiting_lines
    from docextract.json_text import to_json
    from docextract.review.desk.desk import Desk
    from docextract.review.queue.waiting import in_order, waiting_of

    desk = Desk.open(out, schema, reviewer)
    found = (waiting_of(stored.tree, desk.schema) for stored in desk.documents())
    waiting = in_order(item for item in found if item is not None)
    if is_json:
        typer.echo(to_json([item.to_json() for item in waiting], indent=2))
    else:
        typer.echo("\n".join(waiting_lines(waiting)))
    return ExitCode.OK
