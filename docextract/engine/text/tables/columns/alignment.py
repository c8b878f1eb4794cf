"""Fits a header's columns to the numbers aligned below them.

Knows nothing of labels; it cuts cells that OCR or a narrow gap joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mode

from docextract.engine.text.tables.columns.column_fields import (
    assign_labels,
    label_scores,
    members_of,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column, Content, Header, place_row
from docextract.engine.text.text_document import Line, Reader, Segment, length, level, total_of
from docextract.engine.text.values.amounts import is_currency
from docextract.schema import Field, Kind

_MIN_LINES = 2
_MAX_WORDS = 3
_MAX_CUTS = 8
_CONTENT = {
    (False, False): Content.NOTHING,
    (True, False): Content.WORDS,
    (False, True): Content.NUMBERS,
    (True, True): Content.BOTH,
}
"""By whether words and whether numbers stand in a column."""
_NUMBER_KINDS = (Kind.MONEY, Kind.PERCENT)


@dataclass(slots=True)
class _Stack:
    """Numbers that stand below each other."""

    left: float
    right: float
    height: float
    num: int = 1


@dataclass(slots=True)
class _Shares:
    """Which stack stands below which column, by its index, and how badly they fit."""

    cost: float
    stacks: dict[int, _Stack]


def fit_columns(reader: Reader, header: Header, lines: Sequence[Line]) -> None:
    """Cut and widen a header's columns by what is printed on the lines below."""
    stacks = _stacks(reader, header, lines)
    header.columns = _cut_columns(reader, header, stacks)
    outside = [stack for stack in stacks if not _is_in_text(header, stack, stacks)]
    for index, stack in _share_out(header.columns, outside).stacks.items():
        _widen(header.columns[index], stack.left, stack.right)
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
        height = max(segment.height for segment in line.segments)
        found = [s.left for s in line.segments if s.right > first.left and s.left < first.right]
        if not found:
            return
        starts.append(min(*found, first.left) - length("band") * height)
    if len(starts) >= _MIN_LINES or (starts and first.is_text):
        header.left_bound = max(header.left_bound, min(starts))


def _share_out(columns: Sequence[Column], stacks: Sequence[_Stack]) -> _Shares:
    """Return the stack of each column that has one, both in their order from left to right.

    Numbers right-aligned in wide cells under left-aligned headers stand nearer to the next
    header than to their own; that no two share a column sets them right. The pairing of
    least total distance is found as in sequence alignment (Needleman and Wunsch, 1970).
    """
    most = max((stack.num for stack in stacks), default=0)
    best = [_Shares(0, {})] * (len(columns) + 1)
    for stack in stacks:
        skipped = length("skipped") * stack.height * stack.num / most
        row: list[_Shares] = []
        for n, held in enumerate(best):
            options = [_Shares(held.cost + skipped, held.stacks)]
            if n:
                before = best[n - 1]
                cost = before.cost + _misfit(columns[n - 1], stack)
                options += [_Shares(cost, {**before.stacks, n - 1: stack}), row[n - 1]]
            row.append(min(options, key=lambda item: item.cost))
        best = row
    return best[-1]


def _misfit(column: Column, stack: _Stack) -> float:
    """Return how badly a stack stands under a header cell, in the page's unit."""
    gap = _gap(column, stack)
    edges = min(abs(column.left - stack.left), abs(column.right - stack.right))
    kind = column.field.kind if column.field is not None else None
    is_words = kind is not None and kind is not Kind.IDENTIFIER and not kind.is_number
    oddities = (
        ("stack.unnamed", stack.height * (kind is None)),
        ("stack.code", stack.height * (kind is Kind.IDENTIFIER)),
        ("stack.words", stack.height * is_words),
    )
    return total_of((("stack.gap", gap), ("stack.edge", edges), *oddities))


def _is_in_text(header: Header, stack: _Stack, stacks: Sequence[_Stack]) -> bool:
    """Return whether numbers fewer than other columns' stand within a column of text."""
    most = max(other.num for other in stacks)
    return stack.num < most and any(
        column.is_text and stack.left > column.left - stack.height and stack.right < column.right
        for column in header.columns
    )


def _text_body(header: Header, index: int, lines: Sequence[Line]) -> tuple[float, float] | None:
    """Return where the text below a header cell stands: from its commonest left edge on."""
    columns = header.columns
    left = columns[index - 1].right if index else float("-inf")
    following = columns[index + 1] if index + 1 < len(columns) else None
    limit = float("inf")
    if following is not None:
        limit = min(following.left, *(following.body or (following.left,)))
    found = [
        s for line in lines for s in header.segments(line)
        if left < s.left < limit and s.left < columns[index].right and not s.text[0].isdigit()
    ]  # fmt: skip
    if len(found) < _MIN_LINES:
        return None
    edge = mode(round(segment.left) for segment in found)
    aligned = [s for s in found if abs(s.left - edge) < length("edge") * s.height]
    if len(aligned) < _MIN_LINES:
        return None
    return min(s.left for s in aligned), min(limit, max(s.right for s in aligned))


def _widen(column: Column, left: float, right: float) -> None:
    before = column.body or (left, right)
    column.body = (min(before[0], left), max(before[1], right))


def _read_words(reader: Reader, header: Header, lines: Sequence[Line]) -> None:
    """Note where words stand below a column, and which columns hold words alone."""
    has_number, has_word = set[int](), set[int]()
    for line in lines:
        for index, tokens in place_row(header, line).items():
            found = any(c.kind in _NUMBER_KINDS for c in reader.candidates_at(tokens))
            if found:
                has_number.add(index)
            if not found or any(t.text.isalpha() and not is_currency(t.text) for t in tokens):
                has_word.add(index)
        for segment in header.segments(line):
            touched = [
                c for c in header.columns if c.left < segment.right and segment.left < c.right
            ]
            if len(touched) == 1 and not touched[0].is_text and not is_text(segment):
                _widen(touched[0], segment.left, segment.right)
    for index, column in enumerate(header.columns):
        column.holds = _CONTENT[index in has_word, index in has_number]


def _stacks(reader: Reader, header: Header, lines: Sequence[Line]) -> list[_Stack]:
    """Return the columns of numbers below a header, those that overlap joined."""
    spans = sorted(
        (candidate.left, candidate.right, segment.height)
        for line in lines
        for segment in header.segments(line)
        for candidate in reader.candidates_of(segment)
        if candidate.kind in _NUMBER_KINDS
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


def is_text(segment: Segment) -> bool:
    """Return whether a segment is running text rather than a cell with a number."""
    words = [t for t in segment.tokens if sum(c.isalpha() for c in t.text) > 1]
    return len(words) > _MAX_WORDS


def _cut_columns(reader: Reader, header: Header, stacks: Sequence[_Stack]) -> list[Column]:
    """Cut header cells in two where the numbers below then stand under headers better."""
    members = members_of(reader, header.list_path)
    most = max((stack.num for stack in stacks), default=0)
    strong = [stack for stack in stacks if 2 * stack.num >= most]
    columns = list(header.columns)
    cost = _share_out(columns, strong).cost
    for column in header.columns if strong else ():
        pieces = _cut(reader, column, members)
        at = columns.index(column)
        cut = [*columns[:at], *pieces, *columns[at + 1 :]]
        if len(pieces) > 1 and (better := _share_out(cut, strong).cost) < cost - strong[0].height:
            columns, cost = cut, better
    return columns


def _gap(column: Column, stack: _Stack) -> float:
    return max(column.left - stack.right, stack.left - column.right, 0)


def _cut(reader: Reader, column: Column, members: dict[str, Field]) -> list[Column]:
    """Return a header cell as the two runs of its words that best announce two members."""
    words = sorted(column.label, key=lambda token: token.left)
    whole = max(label_scores(words, members, reader.index).values(), default=0)
    best, chosen = whole + level("column_cut"), [words]
    for cut in range(1, min(len(words), _MAX_CUTS)):
        parts = [words[:cut], words[cut:]]
        found = [label_scores(part, members, reader.index) for part in parts]
        named = {max(scores, key=scores.__getitem__) for scores in found if scores}
        score = sum(max(scores.values(), default=0) for scores in found)
        if whole < level("column_whole") and len(named) == len(parts) and score > best:
            best, chosen = score, parts
    if len(chosen) == 1:
        return [column]
    pieces = [Column(min(t.left for t in p), max(t.right for t in p), p) for p in chosen]
    assign_labels(pieces, members, score_table(pieces, members, reader.index))
    return pieces
