"""``docextract forget``: takes named documents out of an output folder.

Knows nothing of what is stored of them.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import IsApplied, OfSchema, Out, WithLabels
from docextract.cli.output import boundary
from docextract.cli.output.going_output import let_go
from docextract.core import PART, ExitCode, OptionError, file_hash

if TYPE_CHECKING:
    from docextract.store.upkeep.pruning import Row

_MIN_HASH = 6
Names = Annotated[
    list[str],
    typer.Argument(
        metavar="DOCUMENT...", help="Paths, the ends of them, or beginnings of their sha256."
    ),
]


@boundary
def forget(
    out: Out,
    documents: Names,
    is_applied: IsApplied = False,
    with_labels: WithLabels = False,
    schema: OfSchema = None,
) -> ExitCode:
    """Forget documents: all that was read of them, under every name; shown until --apply.

    The files themselves stay, and so does what people said of them, unless --labels is given. A
    document that is still among the inputs is read again by the next run.
    """
    from docextract.store.upkeep.pruning import with_copies

    def chosen(rows: list[Row]) -> list[Row]:
        found = [row for name in documents for row in _called(name, rows)]
        return with_copies(rows, found)

    let_go(out, schema, chosen, is_applied=is_applied, with_labels=with_labels)
    return ExitCode.OK


def _called(name: str, rows: list[Row]) -> list[Row]:
    """Return the paths of the one document that is called so."""
    exact = [row for row in rows if row.shown.partition(PART)[0] == name or row.shown == name]
    found = exact or [row for row in rows if _is_called(name, row)]
    if len({file_hash(row.key) for row in found}) == 1:
        return found
    if not found:
        raise OptionError(f"no document is called {name}", "docextract status OUT counts them.")
    told = ", ".join(sorted({row.shown for row in found})[:5])
    raise OptionError(f"several documents are called {name}: {told}", "Give more of the path.")


def _is_called(name: str, row: Row) -> bool:
    # All documents in a file go by its name.
    own = PurePosixPath(row.shown if PART in name else row.shown.partition(PART)[0]).parts
    parts = PurePosixPath(name).parts
    is_hash = len(name) >= _MIN_HASH and row.sha256.startswith(name.lower())
    return is_hash or (bool(parts) and own[-len(parts) :] == parts)
