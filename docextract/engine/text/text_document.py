"""What the steps of the text engine share: a document read once, and options to choose from.

Knows nothing of how options are found or weighed. Steps take from here the names of all that a
document is made of, lines of segments of tokens, candidates among them and hits of labels, and how
its words are folded, joined and searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from docextract.core import Page
from docextract.engine.text.labels.index import Index
from docextract.engine.text.labels.matches import Hit, find_hits, is_prose
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
    num_digits,
    pattern,
    read_layout,
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
from docextract.engine.text.values.candidates import find_candidates
from docextract.schema import Kind

__all__ = [
    "NUMBER_WORDS", "Candidate", "Factors", "Hit", "Index", "Layout", "Line", "Option", "Reader",
    "Segment", "Token", "fold", "fold_keys", "fold_words", "given", "is_prose", "join", "length",
    "level", "make_segment", "num_digits", "pattern", "score_of", "total_of",
]  # fmt: skip


_MIN_PRICES = 2
_BY_SECOND = frozenset({"second.day", "second.number", "party.second"})
"""Factors of what a second reading put in."""


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

    @classmethod
    def of(cls, path: str, candidate: Candidate, *factors: str) -> Self:
        """Return a candidate as an option, for which some factors simply hold."""
        return cls(path, candidate.tokens, candidate.text, given(*factors), candidate)

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever proposes it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)

    @property
    def probability(self) -> float:
        """How often such options are right, 0 to 1."""
        return round(probability_of(self.score), 4)

    @property
    def is_second(self) -> bool:
        """Whether a second reading gave it, which then says nothing more of it."""
        return any(name in _BY_SECOND and holds for name, holds in self.factors)

    def at(self, path: str) -> Option:
        """Return the option as one of another field, or of another row."""
        return replace(self, path=path)

    def also(self, name: str, value: float = 1.0) -> Option:
        """Return the option with one more factor."""
        return replace(self, factors=(*self.factors, (name, value)))


@dataclass(slots=True)
class Reader:
    """A document as read: its layout, candidates and hits, and the schema's index.

    Candidates are kept by the id of their segment, and by that of the token they begin with.
    """

    layout: Layout
    index: Index
    candidates: dict[int, list[Candidate]]
    hits: list[Hit]
    hits_of: dict[int, list[Hit]] = field(default_factory=dict)
    at: dict[int, list[Candidate]] = field(default_factory=dict)
    line_of: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for hit in self.hits:
            self.hits_of.setdefault(id(hit.segment), []).append(hit)
        for candidates in self.candidates.values():
            for candidate in candidates:
                self.at.setdefault(id(candidate.tokens[0]), []).append(candidate)
        self.line_of = {
            id(token): line.index for line in self.layout.lines for token in line.tokens
        }

    @classmethod
    def of(cls, pages: Sequence[Page], index: Index) -> Self:
        """Return pages as read for a schema."""
        layout = read_layout(pages)
        return cls(layout, index, find_candidates(layout), find_hits(layout, index))

    def hits_at(self, token: Token) -> list[Hit]:
        """Return the hits that begin at a token."""
        line = self.layout.lines[self.line_of[id(token)]]
        return [hit for hit in self.hits_on(line) if hit.segment.tokens[hit.start] is token]

    def hits_on(self, line: Line) -> list[Hit]:
        """Return the hits on a line, left to right."""
        return [hit for s in line.segments for hit in self.hits_in(s)]

    def hits_in(self, segment: Segment) -> list[Hit]:
        """Return the hits in a segment, left to right."""
        return self.hits_of.get(id(segment), [])

    def concepts_on(self, line: Line) -> frozenset[str]:
        """Return what the labels of a line announce."""
        return frozenset().union(*(hit.entry.concepts for hit in self.hits_on(line)))

    def all_of(self, kind: Kind) -> list[Candidate]:
        """Return all candidates of a kind, segment by segment."""
        return [c for found in self.candidates.values() for c in found if c.kind is kind]

    def all_money(self) -> list[Candidate]:
        """Return all amounts, segment by segment."""
        return self.all_of(Kind.MONEY)

    def money_on(self, line: Line) -> list[Candidate]:
        """Return the amounts that begin on a line, left to right."""
        return [c for c in self.candidates_at(line.tokens) if c.kind is Kind.MONEY]

    def is_row_of_prices(self, number: int) -> bool:
        """Return whether several amounts with decimals begin on a line."""
        prices = (c for c in self.money_on(self.layout.lines[number]) if c.num_decimals > 0)
        return sum(1 for _ in prices) >= _MIN_PRICES

    def candidates_at(self, tokens: Iterable[Token]) -> list[Candidate]:
        """Return the candidates that begin at one of some tokens."""
        return [c for token in tokens for c in self.at.get(id(token), ())]

    def candidates_of(self, segment: Segment) -> list[Candidate]:
        """Return the candidates standing in a segment, left to right."""
        return self.candidates.get(id(segment), [])

    def dates_of(self, segment: Segment) -> list[Candidate]:
        """Return the dates standing in a segment, left to right."""
        return [c for c in self.candidates_of(segment) if c.kind is Kind.DATE]
