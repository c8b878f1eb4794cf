"""One thread that keeps worker processes and an engine, and brings documents to their records.

Knows nothing of sources or classes. It is a sink of ``pipeline.driver``; whoever hands in a
document holds a future, and may be any thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from docextract.api.reading_plan import ReadingPlan
from docextract.core import (
    HINTS,
    Document,
    DocumentError,
    Page,
    ReadOptions,
    Record,
    SetupError,
)
from docextract.documents.pages.parts import PageRead
from docextract.engine import Engine
from docextract.pipeline.driver import Driver
from docextract.workers import Failed, Job, Stop, WorkerPool


@dataclass(eq=False, slots=True)
class Ticket:
    """A document that was handed in, how it is read, and who waits for its record.

    Attributes:
        document: what is read.
        future: where its record or its ``DocumentError`` will be.
        plan: how it is read.
        ended: is told that the document has ended, before who waits for it is.
    """

    document: Document
    future: Future[Record]
    plan: ReadingPlan
    ended: Callable[[Document], None]


class Workshop:
    """Brings documents to their records, side by side, until it is closed.

    Args:
        engine: is asked about documents that are put together in this process.
        limits: of the workers.
        num_workers: most worker processes; each starts when there is work for it.
        idle_s: seconds without a document after which it closes by itself; None for never.
    """

    def __init__(
        self, engine: Engine, limits: ReadOptions, num_workers: int, idle_s: float | None = None
    ) -> None:
        self._engine = engine
        self._pool = WorkerPool(num_workers, limits)
        self._idle_s = math.inf if idle_s is None else idle_s
        self._used_at_s = time.monotonic()
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._open: set[Ticket] = set()
        self._lock = Lock()
        self._stop = Stop()
        self._end: BaseException | None = None
        # A daemon: who forgets to close it can still leave the interpreter.
        self._thread = Thread(target=self._work, name="docextract", daemon=True)
        self._thread.start()

    def stays_open(self) -> bool:
        """Return whether it takes documents, and will for as long as it waits for one."""
        with self._lock:
            self._used_at_s = time.monotonic()
            return self._end is None

    def hand_in(self, ticket: Ticket) -> None:
        """Take a document.

        Raises:
            SetupError: the workshop is closed, or its workers do not start.
        """
        with self._lock:
            if self._end is not None:
                raise self._end
            self._open.add(ticket)
        self._waiting.put(ticket)
        self._pool.wake()

    def close(self) -> None:
        """Leave what is being read, end the workers and the thread; safe to repeat."""
        self._stop.reason = "SIGTERM"  # as if it came from outside: nothing is finished first
        self._waiting.put(None)
        self._pool.wake()
        self._thread.join()

    def _work(self) -> None:
        end: Exception = _closed()
        driver = Driver(self._engine, lambda ticket: ticket.plan.assembly(), self, self._stop)
        try:
            with self._pool:
                driver.run(self._pool, self._jobs())
        except Exception as error:  # the boundary of a thread: those who wait are told
            end = error
        with self._lock:
            self._end = end
        for ticket in [*self._open]:
            self._tell(ticket, end)

    def _jobs(self) -> Iterator[Job | None]:
        """Yield a job for each document that is still wanted, None while there is none."""
        while True:
            try:
                ticket = self._waiting.get_nowait()
            except Empty:
                if self._closes_by_itself():
                    return
                yield None
                continue
            if ticket is None:
                return
            if ticket.future.set_running_or_notify_cancel():
                yield ticket.plan.job(ticket.document, ticket)
            else:
                self._leave(ticket)

    def _closes_by_itself(self) -> bool:
        """Take no more documents where none has come for long."""
        with self._lock:
            if not self._open and time.monotonic() - self._used_at_s > self._idle_s:
                self._end = _closed()
            return self._end is not None

    def page_read(self, owner: Ticket, page: Page | PageRead) -> None:
        """Nobody counts."""

    def save(self, owner: Ticket, outcome: Record) -> None:
        """Hand out a record."""
        self._leave(owner)
        owner.future.set_result(outcome)

    def failed(self, event: Failed) -> None:
        """Tell that a document could not be read."""
        hint = event.hint or HINTS[event.reason]
        error = DocumentError(event.reason, event.message, page=event.page, hint=hint)
        self._tell(event.key, error)

    def broken(self, owner: Ticket, error: Exception) -> None:
        """Tell that a bug ended a document."""
        self._tell(owner, error)

    def tick(self) -> None:
        """Nobody watches."""

    def _tell(self, ticket: Ticket, error: Exception) -> None:
        self._leave(ticket)
        if not ticket.future.done():
            ticket.future.set_exception(error)

    def _leave(self, ticket: Ticket) -> None:
        self._open.discard(ticket)
        self._used_at_s = time.monotonic()
        ticket.ended(ticket.document)


def _closed() -> SetupError:
    return SetupError("the extractor is closed", "Use it inside its with block.")
