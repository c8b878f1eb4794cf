"""``docextract export``: writes the exports of a finished or stopped run again.

Knows nothing of records or formats.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from docextract.cli.options import TableGroup, folder_of, option, parse_formats, with_option_groups
from docextract.cli.output import boundary, error_stream, show_path
from docextract.core import FORMATS, ExitCode, OptionError


@boundary
@with_option_groups
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Output folder of a run.")],
    formats: Annotated[
        str | None,
        option("--format", f"Any of {', '.join(FORMATS)}; jsonl,csv if not given (stdout: jsonl)."),
    ] = None,
    schema: Annotated[
        str | None,
        option("--schema", "Records of this schema, where OUT holds several; else the newest."),
    ] = None,
    to: Annotated[
        str | None,
        option("--to", "Another folder; - writes one format to stdout (csv: the documents)."),
    ] = None,
    *,
    tables: TableGroup,
) -> ExitCode:
    """Write the exports of a run's output folder again.

    They come from the stored records: no document is read.
    """
    from docextract.batch.planning.rereading import told_of_mixture
    from docextract.export import stream_export, write_exports
    from docextract.review.overlay.overlay import overlay_of
    from docextract.store import Store

    chosen = parse_formats(formats or ("jsonl" if to == "-" else "jsonl,csv"))
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown:
        raise OptionError(f"--format: {unknown[0]!r} is not one of {', '.join(FORMATS)}")
    target = folder_of("--to", to) if to else out
    if target.exists() and not target.is_dir():
        raise OptionError(f"--to: {target} is no folder")
    # A run appends to files in its folder, so there they are replaced between runs only.
    is_in_place = target.resolve() == out.resolve()
    with Store.read_only(out, is_locked=is_in_place, schema=_name(out, schema)) as store:
        store.lens = overlay_of(store)
        for line in told_of_mixture(store):
            error_stream().write(f"{show_path(line)}\n")
        if to == "-":
            stream_export(store, sys.stdout.buffer, chosen, tables)
            return ExitCode.OK
        write_exports(store, target, chosen, tables)
    error_stream().write(f"exports are in {show_path(str(target))}\n")
    return ExitCode.OK


def _name(out: Path, spec: str | None) -> str | None:
    """Return the name of the schema asked for, which may be given as it was to the run."""
    if spec is None:
        return None
    from docextract.schema.loading import load_schema
    from docextract.store import Store

    with Store.read_only(out) as store:
        names = store.schema_names()
    name = spec if spec in names else load_schema(spec).name
    if name not in names:
        held = " and ".join(names) or "no"
        raise OptionError(f"{out} holds {held} records, none of {name}")
    return name
