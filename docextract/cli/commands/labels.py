"""``docextract labels``: what people said, as truth lines for ``eval``, calibration and training.

Knows nothing of how labels are kept.
"""

from __future__ import annotations

import typer

from docextract.cli.options import Out, SchemaName
from docextract.cli.output import boundary
from docextract.core import ExitCode


@boundary
def labels(out: Out, schema: SchemaName = None) -> ExitCode:
    """Write what people said of the documents as truth lines to stdout, one per document."""
    from docextract.core import to_json
    from docextract.review.desk.desk import Desk

    for line in Desk.open(out, schema).truth():
        typer.echo(to_json(line))
    return ExitCode.OK
