"""Asks about all pages of all inputs at once, for one reply: compare, before and after.

Knows nothing of questions' files, output or terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from docextract.ask.finding import error_of, find, open_job
from docextract.ask.inquiry import Inquiry
from docextract.ask.replies import Reply
from docextract.ask.replying import Replier
from docextract.ask.session import Errand
from docextract.ask.subjects import Source, of_source, together
from docextract.ask.window import Window
from docextract.documents.parts import OpenedHeader, Part, collect
from docextract.documents.pool import Failed, Job, Message, WorkerPool
from docextract.errors import NoDocumentsError, OptionError
from docextract.interrupts import Stop
from docextract.records import Document, ErrorItem, RecordStatus
from docextract.reporting import Tally


class Comparison:
    """Asks about the inputs of one errand together.

    A document that cannot be opened makes the reply a failure: a comparison that leaves one
    out unnoticed would be worse than none.

    Attributes:
        tally: counts documents found and, by status, replies.
    """

    def __init__(
        self, replier: Replier, write: Callable[[Reply], None], tell: Callable[[str], None]
    ) -> None:
        self.tally = Tally()
        self._replier = replier
        self._write = write
        self._tell = tell
        self._documents: list[Document] = []
        self._parts: list[list[Part]] = []
        self._errors: list[ErrorItem] = []
        self._num_pages = 0

    def run(self, pool: WorkerPool, errand: Errand, stdin: BinaryIO | None, stop: Stop) -> None:
        """Open everything, then ask.

        Raises:
            OptionError: there are more pages than the engine takes at once.
            NoDocumentsError: nothing matched the inputs.
        """
        for event in pool.run(self._jobs(errand.inputs, stdin)):
            if isinstance(event, Message):
                self._take(event.key, event.payload)
            elif isinstance(event, Failed):
                self._errors.append(of_source(error_of(event), self._documents[event.key]))
            if stop.is_signal:
                return
        if not self._documents:
            raise NoDocumentsError(f"no document in {', '.join(errand.inputs)}")
        for reply in self._replies(errand):
            status = RecordStatus.FAILED if reply.is_failed else RecordStatus.OK
            self.tally.by_status[status] += 1
            self._write(reply)

    def _jobs(self, inputs: tuple[str, ...], stdin: BinaryIO | None) -> Iterator[Job]:
        engine, read = self._replier.engine, self._replier.read
        for found in find(inputs, read, stdin, self._tell):
            self._documents.append(found.document)
            self._parts.append([])
            self.tally.num_found += 1
            if found.error is not None:
                self._errors.append(of_source(found.error, found.document))
            else:
                index = len(self._documents) - 1
                yield open_job(found.document, read, index, with_images=engine.needs_images)

    def _take(self, index: int, part: Part) -> None:
        self._parts[index].append(part)
        if isinstance(part, OpenedHeader):
            self._num_pages += len(self._replier.read.pages.numbers(part.num_pages))
            self._check_room()

    def _check_room(self) -> None:
        most = self._replier.engine.max_pages
        if most is not None and self._num_pages > most:
            fit = f"{most} pages fit" if most > 1 else "the model takes one page at a time"
            # Not all are opened yet, so there may be more.
            raise OptionError(
                f"--together: there are at least {self._num_pages} pages, and {fit}",
                "Name fewer inputs or choose --pages; without --together each is asked alone.",
            )

    def _replies(self, errand: Errand) -> Sequence[Reply]:
        if self._errors:
            sources = tuple(map(Source, self._documents))
            return self._replier.failures(errand.wanted, sources, tuple(self._errors))
        subject = together([collect(parts) for parts in self._parts])
        inquiry = Inquiry(errand.wanted, self._replier.engine, self._replier.read)
        window = Window(self._replier.engine)
        for waiting in inquiry.begin_with(subject):
            window.add(waiting)
        window.flush()
        self.tally.bug = window.bug
        assert inquiry.subject is not None
        return self._replier.replies(errand.wanted, inquiry.subject, inquiry.heard)
