"""Documents whose engine lives in this process, side by side from first part to last answer.

Knows nothing of workers, inputs or stores. Questions of many documents go to the engine in one
call; nothing is given away of a document before all of it is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from docextract.answering import Reply, ask
from docextract.documents.parts import OpenedHeader, Part
from docextract.engine.base import Engine, Question
from docextract.errors import DocextractError
from docextract.interrupts import Stop
from docextract.records import Page
from docextract.window import Waiting, Window

T = TypeVar("T")
Owner = TypeVar("Owner", bound=Hashable)
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


class Assembling(Protocol[Outcome_co]):
    """One document on its way, such as ``pipeline.Assembly``; see there."""

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
        self._engine = engine
        self._begin = begin
        self._save = save
        self._fail = fail
        self._stop = stop
        self._assemblies: dict[Owner, Assembling[Outcome]] = {}
        self._window: Window[Owner] = Window()

    def __len__(self) -> int:
        """How many documents have begun and not ended."""
        return len(self._assemblies)

    def add(self, document: Owner, part: Part) -> None:
        """Take a part of a document."""
        if isinstance(part, OpenedHeader):
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
        self._assemblies.pop(document, None)
        self._window.drop(document)

    def answer(self, *, is_more_coming: bool) -> None:
        """Ask what is due.

        Args:
            is_more_coming: whether documents are being read whose questions could join.

        Raises:
            Interrupted: a signal came; what was being asked is lost.
        """
        while self._window.is_due(self._held(), is_more_coming=is_more_coming):
            self._ask(self._window.take())

    def _ask(self, waiting: list[Waiting[Owner]]) -> None:
        start = time.monotonic()
        with self._stop.interruptible():
            replies = ask(self._engine, [item.question for item in waiting])
        self._window.learn(len(waiting), time.monotonic() - start)
        for item, reply in zip(waiting, replies, strict=True):
            self._answered(item, reply)
        for document in dict.fromkeys(item.owner for item in waiting):
            self._go_on(document)

    def _answered(self, item: Waiting[Owner], reply: Reply) -> None:
        assembly = self._assemblies.get(item.owner)
        if assembly is not None:
            self._guarded(item.owner, lambda: assembly.answered(item.question, reply))

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
            self._window.add(document, assembly.questions())

    def _held(self) -> Iterator[Page]:
        """Yield what asking sets free; of documents still being read, workers bound the number."""
        for assembly in self._assemblies.values():
            if assembly.is_whole:
                yield from assembly.kept_pages

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
