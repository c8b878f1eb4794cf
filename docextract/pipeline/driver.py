"""Documents side by side from first part to last answer: what jobs read, an engine answers about.

Knows nothing of inputs or stores, nor of where jobs run. While the engine answers about some
documents, others are read; nothing is given away of a document before all of it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from docextract.core import DocextractError, Page, Reason, Record
from docextract.documents.pages import OpenedHeader, PageRead, Part
from docextract.engine.base import Engine, Question
from docextract.pipeline.dispatch import Exchange, Reply
from docextract.pipeline.questions import pixel_bytes
from docextract.pipeline.splitting.cutting import CutFile, ToBeCut
from docextract.workers import EventSink, Failed, Job, OutOfTimeError, Runner, Stop, drive

T = TypeVar("T")
Owner = TypeVar("Owner", bound=Hashable)
Owner_contra = TypeVar("Owner_contra", bound=Hashable, contravariant=True)
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)
Outcome_contra = TypeVar("Outcome_contra", contravariant=True)

MAX_HELD_BYTES = 2**30
"""Pixels held for what is to be asked: some 90 A4 pages at 200 dpi."""

MAX_JUDGING_CPU_S = 60.0
"""As much as a worker may take for a page; a hundred times what a long invoice needs."""

_TOO_MUCH = "Pages or answers hold too much; see the record of fewer of its pages (--pages)."
_MAX_EVENTS = 8
"""Most events of jobs before the engine goes on; each takes a millisecond or two."""


class Assembling(Protocol[Outcome_co]):
    """One document on its way, such as ``document.Assembly``; see there."""

    is_whole: bool

    @property
    def kept_pages(self) -> tuple[Page, ...]:
        """The pages whose pixels are kept for later questions."""

    def add(self, part: Part) -> None:
        """Take one part."""

    def end(self) -> None:
        """Say that all parts are there."""

    def questions(self) -> Sequence[Question]:
        """Return the questions that are to be asked now; each is returned once."""

    def answered(self, question: Question, reply: Reply) -> None:
        """Take the reply to one question."""

    def outcome(self) -> Outcome_co | None:
        """Return what came of it; None while something is to come."""


class DocumentSink(Protocol[Owner_contra, Outcome_contra]):
    """Is told what comes of documents. An owner is what names one: the key of its job."""

    def page_read(self, owner: Owner_contra, page: Page | PageRead) -> None:
        """Take that one more page is read; of a document that is opened anew, once more."""

    def save(self, owner: Owner_contra, outcome: Outcome_contra | Record) -> None:
        """Take what came of a document, assembled here or where it was read."""

    def failed(self, event: Failed) -> None:
        """Take that a document could not be read; the event's key is its owner."""

    def broken(self, owner: Owner_contra, error: Exception) -> None:
        """Take what a bug in this process did to a document."""

    def tick(self) -> None:
        """Take that nothing came for a moment."""


class _Asker(NamedTuple, Generic[Owner, Outcome]):
    """Whose question it is: a document opened anew is another asker."""

    document: Owner
    assembly: Assembling[Outcome]


class Driver(EventSink, Generic[Owner, Outcome]):
    """Brings documents from the events of their jobs to what comes of them, side by side.

    Args:
        engine: is asked about documents whose parts come here; others come with their record.
        begin: returns the place where such a document is assembled.
        sink: is told what comes of each.
        stop: tells of a signal, which leaves the engine's call, and judging, at once.
        judging_cpu_s: CPU seconds that judging what was answered of a document may take at once.
    """

    def __init__(
        self,
        engine: Engine,
        begin: Callable[[Owner], Assembling[Outcome]],
        sink: DocumentSink[Owner, Outcome],
        stop: Stop,
        judging_cpu_s: float = MAX_JUDGING_CPU_S,
    ) -> None:
        self._begin = begin
        self._judging_cpu_s = judging_cpu_s
        self._sink = sink
        self._stop = stop
        self._num_being_read = 0
        self._assemblies: dict[Owner, Assembling[Outcome]] = {}
        self._outcomes: dict[Owner, Any] = {}
        self._exchange: Exchange[_Asker[Owner, Outcome]] = Exchange(engine)
        self._num_unasked = 0

    @property
    def is_idle(self) -> bool:
        """Whether every document that has begun has ended."""
        return not self._num_being_read and not self._assemblies

    @property
    def is_reading(self) -> bool:
        """Whether a document is being read whose end has not come."""
        return self._num_being_read > 0

    @property
    def is_busy(self) -> bool:
        """Whether the engine has something to answer."""
        return self._exchange.is_busy

    def run(self, runner: Runner, jobs: Iterable[Job | None]) -> None:
        """Drive documents until all jobs have ended and all is answered, or a signal comes.

        Args:
            runner: where the jobs run.
            jobs: one a document, whose key is the owner.
        """
        with closing(self._exchange):
            drive(runner, self._counted(jobs), self, self._stop)

    def message(self, key: Owner, payload: Any) -> None:
        """Take a part of a document, or its record from where it was read."""
        if isinstance(payload, Page | PageRead):
            self._sink.page_read(key, payload)
        if isinstance(payload, Record | CutFile | ToBeCut):
            # Only where the jobs may cut files, whose sink takes what comes of it.
            self._outcomes[key] = payload
        if isinstance(payload, ToBeCut):
            # At once: when the file's job has ended, it may be too late to ask for more jobs.
            self._sink.save(key, self._outcomes.pop(key))
        elif not isinstance(payload, PageRead):
            self._add(key, payload)

    def finished(self, key: Owner) -> None:
        """Take that all parts of a document are there."""
        self._num_being_read -= 1
        if key in self._outcomes:
            self._sink.save(key, self._outcomes.pop(key))
        assembly = self._assemblies.get(key)
        if assembly is not None:
            self._guarded(key, assembly.end)
            self._go_on(key)

    def failed(self, event: Failed) -> None:
        """Forget a document that could not be read to its end."""
        self._num_being_read -= 1
        # A worker that made a record and then failed has said two things of one document.
        self._outcomes.pop(event.key, None)
        self._drop(event.key)
        self._sink.failed(event)

    def tick(self) -> None:
        """Let the engine go on: nothing else is to be done."""
        self._sink.tick()
        self._num_unasked = _MAX_EVENTS

    def work(self) -> None:
        """Let the engine work now and then, and for as long as nothing more should be read."""
        self._num_unasked += 1
        if self._num_unasked >= _MAX_EVENTS:
            self._step()
            self._num_unasked = 0
        self._work_while(lambda: not self._wants_more)

    def all_ended(self) -> None:
        """Let the engine answer what is left."""
        self._work_while(lambda: True)

    def _counted(self, jobs: Iterable[Job | None]) -> Iterator[Job | None]:
        for job in jobs:
            self._num_being_read += job is not None
            yield job

    def _work_while(self, must_go_on: Callable[[], bool]) -> None:
        while self._exchange.is_busy and must_go_on():
            self._step()
            self._sink.tick()

    def _add(self, document: Owner, part: Part) -> None:
        if isinstance(part, OpenedHeader):
            # A document that is opened anew, another way, is asked about anew.
            self._drop(document)
            self._assemblies[document] = self._begin(document)
        assembly = self._assemblies.get(document)
        if assembly is not None:
            self._guarded(document, lambda: assembly.add(part))
            self._go_on(document)

    def _drop(self, document: Owner) -> None:
        assembly = self._assemblies.pop(document, None)
        if assembly is not None:
            self._exchange.drop(_Asker(document, assembly))

    @property
    def _wants_more(self) -> bool:
        """Whether more should be read before the engine goes on."""
        if not self._exchange.has_room:
            return False
        # One page may stand in a question and be kept for a closer look as well.
        pages = {id(p): p for question in self._exchange.questions for p in question.pages}
        pages |= {id(p): p for p in self._kept_pages()}
        return pixel_bytes(pages.values()) < MAX_HELD_BYTES

    def _kept_pages(self) -> Iterator[Page]:
        """Yield what asking sets free; of documents still being read, workers bound the number."""
        for assembly in self._assemblies.values():
            if assembly.is_whole:
                yield from assembly.kept_pages

    def _step(self) -> None:
        with self._stop.interruptible():
            replies = self._exchange.step()
        for (asker, question), reply in replies:
            self._answered(asker, question, reply)
        for asker in dict.fromkeys(asked.owner for asked, _ in replies):
            if self._assemblies.get(asker.document) is asker.assembly:
                self._go_on(asker.document)

    def _answered(self, asker: _Asker[Owner, Outcome], question: Question, reply: Reply) -> None:
        if self._assemblies.get(asker.document) is asker.assembly:
            self._guarded(asker.document, lambda: asker.assembly.answered(question, reply))

    def _go_on(self, document: Owner) -> None:
        """Give away what came of a document if it is there, else let its new questions wait."""
        assembly = self._assemblies.get(document)
        if assembly is None:
            return
        outcome = self._guarded(document, assembly.outcome)
        if outcome is not None:
            self._drop(document)
            self._sink.save(document, outcome)
        elif document in self._assemblies:
            self._exchange.add(_Asker(document, assembly), assembly.questions())

    def _guarded(self, document: Owner, step: Callable[[], T]) -> T | None:
        """Do one step for one document: a bug there is its failure, not the run's end.

        What strangers wrote and engines said is judged here, so a signal or too much work ends it.
        """
        try:
            with self._stop.bounded(self._judging_cpu_s):
                return step()
        except OutOfTimeError:
            self._drop(document)
            message = f"Judging its answers took over {self._judging_cpu_s:g} CPU seconds."
            self._sink.failed(Failed(document, Reason.TIMEOUT, message, hint=_TOO_MUCH))
            return None
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of engines in this process
            self._drop(document)
            self._sink.broken(document, error)
            return None
