"""Pictures of the pages of an output folder's documents, drawn when they are asked for.

Knows nothing of labels or browsers. A document's file may have moved: any place it was seen at will
do, as long as its bytes are the same. Drawing happens in a worker; pixels never leave it but as a
picture it has written.
"""

from __future__ import annotations

import importlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docextract.core import (
    Document,
    DocumentError,
    ErrorItem,
    Page,
    PageSelection,
    ReadOptions,
    Reason,
    Word,
    is_uri,
)
from docextract.documents.containers.opened_member import is_there
from docextract.documents.opening import open_document
from docextract.documents.pages import OpenedHeader, reading_id
from docextract.store import Store
from docextract.workers import EventSink, Failed, Job, WorkerPool, drive

_TARGET = "docextract.review.pictures.page_pictures:picture_job"
_WARM_UP = "docextract.review.pictures.page_pictures:warm_up"
_MAX_KEPT_BYTES = 64 * 2**20
_TIMEOUT_S = 60.0
LARGE = 2000
"""Longer side of a picture: small print of an A4 page can be read."""
QUICK, SMALL = 0, 4
"""Effort of pictures that somebody waits for, and of those that are sent."""

_CHANGED_HINT = "Put back the file that was read, or run again to read it as it is now."
_FETCH_HINT = "Fetch it, and run over the copy: its record is the same."


class PagePictures:
    """Draws pages in a worker that stays; use it as a context manager. Threads may share it.

    Args:
        out: the output folder.
        password: tried on encrypted PDFs.
        effort: of writing a picture, 0 to 6; see ``picture_job``.
    """

    def __init__(self, out: Path, password: str | None = None, effort: int = QUICK) -> None:
        self._out = out
        self._read = _read_options(out, password)
        self._pool = WorkerPool(1, self._read)
        # The kernel ends a worker with the thread that started it, and those of a server are many.
        self._thread = ThreadPoolExecutor(1, "pictures")
        self._effort = effort
        self._alone = threading.Lock()
        self._is_closed = False
        self._kept: OrderedDict[tuple[str, int], Picture] = OrderedDict()

    def picture(self, sha256: str, number: int) -> Picture:
        """Return a page.

        Raises:
            DocumentError: the file is gone or changed, has no such page, or it cannot be drawn.
        """
        with self._alone:
            found = self._kept.get((sha256, number))
            if self._is_closed:
                raise DocumentError(Reason.VANISHED, "The review has ended.")
            if found is None:
                found = self._drawn(sha256, number)
                self._keep(sha256, found)
            return found

    def pages(self, sha256: str) -> tuple[Page, ...]:
        """Return the words of all pages of a document, without pictures.

        Raises:
            DocumentError: the file is gone or changed, or cannot be read.
        """
        document, kept = self._found(sha256)
        opened = _Opened()
        span = document.pages
        read = replace(self._read, pages=PageSelection((span,))) if span else self._read
        job = Job("docextract.documents.opening:open_job", (document, read, False, kept), 0)
        with self._alone:
            self._drive(job, opened)
        if opened.failure is not None:
            raise _error_of(opened.failure)
        return tuple(opened.pages)

    def warm_up(self) -> None:
        """Start the worker, so that the first picture need not wait for it."""
        with self._alone:
            if not self._is_closed:
                self._drive(Job(_WARM_UP, (), None), EventSink())

    def close(self) -> None:
        """End the worker, and one that another thread is starting just now."""
        self._is_closed = True
        self._pool.close()
        with self._alone:
            # A worker left behind would hold this process's streams open.
            self._pool.close()
            self._thread.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _drive(self, job: Job, sink: EventSink) -> None:
        self._thread.submit(drive, self._pool, [job], sink).result()

    def _keep(self, sha256: str, picture: Picture) -> None:
        self._kept[sha256, picture.number] = picture
        while sum(len(item.data) for item in self._kept.values()) > _MAX_KEPT_BYTES:
            self._kept.popitem(last=False)

    def _found(self, sha256: str) -> tuple[Document, dict[int, bytes]]:
        """Return a document where it lies now, and what was kept of its pages."""
        with Store.read_only(self._out) as store:
            kept = store.kept_pages(sha256, reading_id(self._read))
            documents = [
                Document(row.tree["document"]["path"], row.raw_path, sha256)
                for row in store.as_stored([sha256])
            ]
        there = [item for item in documents if is_there(item.raw_path)]
        if not there:
            where = documents[0].path if documents else sha256
            if is_uri(where):
                told = f"{where} lies in storage, and its pages are not drawn."
                raise DocumentError(Reason.VANISHED, told, hint=_FETCH_HINT)
            raise DocumentError(Reason.VANISHED, f"There is no file {where} any more.")
        return there[0], dict(kept)

    def _drawn(self, sha256: str, number: int) -> Picture:
        document, kept = self._found(sha256)
        options = replace(self._read, pages=PageSelection(((number, number),)))
        own = {number: kept[number]} if number in kept else {}
        job = Job(_TARGET, (document, options, own, self._effort), None)
        drawn = _Drawn()
        self._drive(job, drawn)
        if drawn.failure is not None:
            raise _error_of(drawn.failure)
        if drawn.picture is None:
            raise DocumentError(Reason.NO_SUCH_PAGE, f"There is no page {number}.")
        return drawn.picture


def _error_of(event: Failed) -> DocumentError:
    # What was read is looked at here, so a change came after that.
    hint = _CHANGED_HINT if event.reason == Reason.CHANGED else event.hint
    return DocumentError(event.reason, event.message, hint=hint or None)


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


class _Opened(EventSink):
    """What came of reading a document."""

    failure: Failed | None = None

    def __init__(self) -> None:
        self.pages: list[Page] = []

    def message(self, key: Any, payload: Any) -> None:
        """Take a page."""
        if isinstance(payload, Page):
            self.pages.append(payload)

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


_QUALITY = 80
FORMAT = "WEBP"


@dataclass(frozen=True, slots=True)
class Picture:
    """One page.

    Attributes:
        number: from 1.
        num_pages: of the document.
        size: width and height in pixels.
        data: a WebP file.
        words: with boxes as fractions of the picture.
    """

    number: int
    num_pages: int
    size: tuple[int, int]
    data: bytes
    words: tuple[Word, ...]


def warm_up() -> Iterator[Picture]:
    """Import what drawing needs, and yield nothing."""
    importlib.import_module("PIL.WebPImagePlugin")
    importlib.import_module("docextract.documents.pdf.pdf_pages")
    yield from ()


def picture_job(
    document: Document, options: ReadOptions, kept: Mapping[int, bytes], effort: int
) -> Iterator[Picture]:
    """Yield the page that is selected.

    Args:
        document: where it is.
        options: with one page selected.
        kept: packed pages of it, by number, whose words need no OCR.
        effort: WebP's: 0 takes a third of the time of 4, and a quarter more bytes.

    Raises:
        DocumentError: it has no such page, or that cannot be drawn.
    """
    num_pages = 0
    for part in open_document(document, options, with_images=True, kept=kept):
        if isinstance(part, OpenedHeader):
            num_pages = part.num_pages
        elif isinstance(part, ErrorItem) and part.stage == "open":
            raise DocumentError(Reason(part.reason), part.message, page=part.page, hint=part.hint)
        elif isinstance(part, Page):
            yield _picture(part, num_pages, effort)
    if num_pages == 0:
        raise DocumentError(Reason.UNSUPPORTED, "It has no pages to look at; it is XML.")


def _picture(page: Page, num_pages: int, effort: int) -> Picture:
    from PIL import Image

    if page.image is None or page.size is None:
        raise DocumentError(Reason.UNSUPPORTED, "This page has no picture.", page=page.number)
    image = Image.frombytes("RGB", page.size, bytes(page.image))
    # Lanczos takes twice the time, and at these ratios nobody sees it.
    image.thumbnail((LARGE, LARGE), Image.Resampling.HAMMING)
    file = io.BytesIO()
    image.save(file, FORMAT, quality=_QUALITY, method=effort)
    return Picture(page.number, num_pages, image.size, file.getvalue(), page.words)
