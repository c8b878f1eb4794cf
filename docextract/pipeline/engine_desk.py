"""An engine beside a pool of workers, for jobs that are handed in one by one, by any thread.

Knows nothing of runs, nor of the cluster in whose actors it stands. What workers read is asked
about here, beside what they read of other documents; what goes out is what a worker that makes
records says.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from docextract.core import (
    EngineError,
    EngineInfo,
    Page,
    Reason,
    Record,
    SetupError,
    describe_bug,
)
from docextract.documents.pages import PageRead, pack
from docextract.pipeline.document import Assembly
from docextract.pipeline.driver import Driver
from docextract.pipeline.worker_task import Task, document_job, doubt_of_sent
from docextract.workers import Failed, Finished, Job, Message, Stop, WorkerPool

Said = Message | Finished | Failed


@dataclass(eq=False, slots=True)
class _Ticket:
    """A job that was handed in, what was said of it so far, and who waits for all of it."""

    job: Job
    told: list[Said] = field(default_factory=list)
    future: Future[list[Said]] = field(default_factory=Future)


class EngineDesk:
    """Brings documents to their records, side by side; a ``DocumentSink`` of its own.

    Args:
        pool: reads them; this desk's alone from now on.
        task: with the engine that is loaded here.

    Attributes:
        said: which engine it is.

    Raises:
        SetupError: this machine lacks weights, a package or a device.
    """

    def __init__(self, pool: WorkerPool, task: Task) -> None:
        self._pool = pool
        self._task = task
        self._document_job = document_job(task)
        self._waiting: SimpleQueue[_Ticket | None] = SimpleQueue()
        self._open: set[_Ticket] = set()
        self._lock = Lock()
        self._stop = Stop()
        self._end: Exception | None = None
        self._thread = Thread(target=self._work, name="docextract", daemon=True)
        self._thread.start()

    @property
    def said(self) -> EngineInfo:
        """Which engine it is."""
        return self._document_job.engine.info

    def run(self, job: Job) -> list[Said]:
        """Return all that comes of a job that sends parts for an engine; any thread may call it.

        Raises:
            SetupError: nothing can run here.
            EngineError: the engine is lost, and with it what it had in hand.
        """
        ticket = _Ticket(job)
        with self._lock:
            if self._end is not None:
                raise self._end
            self._open.add(ticket)
        self._waiting.put(ticket)
        self._pool.wake()
        return ticket.future.result()

    def close(self) -> None:
        """Leave what is at work and free the engine."""
        self._stop.reason = "SIGTERM"  # as if it came from outside: nothing is finished first
        self._waiting.put(None)
        self._pool.wake()
        self._thread.join()
        self._document_job.engine.close()

    def _work(self) -> None:
        end: Exception = SetupError("the engine was closed", "Start the run again.")
        job = self._document_job
        driver = Driver(job.engine, lambda _: Assembly(job), self, self._stop)
        try:
            driver.run(self._pool, self._jobs())
        except Exception as error:  # the boundary of a thread: those who wait are told
            end = error
        with self._lock:
            self._end = end
            left, self._open = self._open, set()
        for ticket in left:
            ticket.future.set_exception(end)

    def _jobs(self) -> Iterator[Job | None]:
        while True:
            try:
                ticket = self._waiting.get_nowait()
            except Empty:
                yield None
                continue
            if ticket is None:
                return
            yield self._owned(ticket.job, ticket)

    def _owned(self, job: Job, ticket: _Ticket) -> Job:
        otherwise = job.otherwise and self._owned(job.otherwise, ticket)
        wrong = partial(doubt_of_sent, job.args[1][0], self._task.fingerprint)
        return replace(job, key=ticket, doubt=wrong, otherwise=otherwise)

    def page_read(self, owner: _Ticket, page: Page | PageRead) -> None:
        """Send on what is kept of a page."""
        if isinstance(page, Page):
            page = PageRead(page.number, pack(page))
        owner.told.append(Message(None, page))

    def save(self, owner: _Ticket, outcome: Any) -> None:
        """Hand out what came of a document.

        Raises:
            EngineError: its engine is lost; another one may answer.
        """
        for error in outcome.errors if isinstance(outcome, Record) else ():
            if error.reason == Reason.ENGINE_UNAVAILABLE:
                raise EngineError(Reason.ENGINE_UNAVAILABLE, error.message)
        owner.told.append(Message(None, outcome))
        self._hand_out(owner, Finished(None))

    def failed(self, event: Failed) -> None:
        """Hand out that a document could not be read."""
        self._hand_out(event.key, replace(event, key=None))

    def broken(self, owner: _Ticket, error: Exception) -> None:
        """Hand out that a bug ended a document."""
        self._hand_out(owner, Failed(None, Reason.INTERNAL, *describe_bug(error)))

    def tick(self) -> None:
        """Nobody watches."""

    def _hand_out(self, ticket: _Ticket, last: Finished | Failed) -> None:
        with self._lock:
            self._open.discard(ticket)
        if not ticket.future.done():
            ticket.future.set_result([*ticket.told, last])
