"""Fits a header's columns to the numbers aligned below them.

Knows nothing of labels; it cuts cells that OCR or a narrow gap joined, and joins cells
that stand over one column of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docextract.engine.text.columns import Column, Header
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Line, Segment
from docextract.engine.text.tokens import Token
from docextract.schema.kinds import Kind

_MIN_LINES = 2
_MAX_WORDS = 3


@dataclass(slots=True)
class _Stack:
    """Numbers whose right edges stand below each other."""

    left: float
    right: float
    edge: float
    num: int = 1


def fit_columns(reader: Reader, header: Header, lines: Sequence[Line]) -> bool:
    """Set each column's body; return whether columns were cut or joined."""
    stacks = _stacks(reader, header, lines)
    columns: list[Column] = []
    for column in header.columns:
        under = [s for s in stacks if s.left < column.right and column.left < s.right]
        own = [s for s in under if _owner(header.columns, s) is column]
        columns += _cut(column, own) if len(own) > 1 else [column]
    changed = len(columns) != len(header.columns)
    header.columns = columns
    for stack in stacks:
        owner = _owner(columns, stack)
        if owner is not None and not owner.is_text:
            left, right = owner.body or (stack.left, stack.right)
            owner.body = (min(left, stack.left), max(right, stack.right))
    return changed


def _owner(columns: Sequence[Column], stack: _Stack) -> Column | None:
    return min(columns, key=lambda c: c.distance(stack.left, stack.right), default=None)


def _stacks(reader: Reader, header: Header, lines: Sequence[Line]) -> list[_Stack]:
    """Return the columns of numbers below a header, those that overlap joined."""
    spans = sorted(
        (
            (candidate.right, candidate.left, segment.height)
            for line in lines
            for segment in header.segments(line)
            if not is_text(segment)
            for candidate in reader.candidates_of(segment)
            if candidate.kind in (Kind.MONEY, Kind.PERCENT)
        ),
    )
    stacks: list[_Stack] = []
    for right, left, height in spans:
        last = stacks[-1] if stacks else None
        if last is not None and right - last.edge < 0.7 * height:
            last.left, last.right, last.edge = min(last.left, left), max(last.right, right), right
            last.num += 1
        else:
            stacks.append(_Stack(left, right, right))
    needed = _MIN_LINES if len(lines) > 1 else 1
    return _joined([stack for stack in stacks if stack.num >= needed])


def _joined(stacks: list[_Stack]) -> list[_Stack]:
    joined: list[_Stack] = []
    for stack in sorted(stacks, key=lambda s: s.left):
        last = joined[-1] if joined else None
        if last is not None and stack.left < last.right:
            last.right, last.num = max(last.right, stack.right), last.num + stack.num
        else:
            joined.append(stack)
    return joined


def is_text(segment: Segment) -> bool:
    """Return whether a segment is running text rather than a cell with a number."""
    words = [t for t in segment.tokens if sum(c.isalpha() for c in t.text) > 1]
    return len(words) > _MAX_WORDS


def _cut(column: Column, stacks: list[_Stack]) -> list[Column]:
    """Cut a header cell into one per column of numbers below, each word to the nearest."""
    parts: list[list[Token]] = [[] for _ in stacks]
    for token in column.label:
        middle = (token.left + token.right) / 2
        gaps = [max(s.left - middle, middle - s.right, 0.0) for s in stacks]
        parts[gaps.index(min(gaps))].append(token)
    if not all(parts):
        return [column]
    return [
        Column(min(t.left for t in part), max(t.right for t in part), part, column.group)
        for part in parts
    ]
