"""What the steps of the text engine share: a document read once, and options to choose from.

Knows nothing of how options are found or weighed. Steps take from here the names of all that a
document is made of, lines of segments of tokens, candidates among them and hits of labels, and how
its words are folded, joined and searched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from docextract.engine.text.labels.index import Index
from docextract.engine.text.labels.matches import Hit
from docextract.engine.text.layout import (
    NUMBER_WORDS,
    Layout,
    Line,
    Segment,
    Token,
    fold,
    fold_keys,
    fold_words,
    join,
    make_segment,
    pattern,
)
from docextract.engine.text.values.amounts import Candidate

__all__ = [
    "DOUBTED",
    "NUMBER_WORDS",
    "Candidate",
    "Hit",
    "Index",
    "Layout",
    "Line",
    "Option",
    "Reader",
    "Segment",
    "Token",
    "fold",
    "fold_keys",
    "fold_words",
    "join",
    "make_segment",
    "pattern",
]

DOUBTED = 0.28
"""Score of a value that stays in the answer, but below the odds of a verified one."""


@dataclass(eq=False, slots=True)
class Option:
    """One possible value of a field, and how well its place supports it (0 to 1)."""

    path: str
    tokens: list[Token]
    text: str
    score: float
    candidate: Candidate | None = None
    hit: Hit | None = None

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever proposes it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)


@dataclass(slots=True)
class Reader:
    """What the steps share: the layout, its candidates, hits and the schema's index."""

    layout: Layout
    index: Index
    candidates: dict[int, list[Candidate]]
    hits: list[Hit]
    hits_of: dict[int, list[Hit]]

    at: dict[int, list[Candidate]] = field(default_factory=dict)

    line_of: dict[int, int] = field(default_factory=dict)

    def hits_at(self, token: Token) -> list[Hit]:
        """Return the hits on the line's segments that begin at a token."""
        line = self.line_of.get(id(token))
        if line is None:
            return []
        return [
            hit
            for segment in self.layout.lines[line].segments
            for hit in self.hits_of.get(id(segment), ())
            if segment.tokens[hit.start] is token
        ]

    def candidates_at(self, tokens: Iterable[Token]) -> list[Candidate]:
        """Return the candidates that begin at one of some tokens."""
        return [c for token in tokens for c in self.at.get(id(token), ())]

    def candidates_of(self, segment: Segment) -> list[Candidate]:
        """Return the candidates standing in a segment, left to right."""
        return self.candidates.get(id(segment), [])
