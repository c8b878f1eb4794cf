"""Writes the exports of an output folder again, so that they show what people said.

Knows nothing of labels: the store's lens shows them.
"""

from __future__ import annotations

from pathlib import Path

from docextract.core import OutputBusyError
from docextract.export import RESULTS_NAME, TREE_NAME, write_exports
from docextract.review.overlay.overlay import overlay_of
from docextract.schema import Schema
from docextract.store import Store

_NAMES = {"jsonl": RESULTS_NAME, "csv": "documents.csv", "json": TREE_NAME}


def write_again(out: Path, schema: Schema) -> bool:
    """Replace the exports that lie in a folder and show a schema; return whether they show all.

    They do not where a run goes on there: it writes them when it ends.

    Raises:
        StoreError: the disk is full or not writable.
    """
    try:
        with Store.read_only(out, is_locked=True) as store:
            formats = [name for name, file in _NAMES.items() if (out / file).exists()]
            if store.schema_name() == schema.name and formats:
                store.lens = overlay_of(store, schema)
                write_exports(store, out, formats)
    except OutputBusyError:
        return False
    return True
