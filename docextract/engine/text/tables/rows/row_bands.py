"""Groups the printed lines of a table into rows.

Knows nothing of headers or of where a table ends: it gets the lines in between.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from docextract.engine.text.tables.columns.columns import BodyLine, Cells, Header
from docextract.engine.text.text_document import Line, Reader, Token, join
from docextract.schema import Kind

_NUMBERS = (Kind.MONEY, Kind.DECIMAL, Kind.QUANTITY)
_DAY = re.compile(r"\d\d?[./-]\d\d?[./-]?|\d\d? \w{3,9}|\w{3,9} \d\d?")
_POSITION = re.compile(r"\d{1,4}(?:\.\d{1,3})?\.?")
SUB_LABEL = re.compile(r"^[^:]{2,30}:")
_NEAR = 0.9
_WIDER = 0.25
_MAX_WORDS = 3


@dataclass(eq=False, slots=True)
class Row:
    """The tokens of one row by column index.

    Attributes:
        cells: the tokens of each column.
        lines: all printed lines of the row.
        header: the header it stands under.
        core: the line with its amount.
        others: what else stands in a column, line by line.
    """

    cells: Cells
    lines: list[Line]
    header: Header
    core: Line
    others: dict[int, list[list[Token]]]


def read_rows(reader: Reader, body: Sequence[BodyLine]) -> list[Row]:
    """Return the rows of a table's lines.

    Every line with a value in the anchor column is the core of one row. What stands
    between two cores goes to either by position numbers, then by the widest gap, then by
    whether the first core had text above it.
    """
    cores = find_cores(reader, body)
    if not cores:
        return []
    pairs = [(a, b) for a, b in itertools.pairwise(cores) if _is_one_page(body[a], body[b])]
    rank = {core: n for n, core in enumerate(cores, start=1)}
    later = {core: _start(body, before, core, rank[before]) for before, core in pairs}
    last_end = _end(reader, body, cores[-1])
    num_above = sum(start < core for core, start in later.items())
    is_above = 2 * num_above > len(later) if later else last_end == cores[-1] + 1
    starts, ends = [_first_start(body, 0, cores[0], is_above)], list[int]()
    for before, core in itertools.pairwise(cores):
        ends.append(later.get(core) or _end(reader, body, before))
        starts.append(later.get(core) or _first_start(body, ends[-1], core, is_above))
    ends.append(last_end)
    return [
        _row(reader, body[start:end], core - start)
        for start, end, core in zip(starts, ends, cores, strict=True)
    ]


def _is_one_page(item: BodyLine, other: BodyLine) -> bool:
    return item.line.page == other.line.page


def find_cores(reader: Reader, body: Sequence[BodyLine]) -> list[int]:
    """Return the indexes of the lines that are cores; amounts of one column look alike."""
    cores = [
        n for n, item in enumerate(body) if is_core(reader, item) or _is_alone(reader, body, n)
    ]
    exact = {n for n in cores if _is_exact(reader, body[n])}
    return [n for n in cores if n in exact] if exact else cores


def _is_alone(reader: Reader, body: Sequence[BodyLine], number: int) -> bool:
    """Return whether a line is only the amount of the fuller line close above it."""
    item, index = body[number], anchor(body[number].header)
    if not number or item.cells.keys() != {index} or not _is_exact(reader, item):
        return False
    above = body[number - 1]
    is_row = len(above.cells) > 1 and index not in above.cells
    return is_row and _gap(above, item) < _NEAR


def _is_exact(reader: Reader, item: BodyLine) -> bool:
    """Return whether the amount of a core is printed with decimals or a currency."""
    index = anchor(item.header)
    column = item.header.columns[index].field
    if column is None or column.kind is Kind.DATE:
        return True
    return any(c.num_decimals or c.currency for c in item.numbers(reader, index))


def anchor(header: Header) -> int:
    """Return the column that has a value in every row: a date, else the last amount."""
    dated = header.index_of((Kind.DATE,))
    if dated is not None:
        return dated
    for kinds in ((Kind.MONEY, Kind.DECIMAL), _NUMBERS):
        found = header.index_of(kinds, is_last=True)
        if found is not None:
            return found
    return len(header.columns) - 1


def is_core(reader: Reader, item: BodyLine) -> bool:
    """Return whether a line has a value in its table's anchor column, beside other cells."""
    index = anchor(item.header)
    tokens, wanted = item.cells.get(index), item.header.columns[index].field
    if not tokens or len(item.cells) < 2 or wanted is None:
        return False
    if sum(t.text.isalpha() and len(t.text) > 1 for t in tokens) > _MAX_WORDS:
        return False
    kind = Kind.DATE if wanted.kind is Kind.DATE else Kind.MONEY
    found = any(c.kind is kind for c in reader.candidates_at(tokens))
    return found or (kind is Kind.DATE and bool(_DAY.fullmatch(join(tokens))))


def _position(item: BodyLine) -> int | None:
    """Return the position number a line begins with, or None."""
    column = item.header.columns[0]
    tokens = item.cells.get(0)
    is_number = column.field is not None and column.field.kind is Kind.IDENTIFIER
    if not tokens or not is_number or not _POSITION.fullmatch(tokens[0].text):
        return None
    return int(tokens[0].text.partition(".")[0])


def _gap(above: BodyLine, below: BodyLine) -> float:
    """Return the blank between two lines in heights, of their texts where both have some.

    A new page is far.
    """
    if above.line.page != below.line.page:
        return 99.0
    return (_edges(below)[0] - _edges(above)[1]) / max(below.height, 1e-6)


def _edges(item: BodyLine) -> tuple[float, float]:
    tokens = [t for index in item.texts() for t in item.cells[index]]
    if not tokens:
        return item.line.top, item.line.bottom
    return min(t.top for t in tokens), max(t.bottom for t in tokens)


def _first_start(body: Sequence[BodyLine], first: int, core: int, is_above: bool) -> int:
    """Return where a page's first row begins: its position number, or the text over its core.

    Text over a core that has text itself is its own only where other rows begin above
    their cores (``is_above``).
    """
    first = next(n for n in range(first, core + 1) if body[n].line.page == body[core].line.page)
    numbered = [n for n in range(first, core + 1) if _position(body[n]) is not None]
    start = numbered[-1] if numbered else core
    if numbered and start < core:
        return start
    if body[core].texts() and not is_above:
        return core
    while start > first and _gap(body[start - 1], body[start]) < _NEAR:
        start -= 1
    return start


def _start(body: Sequence[BodyLine], before: int, core: int, num_before: int) -> int:
    """Return where the row of a core begins, after the core before it.

    Of ``num_before`` rows the last one's number may stand below its core, where numbers are
    centred beside the text.
    """
    between = range(before + 1, core + 1)
    has_number = any(_position(item) == num_before for item in body[: before + 1])
    numbered = [
        n for n in between
        if (position := _position(body[n])) is not None
        and (has_number or position != num_before)
    ]  # fmt: skip
    if numbered and numbered[-1] < core:
        last = max(
            (p for n in range(before + 1) if (p := _position(body[n])) is not None), default=0
        )
        following = [n for n in numbered if _position(body[n]) == last + 1]
        return (following or numbered)[-1]
    widest = _widest(body, before, core)
    return core if widest is None else widest


def _widest(body: Sequence[BodyLine], before: int, core: int) -> int | None:
    """Return the line below the widest gap between two cores, None where all are alike."""
    gaps = {n: _gap(body[n - 1], body[n]) for n in range(before + 1, core + 1)}
    widest = max(gaps.values())
    if widest < min(gaps.values()) + _WIDER:
        return None
    return next(n for n, gap in gaps.items() if gap == widest)


def _end(reader: Reader, body: Sequence[BodyLine], core: int) -> int:
    """Return the line after the last row: it goes on while close lines carry on its text."""
    end = core + 1
    while (
        end < len(body)
        and _gap(body[end - 1], body[end]) < _NEAR
        and (_continues(reader, body[end]))
    ):
        end += 1
    return end


def _continues(reader: Reader, item: BodyLine) -> bool:
    """Return whether a line carries on a row: its text, or one more price below the first."""
    columns = item.header.columns
    texts = item.texts()
    codes = {i for i in item.cells if (f := columns[i].field) and f.kind is Kind.IDENTIFIER}
    filled = {i for i in item.cells.keys() - codes if i not in texts and item.numbers(reader, i)}
    fields = [columns[i].field for i in filled]
    is_price = len(item.cells) == 1 and all(f is not None and f.kind is Kind.MONEY for f in fields)
    if filled and not (is_price and anchor(item.header) not in filled):
        return all(field is None for field in fields) and bool(texts)
    return bool(texts or filled)


def _row(reader: Reader, lines: Sequence[BodyLine], core: int) -> Row:
    """Return the row of some lines: numbers from its core, text from all."""
    header = lines[core].header
    cells: Cells = {}
    done: set[int] = set()
    for item in lines:
        for index in item.texts():
            tokens = item.cells[index]
            if index in cells and _is_extra(item, index, tokens, cells[index]):
                done.add(index)
            if index not in done and index < len(header.columns):
                cells.setdefault(index, []).extend(tokens)
    others: dict[int, list[list[Token]]] = {}
    for item in sorted(lines, key=lambda item: item is not lines[core]):
        for index, tokens in item.cells.items():
            if index >= len(header.columns) or header.columns[index].is_text:
                continue
            if index not in cells and not SUB_LABEL.match(join(tokens)):
                cells[index] = list(tokens)
            else:
                others.setdefault(index, []).append(tokens)
    return Row(cells, [item.line for item in lines], header, lines[core].line, others)


def _is_extra(item: BodyLine, index: int, tokens: Sequence[Token], above: Sequence[Token]) -> bool:
    """Return whether text below a row's first line is a note: labelled, or across columns.

    Labels end no text that begins with one itself.
    """
    if SUB_LABEL.match(join(tokens)) and not SUB_LABEL.match(join(above)):
        return True
    right = tokens[-1].right
    bodies = [c.body for c in item.header.columns[index + 1 :] if c.body is not None]
    return any(right > body[1] for body in bodies)
