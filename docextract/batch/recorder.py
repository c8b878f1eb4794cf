"""Stores how each document of a run ended, tells whoever watches, and keeps count.

Knows nothing of discovery, workers or engines. It is a ``driver.DocumentSink``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Self

from docextract.batch.claims import Claim, Need
from docextract.batch.progress import Reporter
from docextract.core import (
    ANSWER_STAGE,
    HINTS,
    Document,
    EngineInfo,
    ErrorItem,
    Page,
    Reason,
    Record,
    RecordStatus,
    RunOptions,
    describe_bug,
)
from docextract.documents.discovery.discover import Found
from docextract.documents.pages import MAX_PACKED_BYTES, PageRead, pack
from docextract.export import JsonlAppender, StreamWriter
from docextract.pipeline.record import failed_record
from docextract.pipeline.splitting.cutting import CutFile, ToBeCut
from docextract.pipeline.splitting.parts_in_work import PartsInWork
from docextract.review.overlay.overlay import overlay_of
from docextract.schema import Schema
from docextract.store import Store, Tally
from docextract.workers import Failed


@dataclass(slots=True)
class Recorder:
    """One run's outcomes; use it as a context manager between ``begin_run`` and the exports.

    Attributes:
        store: where they go.
        run_id: from ``Store.begin_run``.
        schema: named in records of failures.
        engine: likewise.
        fingerprint: under which all are stored.
        reading: under which pages are kept; see ``page_cache.reading_id``.
        reporter: told of each.
        max_wait_s: for how long outcomes may gather, to be put on the disk together.
        ended: told of each document that nothing more is done with.
        tally: what was counted so far.
        parts: of files that are read document by document.
    """

    store: Store
    run_id: int
    schema: Schema
    engine: EngineInfo
    fingerprint: str
    reading: str
    reporter: Reporter
    max_wait_s: float = 0.0
    ended: Callable[[Document], None] = lambda document: None
    tally: Tally = field(default_factory=Tally)
    parts: PartsInWork = field(default_factory=PartsInWork)
    _waiting: list[Record] = field(default_factory=list)
    _flushed_s: float = 0.0
    _emit: Callable[[Sequence[Record]], None] = lambda records: None
    _stack: ExitStack = field(default_factory=ExitStack)

    def writing_to(self, options: RunOptions, stdout: BinaryIO | None) -> Self:
        """Also write each record to ``results.jsonl``, or to stdout where there is no folder.

        Raises:
            StoreError: here and later, the disk is full or not writable.
        """
        if options.out is None:
            assert stdout is not None
            self._emit = StreamWriter(stdout).write
        elif "jsonl" in options.formats:
            path = options.out / "results.jsonl"
            self.store.lens = overlay_of(self.store)
            self._emit = self._stack.enter_context(JsonlAppender(path, self.store)).append
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:
            if kind is None:
                self.flush()

    def save(self, owner: Document, outcome: Record | CutFile | ToBeCut) -> None:
        """Take an outcome; ``flush`` puts it on the disk, at the latest with a later one.

        The records of a file that holds several documents come on the disk together.
        """
        if isinstance(outcome, ToBeCut):
            self._tell_of_parts(owner, len(outcome.documents))
            self.parts.begin(outcome)
            return
        records = self._records_of(owner, outcome)
        for record in records:
            self.tally.add(record)
        self._waiting += records
        if records:
            self.ended(owner)
        self._flush_if_due()

    def _records_of(self, owner: Document, outcome: Record | CutFile) -> tuple[Record, ...]:
        """Return what can be stored now: of a file that is cut, all once the last has come."""
        if isinstance(outcome, CutFile):
            self._tell_of_parts(owner, len(outcome.records))
            return outcome.records
        return (outcome,) if owner.pages is None else self.parts.taken(owner, outcome)

    def _tell_of_parts(self, file: Document, num_documents: int) -> None:
        self.tally.count_parts(num_documents)
        self.reporter.cut(file.path, num_documents)

    def tick(self) -> None:
        """Put what was taken on the disk while nothing else is to be done."""
        self.flush()
        self.reporter.tick()

    def flush(self) -> None:
        """Put what was taken on the disk; only then it is shown and told."""
        self._flushed_s = time.monotonic()
        if self._waiting:
            records, self._waiting = self._waiting, []
            self.store.save(self.run_id, *records)
            self._emit(records)
            for record in records:
                self.reporter.finished(record, len(record.pages))

    def _flush_if_due(self) -> None:
        if time.monotonic() - self._flushed_s >= self.max_wait_s:
            self.flush()

    def settle(self, found: Found, claim: Claim) -> None:
        """Bring a document to its end that needs no worker."""
        self._flush_if_due()
        document = found.document
        if claim.need is Need.DUPLICATE:
            self._skip_duplicate(document, claim.twin)
        elif claim.parts:
            self._tell_of_parts(document, len(claim.parts))
            for key, status in claim.parts:
                self._unchanged(document.part_of_key(key), status)
        elif claim.need is Need.DONE:
            assert claim.status is not None
            self.tally.num_given_up += claim.is_given_up
            self._unchanged(document, claim.status)
        elif claim.need is Need.NEWS:
            assert found.error is not None
            self.save(document, self._failure(document, found.error))

    def _unchanged(self, document: Document, status: RecordStatus) -> None:
        self.store.link(self.run_id, document, self.fingerprint)
        self.tally.by_status[status] += 1
        self.tally.num_unchanged += 1
        self.reporter.unchanged(document.path, status)

    def failed(self, event: Failed, stage: str = "open") -> None:
        """Store that reading a document ended with an error, a crash or a limit."""
        document: Document = event.key
        if event.reason is Reason.INTERNAL and not self.tally.bug:
            self.tally.bug = f"{document.path}: {event.message}\n{event.detail}"
        hint = event.hint or HINTS[event.reason]
        error = ErrorItem(stage, event.reason.value, event.message, hint, event.page)
        self.save(document, self._failure(document, error))

    def broken(self, owner: Document, error: Exception) -> None:
        """Store that a bug ended a document after it was read."""
        self.failed(Failed(owner, Reason.INTERNAL, *describe_bug(error)), ANSWER_STAGE)

    def page_read(self, owner: Document, page: Page | PageRead) -> None:
        """Count a page and keep it for the next run."""
        if isinstance(page, Page):
            self._keep(owner, page.number, pack(page))
        else:
            self._keep(owner, page.number, page.packed)
            self.reporter.tick()

    def _keep(self, document: Document, number: int, packed: bytes | None) -> None:
        """What a worker sends is not trusted to be one."""
        self.tally.num_pages += 1
        is_page = isinstance(packed, bytes) and isinstance(number, int)
        if is_page and packed and len(packed) <= MAX_PACKED_BYTES and 0 < number < 2**31:
            self.store.keep_page(document.sha256, number, self.reading, packed)

    def _skip_duplicate(self, document: Document, twin: str) -> None:
        is_news = self.store.link(self.run_id, document, self.fingerprint, duplicate_of=twin)
        self.tally.by_status[RecordStatus.SKIPPED] += 1
        if is_news:
            reason = Reason.DUPLICATE
            error = ErrorItem("discover", reason.value, f"same bytes as {twin}", HINTS[reason])
            self._emit([replace(self._failure(document, error), status=RecordStatus.SKIPPED)])
        self.reporter.unchanged(document.path, RecordStatus.SKIPPED)

    def _failure(self, document: Document, error: ErrorItem) -> Record:
        return failed_record(document, self.schema, self.engine, (error,), self.fingerprint)
