"""Reads the bytes of documents that are sent to other machines, or put into files of their own.

Knows nothing of where they go. Containers and PDFs are opened in a worker alone, here as
everywhere.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from docextract.core import Document, ReadOptions
from docextract.documents.containers.opened_member import container_of
from docextract.documents.opening import read_bytes
from docextract.workers import Job, WorkerPool, messages_of

_TARGET = "docextract.documents.opening:content_job"
_ALONE = "docextract.documents.opening:alone_job"


class DocumentBytes:
    """Returns a document's bytes when called; use it as a context manager.

    Its worker starts with the first member of a container.

    Args:
        read: limits of the worker and of files.
    """

    def __init__(self, read: ReadOptions) -> None:
        self._read = read
        self._pool = WorkerPool(1, read)

    def __call__(self, document: Document) -> bytes:
        """Return the bytes that were found.

        Raises:
            DocumentError: see ``opening.read_bytes``.
        """
        if document.spooled or container_of(document.raw_path) is None:
            return read_bytes(document, self._read)
        return self._told(_TARGET, document)

    def alone(self, document: Document) -> bytes:
        """Return the bytes of a document that lies in another file: of a part, its pages as a PDF.

        Raises:
            DocumentError: see ``opening.alone_job``.
        """
        return self._told(_ALONE, document)

    def _told(self, target: str, document: Document) -> bytes:
        job = Job(target, (document, self._read), None)
        told = [item for item in messages_of(self._pool, job) if isinstance(item, bytes)]
        return b"".join(told)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.close()
