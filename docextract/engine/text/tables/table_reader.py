"""Reads tables below their headers, over page breaks, until totals end them.

Knows nothing of what a header looks like nor of which lines form a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from docextract.engine.text.tables.columns.alignment import fit_columns, shut_out_margin
from docextract.engine.text.tables.columns.column_fields import (
    assign_labels,
    members_of,
    name_rest,
    score_table,
    signed_column,
)
from docextract.engine.text.tables.columns.columns import BodyLine, Header, place_row
from docextract.engine.text.tables.columns.headers import find_headers
from docextract.engine.text.tables.rows.row_bands import Row, read_rows
from docextract.engine.text.tables.rows.row_products import (
    items_of,
    prove_price,
    row_values,
    settle_by_product,
)
from docextract.engine.text.tables.rows.table_end import (
    amounts_on,
    carries_on,
    ends_table,
    goes_on,
    is_interrupted,
    resume,
)
from docextract.engine.text.tables.rows.tax_columns import settle_by_share, settle_rates
from docextract.engine.text.text_document import Line, Reader, level, pattern

_CARRIED = re.compile(rf"\b(?:{pattern('tables', 'carried')})\b", re.IGNORECASE)
_MAX_ROWS = 2000
_MAX_SILENT_LINES = 12
_LOOK_AHEAD = 6
_MORE_LINES = 2


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
        if not header.has_text:
            inside = [s for s in inside if header.is_named(s)]
        self.segments.update(id(segment) for segment in inside)


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
    _empty_textless(tables)
    _empty_copies(tables)
    return tables


def _empty_copies(tables: list[Table]) -> None:
    """Take no rows from a table that repeats another's in full on a later page: a copy's."""
    first: dict[tuple[object, ...], int] = {}
    for table in tables:
        cells = (
            (n, index, *(token.text for token in tokens))
            for n, row in enumerate(table.rows)
            for index, tokens in sorted(row.cells.items())
        )
        page = table.rows[0].lines[0].page if table.rows else 0
        if first.setdefault((table.header.list_path, *cells), page) < page:
            table.rows.clear()


def _empty_textless(tables: list[Table]) -> None:
    """Take no rows from a table without text where another of its list has some.

    Such is the table of charges and discounts below the items: base, rate and amount.
    """
    described = {table.header.list_path for table in tables if table.header.has_text}
    for table in tables:
        if not table.header.has_text and table.header.list_path in described:
            table.rows.clear()


def _strong_headers(headers: list[Header]) -> list[Header]:
    """Drop headers that name far fewer columns than the best one of their list."""
    best: dict[str, int] = {}
    for header in headers:
        best[header.list_path] = max(best.get(header.list_path, 0), header.num_named)
    return [h for h in headers if h.num_named > level("header_beside_best") * best[h.list_path]]


def _read_table(reader: Reader, header: Header, starts: dict[int, Header]) -> Table:
    headers = [header]
    body = _body(reader, header, starts, headers)
    body = _fitted(reader, headers, body)
    rows = read_rows(reader, body)
    if _settle(reader, headers, rows):
        rows = read_rows(reader, _placed(body))
    for row in rows:
        prove_price(reader, row)
    table = Table(header, items_of(reader, rows))
    _find_signed(reader, rows)
    lines = reader.layout.lines
    for each in headers:
        for line in lines[each.first_line : each.last_line + 1]:
            table.take(line, each)
    # What follows the last item, such as a sum, is free for the labels of totals.
    last = max((n for n, row in enumerate(rows) if row in table.rows), default=-1)
    for row in rows[: last + 1]:
        for line in row.lines:
            table.take(line, row.header)
    return table


def _find_signed(reader: Reader, rows: list[Row]) -> None:
    """Note the column of signed amounts where at least one row has a sign."""
    for header in {id(row.header): row.header for row in rows}.values():
        members = members_of(reader, header.list_path)
        found = signed_column(header.columns, members, reader.index)
        if found is not None and any(row_values(reader, r).get(found, 0) < 0 for r in rows):
            header.signed = found


def _body(
    reader: Reader, header: Header, starts: dict[int, Header], headers: list[Header]
) -> list[BodyLine]:
    """Return the lines below a header up to totals, another list or a wide blank."""
    lines, body = reader.layout.lines, list[BodyLine]()
    number, current, last = header.last_line + 1, header, lines[header.last_line]
    silent = 0
    while number < len(lines) and len(body) < _MAX_ROWS:
        line, repeated = lines[number], starts.get(number)
        if repeated is not None:
            if not carries_on(header, repeated):
                break
            headers.append(repeated)
            number, current, silent = repeated.last_line + 1, repeated, 0
            last = lines[repeated.last_line]
            continue
        is_quiet = silent > _MAX_SILENT_LINES
        if is_interrupted(reader, current, (last, line), is_quiet, body):
            resumed = resume(reader, current, number, last.page, starts, body)
            if resumed is None:
                break
            number, silent, line = resumed, 0, lines[resumed]
            last = line
            if number in starts:
                continue
        number += 1
        amounts = amounts_on(reader, current, line)
        if _CARRIED.search(line.text) and len(amounts) < 2:
            continue
        if ends_table(reader, line, current):
            ahead = lines[number : number + _LOOK_AHEAD]
            if not goes_on(reader, current, [x for x in ahead if x.page == line.page], body):
                break
            continue
        silent, last = (0, line) if amounts else (silent + 1, line)
        body.append(BodyLine(line, current, place_row(current, line)))
    return body


def _fitted(reader: Reader, headers: list[Header], body: list[BodyLine]) -> list[BodyLine]:
    """Fit the columns of all headers to the numbers below and place the lines again."""
    for header in headers:
        lines = [item.line for item in body if item.header is header]
        last = max((n for n, x in enumerate(lines) if amounts_on(reader, header, x)), default=-1)
        lines = lines[: last + 1 + _MORE_LINES]
        shut_out_margin(header, [x for x in lines if len(amounts_on(reader, header, x)) > 1])
        fit_columns(reader, header, lines)
        members = members_of(reader, header.list_path)
        assign_labels(header.columns, members, score_table(header.columns, members, reader.index))
        name_rest(header.columns, members, reader.index)
    return _placed(body)


def _placed(body: list[BodyLine]) -> list[BodyLine]:
    """Place lines again; those of which nothing stands within the table's bounds are left out."""
    return [
        BodyLine(item.line, item.header, place_row(item.header, item.line)) for item in body
        if item.header.segments(item.line)
    ]  # fmt: skip


def _settle(reader: Reader, headers: list[Header], rows: list[Row]) -> bool:
    """Let arithmetic decide what columns hold; return whether that changed anything."""
    changed = False
    for header in headers:
        before = [column.field for column in header.columns]
        values = [row_values(reader, row) for row in rows if row.header is header]
        members = members_of(reader, header.list_path)
        settle_by_product(header.columns, members, reader.index, values)
        numbers = [row_values(reader, row, has_rates=True) for row in rows if row.header is header]
        for settle in (settle_by_share, settle_rates):
            settle(header.columns, members, reader.index.concept_of, numbers)
        changed |= before != [column.field for column in header.columns]
    return changed
