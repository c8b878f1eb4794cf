"""Looks into containers in a worker of its own, and not twice into the same bytes.

Knows nothing of formats, nor of what becomes of the documents that are found.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from types import TracebackType
from typing import Protocol, Self

from docextract.core import Document, DocumentError, ReadOptions, Reason
from docextract.documents.containers.bounds import Bounds, too_large
from docextract.documents.containers.members import (
    Inside,
    Left,
    Member,
    error_item,
    is_sound,
    pack_listing,
    unpack_listing,
)
from docextract.workers import Job, WorkerPool, messages_of

_TARGET = "docextract.documents.containers.looking_inside:look_inside"
_TRIAL = "docextract.documents.opening:trial_job"
_VERSION = 1
"""To be raised when the same container would be told of in another way."""

_LASTING = frozenset({Reason.CORRUPT, Reason.UNSUPPORTED, Reason.TOO_LARGE, Reason.ENCRYPTED})
"""Reasons that lie in a container's bytes: another look at them would end no better."""

_MAX_TOLD = 2
"""A container with nothing in it is told of as well as its members."""


class Listings(Protocol):
    """Keeps what containers hold, such as a store."""

    def kept_listing(self, sha256: str, reading: str) -> bytes | None:
        """Return what was kept of a container, if it was read in the same way."""

    def keep_listing(self, sha256: str, reading: str, packed: bytes) -> None:
        """Keep what a container holds."""

    def forget(self, raw_path: bytes) -> None:
        """Forget that a container failed as a whole, if it did."""


class Unpacking:
    """What a ``Discovery`` looks into containers with; use it as a context manager.

    Its worker starts with the first container.

    Args:
        read: limits of the worker and of files.
        listings: keeps what is known of containers; None where nothing is kept.
    """

    def __init__(self, read: ReadOptions, listings: Listings | None = None) -> None:
        self._bounds = Bounds(max_member_bytes=read.max_bytes)
        self._pool = WorkerPool(1, read)
        self._trial = Job(_TRIAL, (read,), None)
        self._listings = listings
        has_outlook = find_spec("oxmsg") is not None
        self._reading = f"{_VERSION}:{self._bounds}:{has_outlook}"

    def __call__(self, container: Document) -> Iterator[Inside | None]:
        """Yield what a container holds, None now and then while it is not told yet.

        Raises:
            DocumentError: it cannot be read, or not to its end.
        """
        if self._listings is None:
            yield from self._told(container)
            return
        packed = self._listings.kept_listing(container.sha256, self._reading)
        if packed is not None:
            yield from _told_again(packed)
        else:
            yield from self._told_and_kept(container, self._listings)
        self._listings.forget(container.raw_path)

    def _told_and_kept(self, container: Document, listings: Listings) -> Iterator[Inside | None]:
        """Yield what a container holds; keep all of it, and how it ended where it will so again."""
        items = list[Inside]()
        try:
            for item in self._told(container):
                if item is not None:
                    items.append(item)
                yield item
        except DocumentError as error:
            if error.reason in _LASTING:
                items.append(Member("", error=error_item(error)))
                listings.keep_listing(container.sha256, self._reading, pack_listing(items))
            raise
        listings.keep_listing(container.sha256, self._reading, pack_listing(items))

    def _told(self, container: Document) -> Iterator[Inside | None]:
        job = Job(_TARGET, (container, self._bounds), None, trial=self._trial)
        num_told = 0
        for told in messages_of(self._pool, job):
            # A worker is not trusted to send nothing else, nor to come to an end.
            num_told += told is not None
            if num_told > _MAX_TOLD * self._bounds.max_members:
                raise too_large("What reads it does not come to an end.")
            is_told = isinstance(told, Member | Left) and is_sound(told)
            yield told if is_told else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.close()


def _told_again(packed: bytes) -> Iterator[Inside]:
    """Yield what was kept of a container, and raise what it ended with, if anything."""
    for item in unpack_listing(packed):
        if isinstance(item, Member) and item.error is not None and not item.path:
            error = item.error
            raise DocumentError(Reason(error.reason), error.message, hint=error.hint)
        yield item
