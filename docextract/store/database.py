"""The store: one record per document and fingerprint, one row per path.

Knows nothing of how records come about, nor of exports.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from docextract.core import (
    Document,
    OptionError,
    Record,
    RecordStatus,
    StoreError,
    Tree,
    disk_error,
    file_hash,
    hint_for_path,
    to_json,
    to_text,
)
from docextract.store.connection import Database
from docextract.store.lock import OutputLock
from docextract.store.stored_records import (
    StoredRecords,
    keys_of_parts,
    record_key,
    row_path,
)
from docextract.store.upkeep.sightings import Changes, see

FOLDER = ".docextract"
FILE_NAME = "store.sqlite"


class Store(StoredRecords):
    """The records of one output folder; use it as a context manager.

    Every method raises StoreError where the disk or SQLite does not deliver.

    Attributes:
        changes: what files that were renamed or replaced have changed since it was opened.
    """

    def __init__(
        self, database: Database, lock: OutputLock | None = None, schema: str | None = None
    ) -> None:
        super().__init__(database, schema)
        self._lock = lock
        self.changes = Changes()

    @classmethod
    def open(cls, out: Path, *, is_brief: bool = False) -> Self:
        """Create or open the store of a folder and hold its lock until ``close``.

        Args:
            out: the output folder.
            is_brief: see ``OutputLock.acquire``.

        Raises:
            OutputBusyError: another run holds the folder.
            StoreError: not writable, damaged (then moved aside), or a newer format.
            OptionError: ``out`` is no folder.
        """
        folder = _created(out)
        with ExitStack() as undo:
            lock = OutputLock.acquire(folder, is_brief=is_brief)
            undo.callback(lock.release)
            store = cls(Database.for_writing(folder / FILE_NAME), lock)
            undo.pop_all()
            return store

    @classmethod
    def read_only(cls, out: Path, *, is_locked: bool = False, schema: str | None = None) -> Self:
        """Open the store of a folder for reading, as it is at this moment.

        Args:
            out: the output folder.
            is_locked: whether runs wait meanwhile, as they do while exports are written.
            schema: name of the schema whose documents are shown; None for the newest run's.

        Raises:
            OptionError: the folder holds no store.
            OutputBusyError: a run holds the folder, and it should be locked.
            StoreError: it cannot be read, or has a newer format.
        """
        path = out / FOLDER / FILE_NAME
        _check_there(path, out)
        with ExitStack() as undo:
            lock = OutputLock.acquire(path.parent, is_brief=True) if is_locked else None
            if lock is not None:
                undo.callback(lock.release)
            store = cls(Database.for_reading(path), lock, schema)
            undo.pop_all()
            return store

    def close(self) -> None:
        """Commit what ``link`` has left open, close the file and give the lock back."""
        try:
            self._database.commit()
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
        """Store what a run was asked to do and return its id; its schema is then shown.

        Args:
            options: anything for people to read, without passwords, and two things that
                the exports need: ``schema_name``, and ``fields`` as ``[path, kind]`` pairs
                in the schema's order.
        """
        self._schema = name = str(options["schema_name"])
        row = (_now(), name, to_json(options.get("fields", [])), to_json(options))
        cursor = self._database.write(
            "INSERT INTO runs (started, schema_name, fields, options) VALUES (?, ?, ?, ?)",
            row,
        )
        self.flush()
        return int(cursor.lastrowid or 0)

    def end_run(self, run_id: int, summary: Tree) -> None:
        """Store how a run ended; one that left nothing to show leaves the other schemas shown."""
        sql = "UPDATE runs SET ended = ?, summary = ? WHERE id = ?"
        self._database.write(sql, (_now(), to_json(summary), run_id))
        self.flush()
        if self._schema not in self.schema_names():
            self._schema = None

    def save(self, run_id: int, *records: Record) -> None:
        """Store outcomes, all or none; when this returns they are on the disk.

        A skipped record belongs to its path alone: the outcome of equal bytes under
        another path stays as it is.
        """
        try:
            for record in records:
                self._put(run_id, record)
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
    ) -> bool:
        """Point a path at the stored record of its bytes, and return whether that is news.

        It is on the disk after the next ``save``, ``end_run`` or ``flush``; were it lost,
        the next run would link again.

        Args:
            run_id: from ``begin_run``.
            document: the path, with the hash of its bytes.
            fingerprint: of the stored record.
            duplicate_of: shown path of the input that has the same bytes in this run; the
                path is then skipped, and that input's record stands for both.
        """
        return self._point(run_id, document, fingerprint, duplicate_of, None)

    def mark_exported(self, mark: str) -> None:
        """Note what the exports look like that show everything stored so far."""
        self._database.write("DELETE FROM exported")
        self._database.write("INSERT INTO exported (mark) VALUES (?)", (mark,))
        self.flush()

    def keep_page(self, sha256: str, number: int, reading: str, packed: bytes) -> None:
        """Keep a page's words; when this returns they are on the disk.

        They are there before the document's record is: a scan of many pages that is killed
        goes on at the page it had reached.

        Args:
            sha256: hash of the document's bytes, or of a part, whose pages are those of its file.
            number: from 1.
            reading: see ``page_cache.reading_id``; the page as read otherwise is replaced.
            packed: see ``page_cache.pack``.
        """
        row = (file_hash(sha256), number, reading, packed)
        known = self._database.first("SELECT * FROM pages WHERE sha256 = ? AND number = ?", row[:2])
        if known != row:
            sql = "INSERT OR REPLACE INTO pages (sha256, number, reading, packed)"
            self._database.write(f"{sql} VALUES (?, ?, ?, ?)", row)
            self.flush()

    def keep_listing(self, sha256: str, reading: str, packed: bytes) -> None:
        """Keep what a container holds, with the next that is committed.

        Args:
            sha256: hash of its bytes.
            reading: how it was read; what was told otherwise is replaced.
            packed: see ``members.pack_listing``.
        """
        sql = "INSERT OR REPLACE INTO containers (sha256, reading, listing) VALUES (?, ?, ?)"
        self._database.write(sql, (sha256, reading, packed))

    def forget(self, raw_path: bytes) -> None:
        """Forget how a path ended: it is none of a document, but of what holds some."""
        sql = "DELETE FROM documents WHERE schema_name = ? AND (path = ? OR path > ? AND path < ?)"
        between = (raw_path + b"\0", raw_path + b"\1")
        if self._database.write(sql, (self.schema_name(), raw_path, *between)).rowcount:
            self._database.write("DELETE FROM exported")

    def flush(self) -> None:
        """Commit what was written so far.

        Raises:
            StoreError: the disk does not deliver, or the folder was moved or replaced.
        """
        self._database.commit()
        if self._lock is not None:
            self._lock.check_in_place()

    def _put(self, run_id: int, record: Record) -> None:
        document, skipped = record.document, None
        if record.status is RecordStatus.SKIPPED:
            skipped = to_json(record.to_json())
        else:
            self._supersede(run_id, record)
            self._put_record(run_id, record_key(document), record)
        self._point(run_id, document, record.fingerprint, None, skipped)

    def _supersede(self, run_id: int, record: Record) -> None:
        """Forget outcomes of the same file, cut otherwise."""
        document, key = record.document, file_hash(record.document.sha256)
        between = (record.fingerprint, *keys_of_parts(key))
        sql = "DELETE FROM records WHERE fingerprint = ? AND key > ? AND key < ? AND run_id != ?"
        self._database.write(sql, (*between, -1 if document.pages is None else run_id))
        if document.pages is not None:
            sql = "DELETE FROM records WHERE fingerprint = ? AND key = ?"
            self._database.write(sql, (record.fingerprint, key))

    def _put_record(self, run_id: int, key: str, record: Record) -> None:
        row = (
            key,
            record.fingerprint,
            record.status.value,
            to_json(record.to_json()),
            run_id,
        )
        self._database.write("DELETE FROM exported")
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
    ) -> bool:
        row = (
            self.schema_name(), row_path(document), to_text(document.path),
            to_text(document.relative), document.media_type, document.sha256,
            record_key(document), fingerprint,
            None if duplicate_of is None else to_text(duplicate_of), skipped,
            None if document.mail is None else to_json(document.mail.to_json()),
        )  # fmt: skip
        names = (
            "schema_name, path, display, relative, media_type, sha256, key, fingerprint,"
            " duplicate_of, skipped, mail"
        )
        # A second run over a whole archive links everything: what is there is not written.
        sql = f"SELECT {names} FROM documents WHERE schema_name = ? AND path = ?"
        known = self._database.first(sql, row[:2])
        if known == row:
            return False
        self._database.write("DELETE FROM exported")
        is_copy = duplicate_of is not None or skipped is not None
        see(self._database, row[:2], document, self.changes, is_copy=is_copy)
        self._drop_siblings(run_id, document)
        sql = f"INSERT OR REPLACE INTO documents ({names}, run_id) VALUES ({'?, ' * 11}?)"
        self._database.write(sql, (*row, run_id))
        return True

    def _drop_siblings(self, run_id: int, document: Document) -> None:
        """Forget rows of the same file, cut otherwise."""
        name, path = self.schema_name(), document.raw_path
        sql = (
            "DELETE FROM documents WHERE schema_name = ? AND path > ? AND path < ?"
            " AND (run_id != ? OR substr(sha256, 1, ?) != ?)"
        )
        own = file_hash(document.sha256)
        is_whole = document.pages is None
        between = (name, path + b"\0", path + b"\1")
        self._database.write(sql, (*between, -1 if is_whole else run_id, len(own), own))
        if not is_whole:
            sql = "DELETE FROM documents WHERE schema_name = ? AND path = ?"
            self._database.write(sql, (name, path))


def _created(out: Path) -> Path:
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OptionError(f"--out: {out} is no folder", "Choose another --out.") from error
    except OSError as error:
        raise disk_error(folder, error) from error
    return folder


def _check_there(path: Path, out: Path) -> None:
    try:
        is_there = path.is_file()
    except OSError as error:
        raise StoreError(
            f"cannot read {path}: {error.strerror}", "Give this user access."
        ) from error
    if not is_there:
        hint = hint_for_path(str(out), "Give the --out of a run.")
        raise OptionError(f"{out} holds no records", hint)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
