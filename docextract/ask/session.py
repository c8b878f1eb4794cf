"""Asks about documents one by one: open in workers, ask in windows, reply in order.

Knows nothing of questions' files, output or terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from docextract.ask.finding import error_of, find, open_job
from docextract.ask.inquiry import Inquiry
from docextract.ask.ordering import InOrder
from docextract.ask.replies import FieldsReply, Reply
from docextract.ask.replying import Replier
from docextract.ask.subjects import Source
from docextract.ask.wanted import Wanted
from docextract.ask.window import Waiting, Window
from docextract.documents.parts import Part
from docextract.documents.pool import Event, Failed, Job, Message, Tick, WorkerPool
from docextract.errors import HINTS, DocextractError, Reason, describe_bug
from docextract.interrupts import Stop
from docextract.jobs import PageRead, Task
from docextract.records import Document, ErrorItem, Record, RecordStatus
from docextract.reporting import Tally


@dataclass(frozen=True, slots=True)
class Errand:
    """Inputs, and what is wanted of each document in them."""

    inputs: tuple[str, ...]
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    """A document, which one in order it is, and what is wanted of it."""

    index: int
    document: Document
    wanted: tuple[Wanted, ...]


class Session:
    """Asks about every document of some errands.

    Args:
        replier: makes the replies.
        write: takes each reply, in the order of the inputs.
        tell: takes messages for people.
        stop: tells of a signal.
        task: what a worker needs to make a document's record by itself; None where an engine
            in this process is asked.

    Attributes:
        tally: counts documents found and, by status, replies.
    """

    def __init__(
        self,
        replier: Replier,
        write: Callable[[Reply], None],
        tell: Callable[[str], None],
        stop: Stop,
        task: Task | None = None,
    ) -> None:
        self.tally = Tally()
        self._replier = replier
        self._write = write
        self._tell = tell
        self._stop = stop
        self._task = task
        self._window = Window(replier.engine)
        self._inquiries: dict[_Key, Inquiry] = {}
        self._in_order = InOrder(self._deliver)

    def run(self, pool: WorkerPool, errands: Iterable[Errand], stdin: BinaryIO | None) -> None:
        """Ask until all is answered or a signal comes; what is answered by then is written."""
        for event in pool.run(self._jobs(errands, stdin)):
            self._handle(event)
            self._reply_where_complete()
            if self._stop.is_signal:
                break
        else:
            self._window.flush()
            self._reply_where_complete()
        self._in_order.end()
        self.tally.bug = self.tally.bug or self._window.bug

    def _jobs(self, errands: Iterable[Errand], stdin: BinaryIO | None) -> Iterator[Job]:
        for errand in errands:
            for found in find(errand.inputs, self._replier.read, stdin, self._tell):
                key = _Key(self.tally.num_found, found.document, errand.wanted)
                self.tally.num_found += 1
                if found.error is None:
                    yield self._job(key)
                else:
                    self._fail(key, found.error)

    def _job(self, key: _Key) -> Job:
        if self._task is not None:
            return Job("docextract.jobs:record_job", (key.document, self._task, {}), key)
        engine, read = self._replier.engine, self._replier.read
        self._inquiries[key] = Inquiry(key.wanted, engine, read)
        return open_job(key.document, read, key, with_images=engine.needs_images)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Tick):
            # The workers need a while: nothing is gained by waiting for company.
            self._window.flush()
        elif isinstance(event, Failed):
            self._inquiries.pop(event.key, None)
            if event.reason is Reason.INTERNAL:
                self._note_bug(event.key, event.message, event.detail)
            self._fail(event.key, error_of(event))
        elif isinstance(event, Message):
            self._take(event.key, event.payload)
        elif event.key in self._inquiries:
            self._ask(self._inquiries[event.key].end())

    def _take(self, key: _Key, payload: Part | PageRead | Record) -> None:
        if isinstance(payload, Record):
            pages = tuple(int(page["page"]) for page in payload.pages)
            self._in_order.put(key.index, [FieldsReply(payload, (Source(key.document, pages),))])
        elif not isinstance(payload, PageRead):
            self._ask(self._inquiries[key].add(payload))

    def _ask(self, questions: Iterator[Waiting]) -> None:
        for waiting in questions:
            self._window.add(waiting)

    def _reply_where_complete(self) -> None:
        for key, inquiry in list(self._inquiries.items()):
            if inquiry.subject is not None:
                del self._inquiries[key]
                self._reply(key, inquiry)

    def _reply(self, key: _Key, inquiry: Inquiry) -> None:
        assert inquiry.subject is not None
        try:
            replies = self._replier.replies(key.wanted, inquiry.subject, inquiry.heard)
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of what is judged in this process
            message, detail = describe_bug(error)
            self._note_bug(key, message, detail)
            reason = Reason.INTERNAL
            self._fail(key, ErrorItem("judge", reason.value, message, HINTS[reason]))
            return
        self._in_order.put(key.index, replies)

    def _fail(self, key: _Key, error: ErrorItem) -> None:
        replies = self._replier.failures(key.wanted, (Source(key.document),), (error,))
        self._in_order.put(key.index, replies)

    def _note_bug(self, key: _Key, message: str, detail: str) -> None:
        self.tally.bug = self.tally.bug or f"{key.document.path}: {message}\n{detail}"

    def _deliver(self, replies: list[Reply]) -> None:
        for reply in replies:
            status = RecordStatus.FAILED if reply.is_failed else RecordStatus.OK
            self.tally.by_status[status] += 1
            self._write(reply)
