"""Fits a header's columns to the numbers aligned below them.

Knows nothing of labels; it cuts cells that OCR or a narrow gap joined, and joins cells
that stand over one column of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mode

from docextract.engine.text.candidates import is_currency
from docextract.engine.text.columns import Column, Content, Header, place_row
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Line, Segment
from docextract.engine.text.tokens import Token
from docextract.schema.kinds import Kind

_MIN_LINES = 2
_MAX_WORDS = 3
_WORD_GAP = 0.6
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
    """Numbers whose right edges stand below each other."""

    left: float
    right: float
    edge: float
    num: int = 1


def fit_columns(reader: Reader, header: Header, lines: Sequence[Line]) -> None:
    """Cut, join and widen a header's columns by what is printed on the lines below."""
    stacks = _stacks(reader, header, lines)
    header.columns = _joined_columns(header, lines)
    columns: list[Column] = []
    needed = max(1, min(_MIN_LINES, max((stack.num for stack in stacks), default=0)))
    for column in header.columns:
        under = [s for s in stacks if s.left < column.right and column.left < s.right]
        own = [s for s in under if s.num >= needed and _owner(header.columns, s) is column]
        columns += _cut(column, own) if len(own) > 1 else [column]
    header.columns = columns
    for column, own in zip(columns, _shared_out(columns, stacks), strict=True):
        for stack in own:
            if not column.is_text:
                _widen(column, stack.left, stack.right)
    _read_words(reader, header, lines)
    for index, column in enumerate(columns):
        if column.is_text:
            column.body = _text_body(header, index, lines)


def _shared_out(columns: Sequence[Column], stacks: Sequence[_Stack]) -> list[list[_Stack]]:
    """Return the stacks below each column; a header without any gets a neighbour's second.

    Numbers right-aligned in wide cells under left-aligned headers stand nearer to the next
    header than to their own.
    """
    shares: list[list[_Stack]] = [[] for _ in columns]
    for stack in stacks:
        owner = _owner(columns, stack)
        shares[next(n for n, c in enumerate(columns) if c is owner)].append(stack)
    for index in range(len(columns) - 1, 0, -1):
        own, before = shares[index], columns[index - 1]
        is_free = not shares[index - 1] and before.field is not None and before.field.kind.is_number
        if len(own) > 1 and is_free and own[0].right < columns[index].left:
            shares[index - 1].append(own.pop(0))
    return shares


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
    aligned = [s for s in found if abs(s.left - edge) < 0.3 * s.height]
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
            touched = [c for c in header.columns if c.left < segment.right and segment.left < c.right]
            if len(touched) == 1 and not touched[0].is_text and not is_text(segment):
                _widen(touched[0], segment.left, segment.right)
    for index, column in enumerate(header.columns):
        column.holds = _CONTENT[index in has_word, index in has_number]


def _joined_columns(header: Header, lines: Sequence[Line]) -> list[Column]:
    """Join cells printed side by side of which one has nothing below it (``Base VAT``)."""
    filled = {index for line in lines for index in place_row(header, line)}
    joined: list[Column] = []
    last_filled = False
    for index, column in enumerate(header.columns):
        last = joined[-1] if joined else None
        is_one = last is not None and _is_one_cell(last, column)
        is_words = any(c.field and not c.field.kind.is_number for c in (last, column) if c)
        if last is not None and is_one and not is_words and not (last_filled and index in filled):
            last.label = sorted([*last.label, *column.label], key=lambda t: (round(t.top), t.left))
            last.right, last_filled = column.right, last_filled or index in filled
            continue
        joined.append(column)
        last_filled = index in filled
    return joined


def _is_one_cell(left: Column, right: Column) -> bool:
    """Return whether words of two header cells stand side by side with no wider gap than words."""
    return any(
        abs(a.top - b.top) < 0.5 * a.height and -a.height < b.left - a.right < _WORD_GAP * a.height
        for a in left.label
        for b in right.label
    )


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
            if candidate.kind in _NUMBER_KINDS
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
    return _joined(stacks)


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
        Column(min(t.left for t in part), max(t.right for t in part), part)
        for part in parts
    ]
