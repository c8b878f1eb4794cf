"""Reads tables below their headers, over page breaks, until totals end them.

Knows nothing of what a header looks like nor of which lines form a row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from docextract.engine.text.bands import Row, anchor, read_rows
from docextract.engine.text.candidates import Candidate
from docextract.engine.text.columns import BodyLine, Header, place_row
from docextract.engine.text.evidence import Reader
from docextract.engine.text.fitting import fit_columns, is_text, shut_out_margin
from docextract.engine.text.headers import find_headers
from docextract.engine.text.labels import Hit
from docextract.engine.text.layout import Line, Segment
from docextract.engine.text.proving import TOTALS, items_of, prove_price, row_values
from docextract.engine.text.roles import (
    assign_labels,
    members_of,
    name_rest,
    score_table,
    settle_by_product,
)  # fmt: skip
from docextract.schema.kinds import Kind

_CARRIED = re.compile(
    r"\b(?:übertrag|uebertrag|carried (?:forward|over)|brought forward|carry[- ]?over|"
    r"à reporter|report(?:é)?\b|a reportar|suma y sigue|riporto|transport)\b",
    re.IGNORECASE,
)
_MAX_ROWS = 2000
_MAX_SILENT_LINES = 12
_MAX_TOP_LINES = 40
_FAR = 7.0
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
    return tables


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
    return [h for h in headers if h.num_named > 0.55 * best[h.list_path]]


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
    lines = reader.layout.lines
    for each in headers:
        for line in lines[each.first_line : each.last_line + 1]:
            table.take(line, each)
    for row in rows:
        for line in row.lines:
            table.take(line, row.header)
    return table


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
            if not _carries_on(header, repeated):
                break
            headers.append(repeated)
            number, current, silent = repeated.last_line + 1, repeated, 0
            last = lines[repeated.last_line]
            continue
        is_long = silent > _MAX_SILENT_LINES and line.page == last.page
        if is_long and _goes_on(reader, current, _rest_of_page(lines, number), body):
            silent = 0
        if _is_far(last, line) or silent > _MAX_SILENT_LINES or line.page != last.page:
            resumed = _resume(reader, current, number, last.page, starts, body)
            if resumed is None:
                break
            number, silent, line = resumed, 0, lines[resumed]
            last = line
            if number in starts:
                continue
        number += 1
        if _ends_table(reader, line, current):
            ahead = lines[number : number + _LOOK_AHEAD]
            if not _goes_on(reader, current, [x for x in ahead if x.page == line.page], body):
                break
            continue
        amounts = _amounts(reader, current, line)
        if _CARRIED.search(line.text) and len(amounts) < 2:
            continue
        silent, last = (0, line) if amounts else (silent + 1, line)
        body.append(BodyLine(line, current, place_row(current, line)))
    return body


def _resume(
    reader: Reader,
    header: Header,
    number: int,
    page: int,
    starts: dict[int, Header],
    body: Sequence[BodyLine],
) -> int | None:
    """Return the line on the page after ``page`` where a table goes on, or None.

    That is a header like its own, or the page's top where rows stand there, unless another
    list or totals came in between (from line ``number`` on).
    """
    lines = reader.layout.lines
    following = _next_page(lines, number, page)
    other = next((n for n in following if n in starts), following.stop)
    if other in starts and _carries_on(header, starts[other]):
        return other
    passed = range(number, following.start)
    if any(n in starts or _ends_table(reader, lines[n], header) for n in passed):
        return None
    top = lines[following.start : other]
    if not body and any(len(_amounts(reader, header, line)) > 1 for line in top):
        return following.start
    return following.start if _goes_on(reader, header, top, body) else None


def _carries_on(header: Header, other: Header) -> bool:
    """Return whether a header below a table may head more of its rows, not another table.

    One without a column of text below one with such heads charges, rates or the like.
    """
    return other.list_path == header.list_path and (other.has_text or not header.has_text)


def _next_page(lines: Sequence[Line], number: int, page: int) -> range:
    """Return the indexes of the top lines of the page after ``page``."""
    start = next((n for n in range(number, len(lines)) if lines[n].page > page), len(lines))
    end = start
    while end < min(len(lines), start + _MAX_TOP_LINES) and lines[end].page == page + 1:
        end += 1
    return range(start, end)


def _rest_of_page(lines: Sequence[Line], number: int) -> list[Line]:
    """Return the lines of a line's page from it on, not too many."""
    ahead = lines[number : number + _MAX_TOP_LINES]
    return [line for line in ahead if line.page == lines[number].page]


def _is_far(last: Line, line: Line) -> bool:
    """Return whether a line stands so far below the last one that the table is over."""
    height = max(segment.height for segment in last.segments)
    return last.page == line.page and line.top - last.bottom > _FAR * height


def _amounts(reader: Reader, header: Header, line: Line) -> list[Candidate]:
    """Return the amounts on a line that are not part of running text."""
    return [
        c for segment in header.segments(line) if not is_text(segment)
        for c in reader.candidates_of(segment)
        if c.kind is Kind.MONEY and (c.num_decimals or c.currency)
    ]  # fmt: skip


def _goes_on(
    reader: Reader, header: Header, lines: Sequence[Line], body: Sequence[BodyLine]
) -> bool:
    """Return whether a row as full as those before, its amounts below theirs, follows."""
    before = [_amounts(reader, item.header, item.line) for item in body]
    needed = max((len(found) for found in before), default=0)
    inside = [c for found in before for c in found]
    if not needed or (lines and needed < 2 and lines[0].page == body[-1].line.page):
        return False
    for line in lines:
        found = _amounts(reader, header, line)
        slack = 0.7 * max(segment.height for segment in line.segments)
        is_aligned = all(any(_is_below(c, d, slack) for d in inside) for c in found)
        is_full = len(found) >= (needed if needed < 3 else needed - 1) and len(line.segments) > 1
        if is_full and is_aligned and not _ends_table(reader, line, header):
            return True
    return False


def _is_below(found: Candidate, above: Candidate, slack: float) -> bool:
    """Return whether a number stands below another, right-aligned or by half of its width."""
    overlap = min(found.right, above.right) - max(found.left, above.left)
    return abs(found.right - above.right) < slack or overlap > (found.right - found.left) / 2


def _ends_table(reader: Reader, line: Line, header: Header) -> bool:
    """Return whether a totals label stands in front of an amount on this line."""
    inside = header.segments(line)
    return any(
        _is_total(reader, line, header, inside, hit)
        for segment in inside
        for hit in reader.hits_of.get(id(segment), ())
        if hit.entry.concepts & TOTALS and hit.is_leading and not hit.start
    )


def _is_total(
    reader: Reader, line: Line, header: Header, inside: Sequence[Segment], hit: Hit
) -> bool:
    segment = hit.segment
    is_first = segment.column == 0 and header.columns[0].left - segment.left > -1
    is_label = len(hit.entry.phrase) >= 5 or hit.is_whole or hit.is_closed
    follows = any(
        c.kind is Kind.MONEY and (c.num_decimals == 2 or c.currency)
        for other in line.segments[segment.column :]
        for c in reader.candidates_of(other)
    )
    is_alone = inside[0] is segment
    return (
        is_label
        and (is_alone or not is_first)
        and (follows or hit.is_whole)
        and (len(inside) <= 3 or _num_totals(reader, inside) > 1)
        and not _is_in_cell(reader, header, segment)
    )


def _num_totals(reader: Reader, segments: Sequence[Segment]) -> int:
    """Return how many segments are nothing but a total's label: a row of them heads totals."""
    return sum(
        any(h.is_whole and h.entry.concepts & TOTALS for h in reader.hits_of.get(id(s), ()))
        for s in segments
    )


def _is_in_cell(reader: Reader, header: Header, segment: Segment) -> bool:
    """Return whether a label and its amount stand within one column that is not the last.

    So does a price printed as ``(Net): 60.00`` below the price it comes from.
    """
    if not reader.candidates_of(segment):
        return False
    index = anchor(header)
    return any(
        column.field is not None and column.field.kind.is_number
        and column.left <= (segment.left + segment.right) / 2 <= column.right
        for column in header.columns[:index]
    )  # fmt: skip


def _fitted(reader: Reader, headers: list[Header], body: list[BodyLine]) -> list[BodyLine]:
    """Fit the columns of all headers to the numbers below and place the lines again."""
    for header in headers:
        lines = [item.line for item in body if item.header is header]
        last = max((n for n, x in enumerate(lines) if _amounts(reader, header, x)), default=-1)
        lines = lines[: last + 1 + _MORE_LINES]
        shut_out_margin(header, [x for x in lines if len(_amounts(reader, header, x)) > 1])
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
        changed |= before != [column.field for column in header.columns]
    return changed
