"""Takes documents out of an output folder: its store, if asked its labels, then its exports.

Knows nothing of why they are to go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from docextract.export import formats_there, write_exports
from docextract.review.labels.label_store import LabelStore
from docextract.review.overlay.overlay import overlay_of
from docextract.store import FOLDER
from docextract.store.upkeep.pruning import PrunedStore, Row

Choice = Callable[[list[Row]], list[Row]]
"""Which of all paths are to go."""


def look(out: Path, schema: str | None, choose: Choice) -> tuple[list[Row], int]:
    """Return the paths that would go, and how many things people said of their documents.

    Args:
        out: the output folder.
        schema: name of the schema whose documents are meant; None for all.
        choose: which of them.

    Raises:
        OptionError: the folder holds no records.
        StoreError: the store or the labels cannot be read.
    """
    with PrunedStore.read_only(out) as store:
        rows = choose(store.paths(schema))
    with LabelStore.read_only(out / FOLDER) as labels:
        return rows, labels.count(_hashes(rows), schema)


def take_out(out: Path, schema: str | None, choose: Choice, *, with_labels: bool) -> None:
    """Take the paths out that are chosen when no run goes on, and write the exports again.

    Killed at any moment, it leaves all of them in the store or none; labels go first, as
    nobody could name the documents any more afterwards. Exports that were not written again are
    written by the next run.

    Args:
        out: the output folder, which holds records.
        schema: see ``look``.
        choose: likewise.
        with_labels: whether what people said goes too.

    Raises:
        OutputBusyError: a run holds the folder.
        StoreError: the disk is full or not writable.
    """
    with PrunedStore.open(out, is_brief=True) as store:
        rows = choose(store.paths(schema))
        if with_labels and rows:
            with LabelStore.open(out / FOLDER) as labels:
                labels.forget(_hashes(rows), schema)
        store.remove(rows)
        formats = formats_there(out)
        if formats:
            store.lens = overlay_of(store)
            write_exports(store, out, formats)


def _hashes(rows: Sequence[Row]) -> list[str]:
    return sorted({row.sha256 for row in rows} - {""})
