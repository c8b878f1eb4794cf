"""The schema of a question in a person's own words: one text, or nothing.

Knows nothing of what was asked, nor of who answers.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from docextract.schema.fields import Schema
from docextract.schema.kinds import FieldType, Kind

ANSWER = "answer"
"""Path of the one field."""

MAX_ANSWER_CHARS = 1200
"""A long paragraph, about 200 words; what a question wants beyond is asked in two."""


class FreeAnswer(BaseModel):
    """What an engine says to a question in a person's own words."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[
        str | None,
        FieldType(Kind.TEXT),
        StringConstraints(max_length=MAX_ANSWER_CHARS),
        Field(description="the answer, or null where it is not shown"),
    ] = None


@cache
def free_answer() -> Schema:
    """Return the schema; what is asked stands in the question's instructions."""
    return Schema.from_model(FreeAnswer, "question")


def is_free_answer(schema: Schema) -> bool:
    """Return whether a person's own question is asked rather than a schema's fields."""
    return schema.model is FreeAnswer
