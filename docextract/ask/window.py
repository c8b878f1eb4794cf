"""Gathers questions until it pays to ask them in one call, and hands each its answer.

Knows nothing of documents or replies. An engine decodes many answers at once, and pixels take
memory, so questions wait for company, but never for more than memory allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from docextract.engine.base import Answer, Engine, Question
from docextract.errors import EngineError, Reason, describe_bug

MAX_QUESTIONS = 64
"""Twice the slots of the largest batch, so that a slot that falls free finds work."""

MAX_PIXEL_BYTES = 512 * 2**20
"""About 44 A4 pages at 200 dpi."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question, and who wants its answer."""

    question: Question
    hear: Callable[[Answer], None]


class Window:
    """Questions that wait for an engine.

    Args:
        engine: is asked when the window is full or flushed.

    Attributes:
        bug: message and traceback of the first unexpected error, or empty.
    """

    def __init__(self, engine: Engine) -> None:
        self.bug = ""
        self._engine = engine
        self._waiting: list[Waiting] = []
        self._pixel_bytes: dict[int, int] = {}

    def add(self, waiting: Waiting) -> None:
        """Take a question; one that fills the window has them all asked."""
        self._waiting.append(waiting)
        # Several questions about a page share its pixels.
        for page in waiting.question.pages:
            self._pixel_bytes[id(page)] = len(page.image or b"")
        num_bytes = sum(self._pixel_bytes.values())
        if len(self._waiting) >= MAX_QUESTIONS or num_bytes >= MAX_PIXEL_BYTES:
            self.flush()

    def flush(self) -> None:
        """Ask all that wait."""
        waiting, self._waiting = self._waiting, []
        self._pixel_bytes.clear()
        answers = self._ask([item.question for item in waiting])
        for item, answer in zip(waiting, answers, strict=True):
            item.hear(answer)

    def _ask(self, questions: Sequence[Question]) -> list[Answer]:
        if not questions:
            return []
        try:
            return self._engine.answer(questions)
        except EngineError as error:
            failure = error
        except Exception as bug:  # the document boundary of engines in this process
            message, detail = describe_bug(bug)
            failure = EngineError(Reason.INTERNAL, message)
            if len(questions) == 1:
                self.bug = self.bug or f"{message}\n{detail}"
        if len(questions) == 1:
            return [Answer({}, error=failure)]
        return [answer for question in questions for answer in self._ask([question])]
