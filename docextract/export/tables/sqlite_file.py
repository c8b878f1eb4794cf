"""Records as a SQLite database: typed tables with keys, and a row for each field of a document.

Knows nothing of the store, which is a database too but no one else's business.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from docextract.core import StoreError, Tree
from docextract.export.csv_tables import COUNT, RATIO, Column, DocumentTable, Table
from docextract.export.tables.typed import NUMBER_KINDS, Typed, first_evidence, typed
from docextract.schema import Kind, at

_ID = Column("document_id", COUNT)
_KNOWN = (
    Column("field"), Column("value"), Column("raw"), Column("status"),
    Column("confidence", RATIO), Column("page", COUNT), Column("box_left", RATIO),
    Column("box_top", RATIO), Column("box_right", RATIO), Column("box_bottom", RATIO),
    Column("quote"), Column("match"),
)  # fmt: skip
_TYPES = {COUNT: "INTEGER", RATIO: "REAL", Kind.DATE: "DATE", Kind.BOOLEAN: "BOOLEAN"}


class SqliteFile:
    """Writes records to tables; use ``open_database``.

    Args:
        database: empty.
        tables: of the schema, the documents first.
    """

    def __init__(self, database: sqlite3.Connection, tables: Sequence[Table]) -> None:
        self._database = database
        self._tables = [
            (table, _free_name(table.name, number)) for number, table in enumerate(tables)
        ]
        self._num_documents = 0
        for table, name in self._tables:
            self._create(name, [_ID, *table.columns], _key(table))
        self._create("fields", [_ID, *_KNOWN], ["document_id", "field"])

    def write(self, tree: Tree) -> None:
        """Write a record."""
        self._num_documents += 1
        number = self._num_documents
        for table, name in self._tables:
            kinds = [column.kind for column in table.columns]
            for row in table.typed_rows(tree):
                values = (typed(*pair) for pair in zip(row.values, kinds, strict=True))
                self._insert(name, [number, *map(_stored, values)])
        for path, field in tree["fields"].items():
            self._insert("fields", [number, *_known(path, field, at(tree["values"], path))])

    def _create(self, name: str, columns: Sequence[Column], key: Sequence[str]) -> None:
        names = _distinct([column.name for column in columns])
        pairs = zip(names, columns, strict=True)
        lines = [f"{_quoted(own)} {_type(column.kind)}" for own, column in pairs]
        lines.append(f"PRIMARY KEY ({', '.join(map(_quoted, key))})")
        if name != "documents":
            lines.append('FOREIGN KEY ("document_id") REFERENCES "documents" ("document_id")')
        self._database.execute(f"CREATE TABLE {_quoted(name)} ({', '.join(lines)})")

    def _insert(self, name: str, values: Sequence[Any]) -> None:
        places = ", ".join("?" for _ in values)
        self._database.execute(f"INSERT INTO {_quoted(name)} VALUES ({places})", values)


def _distinct(names: Sequence[str]) -> list[str]:
    """Return names that differ by more than capitals, which SQLite does not see."""
    found: dict[str, str] = {}
    for name in names:
        numbered = (f"{name}_{number}" for number in range(2, len(names) + 2))
        free = next(one for one in (name, *numbered) if one.lower() not in found)
        found[free.lower()] = free
    return list(found.values())


def _free_name(name: str, number: int) -> str:
    return f"{name}_{number}" if name.lower() == "fields" or name.startswith("sqlite_") else name


def _key(table: Table) -> list[str]:
    if isinstance(table, DocumentTable):
        return [_ID.name]
    places = [column.name for column in table.keys if column.kind == COUNT]
    return [_ID.name, *places]


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""').replace("\0", "")
    return f'"{doubled}"'


def _type(kind: str) -> str:
    # SQLite has no decimals: it keeps a number of up to 15 digits as it is. "fields" has all of it.
    return "DECIMAL" if kind in NUMBER_KINDS else _TYPES.get(kind, "TEXT")


def _stored(value: Typed) -> Any:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def _known(path: str, field: Tree, value: Any) -> list[Any]:
    found = first_evidence(field)
    box = found.get("box") or [None] * 4
    texts = (typed(one, Kind.TEXT) for one in (value, field["raw"]))
    quote = typed(found.get("quote"), Kind.TEXT)
    about = (field["status"], field["confidence"], found.get("page"))
    return [path, *map(_stored, texts), *about, *box, quote, found.get("match")]


@contextlib.contextmanager
def open_database(path: Path, tables: Sequence[Table]) -> Iterator[SqliteFile]:
    """Yield what writes records to a new database; the file holds them when the block ends.

    Args:
        path: of the file, which nobody else opens meanwhile.
        tables: of the schema, the documents first.

    Raises:
        StoreError: the disk is full, or the schema has more columns than SQLite.
    """
    try:
        # No journal: if this is cut short, the file is thrown away.
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN")
            yield SqliteFile(database, tables)
            database.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(f"cannot write documents.sqlite: {error}") from error
