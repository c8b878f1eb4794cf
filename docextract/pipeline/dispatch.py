"""Questions of many documents on their way to an engine, and its replies on their way back.

Knows nothing of documents, runs or records. As many questions are given to the engine as it
has room for; the others wait here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from docextract.core import DocextractError, EngineError
from docextract.engine.base import Answer, Engine, Question, Session, SessionEngine
from docextract.engine.checked import answers_of, checked


class Reply(NamedTuple):
    """What came back to one question.

    Attributes:
        answer: the answer; its ``error`` says where there is none.
        ms: this question's share of the time that the call took.
        bug: what the engine raised and should not have.
    """

    answer: Answer
    ms: float = 0.0
    bug: Exception | None = None


def ask(engine: Engine, questions: Sequence[Question]) -> list[Reply]:
    """Return one reply per question, in order.

    Where the engine fails on several questions, they are asked again in halves, until what
    it fails on stands alone.

    Raises:
        DocextractError: nothing that concerns a question, such as a device that went away.
    """
    if not questions:
        return []
    start = time.perf_counter()
    replies = _replies(engine, questions)
    share = 1000 * (time.perf_counter() - start) / len(questions)
    return [reply._replace(ms=share) for reply in replies]


def _replies(engine: Engine, questions: Sequence[Question]) -> list[Reply]:
    try:
        return [Reply(answer) for answer in answers_of(engine, questions)]
    except EngineError as error:
        failed = Reply(Answer({}, error=error))
    except DocextractError:
        raise
    except Exception as bug:  # the boundary of an engine in this process
        failed = Reply(Answer({}), bug=bug)
    if len(questions) == 1:
        return [failed]
    half = len(questions) // 2
    return _replies(engine, questions[:half]) + _replies(engine, questions[half:])


Owner = TypeVar("Owner", bound=Hashable)


class Asked(NamedTuple, Generic[Owner]):
    """A question and whose it is."""

    owner: Owner
    question: Question


class Exchange(Generic[Owner]):
    """Carries questions to one engine.

    Args:
        engine: that is asked; several questions at once if it can.
    """

    def __init__(self, engine: Engine) -> None:
        self._way: _Way = _Steps(engine) if isinstance(engine, SessionEngine) else _Calls(engine)
        self._waiting: deque[Asked[Owner]] = deque()
        self._open: dict[int, Asked[Owner]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether any question has no reply yet."""
        return bool(self._waiting or self._open)

    @property
    def has_room(self) -> bool:
        """Whether the engine would take one more question."""
        return not self._waiting and self._way.has_room

    @property
    def questions(self) -> Iterator[Question]:
        """All that have no reply yet."""
        for asked in (*self._open.values(), *self._waiting):
            yield asked.question

    def add(self, owner: Owner, questions: Iterable[Question]) -> None:
        """Take questions of one owner; a closer look goes first, while the page is at hand."""
        asked = [Asked(owner, question) for question in questions]
        self._waiting.extend(item for item in asked if not item.question.is_closer)
        self._waiting.extendleft(item for item in reversed(asked) if item.question.is_closer)
        self._fill()

    def drop(self, owner: Owner) -> None:
        """Forget an owner's questions; the engine may still answer those it has."""
        self._waiting = deque(asked for asked in self._waiting if asked.owner != owner)

    def step(self) -> list[tuple[Asked[Owner], Reply]]:
        """Let the engine work for a moment and return its replies.

        Raises:
            DocextractError: nothing that concerns a question, such as a device that went away.
        """
        replies = [(self._open.pop(number), reply) for number, reply in self._way.step()]
        self._fill()
        return replies

    def close(self) -> None:
        """Forget all questions; a second call does nothing."""
        self._waiting.clear()
        self._open.clear()
        self._way.close()

    def _fill(self) -> None:
        while self._waiting and self._way.has_room:
            asked = self._waiting.popleft()
            self._open[self._way.ask(asked.question)] = asked


class _Way(Protocol):
    """A way of asking."""

    @property
    def has_room(self) -> bool:
        """Whether the engine would take one more question."""

    def ask(self, question: Question) -> int:
        """Take a question and return its number."""

    def step(self) -> list[tuple[int, Reply]]:
        """Work for a moment and return the replies that came, by number."""

    def close(self) -> None:
        """Leave what is open; a second call does nothing."""


class _Calls:
    """Asks one question in one call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next: Question | None = None
        self._number = 0

    @property
    def has_room(self) -> bool:
        return self._next is None

    def ask(self, question: Question) -> int:
        self._next = question
        self._number += 1
        return self._number

    def step(self) -> list[tuple[int, Reply]]:
        questions = [] if self._next is None else [self._next]
        self._next = None
        return [(self._number, reply) for reply in ask(self._engine, questions)]

    def close(self) -> None:
        """Nothing to leave."""


class _Steps:
    """Asks in a session; if that fails, what was open is asked in calls, to find the bad one."""

    def __init__(self, engine: SessionEngine) -> None:
        self._engine = engine
        self._session: Session | None = None
        self._open: dict[int, Question] = {}
        self._ms: dict[int, float] = {}

    @property
    def has_room(self) -> bool:
        return self._session is None or self._session.has_room

    def ask(self, question: Question) -> int:
        self._session = self._session or self._engine.begin()
        number = self._session.ask(question)
        self._open[number], self._ms[number] = question, 0.0
        return number

    def step(self) -> list[tuple[int, Reply]]:
        if self._session is None or not self._open:
            return []
        start = time.perf_counter()
        try:
            answers = {n: checked(answer) for n, answer in self._session.step().items()}
        except EngineError:
            return self._asked_apart()
        except DocextractError:
            raise
        except Exception:  # the boundary of an engine in this process; asking apart names the bug
            return self._asked_apart()
        share = 1000 * (time.perf_counter() - start) / len(self._open)
        self._ms = {number: ms + share for number, ms in self._ms.items()}
        return [(number, self._reply(number, answer)) for number, answer in answers.items()]

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _reply(self, number: int, answer: Answer) -> Reply:
        del self._open[number]
        return Reply(answer, self._ms.pop(number))

    def _asked_apart(self) -> list[tuple[int, Reply]]:
        self.close()
        numbers, questions = list(self._open), list(self._open.values())
        self._open, self._ms = {}, {}
        return list(zip(numbers, ask(self._engine, questions), strict=True))
