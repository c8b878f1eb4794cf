"""``results.jsonl`` while a run goes on: one line per finished document.

Knows nothing of what a record holds.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from docextract.export.atomic import writing_errors
from docextract.records import Tree
from docextract.store import to_json

RESULTS_NAME = "results.jsonl"


class JsonlAppender:
    """Appends records to a file that is whole when it is opened.

    Append only what the store has: then every line of the file is true, and a line lost
    to a crash comes back when the file is next rewritten from the store.

    Args:
        path: the file; made if it is not there.

    Raises:
        StoreError: here and in ``append``, the disk is full or not writable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing_errors(path):
            self._file = path.open("ab")

    def append(self, tree: Tree) -> None:
        """Add a line, visible to readers when this returns."""
        with writing_errors(self._path):
            self._file.write(to_json(tree).encode() + b"\n")
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
