"""Asks an engine and believes nothing of what comes back but its text.

Knows nothing of any engine, nor of what is done with the answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from docextract.core import EngineError, Reason
from docextract.engine.base import Answer, Engine, Question


def answers_of(engine: Engine, questions: Sequence[Question]) -> list[Answer]:
    """Return an engine's answers, one per question; probabilities that are none are dropped.

    Raises:
        EngineError: the engine failed, ran out of memory, or gave what is no answer.
    """
    try:
        answers: Any = engine.answer(questions)
    except MemoryError as error:
        raise EngineError(Reason.OUT_OF_MEMORY, "the engine ran out of memory") from error
    if not isinstance(answers, list | tuple) or len(answers) != len(questions):
        given = len(answers) if isinstance(answers, list | tuple) else "no list of"
        message = f"the engine gave {given} answers to {len(questions)} questions"
        raise EngineError(Reason.INVALID_ANSWER, message)
    return [checked(answer) for answer in answers]


def checked(answer: Any) -> Answer:
    """Return one answer; probabilities that are none are dropped.

    Raises:
        EngineError: it is no answer.
    """
    if not isinstance(answer, Answer):
        raise EngineError(Reason.INVALID_ANSWER, "the engine gave something that is no answer")
    trees = (answer.values, answer.probabilities, answer.places, answer.usage)
    if not all(isinstance(tree, Mapping) for tree in trees):
        raise EngineError(Reason.INVALID_ANSWER, "the engine's answer has no fields")
    probabilities = {
        path: probability
        for path, probability in answer.probabilities.items()
        if _is_probability(probability)
    }
    return replace(answer, probabilities=probabilities)


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= 1
