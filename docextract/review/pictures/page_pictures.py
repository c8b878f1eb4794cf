"""Pictures of the pages of an output folder's documents, drawn when they are asked for.

Knows nothing of labels or browsers. A document's file may have moved: any place it was seen at will
do, as long as its bytes are the same.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docextract.core import Document, DocumentError, PageSelection, ReadOptions, Reason
from docextract.documents.pages.page_cache import reading_id
from docextract.review.pictures.picture_job import Picture
from docextract.store import Store
from docextract.workers import EventSink, Failed, Job, WorkerPool, drive

_TARGET = "docextract.review.pictures.picture_job:picture_job"
_WARM_UP = "docextract.review.pictures.picture_job:warm_up"
_MAX_KEPT_BYTES = 64 * 2**20
_TIMEOUT_S = 60.0
LARGE = 2000
"""Longer side of a picture: small print of an A4 page can be read."""


class PagePictures:
    """Draws pages in a worker that stays; use it as a context manager. Threads may share it.

    Args:
        out: the output folder.
        password: tried on encrypted PDFs.
        max_side: of a picture, in pixels.
    """

    def __init__(self, out: Path, password: str | None = None, max_side: int = LARGE) -> None:
        self._out = out
        self._read = _read_options(out, password)
        self._pool = WorkerPool(1, self._read)
        self._max_side = max_side
        self._alone = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Picture] = OrderedDict()

    def picture(self, sha256: str, number: int) -> Picture:
        """Return a page.

        Raises:
            DocumentError: the file is gone or changed, has no such page, or it cannot be drawn.
        """
        with self._alone:
            found = self._kept.get((sha256, number))
            if found is None:
                found = self._drawn(sha256, number)
                self._keep(sha256, found)
            return found

    def warm_up(self) -> None:
        """Start the worker, so that the first picture need not wait for it."""
        with self._alone:
            drive(self._pool, [Job(_WARM_UP, (), None)], EventSink())

    def close(self) -> None:
        """End the worker."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _keep(self, sha256: str, picture: Picture) -> None:
        self._kept[sha256, picture.number] = picture
        while sum(len(item.data) for item in self._kept.values()) > _MAX_KEPT_BYTES:
            self._kept.popitem(last=False)

    def _drawn(self, sha256: str, number: int) -> Picture:
        with Store.read_only(self._out) as store:
            kept = store.kept_pages(sha256, reading_id(self._read))
            documents = [
                Document(row.tree["document"]["path"], row.raw_path, sha256)
                for row in store.as_stored([sha256])
            ]
        there = [item for item in documents if os.path.lexists(item.raw_path)]
        if not there:
            where = documents[0].path if documents else sha256
            raise DocumentError(Reason.VANISHED, f"There is no file {where} any more.")
        options = replace(self._read, pages=PageSelection(((number, number),)))
        own = {number: kept[number]} if number in kept else {}
        job = Job(_TARGET, (there[0], options, own, self._max_side), None)
        drawn = _Drawn()
        drive(self._pool, [job], drawn)
        if drawn.failure is not None:
            event = drawn.failure
            raise DocumentError(event.reason, event.message, hint=event.hint or None)
        if drawn.picture is None:
            raise DocumentError(Reason.NO_SUCH_PAGE, f"There is no page {number}.")
        return drawn.picture


class _Drawn(EventSink):
    """What came of drawing one page."""

    picture: Picture | None = None
    failure: Failed | None = None

    def message(self, key: Any, payload: Any) -> None:
        """Take the picture; headers and errors of other pages are passed over."""
        if isinstance(payload, Picture):
            self.picture = payload

    def failed(self, event: Failed) -> None:
        """Take why there is none."""
        self.failure = event


def _read_options(out: Path, password: str | None) -> ReadOptions:
    """Return how the newest run read, so that what it kept is found again."""
    with Store.read_only(out) as store:
        run = store.last_run() or {}
    asked: dict[str, Any] = run.get("options", {}).get("options", {}).get("read", {})
    names = ("renderer", "dpi", "max_pixels", "max_bytes", "max_memory_bytes")
    same = {name: asked[name] for name in names if name in asked}
    # A page is looked at though the run left out its embedded data, or the document was too long.
    own = ReadOptions(
        password=password,
        use_embedded=False,
        page_timeout_s=_TIMEOUT_S,
        document_timeout_s=_TIMEOUT_S,
    )
    return replace(own, **same)
