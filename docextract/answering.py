"""Carries questions to an engine, many in one call, so that one bad question fails alone.

Knows nothing of documents or sessions; questions in, replies out, in order.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from docextract.engine.base import Answer, Engine, Question
from docextract.engine.checked import answers_of
from docextract.errors import DocextractError, EngineError


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
