"""Asks about all pages of all inputs at once, for one reply: compare, before and after.

Knows nothing of files of questions, output or terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from docextract.ask.find_documents import error_of, find, open_job
from docextract.ask.questions.question_set import Errand
from docextract.ask.questions.subjects import (
    Source,
    nothing_to_see,
    number_through,
    of_source,
    parts_of,
)
from docextract.ask.replies.replier import Outcome, Replier
from docextract.ask.replies.reply import Reply
from docextract.batch.progress import Tally
from docextract.documents.pages.parts import OpenedHeader, Part, collect
from docextract.errors import NoDocumentsError, OptionError
from docextract.pipeline.dispatch import ask
from docextract.pipeline.driver import MAX_HELD_BYTES
from docextract.pipeline.questions import pixel_bytes
from docextract.records import Document, ErrorItem, OpenedDocument, Page, RecordStatus
from docextract.workers import Failed, Interrupted, Job, Message, Stop, WorkerPool


class Comparison:
    """Asks about the inputs of one errand together.

    A document that cannot be opened makes the reply a failure: a comparison that leaves one
    out unnoticed would be worse than none.

    Args:
        replier: makes the replies.
        write: takes each reply.
        tell: takes messages for people.
        stop: tells of a signal.

    Attributes:
        tally: counts documents found and, by status, replies.
    """

    def __init__(
        self,
        replier: Replier,
        write: Callable[[Reply], None],
        tell: Callable[[str], None],
        stop: Stop,
    ) -> None:
        self.tally = Tally()
        self._replier = replier
        self._write = write
        self._tell = tell
        self._stop = stop
        self._documents: list[Document] = []
        self._parts: list[list[Part]] = []
        self._errors: list[ErrorItem] = []
        self._num_pages = 0
        self._num_bytes = 0

    def run(self, pool: WorkerPool, errand: Errand, stdin: BinaryIO | None) -> None:
        """Open everything, then ask.

        Raises:
            OptionError: there are more pages than the engine takes, or memory holds, at once.
            NoDocumentsError: nothing matched the inputs.
        """
        for event in pool.run(self._jobs(errand.inputs, stdin)):
            if isinstance(event, Message):
                self._take(event.key, event.payload)
            elif isinstance(event, Failed):
                self._errors.append(of_source(error_of(event), self._documents[event.key]))
            if self._stop.is_signal:
                return
        if not self._documents:
            raise NoDocumentsError(f"no document in {', '.join(errand.inputs)}")
        with suppress(Interrupted):
            for reply in self._replies(errand.questions):
                status = RecordStatus.FAILED if reply.is_failed else RecordStatus.OK
                self.tally.by_status[status] += 1
                self._write(reply)

    def _jobs(self, inputs: tuple[str, ...], stdin: BinaryIO | None) -> Iterator[Job | None]:
        engine, read = self._replier.engine, self._replier.read
        for found in find(inputs, read, stdin, self._tell):
            if found is None:
                yield None
                continue
            index = len(self._documents)
            self._documents.append(found.document)
            self._parts.append([])
            self.tally.num_found += 1
            if found.error is not None:
                self._errors.append(of_source(found.error, found.document))
            else:
                yield open_job(found.document, read, index, with_images=engine.needs_images)

    def _take(self, index: int, part: Part) -> None:
        self._parts[index].append(part)
        if isinstance(part, OpenedHeader):
            self._num_pages += len(self._replier.read.pages.numbers(part.num_pages))
            self._check_room()
        elif isinstance(part, Page):
            self._num_bytes += pixel_bytes([part])
            if self._num_bytes > MAX_HELD_BYTES:
                raise _too_much(
                    f"the pixels of {self._num_pages} pages",
                    f"memory holds {MAX_HELD_BYTES // 2**20} MiB at once",
                )

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
            with self._stop.interruptible():
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
