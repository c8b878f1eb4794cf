"""Records as JSON lines while a run goes on: one line per finished document.

Knows nothing of what a record holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from docextract.core import Record, Tree, to_json
from docextract.export.atomic import atomic_file, writing_errors
from docextract.store import Store

RESULTS_NAME = "results.jsonl"


def json_line(tree: Tree) -> bytes:
    """Return a record, or a failure, as a line of UTF-8."""
    return to_json(shown(tree)).encode() + b"\n"


def values_line(tree: Tree) -> bytes:
    """Return what a document says and no more, as a line of UTF-8: its name, status and values."""
    document = tree["document"]
    own = {name: document[name] for name in ("path", "sha256")}
    return to_json({**own, "status": tree["status"], "values": tree["values"]}).encode() + b"\n"


def shown(tree: Tree) -> Tree:
    """Return what exports show of a record: all that is the same whenever it is read."""
    return {name: value for name, value in tree.items() if name != "timings_ms"}


class StreamWriter:
    """Writes records to a stream, each visible to its reader at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, records: Sequence[Record]) -> None:
        """Write a line for each.

        Raises:
            BrokenPipeError: the reader has gone.
            StoreError: the disk behind the stream is full.
        """
        with writing_errors(Path("stdout")):
            self._stream.write(b"".join(json_line(record.to_json()) for record in records))
            self._stream.flush()


class JsonlAppender:
    """Keeps ``results.jsonl`` true while a run goes on.

    With the first news it becomes what the store holds, and from there on it grows by what
    was stored since: a line lost to a crash comes back with the next run, no half line
    stays, and a run that has nothing to tell leaves it alone.

    Args:
        path: the file, which is rewritten.
        store: where records are before they come here.

    Raises:
        StoreError: in ``append``, the disk is full or not writable.
    """

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._store = store
        self._file: FileIO | None = None

    def append(self, records: Sequence[Record]) -> None:
        """Add stored records; readers of the file see them when this returns."""
        if self._file is None:
            self._file = self._begun()
            return
        with writing_errors(self._path):
            trees = (self._store.shown(record.to_json()) for record in records)
            _append_whole(self._file, b"".join(map(json_line, trees)))

    def _begun(self) -> FileIO:
        with atomic_file(self._path) as whole:
            whole.writelines(map(json_line, self._store.records()))
        with writing_errors(self._path):
            return self._path.open("ab", buffering=0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
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


def _append_whole(file: FileIO, data: bytes) -> None:
    """Write all or, where the disk is full half way, nothing."""
    size = file.tell()
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        with contextlib.suppress(OSError):
            file.truncate(size)
        raise
