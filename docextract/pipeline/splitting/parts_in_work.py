"""Files that are read document by document: what is still to be read, and what has come of each.

Knows nothing of workers or of the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from docextract.core import Document, Record
from docextract.pipeline.splitting.cutting import ToBeCut


class PartsInWork:
    """Keeps the records of a file until all are there: half a file must not look like all of it."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Document, Mapping[int, bytes]]] = deque()
        self._records: dict[bytes, dict[Document, Record | None]] = {}

    def begin(self, file: ToBeCut) -> None:
        """Take the documents of a file that are to be read."""
        self._records[file.documents[0].raw_path] = dict.fromkeys(file.documents)
        self._waiting.extend((document, file.kept) for document in file.documents)

    def to_read(self) -> Iterator[tuple[Document, Mapping[int, bytes]]]:
        """Yield each document that is to be read once, with the packed pages of its file."""
        while self._waiting:
            yield self._waiting.popleft()

    def taken(self, document: Document, record: Record) -> tuple[Record, ...]:
        """Take a record; return all of its file in the order of pages once the last has come."""
        found = self._records[document.raw_path]
        found[document] = record
        records = tuple(item for item in found.values() if item is not None)
        if len(records) < len(found):
            return ()
        del self._records[document.raw_path]
        return records
