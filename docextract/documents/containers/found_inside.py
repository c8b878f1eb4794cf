"""Makes of what lies in a container the documents that are found, and the files passed over.

Knows nothing of formats: what lies there is told by a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from docextract.core import Document, DocumentError
from docextract.documents.containers.members import (
    SEPARATOR,
    Inside,
    Left,
    Member,
    error_item,
)
from docextract.documents.discovery.inspection import Found
from docextract.documents.discovery.passed_over import PassedOverFiles

LookInside = Callable[[Document], Iterator[Inside | None]]
"""Tells what a container holds, None while it is not told yet; raises DocumentError."""


def found_inside(
    container: Document, look_inside: LookInside, passed_over: PassedOverFiles
) -> Iterator[Found | None]:
    """Yield the documents in a container, None while there are none yet.

    Args:
        container: the file.
        look_inside: tells what it holds.
        passed_over: takes what is no document.
    """
    try:
        for item in look_inside(container):
            if isinstance(item, Left):
                passed_over.add(_below(container.path, item.path), item.why)
            else:
                yield None if item is None else _found(container, item)
    except DocumentError as error:
        yield Found(container, error_item(error))


def is_at_or_below(document: Document, path: bytes) -> bool:
    """Return whether a document is the member that a path names, or lies in it."""
    raw_path = document.raw_path
    return raw_path == path or raw_path.startswith(path + SEPARATOR.encode())


def _found(container: Document, member: Member) -> Found:
    return Found(
        replace(
            container,
            path=_below(container.path, member.path),
            raw_path=container.raw_path + f"{SEPARATOR}{member.path}".encode(),
            relative=_below(container.relative, member.path),
            sha256=member.sha256,
            media_type=member.media_type,
            num_bytes=member.num_bytes,
            mail=member.mail,
        ),
        member.error,
    )


def _below(path: str, inner: str) -> str:
    return f"{path}{SEPARATOR}{inner}" if inner else path
