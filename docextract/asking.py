"""What one document asks of an engine: its questions, and what came back.

Knows nothing of other documents, of how answers are judged or of who carries questions to
the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from docextract.engine.base import Answer, Engine, Question
from docextract.errors import DocumentError
from docextract.merging import merge_usage
from docextract.records import AskedQuestion, ErrorItem, Page
from docextract.schema.fields import Schema
from docextract.schema.paths import unit_of

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
        num_open: questions taken and not answered.
        answers: what came back to whole questions.
        closer_answers: what came back to closer looks.
        errors: of whole questions.
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
        self.num_open = 0
        self.answers: list[Answer] = []
        self.closer_answers: list[Answer] = []
        self.errors: list[ErrorItem] = []
        self._engine = engine
        self._schema = schema
        self._instructions = instructions
        self._is_one_question = is_one_question
        self._asked: list[AskedQuestion] = []
        self._usages: list[Answer] = []
        self._together: list[Page] | None = []
        self._kept: list[Page] | None = [] if engine.can_look_closer and not instructions else None
        self._num_bytes = 0

    @property
    def kept_pages(self) -> tuple[Page, ...]:
        """The pages with their pixels; none where they are too many, or serve nothing."""
        return tuple(self._kept or ())

    @property
    def usage(self) -> dict[str, float]:
        """What all answers counted, closer looks and failed ones too."""
        return merge_usage(self._usages)

    @property
    def asked(self) -> tuple[AskedQuestion, ...]:
        """The questions that were answered, in order, as the record has them."""
        return tuple(self._asked)

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
        self.num_open += len(taken)
        return taken

    def answered(self, question: Question, answer: Answer) -> None:
        """Take the answer to one question."""
        self.num_open -= 1
        self._usages.append(answer)
        self._asked.append(_row(question, answer))
        if answer.error is not None:
            if not question.is_closer:
                self.errors.append(_error(question, answer.error))
        elif question.is_closer:
            self.closer_answers.append(answer)
        else:
            self.answers.append(answer)

    def look_closer(self, questions: Iterable[Question]) -> None:
        """Ask again, for the last time: pixels are kept no longer than these questions."""
        self.ready += questions
        self._kept = None

    def _question(self, pages: tuple[Page, ...]) -> Question:
        return Question(self.document_id, pages, self._schema, self._instructions)


def pixel_bytes(pages: Iterable[Page]) -> int:
    """Return how many bytes the pixels of some pages take."""
    return sum(len(page.image or b"") for page in pages)


def without_pixels(page: Page) -> Page:
    """Return a page with its words alone."""
    return replace(page, image=None, size=None)


def error_item(error: DocumentError, stage: str, page: int | None = None) -> ErrorItem:
    """Return a document error as it is stored."""
    return ErrorItem(stage, error.reason.value, str(error), error.hint, error.page or page)


def _error(question: Question, error: DocumentError) -> ErrorItem:
    only = question.pages[0].number if len(question.pages) == 1 else None
    return error_item(error, "answer", only)


def _row(question: Question, answer: Answer) -> AskedQuestion:
    units = dict.fromkeys(unit_of(item.path) for item in question.schema.fields)
    return AskedQuestion(
        pages=tuple(page.number for page in question.pages),
        views=answer.views,
        fields=tuple(units) if question.is_closer else (),
        is_closer=question.is_closer,
        stop="error" if answer.error is not None else answer.stop_reason.value,
    )
