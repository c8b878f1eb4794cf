"""Finds where the value of a label may stand: behind it, beside it, below it, in its box.

Knows nothing of fields; what stands at a spot may be of any kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from docextract.engine.text.labels.matches import is_box_title
from docextract.engine.text.labels.strength import is_title
from docextract.engine.text.text_document import (
    Factors,
    Hit,
    Layout,
    Line,
    Reader,
    Segment,
    fold,
    fold_words,
    given,
)
from docextract.engine.text.values.names import NAME_LABELS, looks_like_label
from docextract.schema import Kind

_MAX_RIGHT = 4
_MAX_BELOW_HEIGHTS = 3.2
_MAX_COLUMN_LINES = 40
_MAX_PAIR = 3
_MAX_BETWEEN = 7
_TOTAL_WORDS = fold_words("totals", "heads")


@dataclass(slots=True)
class Spot:
    """A place where a hit's value may stand: a segment from a token on."""

    segment: Segment
    start: int
    end: int
    factors: Factors
    relation: str


def find_spots(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[Spot]:
    """Yield the places where a hit's value may stand, likeliest first.

    Args:
        reader: the document.
        hit: the label.
        skip: ids of segments in tables, whose cells are no values of labels above.
    """
    segment = hit.segment
    end = _until_next_hit(reader, segment, hit.end)
    has_rest = is_title(hit)
    if hit.end < end and not has_rest:
        yield Spot(segment, hit.end, end, (), "same")
    words = [t for t in segment.tokens[hit.end :] if t.fold and t.text[0] not in "("]
    is_followed = len(words) > 0 and not hit.is_tiled and not has_rest
    has_right = False
    if not (is_followed and hit.is_closed):
        for spot in _right_spots(reader, hit):
            has_right = True
            between = ("spot.words_between", min(_MAX_BETWEEN, len(words)))
            yield replace(spot, factors=(*spot.factors, between))
    if not is_followed:
        where = "spot.below_though_right" if has_right else "spot.below"
        why = (*given(where), ("spot.below_a_title", has_rest))
        below = list(_below_spots(reader, hit, skip, why))
        found = below or list(_in_box(reader, hit, skip))
        yield from found or ([] if has_right else _left_spots(reader, hit))


def _left_spots(reader: Reader, hit: Hit) -> Iterator[Spot]:
    """Yield the amount printed before its label, where nothing follows it: ``12.50  Total``."""
    line = reader.layout.lines[hit.segment.line]
    if hit.segment.column != 1 or not hit.is_whole or len(line.segments) > _MAX_PAIR:
        return
    before = line.segments[0]
    amounts = [c for c in reader.candidates_of(before) if c.kind is Kind.MONEY]
    if any(c.tokens == before.tokens for c in amounts):
        yield Spot(before, 0, len(before.tokens), given("spot.left"), "left")


def _in_box(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[Spot]:
    """Yield what stands to the lower right of a label, short of the next label beside it.

    Forms print the label in a box's upper left corner and amounts at its right edge.
    """
    line = reader.layout.lines[hit.segment.line]
    beside = line.segments[hit.segment.column + 1 :]
    if not hit.is_leading or (beside and not _is_label(reader, beside[0])):
        return
    right = beside[0].left - hit.segment.height if beside else reader.layout.sizes[line.page][0]
    for below in segments_below(reader.layout, hit.segment, hit.left, right, num_lines=1):
        is_near = below.top - hit.segment.bottom < hit.segment.height
        if is_near and below.right <= right and id(below) not in skip:
            yield Spot(below, 0, len(below.tokens), given("spot.box"), "box")


def _until_next_hit(reader: Reader, segment: Segment, start: int) -> int:
    """Return the index of the next closed label in a segment, or the segment's end."""
    for other in reader.hits_of.get(id(segment), ()):
        if other.start >= start and (other.is_closed and other.end < len(segment.tokens)):
            return other.start
    return len(segment.tokens)


def _right_spots(reader: Reader, hit: Hit) -> Iterator[Spot]:
    line = reader.layout.lines[hit.segment.line]
    if _is_label_row(reader, line, hit):
        return
    following = line.segments[hit.segment.column + 1 :]
    for number, segment in enumerate(following[:_MAX_RIGHT]):
        if _is_label(reader, segment):
            return
        if segment.text.endswith(":"):
            if fold(segment.text) in NAME_LABELS:
                continue
            return
        why = (*given("spot.right"), ("spot.further_right", number))
        yield Spot(segment, 0, len(segment.tokens), why, "right")


def _is_label_row(reader: Reader, line: Line, hit: Hit) -> bool:
    """Return whether labels stand side by side here, over a row of their values."""
    following = line.segments[hit.segment.column + 1 : hit.segment.column + 2]
    if following and not _is_label(reader, following[0]) and reader.candidates_of(following[0]):
        return False
    labels = [s for s in line.segments if _is_label(reader, s)]
    if len(labels) < 3 or not hit.is_whole:
        return False
    return len(labels) >= len(line.segments) - 1


def _is_label(reader: Reader, segment: Segment) -> bool:
    """Return whether a segment begins with a label rather than being a value."""
    hits = reader.hits_of.get(id(segment), ())
    is_hit = any(
        h.is_leading and h.start < 2 and (h.is_whole or (h.is_closed and h.entry.phrase != "#"))
        for h in hits
    )
    return is_hit or looks_like_label(segment.text) or is_box_title(segment)


def _below_spots(reader: Reader, hit: Hit, skip: set[int], why: Factors) -> Iterator[Spot]:
    segment = hit.segment
    height = max(segment.height, 1e-6)
    for below in segments_below(reader.layout, segment, hit.left, hit.right):
        gap = (below.top - segment.bottom) / height
        if gap > _MAX_BELOW_HEIGHTS or id(below) in skip:
            return
        if _is_label(reader, below) or below.text.endswith(":"):
            return
        foot = _column_foot(reader, hit, below)
        if foot is not None:
            yield Spot(foot, 0, len(foot.tokens), why, "below")
        yield Spot(below, 0, len(below.tokens), (*why, ("spot.gap", max(gap, 0.0))), "below")
        return


def _column_foot(reader: Reader, hit: Hit, first: Segment) -> Segment | None:
    """Return the amount in the row of totals that ends the column of numbers below a label."""
    if not _is_number(reader, first):
        return None
    margin = 0.3 * hit.segment.height
    for line in reader.layout.lines[first.line + 1 : first.line + 1 + _MAX_COLUMN_LINES]:
        inside = [
            s for s in line.segments if s.left < hit.right + margin and s.right > hit.left - margin
        ]
        if line.page != first.page or not inside or not _is_number(reader, inside[0]):
            return None
        if line.segments[0].tokens[0].fold in _TOTAL_WORDS and len(line.segments) > 1:
            return inside[0]
    return None


def _is_number(reader: Reader, segment: Segment) -> bool:
    return any(c.kind is Kind.MONEY for c in reader.candidates_of(segment))


def segments_below(
    layout: Layout, segment: Segment, left: float, right: float, num_lines: int = 6
) -> Iterator[Segment]:
    """Yield segments of the next lines that overlap a horizontal range, nearest first."""
    margin = segment.height
    for line in layout.lines[segment.line + 1 : segment.line + 1 + num_lines]:
        if line.page != segment.page:
            return
        for below in line.segments:
            if below.left < right + margin * 0.3 and below.right > left - margin * 0.3:
                yield below
                break
