"""Documents in storage, one at a time: what is listed and not known is fetched ahead into a spool.

Knows nothing of runs or records: whoever takes the documents says which need their bytes.
"""

from __future__ import annotations

import mimetypes
import posixpath
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from docextract.core import Document, DocumentError, Reason, RemoteError
from docextract.documents.discovery.discover import (
    Found,
    found_error,
    has_document_suffix,
    inspect_file,
    is_document,
)
from docextract.documents.discovery.passed_over import PassedOverFiles
from docextract.documents.discovery.walk import matches
from docextract.storage.address import Address
from docextract.storage.bucket import Bucket, Listed
from docextract.storage.known_objects import Known, Ledger
from docextract.storage.spool import Spool

NUM_THREADS = 16
NUM_FETCHED_AHEAD = 32
"""Enough for some 260 documents a second, about what one run can take; see docs/scale.md."""

_PATIENCE_S = 0.02
_NO_DOCUMENT = "no document by its name or its bytes"
_MAX_FAILURES = 5
"""Objects in a row that storage did not deliver: it is away, and the rest would fail too."""


@dataclass(slots=True)
class _Ahead:
    """A document on its way: ``found`` without its bytes, or when they are ``fetched``.

    What ``is_named`` by its own address is a document, or fails as one.
    """

    document: Document
    item: Listed
    bucket: Bucket
    is_named: bool
    found: Found | None = None
    fetched: Future[Found] | None = None


class RemoteDocuments:
    """Iterates over the documents at some addresses.

    Names decide what is fetched: those of pages, ``.xml``, and names without an ending. Hidden
    names are passed over, as in folders.

    Args:
        names: addresses of objects, folders (all below them) or patterns (``*``, ``**``).
        ledger: what was fetched before.
        spool: where objects lie until ``release``.
        needs_bytes: asked about a document whose hash is known: whether it is to be read.
        is_wanted: asked about every address before anything else.
        max_bytes: larger objects are not fetched.

    Attributes:
        passed_over: objects that are no documents.
        unmatched: addresses that named nothing.
        num_listed: documents that were listed.
        num_fetched: of them, those fetched.
    """

    def __init__(
        self,
        names: Sequence[str],
        ledger: Ledger,
        spool: Spool,
        *,
        needs_bytes: Callable[[Document], bool],
        is_wanted: Callable[[bytes], bool],
        max_bytes: int,
    ) -> None:
        self.passed_over = PassedOverFiles()
        self.unmatched: list[str] = []
        self.num_listed = 0
        self.num_fetched = 0
        self._addresses = [Address.parse(name) for name in names]
        self._ledger = ledger
        self._spool = spool
        self._needs_bytes = needs_bytes
        self._is_wanted = is_wanted
        self._max_bytes = max_bytes
        self._num_failures = 0
        self._is_over = threading.Event()

    def as_listed(self) -> Iterator[Found]:
        """Yield each document without its bytes; of one never fetched its name tells all.

        Raises:
            MissingDependencyError: obstore is not installed.
            RemoteError: a place cannot be listed.
        """
        for ahead in self._listed():
            kind = mimetypes.guess_type(ahead.document.relative)[0] or ""
            yield ahead.found or Found(replace(ahead.document, media_type=kind))

    def as_they_come(self) -> Iterator[Found | None]:
        """Yield each document; None while the next is not there yet.

        Raises:
            MissingDependencyError: obstore is not installed.
            RemoteError: a place cannot be listed, or delivers nothing any more.
            StoreError: the disk is full.
        """
        waiting: deque[_Ahead] = deque()
        with ThreadPoolExecutor(NUM_THREADS, "fetch") as threads:
            try:
                yield from self._in_order(waiting, threads)
            finally:
                self._is_over.set()
                threads.shutdown(wait=False, cancel_futures=True)

    def _in_order(
        self, waiting: deque[_Ahead], threads: ThreadPoolExecutor
    ) -> Iterator[Found | None]:
        coming = self._listed()
        ahead = next(coming, None)
        while waiting or ahead is not None:
            while ahead is not None and self._may_begin(ahead, len(waiting)):
                waiting.append(self._begun(ahead, threads))
                ahead = next(coming, None)
            if not waiting or not _is_there(waiting[0]):
                yield None
                continue
            found = self._ended(waiting.popleft())
            if found is not None:
                yield found

    def _listed(self) -> Iterator[_Ahead]:
        for address in self._addresses:
            bucket, num_named = Bucket(address.root), 0
            for item in _named(address, bucket):
                num_named += 1
                ahead = self._looked_at(address, bucket, item)
                if ahead is not None:
                    yield ahead
            if not num_named:
                self.unmatched.append(address.shown(address.key))

    def _looked_at(self, address: Address, bucket: Bucket, item: Listed) -> _Ahead | None:
        """Return a document, found already or still to be fetched; None where it is none."""
        uri, relative = address.shown(item.key), address.relative(item.key)
        if not self._is_wanted(uri.encode()):
            return None
        known = self._ledger.known(uri, item.version, item.num_bytes)
        is_named = item.key == address.key
        is_other = not _may_be_document(relative) or (known is not None and not known.sha256)
        if is_other and not is_named:
            self.passed_over.add(uri, _NO_DOCUMENT)
            return None
        self.num_listed += 1
        document = Document(uri, uri.encode(), num_bytes=item.num_bytes, relative=relative)
        found = self._without_fetching(document, item, known)
        return _Ahead(document, item, bucket, is_named, found)

    def _without_fetching(
        self, document: Document, item: Listed, known: Known | None
    ) -> Found | None:
        """Return a document whose bytes are not needed, or not wanted; None where they are."""
        if not item.num_bytes:
            return Found(document, found_error(Reason.EMPTY_FILE, "The object has 0 bytes."))
        if item.num_bytes > self._max_bytes:
            told = f"The object has {item.num_bytes} bytes, over the limit of {self._max_bytes}."
            return Found(document, found_error(Reason.TOO_LARGE, told))
        if known is None or not known.sha256:
            return None
        named = replace(document, sha256=known.sha256, media_type=known.media_type)
        return None if self._needs_bytes(named) else Found(named)

    def _may_begin(self, ahead: _Ahead, num_waiting: int) -> bool:
        is_free = ahead.found is not None or self._spool.has_room(ahead.item.num_bytes)
        return num_waiting < NUM_FETCHED_AHEAD and is_free

    def _begun(self, ahead: _Ahead, threads: ThreadPoolExecutor) -> _Ahead:
        if ahead.found is None:
            path = self._spool.reserve(ahead.item.num_bytes)
            ahead.document = replace(ahead.document, spooled=bytes(path))
            ahead.fetched = threads.submit(self._fetch, ahead, path)
        return ahead

    def _fetch(self, ahead: _Ahead, path: Path) -> Found:
        """Fetch a document and look at its bytes; runs in a thread."""
        try:
            ahead.bucket.fetch(ahead.item, path, self._is_over.is_set)
        except DocumentError as error:
            told = found_error(error.reason, str(error))
            return Found(ahead.document, replace(told, hint=error.hint))
        return inspect_file(ahead.document, self._max_bytes)

    def _ended(self, ahead: _Ahead) -> Found | None:
        """Return what came of a document; None where its bytes are none."""
        if ahead.fetched is None:
            return ahead.found
        found = ahead.fetched.result()
        self._heed(found)
        if found.error is not None:
            self._spool.release(found.document.spooled)
            return replace(found, document=replace(found.document, spooled=b""))
        self.num_fetched += 1
        return self._noted(ahead, found)

    def _noted(self, ahead: _Ahead, found: Found) -> Found | None:
        document, item = found.document, ahead.item
        is_other = not is_document(document.media_type) and not (
            ahead.is_named or has_document_suffix(document.relative)
        )
        held = Known("" if is_other else document.sha256, document.media_type)
        self._ledger.note(document.path, item.version, item.num_bytes, held)
        if not is_other:
            return found
        self._spool.release(document.spooled)
        self.passed_over.add(document.path, _NO_DOCUMENT)
        self.num_listed -= 1
        return None

    def _heed(self, found: Found) -> None:
        """Count what storage failed to deliver, and give up where that is all it does."""
        is_failure = found.error is not None and found.error.reason == Reason.READ_ERROR
        self._num_failures = self._num_failures + 1 if is_failure else 0
        if self._num_failures >= _MAX_FAILURES and found.error is not None:
            told = found.error.message.rstrip(".")
            raise RemoteError(
                f"storage failed on {self._num_failures} objects in a row, last "
                f"{found.document.path}: {told}"
            )


def _is_there(ahead: _Ahead) -> bool:
    return ahead.fetched is None or bool(wait([ahead.fetched], _PATIENCE_S).done)


def _named(address: Address, bucket: Bucket) -> Iterator[Listed]:
    """Yield the objects that an address names."""
    if address.is_page:
        alone = bucket.head("")
        yield from () if alone is None else (alone,)
        return
    parts = [part.encode() for part in address.key[len(address.folder) :].strip("/").split("/")]
    is_any = False
    for item in bucket.listed(address.folder):
        is_any = True
        names = address.relative(item.key).encode().split(b"/")
        is_hidden = any(name.startswith(b".") for name in names)
        if not is_hidden and (not address.is_pattern or _is_match(names, parts)):
            yield item
    if not is_any and address.key and not address.is_pattern:
        alone = bucket.head(address.key)
        yield from () if alone is None else (alone,)


def _is_match(names: Sequence[bytes], parts: Sequence[bytes]) -> bool:
    """Whether a pattern names an object, or a folder above it."""
    return any(matches(names[:end], parts) for end in range(1, len(names) + 1))


def _may_be_document(relative: str) -> bool:
    suffix = posixpath.splitext(relative)[1].lower()
    return not suffix or suffix == ".xml" or has_document_suffix(relative)
