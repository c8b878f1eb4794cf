"""Words become tokens, tokens segments (runs without a wide gap), segments lines.

Knows nothing of labels, schemas or what a value looks like.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from statistics import median

from docextract.core import Page, WordSource
from docextract.engine.text.layout.tokens import MAX_WORDS_PER_PAGE, Token, join, read_tokens
from docextract.engine.text.scorer import length, level

MAX_TOKENS = 60
"""Longer runs are cut, which keeps the cost of every later step linear in words."""


@dataclass(eq=False, slots=True)
class Segment:
    """A run of tokens on one line without a wide gap."""

    tokens: list[Token]
    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str
    starts: list[int]
    line: int = 0
    column: int = 0

    @property
    def height(self) -> float:
        """Height in the page's unit."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Vertical centre in the page's unit."""
        return (self.top + self.bottom) / 2

    def tokens_between(self, start: int, end: int) -> list[Token]:
        """Return the tokens that characters ``start`` to ``end`` of ``text`` touch."""
        return [
            token
            for token, at in zip(self.tokens, self.starts, strict=True)
            if at < end and at + len(token.text) > start
        ]


@dataclass(eq=False, slots=True)
class Line:
    """Segments side by side, left to right."""

    segments: list[Segment]
    page: int
    index: int

    @property
    def top(self) -> float:
        """Top edge in the page's unit."""
        return min(segment.top for segment in self.segments)

    @property
    def bottom(self) -> float:
        """Bottom edge in the page's unit."""
        return max(segment.bottom for segment in self.segments)

    @property
    def height(self) -> float:
        """Height of the tallest segment in the page's unit."""
        return max(segment.height for segment in self.segments)

    @property
    def text(self) -> str:
        """All text of the line."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def tokens(self) -> list[Token]:
        """All tokens, left to right."""
        return [token for segment in self.segments for token in segment.tokens]


@dataclass(eq=False, slots=True)
class Layout:
    """All lines of all pages, in reading order, and the size of each page.

    ``unsure`` holds page and index of the words OCR was unsure of.
    """

    lines: list[Line] = field(default_factory=list)
    sizes: dict[int, tuple[float, float]] = field(default_factory=dict)
    is_ocr: bool = False
    unsure: set[tuple[int, int]] = field(default_factory=set)

    @property
    def segments(self) -> list[Segment]:
        """All segments, line by line."""
        return [segment for line in self.lines for segment in line.segments]


def read_layout(pages: Sequence[Page]) -> Layout:
    """Return the lines of all pages; pages without words add nothing."""
    layout = Layout()
    for page in pages:
        width, height = max(page.width, 1), max(page.height, 1)
        layout.sizes[page.number] = (width, height)
        layout.is_ocr = layout.is_ocr or page.word_source is WordSource.OCR
        layout.unsure |= {
            (page.number, index)
            for index, word in enumerate(page.words[:MAX_WORDS_PER_PAGE])
            if word.confidence < level("sure_word")
        }
        tokens = _straightened(read_tokens(page, width, height))
        for row in _rows(tokens):
            line = Line(_segments(row), page.number, len(layout.lines))
            for column, segment in enumerate(line.segments):
                segment.line, segment.column = line.index, column
            layout.lines.append(line)
    return layout


def _straightened(tokens: list[Token]) -> list[Token]:
    """Return tokens with the page's slope taken out of their vertical edges.

    The slope is the least-squares one over neighbouring words of a line; edges of the
    words' own boxes stay as they are, so that places still point at the page.
    """
    moved: float = 0
    weight: float = 0
    for before, token in itertools.pairwise(tokens):
        run = (token.left + token.right - before.left - before.right) / 2
        rise = (token.top + token.bottom - before.top - before.bottom) / 2
        height = min(before.height, token.height)
        is_next = run > 0 and token.left - before.right < 2 * height
        if is_next and abs(rise) < length("close") * height:
            moved += run * rise
            weight += run * run
    slope = moved / weight if weight else 0
    if abs(slope) < length("slope") or len(tokens) < 12:
        return tokens
    return [
        t._replace(top=t.top - slope * t.left, bottom=t.bottom - slope * t.left) for t in tokens
    ]


def _rows(tokens: list[Token]) -> list[list[Token]]:
    """Group tokens into rows by following each row's rightmost token.

    Comparing with the neighbour rather than with the row as a whole lets a row climb or
    fall slowly, as on a page scanned slightly askew. Rows are looked up in bands of one
    median height, so the cost stays linear.
    """
    heights = [token.height for token in tokens if token.height > 0]
    if not heights:
        return []
    band = max(median(heights), 1e-6)
    rows: list[list[Token]] = []
    bands: dict[int, list[int]] = {}
    for token in sorted(tokens, key=lambda item: item.left):
        middle = (token.top + token.bottom) / 2
        slot = int(middle / band)
        best, best_gap = -1, length("close")
        for near in (slot - 1, slot, slot + 1):
            for index in bands.get(near, ()):
                gap = _row_gap(rows[index][-1], token, middle)
                if gap < best_gap:
                    best, best_gap = index, gap
        if best < 0:
            best = len(rows)
            rows.append([])
        rows[best].append(token)
        members = bands.setdefault(slot, [])
        if best not in members:
            members.append(best)
    rows.sort(key=lambda row: median((t.top + t.bottom) / 2 for t in row))
    return rows


def _row_gap(last: Token, token: Token, middle: float) -> float:
    """Return how far a token is off a row, in heights.

    Words on top of each other are of two lines that touch, and infinitely far.
    """
    smaller = min(last.height, token.height)
    larger = max(last.height, token.height)
    if smaller <= 0 or token.left < last.right - 2 * larger:
        return inf
    overlap = length("overlap")
    off = abs((last.top + last.bottom) / 2 - middle) / (smaller + overlap * (larger - smaller))
    is_over = token.left < last.right - overlap * smaller
    return inf if is_over and off > length("overprint") else off


def _segments(row: list[Token]) -> list[Segment]:
    groups: list[list[Token]] = []
    height = median(token.height for token in row)
    for token in row:
        if groups and _belongs(groups[-1], token, height):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [make_segment(group) for group in groups]


def _belongs(group: list[Token], token: Token, height: float) -> bool:
    """Return whether a token carries on a group: no wide gap, or the colon of a label."""
    last = group[-1]
    if len(group) >= MAX_TOKENS:
        return False
    if token.text == ":":
        return True
    if last.text == ":" and len(group) > 1 and last.left - group[-2].right > 2 * height:
        return False
    return token.left - last.right <= _gap(last, token, height)


def _gap(left: Token, right: Token, height: float) -> float:
    """Return the widest gap two words of one phrase have: a height, or two characters."""
    longer = left if len(left.text) >= len(right.text) else right
    character = (longer.right - longer.left) / max(len(longer.text), 1)
    return max(length("gap") * height, length("characters") * min(character, height))


def make_segment(tokens: list[Token]) -> Segment:
    """Return the segment of tokens that stand on one line, left to right."""
    starts: list[int] = []
    length = 0
    for position, token in enumerate(tokens):
        if position and token.word != tokens[position - 1].word:
            length += 1
        starts.append(length)
        length += len(token.text)
    return Segment(
        tokens,
        tokens[0].page,
        tokens[0].left,
        min(t.top for t in tokens),
        max(t.right for t in tokens),
        max(t.bottom for t in tokens),
        join(tokens),
        starts,
    )
