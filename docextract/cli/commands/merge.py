"""``docextract merge``: puts the output folders of shards together and writes the exports of all.

Knows nothing of the store's tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docextract.cli.options import folder_of, option, parse_formats
from docextract.cli.output import boundary, error_stream, show_count, show_path
from docextract.core import FORMATS, ExitCode, OptionError

if TYPE_CHECKING:
    from docextract.store.upkeep.merged_stores import Merged

_MAX_SHOWN = 5


@boundary
def merge(
    sources: Annotated[
        list[Path], typer.Argument(metavar="OUT...", help="Output folders, such as one a shard.")
    ],
    into: Annotated[
        str, option("--out", "Where everything is put together; may hold records already.", "-o")
    ],
    formats: Annotated[
        str, option("--format", f"Exports to write: any of {', '.join(FORMATS)}.")
    ] = "jsonl,csv",
) -> ExitCode:
    """Put the output folders of several runs together.

    Three shards merged equal one run over everything. Merging again changes
    nothing; of a document that several folders hold, one that did not fail
    wins, else the newest. Ends as a run would: 5 where documents failed, and
    8 where a shard is missing or has not finished.
    """
    from docextract.export import check_formats, write_exports
    from docextract.review.overlay.overlay import overlay_of
    from docextract.store import Tally, exit_code_of
    from docextract.store.upkeep.merged_stores import MergedStore

    chosen = parse_formats(formats)
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown:
        raise OptionError(f"--format: {unknown[0]!r} is not one of {', '.join(FORMATS)}")
    check_formats(chosen)
    out = folder_of("--out", into)
    with MergedStore.of(out, sources) as store:
        merged = store.take_all(sources)
        store.lens = overlay_of(store)
        write_exports(store, out, chosen)
        tally = Tally()
        tally.by_status.update(store.counts())
        tally.num_found = merged.num_documents
    _tell(merged, sources, out)
    is_part = bool(merged.missing or merged.unfinished)
    return exit_code_of(tally, "shard" if is_part else "", fails_on_review=False)


def _tell(merged: Merged, sources: list[Path], out: Path) -> None:
    lines = [
        f"{show_count(merged.num_documents, 'document')} of {show_count(len(sources), 'folder')} "
        f"in {out}"
    ]
    if merged.num_overlapping:
        lines.append(
            f"{show_count(merged.num_overlapping, 'document')} in more than one of them, such as "
            f"{', '.join(merged.overlapping)}: the one that did not fail, else the newest, stands"
        )
    if merged.missing:
        lines.append(f"missing: shard {_some(merged.missing)}")
    if merged.unfinished:
        lines.append(f"not finished: {_some(merged.unfinished)}; run the same command there again")
    for schema, number in merged.fingerprints.items():
        lines.append(f"documents of {schema} were read in {number} different ways")
    held = [str(source) for source in sources if (source / ".docextract/labels.sqlite").exists()]
    if held:
        lines.append(f"labels of people were left in {_some(held)}: review the merged folder")
    for line in lines:
        error_stream().write(f"{show_path(line)}\n")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return f"{', '.join(names[:_MAX_SHOWN])}{more}"
