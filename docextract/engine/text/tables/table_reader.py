"""Reads tables below their headers, over page breaks, until totals end them.

Knows nothing of what a header looks like nor of which lines form a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from docextract.engine.text.labels.total_kinds import is_carried
from docextract.engine.text.tables.columns.alignment import fit_columns, shut_out_margin
from docextract.engine.text.tables.columns.column_arithmetic import settle_by_arithmetic
from docextract.engine.text.tables.columns.column_fields import (
    assign_labels,
    name_rest,
    score_table,
    signed_column,
)
from docextract.engine.text.tables.columns.columns import BodyLine, Header, place_row
from docextract.engine.text.tables.columns.headers import find_headers
from docextract.engine.text.tables.rows.items import items_of, prove_price, row_values
from docextract.engine.text.tables.rows.row_bands import Row, read_rows
from docextract.engine.text.tables.rows.table_end import (
    Starts,
    amounts_on,
    carries_on,
    ends_table,
    goes_on,
    next_top,
)
from docextract.engine.text.text_document import Line, Reader, length, level

_MAX_ROWS = 2000
_MAX_SILENT_LINES = 12
_MORE_LINES = 2


@dataclass(slots=True)
class Table:
    """A header and its rows.

    Attributes:
        lines: the numbers of the lines it takes.
        segments: the ids of their segments within its bounds.
    """

    header: Header
    rows: list[Row] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)

    def take(self, lines: Sequence[Line], header: Header) -> None:
        """Note that lines belong to the table."""
        for line in lines:
            self.lines.add(line.index)
            self.segments |= {
                id(s) for s in header.segments(line) if header.has_text or header.is_named(s)
            }


def find_tables(reader: Reader, list_paths: tuple[str, ...]) -> list[Table]:
    """Return all tables with at least one row; repeated headers continue a table."""
    headers = _strong_headers(find_headers(reader, list_paths))
    starts = {header.first_line: header for header in headers}
    tables: list[Table] = []
    done: set[int] = set()
    for header in headers:
        if header.first_line not in done:
            table = _read_table(reader, header, starts)
            if table.rows:
                done |= table.lines
                tables.append(table)
    _empty_textless(tables)
    _empty_copies(tables)
    return tables


def _strong_headers(headers: list[Header]) -> list[Header]:
    """Drop headers that name far fewer columns than the best one of their list."""
    best: dict[str, int] = {}
    for header in headers:
        path = header.members.list_path
        best[path] = max(best.get(path, 0), header.num_named)
    least = level("header_beside_best")
    return [h for h in headers if h.num_named > least * best[h.members.list_path]]


def _empty_textless(tables: Sequence[Table]) -> None:
    """Take no rows from a table without text where another of its list has some.

    Such is the table of charges and discounts below the items: base, rate and amount.
    """
    described = {t.header.members.list_path for t in tables if t.header.has_text}
    for table in tables:
        if not table.header.has_text and table.header.members.list_path in described:
            table.rows.clear()


def _empty_copies(tables: Sequence[Table]) -> None:
    """Take no rows from a table that repeats another's in full on a later page: a copy's."""
    first: dict[tuple[object, ...], int] = {}
    for table in tables:
        cells = (
            (n, index, *(token.text for token in tokens))
            for n, row in enumerate(table.rows)
            for index, tokens in sorted(row.cells.items())
        )
        page = table.rows[0].lines[0].page if table.rows else 0
        if first.setdefault((table.header.members.list_path, *cells), page) < page:
            table.rows.clear()


def _read_table(reader: Reader, header: Header, starts: Starts) -> Table:
    headers, body = _body(reader, header, starts)
    for each in headers:
        _fit(reader, each, [item.line for item in body if item.header is each])
    body = _placed(body)
    rows = read_rows(reader, body)
    if _settle(reader, headers, rows):
        rows = read_rows(reader, _placed(body))
    for row in rows:
        prove_price(reader, row)
    table = Table(header, items_of(reader, rows))
    for each in headers:
        _find_signed(reader, each, rows)
        table.take(reader.layout.lines[each.first_line : each.last_line + 1], each)
    # What follows the last item, such as a sum, is free for the labels of totals.
    last = max((n for n, row in enumerate(rows) if row in table.rows), default=-1)
    for row in rows[: last + 1]:
        table.take(row.lines, row.header)
    return table


def _body(reader: Reader, header: Header, starts: Starts) -> tuple[list[Header], list[BodyLine]]:
    """Return a header with those that repeat it, and the lines below them.

    They end at totals, another list or a wide blank, unless rows go on behind. No line is cut
    into cells yet.
    """
    lines = reader.layout.lines
    headers, body = [header], list[BodyLine]()
    number, last, silent = header.last_line + 1, lines[header.last_line], 0
    while number < len(lines) and len(body) < _MAX_ROWS:
        line, current = lines[number], headers[-1]
        if number in starts:
            if not carries_on(header, starts[number]):
                break
            headers.append(starts[number])
            last, silent = lines[headers[-1].last_line], 0
            number = last.index + 1
            continue
        is_apart = line.page != last.page or line.top - last.bottom > length("far") * last.height
        is_quiet = silent > _MAX_SILENT_LINES
        if is_apart or (is_quiet and not goes_on(reader, current, line, body, is_near=False)):
            top = next_top(reader, current, number, last.page, starts, body)
            if top is None:
                break
            number, silent, last = top, 0, lines[top]
            if top in starts:
                continue
            line = last
        number += 1
        amounts = amounts_on(reader, current, line)
        if is_carried(line.text) and len(amounts) < 2:
            continue
        if ends_table(reader, line, current):
            if not goes_on(reader, current, line, body, is_near=True):
                break
            continue
        silent, last = (0, line) if amounts else (silent + 1, line)
        body.append(BodyLine(line, current, {}))
    return headers, body


def _fit(reader: Reader, header: Header, lines: list[Line]) -> None:
    """Fit a header's columns to the numbers on the lines below it."""
    counts = [len(amounts_on(reader, header, line)) for line in lines]
    last = max((n for n, count in enumerate(counts) if count), default=-1)
    lines = lines[: last + 1 + _MORE_LINES]
    cores = [line for line, count in zip(lines, counts, strict=False) if count > 1]
    shut_out_margin(header, cores)
    fit_columns(reader, header, lines)
    assign_labels(header.columns, header.members, score_table(header.columns, header.members))
    name_rest(header.columns, header.members)


def _placed(body: Sequence[BodyLine]) -> list[BodyLine]:
    """Cut lines into cells; those with nothing within the table's bounds are left out."""
    return [
        BodyLine(item.line, item.header, place_row(item.header, item.line)) for item in body
        if item.header.segments(item.line)
    ]  # fmt: skip


def _settle(reader: Reader, headers: Sequence[Header], rows: Sequence[Row]) -> bool:
    """Let arithmetic decide what columns hold; return whether that changed anything."""
    changed = False
    for header in headers:
        before = [column.field for column in header.columns]
        numbers = [row_values(reader, row, has_rates=True) for row in rows if row.header is header]
        settle_by_arithmetic(header.columns, header.members, numbers)
        changed |= before != [column.field for column in header.columns]
    return changed


def _find_signed(reader: Reader, header: Header, rows: Sequence[Row]) -> None:
    """Note the column of signed amounts where at least one row has a sign."""
    found = signed_column(header.columns, header.members)
    own = (row_values(reader, row) for row in rows if row.header is header)
    if found is not None and any(values.get(found, 0) < 0 for values in own):
        header.signed = found
