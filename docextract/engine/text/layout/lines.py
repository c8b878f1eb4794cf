"""Words become tokens, tokens segments (runs without a wide gap), segments lines.

Knows nothing of labels, schemas or what a value looks like.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from statistics import median

from docextract.core import Page, WordSource
from docextract.engine.text.layout.tokens import MAX_WORDS_PER_PAGE, Token, fold, join, read_tokens
from docextract.engine.text.scorer import length, level

MAX_TOKENS = 60
"""Longer runs are cut, which keeps the cost of every later step linear in words."""


_NEXT_LINES, _NEXT_GAP, _NEXT_SIZE, _NEXT_SHIFT = 2, 0.7, 0.06, 0.6
"""A text goes on in one of so many lines, so near and so alike in height, all in its heights."""


@dataclass(eq=False, slots=True)
class Segment:
    """A run of tokens on one line without a wide gap; edges in the page's unit."""

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

    def is_as_large(self, other: Segment) -> bool:
        """Return whether two lines are printed in letters of one size."""
        return abs(other.height / max(self.height, 1e-6) - 1) < _NEXT_SIZE

    def tokens_between(self, start: int, end: int) -> list[Token]:
        """Return the tokens that characters ``start`` to ``end`` of ``text`` touch."""
        return [
            token
            for token, at in zip(self.tokens, self.starts, strict=True)
            if at < end and at + len(token.text) > start
        ]


@dataclass(eq=False)
class Line:
    """Segments side by side, left to right; edges in the page's unit."""

    segments: list[Segment]
    page: int
    index: int

    @cached_property
    def top(self) -> float:
        """Top edge."""
        return min(segment.top for segment in self.segments)

    @cached_property
    def bottom(self) -> float:
        """Bottom edge."""
        return max(segment.bottom for segment in self.segments)

    @cached_property
    def height(self) -> float:
        """Height of the tallest segment."""
        return max(segment.height for segment in self.segments)

    @cached_property
    def text(self) -> str:
        """All text of the line."""
        return " ".join(segment.text for segment in self.segments)

    @cached_property
    def tokens(self) -> list[Token]:
        """All tokens, left to right."""
        return [token for segment in self.segments for token in segment.tokens]


@dataclass(eq=False)
class Layout:
    """All lines of all pages, in reading order, and the size of each page.

    ``unsure`` holds page and index of the words OCR was unsure of.
    """

    lines: list[Line] = field(default_factory=list)
    sizes: dict[int, tuple[float, float]] = field(default_factory=dict)
    is_ocr: bool = False
    unsure: set[tuple[int, int]] = field(default_factory=set)

    @cached_property
    def segments(self) -> list[Segment]:
        """All segments, line by line."""
        return [segment for line in self.lines for segment in line.segments]

    @cached_property
    def by_text(self) -> dict[str, list[Segment]]:
        """All segments by their folded text."""
        found: dict[str, list[Segment]] = {}
        for segment in self.segments:
            found.setdefault(fold(segment.text), []).append(segment)
        return found

    def beside(self, segment: Segment) -> list[Segment]:
        """Return the segments to the right of one, on its line."""
        return self.lines[segment.line].segments[segment.column + 1 :]

    def before(self, segment: Segment) -> Segment | None:
        """Return the segment to the left of one, on its line."""
        return self.lines[segment.line].segments[segment.column - 1] if segment.column else None

    def above(self, segment: Segment) -> list[Segment]:
        """Return the segments of the line above one, on its page."""
        found = self.lines[segment.line - 1].segments if segment.line else []
        return [other for other in found if other.page == segment.page]

    def below(
        self,
        segment: Segment,
        left: float | None = None,
        right: float | None = None,
        num_lines: int = 6,
    ) -> Iterator[Segment]:
        """Yield what stands below a segment, or in a range from left to right, nearest first."""
        margin = 0.3 * segment.height
        left = (segment.left if left is None else left) - margin
        right = (segment.right if right is None else right) + margin
        for line in self.lines[segment.line + 1 : segment.line + 1 + num_lines]:
            if line.page != segment.page:
                return
            inside = (s for s in line.segments if s.left < right and s.right > left)
            yield from itertools.islice(inside, 1)

    def next_to(self, segment: Segment, step: int) -> Segment | None:
        """Return what stands right above (-1) or below (1) and shares an edge or the middle."""
        numbers = (segment.line + step * n for n in range(1, _NEXT_LINES + 1))
        lines = (self.lines[at] for at in numbers if 0 <= at < len(self.lines))
        near = (other for line in lines for other in line.segments)
        return next((other for other in near if _goes_on(segment, other, step)), None)

    def is_on_top(self, place: Segment | Token, share: float) -> bool:
        """Return whether something begins in this upper share of the first page with words."""
        page = self.lines[0].page
        return place.page == page and place.top < share * self.sizes[page][1]


def _goes_on(one: Segment, other: Segment, step: int) -> bool:
    """Return whether a line stands right below another (above: -1), at an edge of it."""
    upper, lower = (one, other) if step > 0 else (other, one)
    height = max(one.height, other.height, 1e-6)
    is_near = one.page == other.page and -0.4 < (lower.top - upper.bottom) / height < _NEXT_GAP
    shifts = (one.left - other.left, one.right - other.right,
              (one.left + one.right - other.left - other.right) / 2)  # fmt: skip
    return is_near and min(map(abs, shifts)) < _NEXT_SHIFT * height


def read_layout(pages: Sequence[Page]) -> Layout:
    """Return the lines of all pages; pages without words add nothing."""
    layout = Layout()
    for page in pages:
        width, height = layout.sizes[page.number] = (max(page.width, 1), max(page.height, 1))
        layout.is_ocr = layout.is_ocr or page.word_source is WordSource.OCR
        layout.unsure |= {
            (page.number, index)
            for index, word in enumerate(page.words[:MAX_WORDS_PER_PAGE])
            if word.confidence < level("sure_word")
        }
        for row in _rows(_straightened(read_tokens(page, width, height))):
            line = Line(_segments(row), page.number, len(layout.lines))
            for column, segment in enumerate(line.segments):
                segment.line, segment.column = line.index, column
            layout.lines.append(line)
    return layout


def _straightened(tokens: list[Token]) -> list[Token]:
    """Return tokens with the page's slope taken out of their vertical edges.

    The slope is the least-squares one over neighbouring words of a line; the words' own boxes
    stay as they are, so that places still point at the page.
    """
    moved: float = 0
    weight: float = 0
    close = length("close")
    for before, token in itertools.pairwise(tokens):
        run = (token.left + token.right - before.left - before.right) / 2
        if run <= 0:
            continue
        rise = (token.top + token.bottom - before.top - before.bottom) / 2
        height = min(before.height, token.height)
        if token.left - before.right < 2 * height and abs(rise) < close * height:
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

    Comparing with the neighbour rather than with the whole row lets a row climb or fall slowly,
    as on a page scanned slightly askew. Rows are looked up in bands of one median height, so the
    cost stays linear.
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
        near = (index for n in (slot - 1, slot, slot + 1) for index in bands.get(n, ()))
        gaps = {index: _row_gap(rows[index][-1], token, middle) for index in near}
        best = min(gaps, key=gaps.__getitem__, default=-1)
        if best < 0 or gaps[best] >= length("close"):
            best = len(rows)
            rows.append([])
        rows[best].append(token)
        members = bands.setdefault(slot, [])
        if best not in members:
            members.append(best)
    rows.sort(key=lambda row: median((t.top + t.bottom) / 2 for t in row))
    return rows


def _row_gap(last: Token, token: Token, middle: float) -> float:
    """Return how far a token is off a row, in heights; infinitely far on top of its last word.

    Such words are of two lines that touch.
    """
    smaller, larger = sorted((last.bottom - last.top, token.bottom - token.top))
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
    """Return whether a token carries on a group: the colon of a label, or no wide gap.

    A gap is wide beyond a height, or two characters.
    """
    last = group[-1]
    if len(group) >= MAX_TOKENS:
        return False
    if token.text == ":":
        return True
    if last.text == ":" and len(group) > 1 and last.left - group[-2].right > 2 * height:
        return False
    longer = last if len(last.text) >= len(token.text) else token
    character = min((longer.right - longer.left) / max(len(longer.text), 1), height)
    widest = max(length("gap") * height, length("characters") * character)
    return token.left - last.right <= widest


def make_segment(tokens: list[Token]) -> Segment:
    """Return the segment of tokens that stand on one line, left to right."""
    starts, end, word = [], 0, tokens[0].word
    for token in tokens:
        end += token.word != word
        starts.append(end)
        end, word = end + len(token.text), token.word
    top, bottom = min(t.top for t in tokens), max(t.bottom for t in tokens)
    right = max(t.right for t in tokens)
    first = tokens[0]
    return Segment(tokens, first.page, first.left, top, right, bottom, join(tokens), starts)
