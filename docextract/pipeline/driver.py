"""Documents whose engine lives in this process, side by side from first part to last answer.

Knows nothing of inputs or stores. While the engine answers about some documents, workers read
the next ones; nothing is given away of a document before all of it is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Generic, NamedTuple, Protocol, TypeVar

from docextract.documents.pages.parts import OpenedHeader, Part
from docextract.engine.base import Engine, Question
from docextract.errors import DocextractError
from docextract.pipeline.dispatch import Exchange, Reply
from docextract.pipeline.questions import pixel_bytes
from docextract.records import Page
from docextract.workers import Event, Job, Stop, Tick, WorkerPool

T = TypeVar("T")
Owner = TypeVar("Owner", bound=Hashable)
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)

MAX_HELD_BYTES = 2**30
"""Pixels held for what is to be asked: some 90 A4 pages at 200 dpi."""

_MAX_EVENTS = 8
"""Most events of workers before the engine goes on; each takes a millisecond or two."""


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


class _Asker(NamedTuple, Generic[Owner, Outcome]):
    """Whose question it is: a document opened anew is another asker."""

    document: Owner
    assembly: Assembling[Outcome]


class Gathering(Generic[Owner, Outcome]):
    """Assembles documents side by side.

    Args:
        engine: is asked.
        begin: returns the place where a document is assembled.
        save: takes what came of each document.
        fail: takes what a bug did to a document, which is then forgotten.
        stop: a signal leaves the engine's call at once.
    """

    def __init__(
        self,
        engine: Engine,
        begin: Callable[[Owner], Assembling[Outcome]],
        save: Callable[[Owner, Outcome], None],
        fail: Callable[[Owner, Exception], None],
        stop: Stop,
    ) -> None:
        self._begin = begin
        self._save = save
        self._fail = fail
        self._stop = stop
        self._assemblies: dict[Owner, Assembling[Outcome]] = {}
        self._exchange: Exchange[_Asker[Owner, Outcome]] = Exchange(engine)

    def __len__(self) -> int:
        """How many documents have begun and not ended."""
        return len(self._assemblies)

    def events(self, pool: WorkerPool, jobs: Iterable[Job | None]) -> Iterator[Event]:
        """Yield what workers tell, and a tick now and then; in between, the engine answers.

        It ends when all jobs have ended and all questions are answered, or with a signal.

        Raises:
            Interrupted: a signal came while the engine was answering.
        """
        num_unasked = 0
        with closing(self._exchange):
            for event in pool.run(jobs, lambda: self._exchange.is_busy):
                yield event
                if self._stop.is_signal:
                    return
                num_unasked += 1
                if isinstance(event, Tick) or num_unasked >= _MAX_EVENTS:
                    self._work()
                    num_unasked = 0
                yield from self._worked(lambda: not self._wants_more)
            yield from self._worked(lambda: True)

    def _worked(self, must_go_on: Callable[[], bool]) -> Iterator[Event]:
        """Let the engine work for as long as it must, and yield a tick each time."""
        while self._exchange.is_busy and must_go_on():
            self._work()
            yield Tick()

    def add(self, document: Owner, part: Part) -> None:
        """Take a part of a document."""
        if isinstance(part, OpenedHeader):
            # A document that is opened anew, another way, is asked about anew.
            self.drop(document)
            self._assemblies[document] = self._begin(document)
        assembly = self._assemblies.get(document)
        if assembly is not None:
            self._guarded(document, lambda: assembly.add(part))
            self._go_on(document)

    def end(self, document: Owner) -> None:
        """Say that all parts of a document are there."""
        assembly = self._assemblies.get(document)
        if assembly is not None:
            self._guarded(document, assembly.end)
            self._go_on(document)

    def drop(self, document: Owner) -> None:
        """Forget a document."""
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

    def _work(self) -> None:
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
            self.drop(document)
            self._save(document, outcome)
        elif document in self._assemblies:
            self._exchange.add(_Asker(document, assembly), assembly.questions())

    def _guarded(self, document: Owner, step: Callable[[], T]) -> T | None:
        """Do one step for one document: a bug there is its failure, not the run's end."""
        try:
            return step()
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of engines in this process
            self.drop(document)
            self._fail(document, error)
            return None
