"""Questions in a person's own words about one document, or several as one, until all are answered.

Knows nothing of other documents, of workers or of what an answer is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docextract.core import AskedQuestion, ErrorItem, OpenedDocument, Page
from docextract.documents.pages import OpenedHeader, Part, collect
from docextract.engine.base import Answer, Engine, Question
from docextract.pipeline.dispatch import Reply
from docextract.pipeline.questions import Asking, without_pixels
from docextract.schema.sources.free_question import free_answer


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and the numbers of the pages it is about."""

    pages: tuple[int, ...]
    answer: Answer


@dataclass(frozen=True, slots=True)
class Inquired:
    """What came of an inquiry.

    Attributes:
        opened: the document, without pixels.
        heard: by question, the answers in the order of the pages.
        errors: by question, what the engine failed on.
        asked: by question, what was shown and how each answer ended.
    """

    opened: OpenedDocument
    heard: Mapping[str, Sequence[Heard]]
    errors: Mapping[str, Sequence[ErrorItem]]
    asked: Mapping[str, Sequence[AskedQuestion]]


class Inquiry:
    """Takes a document's parts and answers as they come, as ``document.Assembly`` does.

    Args:
        engine: which is asked.
        questions: what is asked; no question twice.
        is_one_question: all pages stand in one question, however many.

    Attributes:
        is_whole: whether all parts are there.
        kept_pages: none; nobody looks closer.
    """

    def __init__(
        self, engine: Engine, questions: Sequence[str], *, is_one_question: bool = False
    ) -> None:
        self.is_whole = False
        self.kept_pages: tuple[Page, ...] = ()
        self._parts: list[Part] = []
        self._askings = {
            text: Asking(engine, free_answer(), text, is_one_question=is_one_question)
            for text in questions
        }
        self._heard: dict[str, list[Heard]] = {text: [] for text in questions}

    def add(self, part: Part) -> None:
        """Take one part, in the order in which the document was opened."""
        for asking in self._askings.values():
            if isinstance(part, OpenedHeader):
                asking.document_id = part.document.sha256
            elif isinstance(part, Page):
                asking.add(part)
        self._parts.append(without_pixels(part) if isinstance(part, Page) else part)

    def end(self) -> None:
        """Say that all parts are there."""
        self.is_whole = True
        for asking in self._askings.values():
            asking.end()

    def questions(self) -> list[Question]:
        """Return the questions that are to be asked now; each is returned once."""
        return [question for asking in self._askings.values() for question in asking.take()]

    def answered(self, question: Question, reply: Reply) -> None:
        """Take the reply to one question.

        Raises:
            Exception: the engine's bug, if that is what came back.
        """
        if reply.bug is not None:
            raise reply.bug
        self._askings[question.instructions].answered(question, reply.answer)
        if reply.answer.error is None:
            numbers = tuple(page.number for page in question.pages)
            self._heard[question.instructions].append(Heard(numbers, reply.answer))

    def outcome(self) -> Inquired | None:
        """Return what was answered; None while parts, questions or answers are to come."""
        askings = self._askings
        if not self.is_whole or any(item.ready or item.num_open for item in askings.values()):
            return None
        errors = {text: tuple(asking.errors) for text, asking in askings.items()}
        asked = {text: asking.asked for text, asking in askings.items()}
        heard = {text: sorted(items, key=_first_page) for text, items in self._heard.items()}
        return Inquired(collect(self._parts), heard, errors, asked)


def _first_page(heard: Heard) -> int:
    return heard.pages[0]
