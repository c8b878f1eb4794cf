"""Asks about documents: one by one and replied to in order, or all together.

Knows nothing of files of questions, output or terminals.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from docextract.ask.call import Call, error_of
from docextract.ask.questions.question_set import Errand
from docextract.ask.questions.subjects import (
    Source,
    nothing_to_see,
    number_through,
    of_source,
    parts_of,
)
from docextract.ask.replies.ordered_output import InOrder
from docextract.ask.replies.replier import Outcome, Replier, source_of
from docextract.ask.replies.reply import Reply
from docextract.core import (
    HINTS,
    DocextractError,
    Document,
    ErrorItem,
    NoDocumentsError,
    OpenedDocument,
    OptionError,
    Page,
    Reason,
    describe_bug,
    shown_uri,
)
from docextract.documents.discovery.discover import show_path
from docextract.documents.pages import OpenedHeader, Part, collect
from docextract.pipeline.dispatch import ask
from docextract.pipeline.driver import MAX_HELD_BYTES, Driver
from docextract.pipeline.questions import pixel_bytes
from docextract.pipeline.worker_task import Task, open_job, record_job
from docextract.workers import EventSink, Failed, Job, Runner, drive


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
            self._put(owner, replies)

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
        self._put(key, self._replier.failures(key.questions, (source,), (error,)))

    def _put(self, key: _Key, replies: list[Reply]) -> None:
        self._in_order.put(key.index, replies)
        self._call.borrowed.release(key.document)

    def _note_bug(self, key: _Key, message: str, detail: str) -> None:
        tally = self._call.tally
        tally.bug = tally.bug or f"{key.document.path}: {message}\n{detail}"


class Comparison(EventSink):
    """Asks about the inputs of one errand together.

    A document that cannot be opened makes the reply a failure: a comparison that leaves one
    out unnoticed would be worse than none.

    Args:
        call: takes the replies.
        replier: makes them.
        errand: what is asked of what.
    """

    def __init__(self, call: Call, replier: Replier, errand: Errand) -> None:
        self._call = call
        self._replier = replier
        self._errand = errand
        self._documents: list[Document] = []
        self._parts: list[list[Part]] = []
        self._errors: list[ErrorItem] = []
        self._num_pages = 0
        self._num_bytes = 0

    def run(self, runner: Runner) -> None:
        """Open everything, then ask.

        Raises:
            OptionError: there are more pages than the engine takes, or memory holds, at once.
            NoDocumentsError: nothing matched the inputs.
        """
        drive(runner, self._jobs(), self, self._call.stop)

    def message(self, key: int, payload: Part) -> None:
        """Take a part of one document."""
        self._parts[key].append(payload)
        if isinstance(payload, OpenedHeader):
            self._num_pages += len(self._replier.read.pages.numbers(payload.num_pages))
            self._check_room()
        elif isinstance(payload, Page):
            self._num_bytes += pixel_bytes([payload])
            if self._num_bytes > MAX_HELD_BYTES:
                raise _too_much(
                    f"the pixels of {self._num_pages} pages",
                    f"memory holds {MAX_HELD_BYTES // 2**20} MiB at once",
                )

    def finished(self, key: int) -> None:
        """Let go of a document that is opened."""
        self._call.borrowed.release(self._documents[key])

    def failed(self, event: Failed) -> None:
        """Take why a document cannot be opened."""
        self.finished(event.key)
        self._errors.append(of_source(error_of(event), self._documents[event.key]))

    def all_ended(self) -> None:
        """Ask about all of them."""
        if not self._documents:
            raise NoDocumentsError(
                f"no document in {', '.join(map(shown_uri, self._errand.inputs))}"
            )
        self._call.deliver(self._replies(self._errand.questions))

    def _jobs(self) -> Iterator[Job | None]:
        engine, read = self._replier.engine, self._replier.read
        for found in self._call.find(self._errand.inputs, read.max_bytes):
            if found is None:
                yield None
                continue
            index = len(self._documents)
            self._documents.append(found.document)
            self._parts.append([])
            self._call.tally.num_found += 1
            if found.error is not None:
                self._errors.append(of_source(found.error, found.document))
            else:
                images = engine.needs_images
                yield open_job(found.document, read, with_images=images, key=index)

    def _check_room(self) -> None:
        most = self._replier.engine.max_pages
        if most is not None and self._num_pages > most:
            fit = f"{most} pages fit" if most > 1 else "the model takes one page at a time"
            # Not all are opened yet, so there may be more.
            raise _too_much(f"at least {self._num_pages} pages", fit)

    def _replies(self, questions: tuple[str, ...]) -> list[Reply]:
        documents = [] if self._errors else [collect(parts) for parts in self._parts]
        self._parts.clear()
        if len(documents) > 1:
            self._errors += _unseen(documents)
        if self._errors:
            sources = tuple(map(Source, self._documents))
            return self._replier.failures(questions, sources, tuple(self._errors))
        sources = number_through(documents)
        return self._replier.replies(self._outcome(documents, sources, questions), sources)

    def _outcome(
        self,
        documents: list[OpenedDocument],
        sources: tuple[Source, ...],
        questions: tuple[str, ...],
    ) -> Outcome:
        assembly = self._replier.begin(questions, is_together=True)
        for part in parts_of(documents, sources):
            assembly.add(part)
        assembly.end()
        while (outcome := assembly.outcome()) is None:
            asked = assembly.questions()
            with self._call.stop.interruptible():
                replies = ask(self._replier.engine, asked)
            for question, reply in zip(asked, replies, strict=True):
                assembly.answered(question, reply)
        return outcome


def _unseen(documents: Sequence[OpenedDocument]) -> Iterator[ErrorItem]:
    """Yield why documents have no page to compare with the others'."""
    for opened in documents:
        if not opened.pages:
            for error in (*opened.errors, *nothing_to_see(opened)):
                yield of_source(error, opened.document)


def _too_much(found: str, room: str) -> OptionError:
    return OptionError(
        f"--together: there are {found}, and {room}",
        "Name fewer inputs or choose --pages; without --together each is asked alone.",
    )
