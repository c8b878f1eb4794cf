"""Takes documents out of a store for good: records, kept pages, attempts and paths.

Knows nothing of labels, exports or people. All of it happens or nothing does, also where the
process is killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from docextract.core import file_hash
from docextract.store.connection import Database
from docextract.store.database import Store
from docextract.store.upkeep.sightings import is_gone


class Row(NamedTuple):
    """A path of a document.

    Attributes:
        schema: name of the schema it was read with.
        key: see ``record_key``.
        path: exact.
        shown: the path as people see it.
        sha256: hash of its bytes; empty where they could not be read.
        fingerprint: of its newest outcome.
        is_copy: whether another path stands for its bytes.
        status: of its record; empty where there is none.
        read_at: when the run began that read it, ISO 8601 in UTC; empty likewise.
    """

    schema: str
    key: str
    path: bytes
    shown: str
    sha256: str
    fingerprint: str
    is_copy: bool
    status: str
    read_at: str


class PrunedStore(Store):
    """A store that documents can be taken out of."""

    def paths(self, schema: str | None = None) -> list[Row]:
        """Return all paths of a schema, or of all, those of one document together."""
        sql = (
            "SELECT d.schema_name, d.key, d.path, d.display, d.sha256, d.fingerprint,"
            " d.duplicate_of IS NOT NULL, coalesce(r.status, ''), coalesce(n.started, '')"
            " FROM documents d"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " LEFT JOIN runs n ON n.id = r.run_id WHERE d.schema_name = ifnull(?, d.schema_name)"
            " ORDER BY d.schema_name, d.key, d.path"
        )
        return [Row(*row) for row in self._database.rows(sql, (schema,))]

    def remove(self, rows: Iterable[Row]) -> None:
        """Take paths out; the last path of a document takes all that was read of it with it.

        Where another path of the document stays, that one stands for it from now on.
        """
        for (schema, key), group in groupby(sorted(rows), lambda row: (row.schema, row.key)):
            taken = list(group)
            for row in taken:
                sql = "DELETE FROM documents WHERE schema_name = ? AND path = ?"
                self._database.write(sql, (schema, row.path))
            if not self._promote(schema, key):
                _forget(self._database, schema, key, taken[0].sha256)
        self._database.write("DELETE FROM exported")
        self.flush()
        self._database.compact()

    def _promote(self, schema: str, key: str) -> bool:
        """Let the first path that is left stand for a document; return whether there is one."""
        where = "WHERE schema_name = ? AND key = ?"
        sql = f"SELECT path FROM documents {where} ORDER BY duplicate_of IS NOT NULL, path"
        left = self._database.first(sql, (schema, key))
        if left is None:
            return False
        sql = f"UPDATE documents SET duplicate_of = NULL {where} AND path = ?"
        self._database.write(sql, (schema, key, left[0]))
        sql = (
            "UPDATE documents SET duplicate_of ="
            " (SELECT display FROM documents WHERE schema_name = ? AND path = ?)"
            f" {where} AND path != ?"
        )
        self._database.write(sql, (schema, left[0], schema, key, left[0]))
        return True


def _forget(database: Database, schema: str, key: str, sha256: str) -> None:
    """Remove what was read of a document, unless another schema's record needs it."""
    is_of_schema = "json_extract(json, '$.schema.name') = ?"
    database.write(f"DELETE FROM records WHERE key = ? AND {is_of_schema}", (key, schema))
    database.write(
        "DELETE FROM attempts WHERE key = ? AND fingerprint NOT IN"
        " (SELECT fingerprint FROM records WHERE key = ?)",
        (key, key),
    )
    # Several documents of one file share its pages; their hashes begin with the file's.
    file = file_hash(sha256)
    database.write(
        "DELETE FROM pages WHERE sha256 = ? AND NOT EXISTS"
        " (SELECT 1 FROM documents WHERE substr(sha256, 1, ?) = ?)",
        (file, len(file), file),
    )


def gone(rows: Iterable[Row]) -> list[Row]:
    """Return the paths at which there is no file any more, or another document."""
    return [row for row in rows if is_gone(row.path)]


def read_before(rows: Iterable[Row], moment: str) -> list[Row]:
    """Return the paths whose record is older than a moment in UTC, ISO 8601."""
    return [row for row in rows if row.read_at and row.read_at < moment]


def read_under(rows: Iterable[Row], fingerprints: Collection[str]) -> list[Row]:
    """Return the paths whose newest record is one of some settings."""
    return [row for row in rows if row.fingerprint in fingerprints]


def with_copies(rows: Sequence[Row], chosen: Iterable[Row]) -> list[Row]:
    """Return chosen paths and all others of the same bytes, of any schema."""
    keys = {row.key for row in chosen}
    return [row for row in rows if row.key in keys]
