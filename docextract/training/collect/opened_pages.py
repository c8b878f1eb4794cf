"""Opens documents in workers, under their limits, and gives back their pages.

Knows nothing of items or models. Where a page's words are known already, no OCR is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

from docextract.core import Document, Page, ReadOptions
from docextract.workers import EventSink, Failed, Job, WorkerPool, drive, num_usable_cores

_OPEN = "docextract.documents.opening:open_job"


class Wish(NamedTuple):
    """A document that is to be opened.

    Attributes:
        path: where it lies.
        sha256: hash its bytes must have; empty for any.
        kept: packed pages whose words are known, by number.
    """

    path: Path
    sha256: str = ""
    kept: Mapping[int, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Opened:
    """A document that was opened, or why it was not.

    Attributes:
        key: what was asked for it with.
        pages: in order; those that could not be read are missing.
        problem: why there are none; empty where all went well.
    """

    key: Any
    pages: tuple[Page, ...] = ()
    problem: str = ""


class PageReader:
    """Worker processes that open documents; use it as a context manager.

    Args:
        read: resolution, renderer and limits; e-invoice XML is never read, as pages are taught.
        num_workers: None for one per usable core.
    """

    def __init__(self, read: ReadOptions | None = None, num_workers: int | None = None) -> None:
        self._read = replace(read or ReadOptions(), use_embedded=False)
        self._pool = WorkerPool(num_workers or num_usable_cores(), self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.close()

    def open(
        self,
        wishes: Iterable[tuple[Any, Wish]],
        take: Callable[[Opened], None],
        *,
        with_images: bool,
    ) -> None:
        """Give each document away as it is done, in any order.

        Raises:
            SetupError: workers do not start, or OCR is needed and not installed.
        """
        jobs = (self._job(key, wish, with_images) for key, wish in wishes)
        drive(self._pool, jobs, _Opening(take))

    def pages_of(self, wish: Wish) -> Opened:
        """Return one document with the pixels of its pages."""
        found: list[Opened] = []
        self.open([(0, wish)], found.append, with_images=True)
        return found[0]

    def _job(self, key: Any, wish: Wish, with_images: bool) -> Job:
        # Absolute without following links: the name a person gave stays the name.
        raw = os.fsencode(os.path.abspath(wish.path))  # noqa: PTH100
        document = Document(str(wish.path), raw, wish.sha256)
        return Job(_OPEN, (document, self._read, with_images, dict(wish.kept)), key)


class _Opening(EventSink):
    """Gathers the pages of documents, and gives each away when it has ended."""

    def __init__(self, take: Callable[[Opened], None]) -> None:
        self._take = take
        self._pages: dict[Any, list[Page]] = {}

    def message(self, key: Any, payload: Any) -> None:
        """Take a page; headers and errors of pages are passed over."""
        if isinstance(payload, Page):
            self._pages.setdefault(key, []).append(payload)

    def finished(self, key: Any) -> None:
        """Give a document away."""
        self._take(_opened(key, self._pages.pop(key, [])))

    def failed(self, event: Failed) -> None:
        """Give away why there is none."""
        self._pages.pop(event.key, None)
        self._take(Opened(event.key, (), f"{event.reason.value}: {event.message}"))


def _opened(key: Any, pages: list[Page]) -> Opened:
    problem = "" if pages else "no_pages: none of its pages could be read"
    return Opened(key, tuple(sorted(pages, key=lambda page: page.number)), problem)
