"""Options and arguments that the commands of a review share.

Knows nothing of what is done with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options.shared_options import option

Out = Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.")]
DocumentName = Annotated[
    str,
    typer.Argument(
        metavar="DOCUMENT", help="Its path, the end of it, or the beginning of its sha256."
    ),
]
SchemaName = Annotated[
    str | None,
    option("--schema", "Records of this schema, where OUT holds several; else the newest."),
]
OfSchema = Annotated[
    str | None, option("--schema", "Records of this schema alone, where OUT holds several.")
]
IsApplied = Annotated[bool, option("--apply", "Do it; without it, it is only shown.")]
WithLabels = Annotated[bool, option("--labels", "What people said of them goes too.")]
Reviewer = Annotated[str | None, option("--reviewer", "Who says so; the user's name if not given.")]
Password = Annotated[
    str | None,
    option("--password", "Tried on encrypted PDFs; safer in DOCEXTRACT_PASSWORD."),
]
IsJson = Annotated[bool, option("--json", "JSON for programs.")]
