"""Remembers keys beside memory, so that a run over any number of files stays small.

Knows nothing of what the keys stand for.
"""

from __future__ import annotations

import sqlite3
import weakref

from docextract.core import StoreError


class Remembered:
    """Keys and what was told of them, in a temporary database.

    SQLite holds about 2 MB of it in memory and the rest in a file without a name, which is gone
    with the process (https://sqlite.org/inmemorydb.html#temp_db).
    """

    def __init__(self) -> None:
        """Make an empty one."""
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, told BLOB) WITHOUT ROWID")
        weakref.finalize(self, self._database.close)

    def add(self, key: bytes, told: bytes = b"") -> bytes | None:
        """Remember a key; return what was told of it before, None if it is new.

        Raises:
            StoreError: there is no room for temporary files.
        """
        try:
            done = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, told))
            if done.rowcount:
                return None
            found = self._database.execute("SELECT told FROM seen WHERE key = ?", (key,))
            before: bytes = found.fetchone()[0]
        except sqlite3.Error as error:
            raise StoreError(
                f"temporary files cannot be written: {error}",
                "Free space there, or name another folder in TMPDIR.",
            ) from error
        return before
