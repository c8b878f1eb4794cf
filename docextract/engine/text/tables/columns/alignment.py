"""Fits a header's columns to what is aligned below them.

Knows nothing of rows; it cuts header cells that OCR or a narrow gap joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from statistics import mode

from docextract.engine.text.tables.columns.column_fields import (
    assign_labels,
    label_scores,
    score_table,
)
from docextract.engine.text.tables.columns.columns import (
    NUMBER_KINDS,
    Column,
    Content,
    Header,
    Members,
    place_row,
)
from docextract.engine.text.text_document import Line, Reader, Segment, length, level, total_of
from docextract.engine.text.values.amounts import is_currency
from docextract.schema import Kind

_MIN_LINES = 2
_MAX_WORDS = 3
_MAX_CUTS = 8


@dataclass(eq=False, slots=True)
class _Stack:
    """Numbers that stand below each other."""

    left: float
    right: float
    height: float
    num: int = 1


def fit_columns(reader: Reader, header: Header, lines: Sequence[Line]) -> None:
    """Cut and widen a header's columns by what is printed on the lines below."""
    stacks = _stacks(reader, header, lines)
    header.columns = _cut_columns(header, stacks)
    outside = [stack for stack in stacks if not _is_in_text(header, stack, stacks)]
    for index, stack in _share_out(header.columns, outside)[1]:
        header.columns[index].widen(stack.left, stack.right)
    _read_words(reader, header, lines)
    for index, column in enumerate(header.columns):
        if column.is_text:
            column.body = _text_body(header, index, lines)


def shut_out_margin(header: Header, cores: Sequence[Line]) -> None:
    """Bound a table on its left where all its rows (``cores``) fill the first column.

    What is printed left of that on the same lines, with a wide blank between, is a side band:
    a coloured stripe with the seller's address, a note up the margin.
    """
    first = header.columns[0]
    starts: list[float] = []
    for line in cores:
        found = [segment.left for segment in line.segments if first.is_over(segment)]
        if not found:
            return
        starts.append(min(*found, first.left) - length("band") * line.height)
    if len(starts) >= _MIN_LINES or (starts and first.is_text):
        header.left_bound = max(header.left_bound, min(starts))


def is_text(segment: Segment) -> bool:
    """Return whether a segment is running text rather than a cell with a number."""
    if len(segment.tokens) <= _MAX_WORDS:
        return False
    return sum(sum(map(str.isalpha, t.text)) > 1 for t in segment.tokens) > _MAX_WORDS


def _stacks(reader: Reader, header: Header, lines: Sequence[Line]) -> list[_Stack]:
    """Return the columns of numbers below a header, those that overlap joined."""
    spans = sorted(
        (candidate.left, candidate.right, segment.height)
        for line in lines
        for segment in header.segments(line)
        for candidate in reader.candidates_of(segment)
        if candidate.kind in NUMBER_KINDS
        and (not is_text(segment) or candidate.tokens[0] is segment.tokens[0])
    )
    stacks: list[_Stack] = []
    for left, right, height in spans:
        if stacks and left < stacks[-1].right:
            stacks[-1].right = max(stacks[-1].right, right)
            stacks[-1].num += 1
        else:
            stacks.append(_Stack(left, right, height))
    return stacks


def _is_in_text(header: Header, stack: _Stack, stacks: Sequence[_Stack]) -> bool:
    """Return whether numbers fewer than other columns' stand within a column of text."""
    most = max(other.num for other in stacks)
    return stack.num < most and any(
        column.is_text and stack.left > column.left - stack.height and stack.right < column.right
        for column in header.columns
    )


_Shares = tuple[float, tuple[tuple[int, _Stack], ...]]
"""How badly stacks fit columns, and which stands below which, by its index."""


def _share_out(columns: Sequence[Column], stacks: Sequence[_Stack]) -> _Shares:
    """Return the stack of each column that has one, both in their order from left to right.

    Numbers right-aligned in wide cells under left-aligned headers stand nearer to the next
    header than to their own; that no two share a column sets them right. The pairing of
    least total distance is found as in sequence alignment (Needleman and Wunsch, 1970).
    """
    most = max((stack.num for stack in stacks), default=0)

    @cache
    def best(num_columns: int, num_stacks: int) -> _Shares:
        if not num_stacks:
            return 0.0, ()
        stack = stacks[num_stacks - 1]
        cost, pairs = best(num_columns, num_stacks - 1)
        options: list[_Shares] = [
            (cost + length("skipped") * stack.height * stack.num / most, pairs)
        ]
        if num_columns:
            cost, pairs = best(num_columns - 1, num_stacks - 1)
            misfit = _misfit(columns[num_columns - 1], stack)
            options.append((cost + misfit, (*pairs, (num_columns - 1, stack))))
            options.append(best(num_columns - 1, num_stacks))
        return min(options, key=lambda option: option[0])

    return best(len(columns), len(stacks))


def _misfit(column: Column, stack: _Stack) -> float:
    """Return how badly a stack stands under a header cell, in the page's unit."""
    kind = column.field.kind if column.field is not None else None
    is_words = kind is not None and kind is not Kind.IDENTIFIER and not kind.is_number
    edges = min(abs(column.left - stack.left), abs(column.right - stack.right))
    return total_of(
        (
            ("stack.gap", max(column.left - stack.right, stack.left - column.right, 0)),
            ("stack.edge", edges),
            ("stack.unnamed", stack.height * (kind is None)),
            ("stack.code", stack.height * (kind is Kind.IDENTIFIER)),
            ("stack.words", stack.height * is_words),
        )
    )


def _cut_columns(header: Header, stacks: Sequence[_Stack]) -> list[Column]:
    """Cut header cells in two where the numbers below then stand under headers better."""
    most = max((stack.num for stack in stacks), default=0)
    strong = [stack for stack in stacks if 2 * stack.num >= most]
    columns = list(header.columns)
    cost, _ = _share_out(columns, strong)
    for column in header.columns if strong else ():
        pieces = _cut(column, header.members)
        at = columns.index(column)
        cut = [*columns[:at], *pieces, *columns[at + 1 :]]
        better, _ = _share_out(cut, strong) if len(pieces) > 1 else (inf, ())
        if better < cost - strong[0].height:
            columns, cost = cut, better
    return columns


def _cut(column: Column, members: Members) -> list[Column]:
    """Return a header cell as the two runs of its words that best announce two members."""
    words = sorted(column.label, key=lambda token: token.left)
    whole = max(label_scores(words, members).values(), default=0)
    best, chosen = whole + level("column_cut"), [words]
    for cut in range(1, min(len(words), _MAX_CUTS) if whole < level("column_whole") else 0):
        parts = [words[:cut], words[cut:]]
        found = [label_scores(part, members) for part in parts]
        named = {max(scores, key=scores.__getitem__) for scores in found if scores}
        score = sum(max(scores.values(), default=0) for scores in found)
        if len(named) == len(parts) and score > best:
            best, chosen = score, parts
    if len(chosen) == 1:
        return [column]
    pieces = [Column(min(t.left for t in p), max(t.right for t in p), p) for p in chosen]
    assign_labels(pieces, members, score_table(pieces, members))
    return pieces


def _read_words(reader: Reader, header: Header, lines: Sequence[Line]) -> None:
    """Note where words stand below a column, and which columns hold words alone."""
    holds = [Content.NOTHING] * len(header.columns)
    for line in lines:
        for index, tokens in place_row(header, line).items():
            found = any(c.kind in NUMBER_KINDS for c in reader.candidates_at(tokens))
            if found:
                holds[index] |= Content.NUMBERS
            if not found or any(t.text.isalpha() and not is_currency(t.text) for t in tokens):
                holds[index] |= Content.WORDS
        for segment in header.segments(line):
            over = [column for column in header.columns if column.is_over(segment)]
            if len(over) == 1 and not over[0].is_text and not is_text(segment):
                over[0].widen(segment.left, segment.right)
    for column, held in zip(header.columns, holds, strict=True):
        column.holds = held


def _text_body(header: Header, index: int, lines: Sequence[Line]) -> tuple[float, float] | None:
    """Return where the text below a header cell stands: from its commonest left edge on."""
    columns = header.columns
    left = columns[index - 1].right if index else -inf
    limit = columns[index + 1].outline[0] if index + 1 < len(columns) else inf
    found = [
        s for line in lines for s in header.segments(line)
        if left < s.left < min(limit, columns[index].right) and not s.text[0].isdigit()
    ]  # fmt: skip
    edge = mode(round(segment.left) for segment in found) if found else 0
    aligned = [s for s in found if abs(s.left - edge) < length("edge") * s.height]
    if len(aligned) < _MIN_LINES:
        return None
    return min(s.left for s in aligned), min(limit, max(s.right for s in aligned))
