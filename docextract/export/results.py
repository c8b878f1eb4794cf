"""Records as JSON lines while a run goes on: one line per finished document.

Knows nothing of what a record holds.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from docextract.export.atomic import atomic_file, writing_errors
from docextract.records import Record, Tree
from docextract.store import Store, to_json

RESULTS_NAME = "results.jsonl"


def json_line(tree: Tree) -> bytes:
    """Return a record as a line of UTF-8."""
    return to_json(tree).encode() + b"\n"


class StreamWriter:
    """Writes records to a stream, each visible to its reader at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, record: Record) -> None:
        """Write one line.

        Raises:
            BrokenPipeError: the reader has gone.
            StoreError: the disk behind the stream is full.
        """
        with writing_errors(Path("stdout")):
            self._stream.write(json_line(record.to_json()))
            self._stream.flush()


class JsonlAppender:
    """Keeps ``results.jsonl`` true while a run goes on.

    It begins as the store stands, and grows by what was stored since: a line lost to a
    crash comes back with the next run, and no half line stays.

    Args:
        path: the file, which is rewritten.
        store: what earlier runs have stored.

    Raises:
        StoreError: here and in ``append``, the disk is full or not writable.
    """

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        with atomic_file(path) as whole:
            whole.writelines(map(json_line, store.records()))
        with writing_errors(path):
            self._file = path.open("ab")

    def append(self, record: Record) -> None:
        """Add a stored record; readers of the file see it when this returns."""
        with writing_errors(self._path):
            self._file.write(json_line(record.to_json()))
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with writing_errors(self._path):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
