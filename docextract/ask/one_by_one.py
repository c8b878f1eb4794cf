"""Asks about documents one by one: open in workers, gather questions, reply in order.

Knows nothing of files of questions, output or terminals.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from docextract.ask.find_documents import error_of, find, open_job
from docextract.ask.questions.question_set import Errand
from docextract.ask.questions.subjects import Source
from docextract.ask.replies.ordered_output import InOrder
from docextract.ask.replies.replier import Outcome, Replier, source_of
from docextract.ask.replies.reply import Reply
from docextract.batch.progress import Tally
from docextract.batch.worker_task import PageRead, Task
from docextract.documents.discovery.discover import show_path
from docextract.documents.pages.parts import Part
from docextract.errors import HINTS, DocextractError, Reason, describe_bug
from docextract.pipeline.driver import Gathering
from docextract.records import Document, ErrorItem, Record, RecordStatus
from docextract.workers import Event, Failed, Finished, Interrupted, Job, Message, Stop, WorkerPool


@dataclass(frozen=True, slots=True)
class _Key:
    """A document, which one in order it is, and what is asked of it."""

    index: int
    document: Document
    questions: tuple[str, ...]


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
        self._in_order = InOrder(self._deliver)
        self._gathering: Gathering[_Key, Outcome] = Gathering(
            replier.engine,
            lambda key: replier.begin(key.questions),
            self._reply,
            self._break,
            stop,
        )

    def run(self, pool: WorkerPool, errands: Iterable[Errand], stdin: BinaryIO | None) -> None:
        """Ask until all is answered or a signal comes; what is answered by then is written."""
        with suppress(Interrupted):
            for event in self._gathering.events(pool, self._jobs(errands, stdin)):
                self._handle(event)
        self._in_order.end()

    def _jobs(self, errands: Iterable[Errand], stdin: BinaryIO | None) -> Iterator[Job | None]:
        for errand in errands:
            num_before = self.tally.num_found
            for found in find(errand.inputs, self._replier.read, stdin, self._tell):
                if found is None:
                    yield None
                    continue
                key = _Key(self.tally.num_found, found.document, errand.questions)
                self.tally.num_found += 1
                if found.error is not None:
                    self._fail(key, found.error)
                    continue
                yield self._job(key)
            if errand.must_match and self.tally.num_found == num_before:
                self._miss(errand)

    def _miss(self, errand: Errand) -> None:
        """Reply that an errand met no document."""
        path = os.fsencode(errand.inputs[0])
        key = _Key(self.tally.num_found, Document(show_path(path), path), errand.questions)
        self.tally.num_found += 1
        reason = Reason.VANISHED
        self._fail(key, ErrorItem("discover", reason.value, "No document there.", HINTS[reason]))

    def _job(self, key: _Key) -> Job:
        if self._task is not None:
            return Job(
                "docextract.batch.worker_task:record_job", (key.document, self._task, {}), key
            )
        engine, read = self._replier.engine, self._replier.read
        return open_job(key.document, read, key, with_images=engine.needs_images)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Message):
            self._take(event.key, event.payload)
        elif isinstance(event, Finished):
            self._gathering.end(event.key)
        elif isinstance(event, Failed):
            self._gathering.drop(event.key)
            if event.reason is Reason.INTERNAL:
                self._note_bug(event.key, event.message, event.detail)
            self._fail(event.key, error_of(event))

    def _take(self, key: _Key, payload: Part | PageRead | Record) -> None:
        if isinstance(payload, Record):
            self._reply(key, payload)
        elif not isinstance(payload, PageRead):
            self._gathering.add(key, payload)

    def _reply(self, key: _Key, outcome: Outcome) -> None:
        try:
            replies = self._replier.replies(outcome, (source_of(outcome, key.document),))
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of what is judged in this process
            self._break(key, error)
        else:
            self._in_order.put(key.index, replies)

    def _break(self, key: _Key, error: Exception) -> None:
        """Reply that a bug ended a document after it was opened."""
        message, detail = describe_bug(error)
        self._note_bug(key, message, detail)
        reason = Reason.INTERNAL
        self._fail(key, ErrorItem("answer", reason.value, message, HINTS[reason]))

    def _fail(self, key: _Key, error: ErrorItem) -> None:
        source = Source(key.document)
        self._in_order.put(key.index, self._replier.failures(key.questions, (source,), (error,)))

    def _note_bug(self, key: _Key, message: str, detail: str) -> None:
        self.tally.bug = self.tally.bug or f"{key.document.path}: {message}\n{detail}"

    def _deliver(self, replies: list[Reply]) -> None:
        for reply in replies:
            status = RecordStatus.FAILED if reply.is_failed else RecordStatus.OK
            self.tally.by_status[status] += 1
            self._write(reply)
