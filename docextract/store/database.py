"""The store: one record per document and fingerprint, one row per path.

Knows nothing of how records come about, nor of exports.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from docextract.errors import OptionError, StoreError
from docextract.records import Document, Record, RecordStatus, Tree
from docextract.store.connection import Database
from docextract.store.disk import disk_error
from docextract.store.encoding import to_json, to_text
from docextract.store.lock import OutputLock, holder
from docextract.store.trees import duplicate_tree, tree_at

FOLDER = ".docextract"
FILE_NAME = "store.sqlite"


class StoredDocument(NamedTuple):
    """A path and the record that stands for it."""

    raw_path: bytes
    relative: str
    tree: Tree


def record_key(document: Document) -> str:
    """Return what a document's outcome is stored under.

    That is the hash of its bytes, or its path where the bytes could not be read.
    """
    return document.sha256 or f"path:{document.raw_path.hex()}"


class Store:
    """The records of one output folder; use it as a context manager.

    Every method raises StoreError where the disk or SQLite does not deliver.
    """

    def __init__(self, database: Database, lock: OutputLock | None = None) -> None:
        self.path = database.path
        self._database = database
        self._lock = lock

    @classmethod
    def open(cls, out: Path) -> Self:
        """Create or open the store of a folder and hold its lock until ``close``.

        Raises:
            OutputBusyError: another run holds the folder.
            StoreError: not writable, damaged (then moved aside), or a newer format.
            OptionError: ``out`` is no folder.
        """
        folder = _created(out)
        lock = OutputLock.acquire(folder)
        try:
            return cls(Database.for_writing(folder / FILE_NAME), lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def read_only(cls, out: Path, *, is_locked: bool = False) -> Self:
        """Open the store of a folder for reading, as it is at this moment.

        Args:
            out: the output folder.
            is_locked: whether runs are kept out meanwhile.

        Raises:
            OptionError: the folder holds no store.
            OutputBusyError: a run holds the folder, and it should be locked.
            StoreError: it cannot be read, or has a newer format.
        """
        path = out / FOLDER / FILE_NAME
        if not path.is_file():
            raise OptionError(f"{out} holds no records", "Give the --out of a run.")
        lock = OutputLock.acquire(path.parent) if is_locked else None
        try:
            return cls(Database.for_reading(path), lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def close(self) -> None:
        """Commit what ``link`` has left open, close the file and give the lock back."""
        try:
            self.flush()
        finally:
            self._database.close()
            if self._lock is not None:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def begin_run(self, options: Tree) -> int:
        """Store what a run was asked to do and return its id.

        Args:
            options: anything for people to read, without passwords, and two things that
                the exports need: ``schema_name``, and ``fields`` as ``[path, kind]`` pairs
                in the schema's order.

        Raises:
            OptionError: the folder holds records of another schema.
        """
        name = str(options["schema_name"])
        stored = self.schema_name()
        if stored is not None and stored != name:
            raise OptionError(
                f"{self.path.parent.parent} holds {stored} records, not {name}",
                "Choose another --out.",
            )
        row = (_now(), name, to_json(options.get("fields", [])), to_json(options))
        cursor = self._database.write(
            "INSERT INTO runs (started, schema_name, fields, options) VALUES (?, ?, ?, ?)",
            row,
        )
        self.flush()
        return int(cursor.lastrowid or 0)

    def end_run(self, run_id: int, summary: Tree) -> None:
        """Store how a run ended."""
        sql = "UPDATE runs SET ended = ?, summary = ? WHERE id = ?"
        self._database.write(sql, (_now(), to_json(summary), run_id))
        self.flush()

    def schema_name(self) -> str | None:
        """Return the schema whose records are here, or None where there are none yet."""
        sql = (
            "SELECT schema_name FROM runs WHERE EXISTS (SELECT 1 FROM documents)"
            " ORDER BY id DESC LIMIT 1"
        )
        row = self._database.first(sql)
        return None if row is None else str(row[0])

    def fields(self) -> list[tuple[str, str]]:
        """Return path and kind of the schema's leaves as of the newest run."""
        row = self._database.first("SELECT fields FROM runs ORDER BY id DESC LIMIT 1")
        return [] if row is None else [(path, kind) for path, kind in json.loads(row[0])]

    def status_of(self, sha256: str, fingerprint: str) -> RecordStatus | None:
        """Return how these bytes ended under this fingerprint, or None if never done.

        Args:
            sha256: hash of the bytes, or ``record_key`` where they could not be read.
            fingerprint: see ``config.fingerprint``.
        """
        sql = "SELECT status FROM records WHERE key = ? AND fingerprint = ?"
        row = self._database.first(sql, (sha256, fingerprint))
        return None if row is None else RecordStatus(row[0])

    def num_attempts(self, sha256: str, fingerprint: str) -> int:
        """Return how often these bytes were tried under this fingerprint."""
        sql = "SELECT count(*) FROM attempts WHERE key = ? AND fingerprint = ?"
        row = self._database.first(sql, (sha256, fingerprint))
        return 0 if row is None else int(row[0])

    def save(self, run_id: int, record: Record) -> None:
        """Store an outcome; when this returns it is on the disk.

        A skipped record belongs to its path alone: the outcome of equal bytes under
        another path stays as it is.
        """
        document, key = record.document, record_key(record.document)
        try:
            if record.status is RecordStatus.SKIPPED:
                self._point(run_id, document, record.fingerprint, None, to_json(record.to_json()))
            else:
                self._put_record(run_id, key, record)
                self._point(run_id, document, record.fingerprint, None, None)
            self.flush()
        except StoreError:
            self._database.roll_back()
            raise

    def link(
        self,
        run_id: int,
        document: Document,
        fingerprint: str,
        duplicate_of: str | None = None,
    ) -> None:
        """Point a path at the stored record of its bytes, without any work done.

        It is on the disk after the next ``save``, ``end_run`` or ``flush``; were it lost,
        the next run would link again.

        Args:
            run_id: from ``begin_run``.
            document: the path, with the hash of its bytes.
            fingerprint: of the stored record.
            duplicate_of: shown path of the input that has the same bytes in this run; the
                path is then skipped, and that input's record stands for both.
        """
        self._point(run_id, document, fingerprint, duplicate_of, None)

    def flush(self) -> None:
        """Commit what was written so far."""
        self._database.commit()

    def documents(self) -> Iterator[StoredDocument]:
        """Yield every path with its newest record, ordered by the paths' bytes."""
        sql = (
            "SELECT d.path, d.display, d.relative, d.media_type, d.sha256, d.fingerprint,"
            " d.duplicate_of, coalesce(d.skipped, r.json) FROM documents d"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " WHERE coalesce(d.skipped, r.json, d.duplicate_of) IS NOT NULL ORDER BY d.path"
        )
        for raw, path, relative, media_type, sha256, *rest in self._database.rows(sql):
            document = Document(path, raw, sha256, media_type, relative=relative)
            fingerprint, twin, text = rest
            tree = (
                tree_at(document, text)
                if twin is None
                else duplicate_tree(document, fingerprint, text, twin)
            )
            yield StoredDocument(raw, relative, tree)

    def records(self) -> Iterator[Tree]:
        """Yield the record of every path in the shape of DESIGN 5, ordered by path."""
        return (stored.tree for stored in self.documents())

    def failures(self) -> Iterator[Tree]:
        """Yield every failed path: document, stage, reason, message, hint, attempts."""
        for stored in self.documents():
            if stored.tree["status"] == RecordStatus.FAILED:
                yield self.failure(stored)

    def failure(self, stored: StoredDocument) -> Tree:
        """Return why a document failed, by its first error, and how often it was tried."""
        document, errors = stored.tree["document"], stored.tree["errors"]
        first = errors[0] if errors else {}
        names = ("stage", "page", "reason", "message", "hint")
        key = document["sha256"] or f"path:{stored.raw_path.hex()}"
        return {
            "document": document,
            **{name: first.get(name) for name in names},
            "attempts": self.num_attempts(key, stored.tree["fingerprint"]),
        }

    def counts(self) -> dict[RecordStatus, int]:
        """Return the number of paths by the status of their newest record."""
        sql = (
            "SELECT CASE WHEN d.skipped IS NOT NULL OR d.duplicate_of IS NOT NULL"
            " THEN 'skipped' ELSE r.status END AS status, count(*) FROM documents d"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " GROUP BY 1"
        )
        found = {status: num for status, num in self._database.rows(sql) if status is not None}
        return {status: found[status] for status in RecordStatus if status in found}

    def last_run(self) -> Tree | None:
        """Return the newest run: id, started, ended, schema_name, options, summary."""
        columns = "id, started, ended, schema_name, options, summary"
        sql = f"SELECT {columns} FROM runs ORDER BY id DESC LIMIT 1"
        row = self._database.first(sql)
        if row is None:
            return None
        names = ("id", "started", "ended", "schema_name")
        run: Tree = dict(zip(names, row, strict=False))
        summary = json.loads(row[5]) if row[5] else None
        return run | {"options": json.loads(row[4]), "summary": summary}

    def holder(self) -> Tree | None:
        """Return pid, host and start of the run that is going on here, or None."""
        return holder(self.path.parent)

    def _put_record(self, run_id: int, key: str, record: Record) -> None:
        row = (
            key,
            record.fingerprint,
            record.status.value,
            to_json(record.to_json()),
            run_id,
        )
        self._database.write(
            "INSERT INTO records (key, fingerprint, status, json, run_id)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, fingerprint) DO UPDATE SET"
            " status = excluded.status, json = excluded.json, run_id = excluded.run_id",
            row,
        )
        reason = record.errors[0].reason if record.errors else None
        path = record.document.raw_path
        tail = (path, key, record.fingerprint, record.status.value, reason, _now())
        self._database.write(
            "INSERT INTO attempts (run_id, path, key, fingerprint, status, reason, ended)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run_id, *tail),
        )

    def _point(
        self,
        run_id: int,
        document: Document,
        fingerprint: str,
        duplicate_of: str | None,
        skipped: str | None,
    ) -> None:
        row = (
            document.raw_path, to_text(document.path), to_text(document.relative),
            document.media_type, document.sha256, record_key(document), fingerprint,
            None if duplicate_of is None else to_text(duplicate_of), skipped,
        )  # fmt: skip
        names = (
            "path, display, relative, media_type, sha256, key, fingerprint, duplicate_of, skipped"
        )
        # A second run over a whole archive links everything: what is there is not written.
        known = self._database.first(f"SELECT {names} FROM documents WHERE path = ?", row[:1])
        if known != row:
            sql = f"INSERT OR REPLACE INTO documents ({names}, run_id) VALUES ({'?, ' * 9}?)"
            self._database.write(sql, (*row, run_id))


def _created(out: Path) -> Path:
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OptionError(f"--out: {out} is no folder", "Choose another --out.") from error
    except OSError as error:
        raise disk_error(folder, error) from error
    return folder


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
