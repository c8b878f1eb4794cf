"""Asks about all pages of all inputs at once, for one reply: compare, before and after.

Knows nothing of files of questions, output or terminals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docextract.ask.call import Call, error_of
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
from docextract.core import Document, ErrorItem, NoDocumentsError, OpenedDocument, OptionError, Page
from docextract.documents.pages.parts import OpenedHeader, Part, collect
from docextract.pipeline.dispatch import ask
from docextract.pipeline.driver import MAX_HELD_BYTES
from docextract.pipeline.questions import pixel_bytes
from docextract.pipeline.worker_task import open_job
from docextract.workers import EventSink, Failed, Job, Runner, drive


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

    def failed(self, event: Failed) -> None:
        """Take why a document cannot be opened."""
        self._errors.append(of_source(error_of(event), self._documents[event.key]))

    def all_ended(self) -> None:
        """Ask about all of them."""
        if not self._documents:
            raise NoDocumentsError(f"no document in {', '.join(self._errand.inputs)}")
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
