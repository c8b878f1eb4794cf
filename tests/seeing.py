"""Engines for tests of how questions are carried: they look at pixels, and do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.records import EngineInfo

Script = Callable[[Question], Answer | Exception | None]


class Seeing:
    """Answers as the text engine does, unless the script has something else to say.

    Args:
        script: an answer for a question, an exception to be raised for every call that holds
            it, or None for what the text engine says.
        max_pages: most pages of one question.
        can_look_closer: whether it is asked again.

    Attributes:
        calls: the questions of each call, without their pixels' bytes.
    """

    needs_images = True

    def __init__(
        self,
        script: Script = lambda question: None,
        *,
        max_pages: int | None = None,
        can_look_closer: bool = False,
    ) -> None:
        self.info = EngineInfo("seeing")
        self.max_pages = max_pages
        self.can_look_closer = can_look_closer
        self.calls: list[list[Question]] = []
        self._script = script
        self._text = TextEngine()

    @property
    def questions(self) -> list[Question]:
        return [question for call in self.calls for question in call]

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        for question in questions:
            assert all(page.image for page in question.pages), "a page came without its pixels"
        self.calls.append(list(questions))
        return [self._answered(question) for question in questions]

    def close(self) -> None:
        """Nothing to free."""

    def _answered(self, question: Question) -> Answer:
        said = self._script(question)
        if isinstance(said, Exception):
            raise said
        return said if said is not None else self._text.answer([question])[0]


def words_of(question: Question) -> str:
    """Return all words of a question's pages."""
    return " ".join(word.text for page in question.pages for word in page.words)
