"""Puts something odd into a store: bytes of the file, or cells of a table.

Knows nothing of what the store is for.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

from fuzz_mutations import mutate


def spoil(path: Path, rng: Random) -> None:
    """Change a store; cells twice as often as bytes."""
    rng.choice((_odd_bytes, _odd_rows, _odd_rows))(path, rng)


def _odd_bytes(path: Path, rng: Random) -> None:
    data = path.read_bytes()
    path.write_bytes(mutate("image", data, data, rng))


def _odd_rows(path: Path, rng: Random) -> None:
    """Put something odd into one cell, where the table allows it."""
    with closing(sqlite3.connect(path)) as database, database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        table = rng.choice(sorted(name for (name,) in database.execute(query)))
        column = rng.choice([row[1] for row in database.execute(f"PRAGMA table_info({table})")])
        odd = rng.choice(
            (None, "", -1, 2**62, "{", "[]", '{"a": 1}', b"\xff\x00", 1e308, "x" * 9999)
        )
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid % 3 = 0", (odd,))
        except sqlite3.Error:
            database.rollback()
