"""Tells where a table ends and where it goes on: totals, blanks, pages, other headers.

Knows nothing of rows; it sees lines and where their amounts stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docextract.engine.text.tables.columns.alignment import is_text
from docextract.engine.text.tables.columns.columns import BodyLine, Header
from docextract.engine.text.tables.rows.items import TABLE_ENDS
from docextract.engine.text.text_document import (
    Candidate,
    Hit,
    Line,
    Reader,
    Segment,
    is_prose,
    join,
    length,
)
from docextract.schema import Kind

_MAX_LINES = 40
_NEAR_LINES = 7
_MIN_LABEL = 5
_OF_TAX = 4
"""So many words may lead a line with a tax: ``21,00 % de IVA``."""
Starts = Mapping[int, Header]
"""Headers by their first line."""


def next_top(
    reader: Reader, header: Header, number: int, page: int, starts: Starts, body: Sequence[BodyLine]
) -> int | None:
    """Return the line on the page after ``page`` where a table goes on, or None.

    That is a header like its own, or the page's top where rows stand there, unless another
    list or totals came in between (from line ``number`` on).
    """
    lines = reader.layout.lines
    start = next((n for n in range(number, len(lines)) if lines[n].page > page), len(lines))
    ahead = [x for x in lines[start : start + _MAX_LINES] if x.page == page + 1]
    other = next((x.index for x in ahead if x.index in starts), None)
    if other is not None and carries_on(header, starts[other]):
        return other
    if any(n in starts or ends_table(reader, lines[n], header) for n in range(number, start)):
        return None
    top = [x for x in ahead if other is None or x.index < other]
    is_first = not body and any(len(amounts_on(reader, header, line)) > 1 for line in top)
    return start if is_first or _has_row(reader, header, top, body) else None


def carries_on(header: Header, other: Header) -> bool:
    """Return whether a header below a table may head more of its rows, not another table.

    One without a column of text below one with such heads charges, rates or the like.
    """
    is_same = other.members.list_path == header.members.list_path
    return is_same and (other.has_text or not header.has_text)


def goes_on(
    reader: Reader, header: Header, line: Line, body: Sequence[BodyLine], *, is_near: bool
) -> bool:
    """Return whether rows follow from a line on, on its page; nearby, or anywhere."""
    ahead = reader.layout.lines[line.index :][: _NEAR_LINES if is_near else _MAX_LINES]
    return _has_row(reader, header, [x for x in ahead if x.page == line.page], body)


def _has_row(
    reader: Reader, header: Header, lines: Sequence[Line], body: Sequence[BodyLine]
) -> bool:
    """Return whether some line is a row as full as those before, its amounts below theirs."""
    before = [amounts_on(reader, item.header, item.line) for item in body]
    needed = max((len(found) for found in before), default=0)
    inside = [c for found in before for c in found]
    if not needed or (lines and needed < 2 and lines[0].page == body[-1].line.page):
        return False
    for line in lines:
        found = amounts_on(reader, header, line)
        is_full = len(found) >= (needed if needed < 3 else needed - 1) and len(line.segments) > 1
        is_row = is_full and all(any(_is_below(c, d, line) for d in inside) for c in found)
        if is_row and not ends_table(reader, line, header):
            return True
    return False


def _is_below(found: Candidate, above: Candidate, line: Line) -> bool:
    """Return whether a line's number stands below another, by its right edge or half its width."""
    overlap = min(found.right, above.right) - max(found.left, above.left)
    is_aligned = abs(found.right - above.right) < length("aligned") * line.height
    return is_aligned or overlap > (found.right - found.left) / 2


def ends_table(reader: Reader, line: Line, header: Header) -> bool:
    """Return whether a totals label stands in front of an amount, or a sentence below numbers."""
    hits = (h for s in header.segments(line) for h in reader.hits_in(s))
    leading = [hit for hit in hits if hit.is_leading and not hit.start]
    totals = [hit for hit in leading if hit.entry.concepts & TABLE_ENDS]
    num_whole = sum(hit.is_whole for hit in totals)
    is_total = any(_is_total(reader, line, header, hit, num_whole > 1) for hit in totals)
    is_of_numbers = all(field.kind.is_number for field in header.members.fields.values())
    is_said = is_of_numbers and is_prose(line.segments[0].tokens)
    return is_total or is_said or _leads_with_tax(reader, line.segments[0])


def _leads_with_tax(reader: Reader, first: Segment) -> bool:
    """Return whether a line begins with a tax's rate and name: ``9% btw over € 462,00``."""
    taxes = [hit.start for hit in reader.hits_in(first) if "tax" in hit.entry.concepts]
    is_named = 0 < min(taxes, default=0) < _OF_TAX
    return is_named and first.text[0].isdigit() and "%" in join(first.tokens[:2])


def _is_total(reader: Reader, line: Line, header: Header, hit: Hit, is_of_several: bool) -> bool:
    """Return whether a label is a total's, with an amount behind it or alone on the line."""
    segment, inside = hit.segment, header.segments(line)
    is_label = len(hit.entry.phrase) >= _MIN_LABEL or hit.is_whole or hit.is_closed
    behind = (c for other in line.segments[segment.column :] for c in reader.candidates_of(other))
    has_amount = any(c.kind is Kind.MONEY and (c.num_decimals == 2 or c.currency) for c in behind)
    # A label and its amount within one column that is not the last are a price's below the
    # price it comes from: ``(Net): 60.00``.
    middle = (segment.left + segment.right) / 2
    is_in_cell = bool(reader.candidates_of(segment)) and any(
        column.field is not None and column.field.kind.is_number
        and column.left <= middle <= column.right
        for column in header.columns[: header.anchor]
    )  # fmt: skip
    return (
        is_label
        and (has_amount or hit.is_whole)
        and (len(inside) <= 3 or is_of_several)
        and not is_in_cell
    )


def amounts_on(reader: Reader, header: Header, line: Line) -> list[Candidate]:
    """Return the amounts on a line that are not part of running text."""
    return [
        c for segment in header.segments(line) if not is_text(segment)
        for c in reader.candidates_of(segment)
        if c.kind is Kind.MONEY and c.is_priced
    ]  # fmt: skip
