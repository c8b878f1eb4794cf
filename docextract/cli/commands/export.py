"""``docextract export``: writes the exports of a finished or stopped run again.

Knows nothing of records or formats.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import (
    TableGroup,
    folder_of,
    option,
    parse_formats,
    with_option_groups,
)
from docextract.cli.output import boundary, error_stream, settled, show_count, show_path
from docextract.core import (
    FORMATS,
    UPLOAD_MODES,
    ExitCode,
    OptionError,
    Scratch,
    TableStyle,
    check_uri,
    is_uri,
    shown_uri,
)

if TYPE_CHECKING:
    from docextract.store import Store

_To = Annotated[
    str | None,
    option(
        "--to",
        "Another folder, or s3://BUCKET/FOLDER; - writes one format to stdout (csv: the "
        "documents).",
    ),
]
_UploadMode = Annotated[
    str,
    option(
        "--upload-mode", f"{' or '.join(UPLOAD_MODES)}: whether files in storage may be replaced."
    ),
]


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
    to: _To = None,
    upload_mode: _UploadMode = "replace",
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
    for name in chosen:
        _check_known("--format", name, FORMATS)
    _check_known("--upload-mode", upload_mode, UPLOAD_MODES)
    if to is not None and is_uri(to):
        with Store.read_only(out, schema=_name(out, schema)) as store:
            store.lens = overlay_of(store)
            _put(store, chosen, tables, to, upload_mode)
        return ExitCode.OK
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


def _check_known(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(f"{name}: {value!r} is not one of {', '.join(allowed)}")


def _put(store: Store, formats: tuple[str, ...], tables: TableStyle, to: str, mode: str) -> None:
    """Write exports and put them into storage."""
    from docextract.export import write_exports
    from docextract.storage.upload import upload_folder

    with Scratch() as scratch:
        write_exports(store, scratch.path, formats, tables)
        num_files = upload_folder(scratch.path, check_uri(to), mode)
    error_stream().write(f"{show_count(num_files, 'file')} put to {show_path(shown_uri(to))}\n")


def _name(out: Path, spec: str | None) -> str | None:
    """Return the name of the schema asked for, which may be given as it was to the run."""
    if spec is None:
        return None
    from docextract.schema.loading import load_schema, trusted_spec
    from docextract.store import Store

    with Store.read_only(out) as store:
        names = store.schema_names()
    name = spec if spec in names else load_schema(settled(trusted_spec(spec))).name
    if name not in names:
        held = " and ".join(names) or "no"
        raise OptionError(f"{out} holds {held} records, none of {name}")
    return name
