"""What the steps of the text engine share: a document read once, and options to choose from.

Knows nothing of how options are found or weighed. Steps take from here the names of all that a
document is made of, lines of segments of tokens, candidates among them and hits of labels, and how
its words are folded, joined and searched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

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
from docextract.engine.text.scorer import (
    Factors,
    given,
    length,
    level,
    probability_of,
    score_of,
    total_of,
)
from docextract.engine.text.values.amounts import Candidate
from docextract.schema import Kind

__all__ = [
    "NUMBER_WORDS",
    "Candidate",
    "Factors",
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
    "given",
    "join",
    "length",
    "level",
    "make_segment",
    "pattern",
    "score_of",
    "total_of",
]


@dataclass(frozen=True, eq=False, slots=True)
class Option:
    """One possible value of a field, with the factors that speak for and against it.

    Attributes:
        path: of the field.
        tokens: where it is printed.
        text: as printed.
        factors: names and values; ``scorer.json`` weighs them.
        candidate: what it was found as.
        hit: the label that announces it.
        score: what the factors come to, 0 to 1.
    """

    path: str
    tokens: list[Token]
    text: str
    factors: Factors
    candidate: Candidate | None = None
    hit: Hit | None = None
    score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "score", score_of(self.factors))

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever proposes it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)

    @property
    def probability(self) -> float:
        """How often such options are right, 0 to 1."""
        return round(probability_of(self.score), 4)

    def at(self, path: str) -> Option:
        """Return the option as one of another field, or of another row."""
        return replace(self, path=path)

    def also(self, name: str, value: float = 1.0) -> Option:
        """Return the option with one more factor."""
        return replace(self, factors=(*self.factors, (name, value)))

    @classmethod
    def of(cls, path: str, candidate: Candidate, *factors: str) -> Self:
        """Return a candidate as an option, for which some factors simply hold."""
        return cls(path, candidate.tokens, candidate.text, given(*factors), candidate)


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

    def hits_on(self, line: Line) -> list[Hit]:
        """Return the hits on a line, left to right."""
        return [hit for s in line.segments for hit in self.hits_of.get(id(s), ())]

    def concepts_on(self, line: Line) -> frozenset[str]:
        """Return what the labels of a line announce."""
        return frozenset().union(*(hit.entry.concepts for hit in self.hits_on(line)))

    def all_money(self) -> list[Candidate]:
        """Return all amounts, segment by segment."""
        return [c for found in self.candidates.values() for c in found if c.kind is Kind.MONEY]

    def money_on(self, line: Line) -> list[Candidate]:
        """Return the amounts that begin on a line, left to right."""
        return [c for c in self.candidates_at(line.tokens) if c.kind is Kind.MONEY]

    def candidates_at(self, tokens: Iterable[Token]) -> list[Candidate]:
        """Return the candidates that begin at one of some tokens."""
        return [c for token in tokens for c in self.at.get(id(token), ())]

    def candidates_of(self, segment: Segment) -> list[Candidate]:
        """Return the candidates standing in a segment, left to right."""
        return self.candidates.get(id(segment), [])
