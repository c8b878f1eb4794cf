"""Questions of many documents, waiting to be asked in one call.

Knows nothing of engines, runs or records: it says when there are enough, and hands them out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

from docextract.asking import pixel_bytes
from docextract.engine.base import Question
from docextract.records import Page

Owner = TypeVar("Owner", bound=Hashable)

MAX_QUESTIONS = 128
"""Most questions of one call: four times the slots of the largest engine, so that few of them
stand empty while the last answers end."""

MAX_HELD_BYTES = 2**30
"""Pixels held for what is to be asked: some 90 A4 pages at 200 dpi."""

MAX_WAIT_S = 10.0
"""How long a question waits for others while documents are still being read."""

_FIRST_QUESTIONS = 8
_CALL_S = 30.0
"""How long one call should take: what a killed run loses."""


class Waiting(NamedTuple, Generic[Owner]):
    """A question and whose it is."""

    owner: Owner
    question: Question


class Window(Generic[Owner]):
    """Waiting questions in the order they came.

    Attributes:
        room: how many make a call; from the pace of the last one.
    """

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.room = _FIRST_QUESTIONS
        self._waiting: list[Waiting[Owner]] = []
        self._since_s = 0.0
        self._clock_s = clock_s

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, owner: Owner, questions: Iterable[Question]) -> None:
        """Let questions of one owner wait."""
        if not self._waiting:
            self._since_s = self._clock_s()
        self._waiting += [Waiting(owner, question) for question in questions]

    def drop(self, owner: Owner) -> None:
        """Forget an owner's questions."""
        self._waiting = [item for item in self._waiting if item.owner != owner]

    def is_due(self, held: Iterable[Page], *, is_more_coming: bool) -> bool:
        """Return whether questions should be asked now.

        Args:
            held: pages whose pixels are held elsewhere for later questions.
            is_more_coming: whether documents are being read whose questions could join.
        """
        if not self._waiting:
            return False
        return (
            not is_more_coming
            or len(self._waiting) >= self.room
            or self._clock_s() - self._since_s >= MAX_WAIT_S
            or self._num_bytes(held) >= MAX_HELD_BYTES
        )

    def take(self) -> list[Waiting[Owner]]:
        """Return the questions of one call, oldest first; they wait no longer."""
        taken, self._waiting = self._waiting[: self.room], self._waiting[self.room :]
        self._since_s = self._clock_s()
        return taken

    def learn(self, num_questions: int, seconds: float) -> None:
        """Make calls as large as the last one's pace allows."""
        fitting = int(num_questions * _CALL_S / max(seconds, 1e-3))
        self.room = min(max(fitting, _FIRST_QUESTIONS), MAX_QUESTIONS)

    def _num_bytes(self, held: Iterable[Page]) -> int:
        # One page may stand in a question and be kept for a closer look as well.
        pages = {id(page): page for item in self._waiting for page in item.question.pages}
        pages |= {id(page): page for page in held}
        return pixel_bytes(pages.values())
