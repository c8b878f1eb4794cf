"""Columns of a table: their cells of the header, and which token of a row stands in which.

Knows nothing of how a header is found, nor of rows: where a table ends is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from docextract.engine.text.text_document import Candidate, Line, Reader, Segment, Token
from docextract.schema import Field, Kind

_MAX_WORDS = 3
_TEXT_KINDS = (Kind.TEXT, Kind.NAME, Kind.ADDRESS)


class Content(Enum):
    """What the cells of a column hold."""

    UNKNOWN = "unknown"
    NOTHING = "nothing"
    WORDS = "words"
    NUMBERS = "numbers"
    BOTH = "both"


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
    holds: Content = Content.UNKNOWN

    @property
    def is_text(self) -> bool:
        """Whether free text stands in it."""
        return self.field is not None and self.field.kind in _TEXT_KINDS

    def distance(self, left: float, right: float) -> float:
        """Return how far a stretch is off, by its nearest edge or centre; less on overlap."""
        nearest = _distance(self.left, self.right, left, right)
        if self.body is None:
            return nearest
        return min(nearest, _distance(*self.body, left, right))


def _distance(first: float, last: float, left: float, right: float) -> float:
    off_left, off_right = left - first, right - last
    overlap = (right if right < last else last) - (left if left > first else first)
    nearest = min(abs(off_left), abs(off_right), abs(off_left + off_right) / 2)
    return nearest - 2.0 * overlap if overlap > 0 else nearest


@dataclass(eq=False, slots=True)
class Header:
    """A table's header: its columns left to right, and the lines it takes.

    Attributes:
        signed: index of the column of both what came in and what went out, told by sign.
    """

    list_path: str
    columns: list[Column]
    first_line: int
    last_line: int
    quality: float
    left_bound: float = float("-inf")
    right_bound: float = float("inf")
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

    def index_of(self, kinds: tuple[Kind, ...], is_last: bool = False) -> int | None:
        """Return the index of the first or last column of some kinds."""
        found = [
            n for n, c in enumerate(self.columns)
            if c.field and c.field.kind in kinds and c.holds is not Content.NOTHING
        ]  # fmt: skip
        return (found[-1] if is_last else found[0]) if found else None


Cells = dict[int, list[Token]]
"""The tokens of a line or row by the index of their column."""


@dataclass(eq=False, slots=True)
class BodyLine:
    """A printed line below a header, cut into cells."""

    line: Line
    header: Header
    cells: Cells

    @property
    def height(self) -> float:
        """Height of the tallest segment in the page's unit."""
        return max(segment.height for segment in self.line.segments)

    def numbers(self, reader: Reader, index: int) -> list[Candidate]:
        """Return the amounts and percentages in a cell."""
        found = reader.candidates_at(self.cells.get(index, ()))
        return [c for c in found if c.kind in (Kind.MONEY, Kind.PERCENT)]

    def texts(self) -> list[int]:
        """Return the columns of free text that are filled."""
        return [index for index in self.cells if self.header.columns[index].is_text]


def place_row(header: Header, line: Line) -> Cells:
    """Return the tokens of a line by the index of their column."""
    cells: Cells = {}
    for segment in header.segments(line):
        for tokens in _chunks(header, segment):
            index = _column_index(header, tokens)
            cells.setdefault(index, []).extend(tokens)
    return cells


def _chunks(header: Header, segment: Segment) -> list[list[Token]]:
    """Cut a segment that reaches over several columns where the column changes."""
    touched = [
        c for c in header.columns
        if min(c.left, *(c.body or (c.left,))) < segment.right
        and segment.left < max(c.right, *(c.body or (c.right,)))
    ]  # fmt: skip
    has_mix = any(_is_numeric(t) for t in segment.tokens) and len(segment.tokens) > 1
    if len(touched) < 2 or not has_mix:
        return [segment.tokens]
    chunks: list[list[Token]] = [[segment.tokens[0]]]
    for token in segment.tokens[1:]:
        before = chunks[-1][-1]
        same = _column_index(header, [token]) == _column_index(header, [before])
        if same or (token.word == before.word):
            chunks[-1].append(token)
        else:
            chunks.append([token])
    return [segment.tokens] if _is_prose(header, chunks) else chunks


def _is_prose(header: Header, chunks: Sequence[list[Token]]) -> bool:
    """Return whether a text's words run on under the columns right of it: a note."""
    columns = [header.columns[_column_index(header, tokens)] for tokens in chunks]
    others = (t for n, tokens in enumerate(chunks) if not columns[n].is_text for t in tokens)
    words = [token for token in others if len(token.text) > 1 and token.text.isalpha()]
    return columns[0].is_text and len(words) > _MAX_WORDS


def _is_numeric(token: Token) -> bool:
    return any(c.isdigit() for c in token.text)


def _column_index(header: Header, tokens: Sequence[Token]) -> int:
    """Return the column that overlaps most, or whose edge or centre is nearest."""
    left, right = tokens[0].left, tokens[-1].right
    columns = header.columns
    is_text = not any(_is_numeric(token) for token in tokens)
    best, best_cost = 0, float("inf")
    for index, column in enumerate(columns):
        cost = column.distance(left, right)
        if column.is_text:
            limit = columns[index + 1].left if index + 1 < len(columns) else float("inf")
            overlap = min(right, column.right) - max(left, column.left)
            if column.left - tokens[0].height <= left < limit and (is_text or overlap > 0):
                cost = min(cost, -(right - left))
        if cost < best_cost:
            best, best_cost = index, cost
    return best
