"""Reads the rows of tables under their headers, over page breaks, until totals end them.

Knows nothing of what a header looks like; columns come from ``columns``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from docextract.engine.text.columns import Column, Header, find_headers, place_row
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Line
from docextract.engine.text.tokens import Token, join
from docextract.schema.kinds import Kind

_NUMBERS = (Kind.MONEY, Kind.DECIMAL, Kind.QUANTITY)
_ENDS = frozenset(
    {
        "net",
        "tax",
        "gross",
        "amount_due",
        "line_total",
        "receipt_total",
        "paid",
        "charges",
    }
)
_CARRIED = re.compile(
    r"\b(?:übertrag|uebertrag|carried (?:forward|over)|brought forward|carry[- ]?over|"
    r"à reporter|report(?:é)?$|a reportar|suma y sigue|riporto|transport)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d\d?[./-]\d\d?[./-]?|\d\d? \w{3,9}|\w{3,9} \d\d?")
_SUB_LABEL = re.compile(r"^[^:]{2,30}\s?:\s?\S")
_MAX_ROWS = 2000
_MAX_SILENT_LINES = 4


@dataclass(eq=False, slots=True)
class Row:
    """The tokens of one row by column index."""

    cells: dict[int, list[Token]]
    first: Line
    last: Line
    header: Header
    has_extra: bool = False


@dataclass(slots=True)
class Table:
    """A header and its rows."""

    header: Header
    rows: list[Row] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)

    def take(self, line: Line, header: Header) -> None:
        """Note that a line's segments within the header's bounds belong to the table."""
        self.lines.add(line.index)
        inside = header.segments(line)
        if not any(column.is_text for column in header.columns):
            inside = [s for s in inside if header.is_named(s)]
        self.segments.update(id(segment) for segment in inside)

    def take_header(self, header: Header, lines: list[Line]) -> None:
        """Note that a header's lines belong to the table."""
        for line in lines[header.first_line : header.last_line + 1]:
            self.take(line, header)


def find_tables(reader: Reader, list_paths: tuple[str, ...]) -> list[Table]:
    """Return all tables with at least one row; repeated headers continue a table."""
    headers = _strong_headers(find_headers(reader, list_paths))
    starts = {header.first_line: header for header in headers}
    tables: list[Table] = []
    done: set[int] = set()
    for header in headers:
        if header.first_line in done:
            continue
        table = _read_table(reader, header, starts)
        if table.rows:
            done |= table.lines
            tables.append(table)
    return tables


def _strong_headers(headers: list[Header]) -> list[Header]:
    """Drop headers that name far fewer columns than the best one of their list."""
    best: dict[str, int] = {}
    for header in headers:
        best[header.list_path] = max(best.get(header.list_path, 0), header.num_named)
    return [h for h in headers if h.num_named > 0.55 * best[h.list_path]]


def _read_table(reader: Reader, header: Header, starts: dict[int, Header]) -> Table:
    table, lines = Table(header), reader.layout.lines
    table.take_header(header, lines)
    number, current = header.last_line + 1, header
    pending: list[tuple[Line, dict[int, list[Token]]]] = []
    while number < len(lines) and len(table.rows) < _MAX_ROWS:
        line, repeated = lines[number], starts.get(number)
        if repeated is not None:
            if repeated.list_path != header.list_path:
                break
            table.take_header(repeated, lines)
            number, current, pending = repeated.last_line + 1, repeated, []
            continue
        number += 1
        if _ends_table(reader, line, current) or _is_far(table, line):
            break
        if _CARRIED.search(line.text):
            continue
        cells = place_row(current, line)
        if not _add_line(reader, table, current, line, cells, pending):
            pending.append((line, cells))
            if len(pending) > _MAX_SILENT_LINES and line.page == _last_page(table, lines):
                break
    return table


def _add_line(
    reader: Reader,
    table: Table,
    header: Header,
    line: Line,
    cells: dict[int, list[Token]],
    pending: list[tuple[Line, dict[int, list[Token]]]],
) -> bool:
    """Add a line as a row or to the last row; False where it is neither."""
    if _is_row(reader, header, cells, _anchor(header)):
        row = Row(cells, line, line, header)
        _adopt(row, pending, table)
        table.rows.append(row)
        pending.clear()
    elif table.rows and _continues(table.rows[-1], cells, header, line):
        _extend(table.rows[-1], cells, line, header)
    else:
        return False
    table.take(line, header)
    return True


def _is_far(table: Table, line: Line) -> bool:
    """Return whether a line stands so far below the last row that the table is over."""
    if not table.rows:
        return False
    last = table.rows[-1].last
    height = max(segment.height for segment in last.segments)
    return last.page == line.page and line.top - last.bottom > 7 * height


def _last_page(table: Table, lines: list[Line]) -> int:
    """Return the page of the last row, or of the header before any row."""
    return table.rows[-1].last.page if table.rows else lines[table.header.last_line].page


def _anchor(header: Header) -> Column:
    """Return the column that has a value in every row: a date, else the last amount."""
    first = header.columns[0]
    if first.field is not None and first.field.kind is Kind.DATE:
        return first
    dated = header.column_of((Kind.DATE,))
    if dated is not None:
        return dated
    return (
        header.column_of((Kind.MONEY, Kind.DECIMAL), is_last=True)
        or header.column_of(_NUMBERS, is_last=True)
        or header.columns[-1]
    )


def _ends_table(reader: Reader, line: Line, header: Header) -> bool:
    """Return whether a totals label stands in front of an amount on this line."""
    inside = header.segments(line)
    for segment in inside:
        for hit in reader.hits_of.get(id(segment), ()):
            if not (hit.entry.concepts & _ENDS) or not hit.is_leading or hit.start:
                continue
            in_first = segment.column == 0 and header.columns[0].left - segment.left > -1
            is_total = len(hit.entry.phrase) >= 5 or hit.is_whole or hit.is_closed
            follows = any(
                c.kind is Kind.MONEY and (c.num_decimals == 2 or c.currency)
                for other in line.segments[segment.column :]
                for c in reader.candidates_of(other)
            )
            alone = inside[0] is segment
            if (
                is_total
                and (alone or not in_first)
                and (follows or hit.is_whole)
                and (len(inside) <= 3)
            ):
                return True
    return False


def _is_row(
    reader: Reader,
    header: Header,
    cells: dict[int, list[Token]],
    anchor: Column,
) -> bool:
    tokens = cells.get(header.columns.index(anchor))
    if not tokens or len(cells) < 2 or anchor.field is None or _is_sentence(header, cells):
        return False
    wanted = Kind.DATE if anchor.field.kind is Kind.DATE else Kind.MONEY
    found = [c for c in reader.candidates_at(tokens) if c.kind is wanted]
    if not found and wanted is Kind.DATE:
        return bool(_DAY.fullmatch(join(tokens)))
    return bool(found)


def _is_sentence(header: Header, cells: dict[int, list[Token]]) -> bool:
    """Return whether a line under a table of numbers alone is running text with a number."""
    if any(column.is_text for column in header.columns):
        return False
    words = [t for tokens in cells.values() for t in tokens if t.text.strip(":.,").isalpha()]
    return sum(len(token.text) > 3 for token in words) >= 2


def _continues(row: Row, cells: dict[int, list[Token]], header: Header, line: Line) -> bool:
    """Return whether a line only carries on a row's text."""
    texts = [i for i in cells if header.columns[i].is_text]
    if not texts or row.last.page != line.page:
        return False
    others = [i for i in cells if i not in texts and header.columns[i].field is not None]
    is_near = line.top - row.last.bottom < 0.9 * max(s.height for s in line.segments)
    return is_near and not any(any(c.isdigit() for c in join(cells[i])) for i in others)


def _extend(row: Row, cells: dict[int, list[Token]], line: Line, header: Header) -> None:
    row.last = line
    for index, tokens in cells.items():
        if not header.columns[index].is_text:
            continue
        if row.has_extra or _SUB_LABEL.match(join(tokens)):
            row.has_extra = True
            continue
        row.cells.setdefault(index, []).extend(tokens)


def _adopt(row: Row, pending: list[tuple[Line, dict[int, list[Token]]]], table: Table) -> None:
    """Give a row without text the text line right above it."""
    if not pending:
        return
    line, cells = pending[-1]
    text = [i for i in cells if row.header.columns[i].is_text]
    is_near = row.first.page == line.page and (
        row.first.top - line.bottom < 0.9 * max(s.height for s in line.segments)
    )
    if is_near and text and len(cells) == 1 and text[0] not in row.cells:
        row.cells[text[0]] = cells[text[0]]
        table.take(line, row.header)
