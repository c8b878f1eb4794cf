"""Remembers which object, in which version, had which bytes, so that none is fetched twice.

Knows nothing of storage or records. It lies beside the store of a run; if it is lost, objects are
fetched once more and nothing else happens.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from docextract.store.connection import Database
from docextract.store.migrations import Format

FILE_NAME = "objects.sqlite"

_M001 = """
-- One row an object, as last fetched; no hash where its bytes are no document.
CREATE TABLE objects (
    uri TEXT PRIMARY KEY,
    version TEXT NOT NULL,
    num_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL
) WITHOUT ROWID;
-- One row a file put into storage: what it looked like here.
CREATE TABLE uploads (
    uri TEXT PRIMARY KEY,
    mark TEXT NOT NULL
) WITHOUT ROWID;
"""
_FORMAT = Format("ledger of objects", (_M001,), "Run again: objects are then fetched once more.")
_MAX_GATHERING_S = 1.0
"""Rows are put on the disk together; those lost to a crash are fetched again."""


class Known(NamedTuple):
    """What an object held; ``sha256`` is empty where that was no document."""

    sha256: str
    media_type: str


class Ledger:
    """The objects that were fetched into one output folder, and the files put from it.

    Every method raises StoreError where the disk or SQLite does not deliver.

    Args:
        folder: where its file lies, which is made if need be.
    """

    def __init__(self, folder: Path) -> None:
        self._database = Database.for_writing(folder / FILE_NAME, _FORMAT)
        self._flushed_s = time.monotonic()

    def known(self, uri: str, version: str, num_bytes: int) -> Known | None:
        """Return what an object held, if this very version of it was fetched."""
        row = self._database.first(
            "SELECT sha256, media_type FROM objects"
            " WHERE uri = ? AND version = ? AND num_bytes = ?",
            (uri, version, num_bytes),
        )
        return None if row is None else Known(*row)

    def note(self, uri: str, version: str, num_bytes: int, held: Known) -> None:
        """Remember what an object held."""
        self._write("objects", uri, version, num_bytes, *held)

    def was_put(self, uri: str, mark: str) -> bool:
        """Return whether a file that looks like this was the last put there."""
        row = self._database.first("SELECT 1 FROM uploads WHERE uri = ? AND mark = ?", (uri, mark))
        return row is not None

    def note_put(self, uri: str, mark: str) -> None:
        """Remember what a file looked like that was put there."""
        self._write("uploads", uri, mark)

    def close(self) -> None:
        """Put everything on the disk and close the file."""
        self._database.commit()
        self._database.close()

    def _write(self, table: str, *values: str | int) -> None:
        places = ", ".join("?" for _ in values)
        self._database.write(f"INSERT OR REPLACE INTO {table} VALUES ({places})", values)
        if time.monotonic() - self._flushed_s >= _MAX_GATHERING_S:
            self._database.commit()
            self._flushed_s = time.monotonic()
