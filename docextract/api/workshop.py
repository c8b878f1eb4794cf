"""One thread that keeps worker processes and an engine, and brings documents to their records.

Knows nothing of sources or classes. It is a sink of ``pipeline.driver``; whoever hands in a
document holds a future, and may be any thread.
"""

from __future__ import annotations

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
    Record,
    SetupError,
)
from docextract.documents.pages.parts import PageRead
from docextract.pipeline.driver import Driver
from docextract.workers import Failed, Job, Stop, WorkerPool


@dataclass(eq=False, slots=True)
class Ticket:
    """A document that was handed in, and who waits for its record."""

    document: Document
    future: Future[Record]


class Workshop:
    """Brings documents to their records, side by side, until it is closed.

    Args:
        plan: how each is read.
        num_workers: worker processes.
        ended: is told of each document that has ended, before who waits for it is.
    """

    def __init__(
        self, plan: ReadingPlan, num_workers: int, ended: Callable[[Document], None]
    ) -> None:
        self._plan = plan
        self._ended = ended
        self._pool = WorkerPool(num_workers, plan.read)
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._open: set[Ticket] = set()
        self._lock = Lock()
        self._stop = Stop()
        self._end: BaseException | None = None
        # A daemon: who forgets to close it can still leave the interpreter.
        self._thread = Thread(target=self._work, name="docextract", daemon=True)
        self._thread.start()

    def hand_in(self, document: Document, future: Future[Record]) -> None:
        """Take a document, and where its record or its ``DocumentError`` will be.

        Raises:
            SetupError: the workshop is closed, or its workers do not start.
        """
        ticket = Ticket(document, future)
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
        end: Exception = SetupError("the extractor is closed", "Use it inside its with block.")
        driver = Driver(self._plan.engine, lambda _: self._plan.assembly(), self, self._stop)
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
                yield None
                continue
            if ticket is None:
                return
            if ticket.future.set_running_or_notify_cancel():
                yield self._plan.job(ticket.document, ticket)
            else:
                self._leave(ticket)

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
        self._ended(ticket.document)
