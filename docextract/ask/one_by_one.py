"""Asks about documents one by one: read side by side, replied to in order.

Knows nothing of files of questions, output or terminals.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docextract.ask.call import Call, error_of
from docextract.ask.questions.question_set import Errand
from docextract.ask.questions.subjects import Source
from docextract.ask.replies.ordered_output import InOrder
from docextract.ask.replies.replier import Outcome, Replier, source_of
from docextract.ask.replies.reply import Reply
from docextract.core import HINTS, DocextractError, Document, ErrorItem, Reason, describe_bug
from docextract.documents.discovery.discover import show_path
from docextract.pipeline.driver import Driver
from docextract.pipeline.worker_task import Task, open_job, record_job
from docextract.workers import Failed, Job, Runner


@dataclass(frozen=True, slots=True)
class _Key:
    """A document, which one in order it is, and what is asked of it."""

    index: int
    document: Document
    questions: tuple[str, ...]


class Session:
    """Asks about every document of some errands; it is a ``driver.DocumentSink``.

    Args:
        call: takes each reply, in the order of the inputs.
        replier: makes the replies.
        task: what a worker needs to make a document's record by itself; None where an engine
            in this process is asked.
    """

    def __init__(self, call: Call, replier: Replier, task: Task | None = None) -> None:
        self._call = call
        self._replier = replier
        self._task = task
        self._in_order: InOrder[list[Reply]] = InOrder(call.deliver)

    def run(self, runner: Runner, errands: Iterable[Errand]) -> None:
        """Ask until all is answered or a signal comes; what is answered by then is written."""
        replier = self._replier
        driver: Driver[_Key, Outcome] = Driver(
            replier.engine, lambda key: replier.begin(key.questions), self, self._call.stop
        )
        driver.run(runner, self._jobs(errands))
        self._in_order.end()

    def page_read(self, owner: _Key, page: object) -> None:
        """Nobody counts."""

    def save(self, owner: _Key, outcome: Outcome) -> None:
        """Reply with what came of a document."""
        try:
            replies = self._replier.replies(outcome, (source_of(outcome, owner.document),))
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of what is judged in this process
            self.broken(owner, error)
        else:
            self._in_order.put(owner.index, replies)

    def failed(self, event: Failed) -> None:
        """Reply that a document could not be opened."""
        if event.reason is Reason.INTERNAL:
            self._note_bug(event.key, event.message, event.detail)
        self._fail(event.key, error_of(event))

    def broken(self, owner: _Key, error: Exception) -> None:
        """Reply that a bug ended a document after it was opened."""
        message, detail = describe_bug(error)
        self._note_bug(owner, message, detail)
        reason = Reason.INTERNAL
        self._fail(owner, ErrorItem("answer", reason.value, message, HINTS[reason]))

    def tick(self) -> None:
        """Nobody watches."""

    def _jobs(self, errands: Iterable[Errand]) -> Iterator[Job | None]:
        tally = self._call.tally
        for errand in errands:
            num_before = tally.num_found
            for found in self._call.find(errand.inputs, self._replier.read.max_bytes):
                if found is None:
                    yield None
                    continue
                key = self._key(found.document, errand)
                if found.error is not None:
                    self._fail(key, found.error)
                    continue
                yield self._job(key)
            if errand.must_match and tally.num_found == num_before:
                self._miss(errand)

    def _key(self, document: Document, errand: Errand) -> _Key:
        """Count a document."""
        key = _Key(self._call.tally.num_found, document, errand.questions)
        self._call.tally.num_found += 1
        return key

    def _miss(self, errand: Errand) -> None:
        """Reply that an errand met no document."""
        path = os.fsencode(errand.inputs[0])
        key = self._key(Document(show_path(path), path), errand)
        reason = Reason.VANISHED
        self._fail(key, ErrorItem("discover", reason.value, "No document there.", HINTS[reason]))

    def _job(self, key: _Key) -> Job:
        if self._task is not None:
            return record_job(key.document, self._task, key=key)
        engine, read = self._replier.engine, self._replier.read
        return open_job(key.document, read, with_images=engine.needs_images, key=key)

    def _fail(self, key: _Key, error: ErrorItem) -> None:
        source = Source(key.document)
        self._in_order.put(key.index, self._replier.failures(key.questions, (source,), (error,)))

    def _note_bug(self, key: _Key, message: str, detail: str) -> None:
        tally = self._call.tally
        tally.bug = tally.bug or f"{key.document.path}: {message}\n{detail}"
