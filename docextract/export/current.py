"""Tells whether a folder's exports show what its store holds, so that nothing is rewritten.

Knows nothing of what stands in the files, and believes size and time of a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docextract.core import __version__, to_json
from docextract.export.csv_tables import tables
from docextract.export.exports import FAILURES_NAME, TREE_NAME
from docextract.export.results import RESULTS_NAME
from docextract.store import Store


def are_current(store: Store, out: Path, formats: Sequence[str]) -> bool:
    """Return whether writing the exports again would change nothing.

    The tree of JSON files is believed where its uppermost folder has not changed.
    """
    return store.exported() == _mark(store, out, formats)


def mark_current(store: Store, out: Path, formats: Sequence[str]) -> None:
    """Note that the exports in a folder show everything that is stored.

    Raises:
        StoreError: the disk is full or not writable.
    """
    store.mark_exported(_mark(store, out, formats))


def _mark(store: Store, out: Path, formats: Sequence[str]) -> str:
    names = [FAILURES_NAME]
    names += [RESULTS_NAME] if "jsonl" in formats else []
    names += [TREE_NAME] if "json" in formats else []
    names += [table.file_name for table in tables(store.fields())] if "csv" in formats else []
    files = [(name, *_stamp(out / name)) for name in names]
    seen = None if store.lens is None else store.lens.mark
    about = [__version__, str(out.resolve()), store.schema_name(), store.fields(), files]
    return to_json(about if seen is None else [*about, seen])


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
