"""The seam between the run and whatever answers: questions in, answers out.

Knows nothing of stores, exports or validation, and imports no engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from docextract.core import Alternative, Box, EngineError, EngineInfo, Page, Place, Tree
from docextract.schema import Schema


class StopReason(StrEnum):
    """Why an answer ended."""

    END = "end"
    LENGTH = "length"
    REPETITION = "repetition"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an engine: pages, a schema and instructions.

    Attributes:
        document_id: of the document whose pages these are.
        pages: asked about together.
        schema: what is wanted.
        instructions: a person's words about what is wanted, if any.
        is_closer: an earlier answer was not good enough; look closer at these pages.
        focus: where on the page to look closer; None where nobody knows.
    """

    document_id: str
    pages: tuple[Page, ...]
    schema: Schema
    instructions: str = ""
    is_closer: bool = False
    focus: Box | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Raw values as printed, in the schema's shape, and what is known of them.

    Attributes:
        values: tree of raw text; a leaf that is not there is None.
        probabilities: by field path, 0 to 1; absent where the engine has none.
        places: by field path, where the engine read the value, if it knows.
        stop_reason: why the answer ended.
        usage: counts such as tokens or forward passes.
        alternatives: by field path, what else it could be, best first; for fields in
            ``values`` or absent there. None from engines that weigh no alternatives.
        views: what was shown, such as ``p1 whole 2x2 2256 tokens``.
        error: why there is no answer; the others of the same call are not concerned.
        second_odds: by field path, how much likelier a second reading finds the value than any
            other print: the logarithm of the odds; absent where it has no opinion.
    """

    values: Tree
    probabilities: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    stop_reason: StopReason = StopReason.END
    usage: Mapping[str, float] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[Alternative, ...]] | None = None
    views: tuple[str, ...] = ()
    error: EngineError | None = None
    second_odds: Mapping[str, float] = field(default_factory=dict)


class Engine(Protocol):
    """Answers questions about pages; n questions in, n answers out, in order.

    Attributes:
        info: which engine it is.
        needs_images: whether it looks at pixels.
        max_pages: most pages of one question; None for any number.
        can_look_closer: whether asking again about a part of the page can tell more.
    """

    info: EngineInfo
    needs_images: bool
    max_pages: int | None
    can_look_closer: bool

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return one answer per question, in the order asked.

        What goes wrong with one question is that answer's ``error``.

        Raises:
            EngineError: the engine failed on these questions; they may be asked again in
                smaller numbers.
        """

    def close(self) -> None:
        """Free what the engine holds; a second call does nothing."""


class Session(Protocol):
    """Questions answered side by side; more may be asked before the first ones are answered."""

    @property
    def num_open(self) -> int:
        """How many questions have no answer yet."""

    @property
    def has_room(self) -> bool:
        """Whether one more question would soon be looked at; others may be asked, and wait."""

    def ask(self, question: Question) -> int:
        """Take a question and return its number."""

    def step(self) -> Mapping[int, Answer]:
        """Work for a moment and return the answers that ended, by number.

        Raises:
            EngineError: the engine failed; no answer to an open question will come.
        """

    def close(self) -> None:
        """Leave what is open; a second call does nothing."""


@runtime_checkable
class SessionEngine(Engine, Protocol):
    """An engine that is only fast with many questions in hand."""

    def begin(self) -> Session:
        """Return a place where questions are answered."""
