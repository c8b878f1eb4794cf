"""What one document asks of an engine: its questions, and what came back.

Knows nothing of other documents, of how answers are judged or of who carries questions to
the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from docextract.core import ANSWER_STAGE, AskedQuestion, DocumentError, ErrorItem, Page
from docextract.engine.base import Answer, Engine, Question
from docextract.schema import Schema, unit_of
from docextract.verify.merging import merge_usage

MAX_KEPT_BYTES = 96 * 2**20
"""Pixels of one document kept for one question over all pages, or for a closer look: eight
A4 pages at 200 dpi."""


class Asking:
    """The questions of one document.

    All pages stand in one question while they are at most ``engine.max_pages`` and their
    pixels few enough; else each page is asked about alone, as soon as it is there.

    Args:
        engine: which will be asked.
        schema: of the answers.
        instructions: a person's own question; nobody looks closer for it.
        is_one_question: all pages stand in one question, however many.

    Attributes:
        document_id: of the document.
        ready: questions nobody has taken yet.
    """

    def __init__(
        self,
        engine: Engine,
        schema: Schema,
        instructions: str = "",
        *,
        is_one_question: bool = False,
    ) -> None:
        self.document_id = ""
        self.ready: list[Question] = []
        self._engine = engine
        self._schema = schema
        self._instructions = instructions
        self._is_one_question = is_one_question
        self._num_taken = 0
        self._open: dict[int, int] = {}
        self._done: dict[int, _Done] = {}
        self._together: list[Page] | None = []
        self._kept: list[Page] | None = [] if engine.can_look_closer and not instructions else None
        self._num_bytes = 0
        self._num_first: int | None = None

    @property
    def kept_pages(self) -> tuple[Page, ...]:
        """The pages with their pixels; none where they are too many, or serve nothing."""
        return tuple(self._kept or ())

    @property
    def num_open(self) -> int:
        """How many questions were taken and not answered."""
        return len(self._open)

    @property
    def answers(self) -> list[Answer]:
        """What came back to whole questions, in the order of the questions."""
        return [done.answer for done in self._good() if not done.is_closer]

    @property
    def closer_answers(self) -> list[Answer]:
        """What came back to closer looks, in the order of the questions."""
        return [done.answer for done in self._good() if done.is_closer]

    @property
    def is_in_vain(self) -> bool:
        """Whether whole questions were asked and none of them was answered."""
        return bool(self.errors) and not self.answers

    @property
    def errors(self) -> list[ErrorItem]:
        """Why there are no answers to some whole questions."""
        return [done.error for done in self._replies() if done.error]

    @property
    def usage(self) -> dict[str, float]:
        """What all answers counted, closer looks and failed ones too."""
        return merge_usage([done.answer for done in self._replies()])

    @property
    def asked(self) -> tuple[AskedQuestion, ...]:
        """The questions that were answered, in order, as the record has them."""
        return tuple(done.row for done in self._replies())

    def add(self, page: Page) -> None:
        """Take the next page."""
        self._num_bytes += pixel_bytes([page])
        is_much = self._num_bytes > MAX_KEPT_BYTES
        if self._kept is not None:
            self._kept = None if is_much else [*self._kept, page]
        if self._together is None:
            self.ready.append(self._question((page,)))
            return
        self._together.append(page)
        most = self._engine.max_pages
        is_more = is_much or (most is not None and len(self._together) > most)
        if is_more and not self._is_one_question:
            self.ready += [self._question((page,)) for page in self._together]
            self._together = None

    def end(self) -> None:
        """Say that all pages are there."""
        if self._together:
            self.ready.append(self._question(tuple(self._together)))
        self._together = None

    def take(self) -> list[Question]:
        """Return the questions that are ready; they count as open until they are answered."""
        taken, self.ready = self.ready, []
        for question in taken:
            self._open[id(question)] = self._num_taken
            self._num_taken += 1
        return taken

    def answered(self, question: Question, answer: Answer) -> None:
        """Take the answer to one question; they may come in any order."""
        place = self._open.pop(id(question))
        is_closer = self._num_first is not None and place >= self._num_first
        error = None if is_closer else _error(question, answer)
        self._done[place] = _Done(self._row(question, answer), answer, is_closer, error)

    def ask(self, questions: Iterable[Question]) -> None:
        """Ask what is no whole page's question; answers count as those to whole questions."""
        self.ready += questions

    def look_closer(self, questions: Iterable[Question]) -> None:
        """Ask again, for the last time: pixels are kept no longer than these questions."""
        self._num_first = self._num_taken
        self.ready += questions
        self._kept = None

    def _replies(self) -> Iterator[_Done]:
        return (self._done[place] for place in sorted(self._done))

    def _good(self) -> Iterator[_Done]:
        return (done for done in self._replies() if done.answer.error is None)

    def _question(self, pages: tuple[Page, ...]) -> Question:
        return Question(self.document_id, pages, self._schema, self._instructions)

    def _row(self, question: Question, answer: Answer) -> AskedQuestion:
        is_part = question.schema.id != self._schema.id
        units = dict.fromkeys(unit_of(item.path) for item in question.schema.fields)
        return AskedQuestion(
            pages=tuple(page.number for page in question.pages),
            views=answer.views,
            fields=tuple(units) if is_part or question.is_closer else (),
            is_closer=question.is_closer,
            stop="error" if answer.error is not None else answer.stop_reason.value,
        )


class _Done(NamedTuple):
    """What is kept of a question that was answered; its pages' pixels are not.

    Attributes:
        row: what the record says of it.
        answer: what came back.
        is_closer: whether it was a closer look.
        error: why there is no answer; of a closer look that failed the record says nothing.
    """

    row: AskedQuestion
    answer: Answer
    is_closer: bool
    error: ErrorItem | None


def pixel_bytes(pages: Iterable[Page]) -> int:
    """Return how many bytes the pixels of some pages take."""
    return sum(len(page.image or b"") for page in pages)


def without_pixels(page: Page) -> Page:
    """Return a page with its words alone."""
    return replace(page, image=None, size=None)


def error_item(error: DocumentError, stage: str, page: int | None = None) -> ErrorItem:
    """Return a document error as it is stored."""
    return ErrorItem(stage, error.reason.value, str(error), error.hint, error.page or page)


def _error(question: Question, answer: Answer) -> ErrorItem | None:
    """Return what the record says of a failure."""
    if answer.error is None:
        return None
    numbers = [page.number for page in question.pages]
    if len(numbers) == 1:
        return error_item(answer.error, ANSWER_STAGE, numbers[0])
    item = error_item(answer.error, ANSWER_STAGE)
    return replace(item, message=f"pages {numbers[0]} to {numbers[-1]}: {item.message}")
