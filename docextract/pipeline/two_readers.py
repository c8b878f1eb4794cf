"""Joins what two readers say of one document: the text engine first, then a model.

Knows nothing of how either reads. They are independent witnesses: what both give is likelier to
be right, where they differ the field is in conflict, and what the model alone gives must stand on
the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from docextract.engine.base import Answer
from docextract.pipeline.revision import completed
from docextract.verify.merging import compare, merge_answers, named
from docextract.verify.status.field_status import Judgement

FIRST = "text"
"""The name of the reader that reads first, free of charge."""


class _Judging(Protocol):
    def read(self, answer: Answer) -> Any:
        """Return what an answer says, typed."""

    def judge(self, answer: Answer, disagreements: Any = ..., opinions: Any = ...) -> Judgement:
        """Return what an answer is worth."""


def join(
    first: Judgement, said: Sequence[Answer], judge: _Judging, num_asked: int, name: str
) -> Judgement:
    """Return what two readings are worth together; each field says who gave it.

    Args:
        first: the judgement of the text engine's reading.
        said: the model's answers, about all or some of the schema.
        judge: judges answers about this document.
        num_asked: questions the model was asked.
        name: of the model's engine.
    """
    text = named(first.fields, FIRST)
    if not said:
        return replace(first, fields=text)
    chosen = completed(first, said, first.fields.schema, judge.judge, num_asked)
    model = named(judge.read(merge_answers(said)[0]), name)
    opinions = compare(text, model, chosen.fields)
    return judge.judge(chosen.answer, chosen.disagreements, opinions)
