"""The file of labels: rows are added and never changed, by as many people at once as like.

Knows nothing of records; it lies beside the store, and no run touches it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docextract.core import Box, StoreError, disk_error, to_json
from docextract.review.labels.label import Action, Label, Spot
from docextract.store.connection import Database
from docextract.store.migrations import Format

FILE_NAME = "labels.sqlite"

_REMAIN = (
    "CREATE TRIGGER IF NOT EXISTS labels_remain BEFORE DELETE ON labels"
    " BEGIN SELECT raise(ABORT, 'labels are only ever added'); END"
)
_OF = (
    "FROM labels WHERE sha256 IN (SELECT value FROM json_each(?))"
    " AND schema_name = ifnull(?, schema_name)"
)
_M001 = f"""
CREATE TABLE IF NOT EXISTS labels (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sha256 TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    path TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('accept', 'correct', 'absent', 'skip', 'undo')),
    value TEXT,
    shown TEXT,
    fingerprint TEXT NOT NULL,
    page INTEGER,
    box TEXT,
    quote TEXT,
    cells TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at TEXT NOT NULL,
    undoes INTEGER REFERENCES labels (id)
);
CREATE INDEX IF NOT EXISTS labels_by_document ON labels (sha256, schema_name);
CREATE TRIGGER IF NOT EXISTS labels_stay BEFORE UPDATE ON labels
BEGIN SELECT raise(ABORT, 'labels are only ever added'); END;
{_REMAIN};
"""
# Two people may begin at once: every step can be done twice.
_FORMAT = Format(
    "file of labels",
    (_M001,),
    "Put back a copy of it, or move it away: what people said is then not shown.",
)
_COLUMNS = (
    "sha256, schema_name, path, action, value, shown, fingerprint, page, box, quote, cells,"
    " reviewer, at, undoes"
)


class LabelStore:
    """The labels of one output folder; use it as a context manager.

    Every method raises StoreError where the disk or SQLite does not deliver.
    """

    def __init__(self, database: Database | None) -> None:
        self._database = database

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Create or open the labels in the folder of a store, for adding to them."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk_error(folder, error) from error
        with _one_at_a_time(folder):
            return cls(Database.for_writing(folder / FILE_NAME, _FORMAT))

    @classmethod
    def read_only(cls, folder: Path) -> Self:
        """Open the labels in the folder of a store as they are now; there may be none."""
        path = folder / FILE_NAME
        is_there = path.is_file() and path.stat().st_size > 0
        return cls(Database.for_reading(path, _FORMAT) if is_there else None)

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def alone(self) -> Iterator[Self]:
        """Hold others back from adding: what is read inside still holds when it is built upon.

        When the block has ended well, what was added in it is on the disk, all or nothing.
        """
        database = self._writable()
        database.begin()
        try:
            yield self
        except BaseException:
            database.roll_back()
            raise
        database.commit()

    def add(self, label: Label) -> Label:
        """Add a row, inside ``alone``, and return it with its id and its moment."""
        label = replace(label, at=label.at or _now())
        spot = label.spot
        row = (
            label.sha256, label.schema, label.path, label.action.value,
            to_json(label.value), to_json(label.shown), label.fingerprint,
            spot.page, to_json(spot.box), spot.quote,
            to_json({path: list(cell) for path, cell in label.cells.items()}),
            label.reviewer, label.at, label.undoes,
        )  # fmt: skip
        places = ", ".join("?" * len(row))
        cursor = self._writable().write(f"INSERT INTO labels ({_COLUMNS}) VALUES ({places})", row)
        return replace(label, id=int(cursor.lastrowid or 0))

    def labels(self, schema: str | None, sha256: str | None = None) -> Iterator[Label]:
        """Yield all rows of a schema, of one document or of all, oldest first."""
        if self._database is not None:
            sql = (
                f"SELECT id, {_COLUMNS} FROM labels WHERE schema_name = ?"
                " AND sha256 = ifnull(?, sha256) ORDER BY id"
            )
            yield from map(_label, self._database.rows(sql, (schema, sha256)))

    def count(self, documents: Collection[str], schema: str | None = None) -> int:
        """Return how many rows there are of some documents, by their hashes.

        Args:
            documents: hashes of their bytes.
            schema: of whose values; None for all.
        """
        if self._database is None:
            return 0
        row = self._database.first(f"SELECT count(*) {_OF}", (to_json(list(documents)), schema))
        return int(row[0]) if row else 0

    def forget(self, documents: Collection[str], schema: str | None = None) -> None:
        """Remove all rows of some documents for good, all or none; see ``count``."""
        with self.alone():
            database = self._writable()
            database.write("DROP TRIGGER labels_remain")
            database.write(f"DELETE {_OF}", (to_json(list(documents)), schema))
            database.write(_REMAIN)
        self._writable().compact()

    def newest_id(self) -> int:
        """Return the id of the newest row of all; 0 where there is none."""
        row = self._database.first("SELECT max(id) FROM labels") if self._database else None
        return int(row[0] or 0) if row else 0

    def _writable(self) -> Database:
        if self._database is None:
            raise StoreError("these labels were opened for reading alone")
        return self._database


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep two people from making the file at once, which SQLite itself cannot."""
    path = folder / "labels.lock"
    try:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise disk_error(path, error) from error


def _label(row: tuple[Any, ...]) -> Label:
    number, sha256, schema, path, action, value, shown, fingerprint, *rest = row
    page, box, quote, cells, reviewer, at, undoes = rest
    return Label(
        sha256,
        schema,
        path,
        Action(action),
        json.loads(value or "null"),
        json.loads(shown or "null"),
        fingerprint,
        _spot(page, json.loads(box or "null"), quote),
        {place: _spot(*spot) for place, spot in json.loads(cells).items()},
        reviewer,
        at,
        undoes,
        number,
    )


def _spot(page: int | None, box: list[float] | None, quote: str | None) -> Spot:
    return Spot(page, None if box is None else Box(*box), quote)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
