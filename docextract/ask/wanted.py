"""What is wanted of each document, and what an engine was heard to say.

Knows nothing of documents, engines or replies.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.engine.base import Answer
from docextract.schema.fields import Schema


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing asked of every document of an errand.

    Attributes:
        schema: of the answer.
        question: in a person's words; empty where the schema's fields are asked for.
    """

    schema: Schema
    question: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and the numbers of the pages it is about."""

    pages: tuple[int, ...]
    answer: Answer
