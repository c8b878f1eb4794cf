"""Columns of a table: their cells of the header, and which token of a row stands in which.

Knows nothing of how a header is found, nor of rows: where a table ends is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag, auto
from itertools import groupby
from math import inf

from docextract.engine.text.text_document import Candidate, Index, Line, Reader, Segment, Token
from docextract.schema import Field, Kind

NUMBER_KINDS = (Kind.MONEY, Kind.PERCENT)
_MAX_WORDS = 3
_TEXT_KINDS = (Kind.TEXT, Kind.NAME, Kind.ADDRESS)


class Content(Flag):
    """What the cells of a column hold."""

    NOTHING = 0
    WORDS = auto()
    NUMBERS = auto()
    BOTH = WORDS | NUMBERS


@dataclass(eq=False, slots=True)
class Column:
    """A header cell and the member it announces (None for one the schema lacks).

    Attributes:
        left: left edge of the header cell in the page's unit.
        right: right edge of the header cell.
        label: the header cell's words, top to bottom.
        field: the member whose values stand below.
        body: left and right edge of what stands aligned below, where anything does.
        holds: what stands below, once that is known.
    """

    left: float
    right: float
    label: list[Token]
    field: Field | None = None
    body: tuple[float, float] | None = None
    holds: Content | None = None

    @property
    def is_text(self) -> bool:
        """Whether free text stands in it."""
        return self.field is not None and self.field.kind in _TEXT_KINDS

    @property
    def outline(self) -> tuple[float, float]:
        """Left and right edge of header cell and body together."""
        left, right = self.body or (self.left, self.right)
        return min(left, self.left), max(right, self.right)

    @property
    def width(self) -> float:
        """How wide the body is in the page's unit."""
        return self.body[1] - self.body[0] if self.body is not None else 0.0

    def widen(self, left: float, right: float) -> None:
        """Let the body hold one more stretch."""
        before = self.body or (left, right)
        self.body = (min(before[0], left), max(before[1], right))

    def is_over(self, segment: Segment) -> bool:
        """Return whether the header cell stands over or under part of a segment."""
        return self.left < segment.right and segment.left < self.right

    def distance(self, left: float, right: float) -> float:
        """Return how far a stretch is off, by its nearest edge or centre; less on overlap."""
        nearest = _distance(self.left, self.right, left, right)
        return nearest if self.body is None else min(nearest, _distance(*self.body, left, right))


def _distance(first: float, last: float, left: float, right: float) -> float:
    off_left, off_right = left - first, right - last
    overlap = (right if right < last else last) - (left if left > first else first)
    left_by, right_by, by = abs(off_left), abs(off_right), abs(off_left + off_right) / 2
    # No ``min``: this is asked a thousand times a document.
    nearest = left_by if left_by < right_by else right_by
    nearest = by if by < nearest else nearest
    return nearest - 2.0 * overlap if overlap > 0 else nearest


class Members:
    """The members of a list, what they stand for and which phrases announce them.

    Attributes:
        list_path: of the list.
        fields: by path.
        by_concept: the same by what they stand for.
        scores: how well the words of a header cell announce them, once that is known.
    """

    def __init__(self, index: Index, list_path: str) -> None:
        self._index = index
        self.list_path = list_path
        self.fields = {f.path: f for f in index.fields.values() if f.list_path == list_path}
        self.by_concept = {index.concept_of[path]: f for path, f in self.fields.items()}
        self.scores: dict[tuple[str, ...], dict[str, float]] = {}

    def concept_of(self, path: str) -> str:
        """Return what a member stands for, or an empty string."""
        return self._index.concept_of[path]

    def ranks(self, phrase: str) -> dict[str, int]:
        """Return the paths of the members that a folded phrase announces, with its rank there."""
        entry = self._index.entries.get(phrase)
        return {} if entry is None else {p: r for p, r in entry.ranks.items() if p in self.fields}

    def held(self, columns: Sequence[Column]) -> dict[str, int]:
        """Return the indexes of the columns that hold a member, by what it stands for."""
        return {self.concept_of(c.field.path): n for n, c in enumerate(columns) if c.field}


@dataclass(eq=False, slots=True)
class Header:
    """A table's header: its columns left to right, and the lines it takes.

    Attributes:
        signed: index of the column of both what came in and what went out, told by sign.
    """

    members: Members
    columns: list[Column]
    first_line: int
    last_line: int
    quality: float
    left_bound: float = -inf
    right_bound: float = inf
    signed: int | None = None

    @property
    def num_named(self) -> int:
        """How many columns announce a member."""
        return sum(column.field is not None for column in self.columns)

    @property
    def has_text(self) -> bool:
        """Whether a column of free text is among them."""
        return any(column.is_text for column in self.columns)

    def is_named(self, segment: Segment) -> bool:
        """Return whether a segment stands in a column that announces a member."""
        return self.columns[_column_index(self, segment.tokens)].field is not None

    def segments(self, line: Line) -> list[Segment]:
        """Return a line's segments that can belong to the table, not to its neighbours."""
        return [s for s in line.segments if s.right > self.left_bound and s.left < self.right_bound]

    @property
    def anchor(self) -> int:
        """Index of the column that has a value in every row: a date, else the last amount."""
        filled = [(n, c.field.kind) for n, c in enumerate(self.columns)
                  if c.field and c.holds is not Content.NOTHING]  # fmt: skip
        dates = [n for n, kind in filled if kind is Kind.DATE]
        amounts = [n for n, kind in filled if kind in (Kind.MONEY, Kind.DECIMAL)]
        counts = [n for n, kind in filled if kind is Kind.QUANTITY]
        return [*dates[:1], *amounts[-1:], *counts[-1:], len(self.columns) - 1][0]


Cells = dict[int, list[Token]]
"""The tokens of a line or row by the index of their column."""


@dataclass(eq=False, slots=True)
class BodyLine:
    """A printed line below a header, cut into cells."""

    line: Line
    header: Header
    cells: Cells

    def numbers(self, reader: Reader, index: int) -> list[Candidate]:
        """Return the amounts and percentages in a cell."""
        found = reader.candidates_at(self.cells.get(index, ()))
        return [c for c in found if c.kind in NUMBER_KINDS]

    def texts(self) -> list[int]:
        """Return the columns of free text that are filled."""
        return [index for index in self.cells if self.header.columns[index].is_text]


def place_row(header: Header, line: Line) -> Cells:
    """Return the tokens of a line by the index of their column."""
    cells: Cells = {}
    for segment in header.segments(line):
        for tokens in _chunks(header, segment):
            cells.setdefault(_column_index(header, tokens), []).extend(tokens)
    return cells


def _chunks(header: Header, segment: Segment) -> list[list[Token]]:
    """Cut a segment that reaches over several columns where the column changes."""
    outlines = [column.outline for column in header.columns]
    touched = sum(left < segment.right and segment.left < right for left, right in outlines)
    has_mix = len(segment.tokens) > 1 and any(token.has_digit for token in segment.tokens)
    if touched < 2 or not has_mix:
        return [segment.tokens]
    words = [list(word) for _, word in groupby(segment.tokens, key=lambda token: token.word)]
    runs = groupby(words, key=lambda word: _column_index(header, word[-1:]))
    cut = [(header.columns[index], [t for word in run for t in word]) for index, run in runs]
    # A note is a text whose words run on under the columns right of it.
    others = [t for column, run in cut for t in run if not column.is_text]
    is_note = sum(len(t.text) > 1 and t.text.isalpha() for t in others) > _MAX_WORDS
    return [segment.tokens] if cut[0][0].is_text and is_note else [run for _, run in cut]


def _column_index(header: Header, tokens: Sequence[Token]) -> int:
    """Return the column that overlaps most, or whose edge or centre is nearest."""
    left, right = tokens[0].left, tokens[-1].right
    columns = header.columns
    is_text = not any(token.has_digit for token in tokens)
    best, best_cost = 0, inf
    for index, column in enumerate(columns):
        cost = column.distance(left, right)
        if column.is_text:
            limit = columns[index + 1].left if index + 1 < len(columns) else inf
            overlap = min(right, column.right) - max(left, column.left)
            if column.left - tokens[0].height <= left < limit and (is_text or overlap > 0):
                cost = min(cost, -(right - left))
        if cost < best_cost:
            best, best_cost = index, cost
    return best
