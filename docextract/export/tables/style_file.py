"""How the tables of an output folder are written, kept beside its store.

So a correction writes them again as they were. Knows nothing of tables.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from docextract.core import TableStyle, to_json
from docextract.export.atomic import write_atomically

FILE_NAME = "tables.json"


def keep_style(folder: Path, style: TableStyle) -> None:
    """Keep how tables are written.

    Args:
        folder: of the store.
        style: what was asked for.

    Raises:
        StoreError: the disk is full or not writable.
    """
    path = folder / FILE_NAME
    if path.exists() or style != TableStyle():
        write_atomically(path, f"{to_json(asdict(style))}\n".encode())


def kept_style(folder: Path) -> TableStyle:
    """Return how tables were written last; the plain way where nobody asked for another."""
    try:
        found = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return TableStyle(found["delimiter"], found["decimal"], tuple(found["extra"]))
    except (OSError, ValueError, KeyError, TypeError):
        return TableStyle()
