"""Finds the documents of an errand, and says how a worker opens one.

Knows nothing of questions or replies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from docextract.config import ReadOptions
from docextract.documents.discovery.discover import Discovery, Found
from docextract.errors import HINTS
from docextract.records import Document, ErrorItem
from docextract.workers import Failed, Job


def find(
    inputs: tuple[str, ...],
    read: ReadOptions,
    stdin: BinaryIO | None,
    tell: Callable[[str], None],
) -> Iterator[Found | None]:
    """Yield each document; then tell which inputs matched nothing and what was passed over.

    None is yielded while there is none for now.
    """
    discovery = Discovery(inputs, stdin=stdin, max_bytes=read.max_bytes)
    yield from discovery.as_they_come()
    for pattern in discovery.unmatched:
        tell(f"{pattern} matched nothing")
    if discovery.num_ignored:
        kinds = ", ".join(f"{name} {count}" for name, count in discovery.ignored.most_common())
        tell(f"passed over {discovery.num_ignored} files that are no documents: {kinds}")


def open_job(document: Document, read: ReadOptions, key: Any, *, with_images: bool) -> Job:
    """Return the job that opens a document in a worker, under its limits."""
    return Job("docextract.documents.opening:open_job", (document, read, with_images), key)


def error_of(event: Failed) -> ErrorItem:
    """Return why a worker could not open a document, as replies and records say it."""
    hint = event.hint or HINTS[event.reason]
    return ErrorItem("open", event.reason.value, event.message, hint, event.page)
