"""Tells where a table ends and where it goes on: totals, blanks, pages, other headers.

Knows nothing of rows; it sees lines and where their amounts stand.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.tables.columns.alignment import is_text
from docextract.engine.text.tables.columns.columns import BodyLine, Header
from docextract.engine.text.tables.rows.row_bands import anchor
from docextract.engine.text.tables.rows.row_products import TABLE_ENDS
from docextract.engine.text.text_document import Candidate, Hit, Line, Reader, Segment, length
from docextract.schema import Kind

_MAX_TOP_LINES = 40


def resume(
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
    if other in starts and carries_on(header, starts[other]):
        return other
    passed = range(number, following.start)
    if any(n in starts or ends_table(reader, lines[n], header) for n in passed):
        return None
    top = lines[following.start : other]
    if not body and any(len(amounts_on(reader, header, line)) > 1 for line in top):
        return following.start
    return following.start if goes_on(reader, header, top, body) else None


def carries_on(header: Header, other: Header) -> bool:
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


def is_interrupted(
    reader: Reader,
    header: Header,
    lines: tuple[Line, Line],
    is_quiet: bool,
    body: Sequence[BodyLine],
) -> bool:
    """Return whether a table breaks off between two lines: by a page or a wide blank.

    Or by many lines without amounts (``is_quiet``), unless a row as full as those before
    follows on the page: notes may be longer than rows.
    """
    last, line = lines
    height = max(segment.height for segment in last.segments)
    if line.page != last.page or line.top - last.bottom > length("far") * height:
        return True
    ahead = reader.layout.lines[line.index : line.index + _MAX_TOP_LINES]
    return is_quiet and not goes_on(reader, header, [x for x in ahead if x.page == line.page], body)


def goes_on(
    reader: Reader, header: Header, lines: Sequence[Line], body: Sequence[BodyLine]
) -> bool:
    """Return whether a row as full as those before, its amounts below theirs, follows."""
    before = [amounts_on(reader, item.header, item.line) for item in body]
    needed = max((len(found) for found in before), default=0)
    inside = [c for found in before for c in found]
    if not needed or (lines and needed < 2 and lines[0].page == body[-1].line.page):
        return False
    for line in lines:
        found = amounts_on(reader, header, line)
        slack = length("aligned") * max(segment.height for segment in line.segments)
        is_aligned = all(any(_is_below(c, d, slack) for d in inside) for c in found)
        is_full = len(found) >= (needed if needed < 3 else needed - 1) and len(line.segments) > 1
        if is_full and is_aligned and not ends_table(reader, line, header):
            return True
    return False


def _is_below(found: Candidate, above: Candidate, slack: float) -> bool:
    """Return whether a number stands below another, right-aligned or by half of its width."""
    overlap = min(found.right, above.right) - max(found.left, above.left)
    return abs(found.right - above.right) < slack or overlap > (found.right - found.left) / 2


def ends_table(reader: Reader, line: Line, header: Header) -> bool:
    """Return whether a totals label stands in front of an amount on this line."""
    inside = header.segments(line)
    hits = (hit for segment in inside for hit in reader.hits_of.get(id(segment), ()))
    leading = [hit for hit in hits if hit.is_leading and not hit.start]
    totals = [hit for hit in leading if hit.entry.concepts & TABLE_ENDS]
    num_whole = sum(hit.is_whole for hit in totals)
    return any(_is_total(reader, line, header, hit, num_whole > 1) for hit in totals)


def _is_total(reader: Reader, line: Line, header: Header, hit: Hit, is_of_several: bool) -> bool:
    """Return whether a label is a total's, with an amount behind it or alone on the line."""
    segment, inside = hit.segment, header.segments(line)
    is_first = segment.column == 0 and header.columns[0].left - segment.left > -1
    is_label = len(hit.entry.phrase) >= 5 or hit.is_whole or hit.is_closed
    amounts = [
        c for other in line.segments[segment.column :]
        for c in reader.candidates_of(other)
        if c.kind is Kind.MONEY and (c.num_decimals == 2 or c.currency)
    ]  # fmt: skip
    return (
        is_label
        and (inside[0] is segment or not is_first)
        and (bool(amounts) or hit.is_whole)
        and (len(inside) <= 3 or is_of_several)
        and not _is_in_cell(reader, header, segment)
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


def amounts_on(reader: Reader, header: Header, line: Line) -> list[Candidate]:
    """Return the amounts on a line that are not part of running text."""
    return [
        c for segment in header.segments(line) if not is_text(segment)
        for c in reader.candidates_of(segment)
        if c.kind is Kind.MONEY and (c.num_decimals or c.currency)
    ]  # fmt: skip
