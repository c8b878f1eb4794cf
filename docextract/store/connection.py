"""Opening the SQLite file, and its failures told in words a user can act on.

Knows nothing of tables or records.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from docextract.core import MISFITS, StoreError, describe_misfit
from docextract.store.migrations import STORE, Format, check_version, migrate

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_RUN_AGAIN = "run again to go on where it stopped; stored records are kept."
_REMEDIES: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("the disk is full", f"Free disk space, then {_RUN_AGAIN}"),
    sqlite3.SQLITE_IOERR: ("the disk failed", f"Check the disk, then {_RUN_AGAIN}"),
    sqlite3.SQLITE_READONLY: ("it is read-only", "Give this user write access to --out."),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "Give this user access to --out."),
    sqlite3.SQLITE_BUSY: ("another program holds it", f"End it, then {_RUN_AGAIN}"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "Run again; the store is then checked."),
    sqlite3.SQLITE_NOTADB: ("it is damaged", "Run again; the store is then checked."),
}
_SPOILED = "Take a copy of --out that is whole, or read the documents into another --out."
_BUSY_TIMEOUT_S = 10.0
_PRIVATE = 0o600


@contextlib.contextmanager
def translated(path: Path, kind: Format = STORE) -> Iterator[None]:
    """Turn any SQLite error into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        what, hint = _REMEDIES.get(_code(error), (str(error), None))
        if kind is not STORE and _code(error) in _DAMAGED:
            hint = kind.when_damaged
        raise StoreError(f"{kind.name} {path}: {what}", hint) from error


@contextlib.contextmanager
def as_written(path: Path) -> Iterator[None]:
    """Turn what reading a cell raises that no longer holds what was written into a StoreError."""
    try:
        yield
    except MISFITS as error:
        what = f"a part of it is damaged: {describe_misfit(error)}"
        raise StoreError(f"store {path}: {what}", _SPOILED) from error


class Database:
    """One open SQLite file; writing begins a transaction that ``commit`` ends."""

    def __init__(self, path: Path, connection: sqlite3.Connection, kind: Format = STORE) -> None:
        self.path = path
        self._kind = kind
        self._connection = connection

    @classmethod
    def for_writing(cls, path: Path, kind: Format = STORE) -> Self:
        """Open a file, new or old, check it and bring it to the newest format.

        With ``synchronous=FULL`` a commit is on the disk when it returns, which is what
        lets a run say that a document is done. Only the user can read the file: it holds
        what the documents say.

        Raises:
            StoreError: it cannot be opened, has a newer format, or is damaged; a damaged
                file is moved aside.
        """
        with translated(path, kind), contextlib.ExitStack() as undo:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            undo.callback(connection.close)
            problem = _prepared(connection)
            if problem == "ok":
                migrate(connection, kind)
                undo.pop_all()
                return cls(path, connection, kind)
        raise _moved_aside(path, problem, kind)

    @classmethod
    def for_reading(cls, path: Path, kind: Format = STORE) -> Self:
        """Open a file as it is at this moment, also beside a run that is going on.

        One of an older format is brought to the newest in memory; the file stays as it is.

        Raises:
            StoreError: it cannot be opened or has a newer format.
        """
        address = path.resolve().as_uri()
        with translated(path, kind):
            try:
                return cls(path, _probed(f"{address}?mode=ro", kind), kind)
            except sqlite3.OperationalError:
                # In a folder without write access the shared memory of the log cannot be
                # made; then nobody else writes either.
                if _has_log(path):
                    return cls(path, _copied(path, kind), kind)
                return cls(path, _probed(f"{address}?immutable=1", kind), kind)

    def close(self) -> None:
        """Close the file; what was not committed is undone."""
        self._connection.close()

    def begin(self) -> None:
        """Begin a transaction that nobody else can write beside."""
        with translated(self.path, self._kind):
            self._connection.execute("BEGIN IMMEDIATE")

    def write(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Run a statement in the open transaction, beginning one where there is none."""
        with translated(self.path, self._kind):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            return self._connection.execute(sql, tuple(values))

    def commit(self) -> None:
        """Put everything written so far on the disk."""
        with translated(self.path, self._kind):
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")

    def compact(self) -> None:
        """Give the room of what was deleted back, so that nothing of it stays in the file."""
        with translated(self.path, self._kind):
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def roll_back(self) -> None:
        """Undo what was not committed."""
        with translated(self.path, self._kind):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def first(self, sql: str, values: Iterable[Any] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        with translated(self.path, self._kind):
            row: tuple[Any, ...] | None
            row = self._connection.execute(sql, tuple(values)).fetchone()
            return row

    def rows(self, sql: str, values: Iterable[Any] = ()) -> Generator[tuple[Any, ...], None, None]:
        """Yield the rows of a query."""
        with translated(self.path, self._kind):
            yield from self._connection.execute(sql, tuple(values))


def _make_private(path: Path) -> None:
    # SQLite gives its log the mode of the file beside it.
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        try:
            os.fchmod(descriptor, _PRIVATE)
        finally:
            os.close(descriptor)


def _prepared(connection: sqlite3.Connection) -> str:
    """Set the modes, and return ``ok`` or what is damaged."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        problem: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if _code(error) not in _DAMAGED:
            raise
        return str(error)
    return problem


def _probed(address: str, kind: Format) -> sqlite3.Connection:
    with contextlib.ExitStack() as undo:
        connection = sqlite3.connect(
            address, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None
        )
        undo.callback(connection.close)
        # The first query after BEGIN fixes what all later ones see.
        connection.execute("BEGIN")
        is_newest = check_version(connection, kind) == len(kind.steps)
        if not is_newest:
            return _migrated_copy(connection, kind)
        undo.pop_all()
        return connection


def _has_log(path: Path) -> bool:
    """Return whether a killed run left records in the log beside the file."""
    with contextlib.suppress(OSError):
        return _log_of(path).stat().st_size > 0
    return False


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _copied(path: Path, kind: Format) -> sqlite3.Connection:
    """Open a copy of a file and its log elsewhere; the copy goes with its connection.

    Raises:
        StoreError: there is no room for it, so what is in the log cannot be read.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="docextract-store-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(_log_of(path), _log_of(copy))
            # Open files outlive their names.
            return _probed(copy.as_uri(), kind)
    except OSError as error:
        raise StoreError(
            f"{kind.name} {path}: a run was killed here, and what it left beside the file can be "
            f"read neither in this folder, which is read-only, nor in a copy ({error.strerror})",
            f"Free disk space in {tempfile.gettempdir()}, or export where it may be written.",
        ) from error


def _migrated_copy(connection: sqlite3.Connection, kind: Format) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.ExitStack() as undo:
        undo.callback(copy.close)
        connection.backup(copy)
        migrate(copy, kind)
        undo.pop_all()
        return copy


def _moved_aside(path: Path, problem: str, kind: Format) -> StoreError:
    now = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.corrupt-{now}")
    try:
        for suffix in ("", "-wal", "-shm"):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(target.with_name(target.name + suffix))
    except OSError as error:
        return StoreError(f"{kind.name} {path} is damaged: {problem}; {error.strerror}")
    return StoreError(
        f"{kind.name} {path} is damaged ({problem}); it was moved to {target.name}",
        kind.when_damaged,
    )


def _code(error: sqlite3.Error) -> int:
    # Errors of the Python module itself, such as a closed connection, carry no code.
    code = error.sqlite_errorcode if hasattr(error, "sqlite_errorcode") else 0
    return code & 0xFF
