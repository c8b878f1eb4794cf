"""Groups the printed lines of a table into rows.

Knows nothing of headers or of where a table ends: it gets the lines in between.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from docextract.engine.text.tables.columns.columns import BodyLine, Cells, Header
from docextract.engine.text.text_document import Line, Reader, Token, join, length
from docextract.schema import Kind

SUB_LABEL = re.compile(r"^[^:]{2,30}:")
_DAY = re.compile(r"\d\d?[./-]\d\d?[./-]?|\d\d? \w{3,9}|\w{3,9} \d\d?")
_MAX_WORDS = 3
_MAX_DIGITS = 4


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
    between two cores goes to either by its position number, then by the widest gap, then by
    whether the first core had text above it.
    """
    cores = find_cores(reader, body)
    if not cores:
        return []
    starts = {
        core: _start(body, before, core, rank)
        for rank, (before, core) in enumerate(pairwise(cores), start=1)
        if body[before].line.page == body[core].line.page
    }
    end = _end(reader, body, cores[-1])
    num_above = sum(start < core for core, start in starts.items())
    is_above = 2 * num_above > len(starts) if starts else end == cores[-1] + 1
    ends = [starts.get(core) or _end(reader, body, before) for before, core in pairwise(cores)]
    ends.append(end)
    rows = []
    for core, least, end in zip(cores, [0, *ends], ends, strict=False):
        start = starts.get(core, _first_start(body, least, core, is_above))
        rows.append(_row(body[start:end], core - start))
    return rows


def find_cores(reader: Reader, body: Sequence[BodyLine]) -> list[int]:
    """Return the indexes of the lines that are cores; amounts of one column look alike."""
    cores = [
        n for n, item in enumerate(body) if _is_core(reader, item) or _is_alone(reader, body, n)
    ]
    return [n for n in cores if _is_exact(reader, body[n])] or cores


def _is_core(reader: Reader, item: BodyLine) -> bool:
    """Return whether a line has a value in its table's anchor column, beside other cells."""
    index = item.header.anchor
    tokens, wanted = item.cells.get(index), item.header.columns[index].field
    if not tokens or len(item.cells) < 2 or wanted is None:
        return False
    if sum(t.text.isalpha() and len(t.text) > 1 for t in tokens) > _MAX_WORDS:
        return False
    kind = Kind.DATE if wanted.kind is Kind.DATE else Kind.MONEY
    found = any(c.kind is kind for c in reader.candidates_at(tokens))
    return found or (kind is Kind.DATE and bool(_DAY.fullmatch(join(tokens))))


def _is_alone(reader: Reader, body: Sequence[BodyLine], number: int) -> bool:
    """Return whether a line is only the amount of the fuller line close above it."""
    item, index = body[number], body[number].header.anchor
    if not number or item.cells.keys() != {index} or not _is_exact(reader, item):
        return False
    above = body[number - 1]
    is_row = len(above.cells) > 1 and index not in above.cells
    return is_row and _gap(above, item) < length("near")


def _is_exact(reader: Reader, item: BodyLine) -> bool:
    """Return whether the amount of a core is printed as prices are."""
    column = item.header.columns[item.header.anchor].field
    is_dated = column is None or column.kind is Kind.DATE
    amounts = item.numbers(reader, item.header.anchor)
    return is_dated or any(c.is_priced for c in amounts)


def _gap(above: BodyLine, below: BodyLine) -> float:
    """Return the blank between two lines in heights, of their texts where both have some.

    A new page is far.
    """
    if above.line.page != below.line.page:
        return inf
    return (_edges(below)[0] - _edges(above)[1]) / max(below.line.height, 1e-6)


def _edges(item: BodyLine) -> tuple[float, float]:
    tokens = [t for index in item.texts() for t in item.cells[index]] or item.line.tokens
    return min(t.top for t in tokens), max(t.bottom for t in tokens)


def _first_start(body: Sequence[BodyLine], first: int, core: int, is_above: bool) -> int:
    """Return where a page's first row begins: at the text over its core.

    Text over a core that has text itself is its own only where other rows begin above
    their cores (``is_above``).
    """
    start = core
    if body[core].texts() and not is_above:
        return core
    while start > first and _gap(body[start - 1], body[start]) < length("near"):
        start -= 1
    return start


def _start(body: Sequence[BodyLine], before: int, core: int, num_before: int) -> int:
    """Return where the row of a core begins, after the core before it.

    That is its position number, else what stands below the widest gap, if any. Of
    ``num_before`` rows the last one's number may stand below its core, where numbers are centred.
    """
    between = range(before + 1, core + 1)
    numbered = [n for n in between if _position(body[n]) not in (None, num_before)]
    if numbered and numbered[-1] < core:
        return numbered[-1]
    gaps = {n: _gap(body[n - 1], body[n]) for n in between}
    widest = max(gaps, key=gaps.__getitem__)
    return widest if gaps[widest] >= min(gaps.values()) + length("wider") else core


def _position(item: BodyLine) -> int | None:
    """Return the position number a line begins with, or None."""
    field, tokens = item.header.columns[0].field, item.cells.get(0)
    if not tokens or field is None or field.kind is not Kind.IDENTIFIER:
        return None
    number = tokens[0].text.partition(".")[0]
    return int(number) if number.isdecimal() and len(number) <= _MAX_DIGITS else None


def _end(reader: Reader, body: Sequence[BodyLine], core: int) -> int:
    """Return the line after the last row: it goes on while close lines carry on its text."""
    end = core + 1
    while (
        end < len(body)
        and _gap(body[end - 1], body[end]) < length("near")
        and _continues(reader, body[end])
    ):
        end += 1
    return end


def _continues(reader: Reader, item: BodyLine) -> bool:
    """Return whether a line carries on a row: its text, or one more price below the first."""
    fields = {n: item.header.columns[n].field for n in item.cells}
    texts = item.texts()
    codes = {n for n, f in fields.items() if f is not None and f.kind is Kind.IDENTIFIER}
    filled = [n for n in fields if n not in (*codes, *texts) and item.numbers(reader, n)]
    kinds = {f.kind if (f := fields[n]) is not None else None for n in filled}
    if filled and (len(fields) > 1 or kinds != {Kind.MONEY} or item.header.anchor in filled):
        return kinds == {None} and bool(texts)
    return bool(texts or filled)


def _row(lines: Sequence[BodyLine], core: int) -> Row:
    """Return the row of some lines: numbers from its core, text from all."""
    header = lines[core].header
    cells: Cells = {}
    others: dict[int, list[list[Token]]] = {}
    for item in lines:
        for index in item.texts():
            if index not in cells or not _is_note(item, index):
                cells.setdefault(index, []).extend(item.cells[index])
    for item in sorted(lines, key=lambda item: item is not lines[core]):
        for index, tokens in item.cells.items():
            if index not in cells and not SUB_LABEL.match(join(tokens)):
                cells[index] = list(tokens)
            elif not header.columns[index].is_text:
                others.setdefault(index, []).append(tokens)
    return Row(cells, [item.line for item in lines], header, lines[core].line, others)


def _is_note(item: BodyLine, index: int) -> bool:
    """Return whether a line's text runs on under the columns right of it."""
    right = item.cells[index][-1].right
    bodies = (column.body for column in item.header.columns[index + 1 :])
    return any(body is not None and right > body[1] for body in bodies)
