"""``docextract prune``: takes documents out of an output folder that are no longer wanted there.

Knows nothing of what is stored of them.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from docextract.cli.options import IsApplied, OfSchema, Out, WithLabels, option
from docextract.cli.output import boundary
from docextract.cli.output.going_output import let_go
from docextract.core import ExitCode, OptionError

if TYPE_CHECKING:
    from docextract.store.upkeep.pruning import Row

IsGone = Annotated[
    bool, option("--gone", "Whose file is not there any more, or is another document now.")
]
OlderThan = Annotated[
    int | None, option("--older-than", "Read more than so many days ago.", min=0, metavar="DAYS")
]
IsOther = Annotated[
    bool, option("--other-versions", "Read with an earlier form of the schema than the newest.")
]


@boundary
def prune(
    out: Out,
    is_gone: IsGone = False,
    older_than: OlderThan = None,
    is_other: IsOther = False,
    schema: OfSchema = None,
    is_applied: IsApplied = False,
    with_labels: WithLabels = False,
) -> ExitCode:
    """Take out documents that meet all that is asked for; shown until --apply.

    No file among the inputs is touched. What people said stays, unless --labels is given.
    """
    from docextract.store.upkeep.pruning import gone, read_before, read_under

    if not (is_gone or older_than is not None or is_other or schema):
        raise OptionError(
            "say which documents are to go", "--gone, --older-than, --other-versions or --schema."
        )
    others = _other_versions(out, schema) if is_other else set()

    def chosen(rows: list[Row]) -> list[Row]:
        rows = gone(rows) if is_gone else rows
        rows = rows if older_than is None else read_before(rows, _days_ago(older_than))
        return read_under(rows, others) if is_other else rows

    let_go(out, schema, chosen, is_applied=is_applied, with_labels=with_labels)
    return ExitCode.OK


def _other_versions(out: Path, schema: str | None) -> set[str]:
    """Return the fingerprints of what was read with an earlier form of its schema."""
    from docextract.store import Store, of_other_schemas

    found: set[str] = set()
    with Store.read_only(out) as store:
        names = [schema] if schema else store.schema_names()
    for name in names:
        with Store.read_only(out, schema=name) as store:
            found |= {it.fingerprint for it in of_other_schemas(store.versions())}
    return found


def _days_ago(days: int) -> str:
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    return moment.isoformat(timespec="seconds")
