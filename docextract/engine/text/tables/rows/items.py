"""Tells which rows of a table are items, and which are sums, discounts or parts of another row.

Knows nothing of headers; it sees the numbers in the cells of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.labels.total_kinds import is_tax, names_total
from docextract.engine.text.tables.columns.column_arithmetic import is_product, triple_of
from docextract.engine.text.tables.rows.row_bands import SUB_LABEL, Row
from docextract.engine.text.text_document import Line, Reader, join
from docextract.schema import Kind
from docextract.schema.equations import AMOUNTS, TOTALS, beside

TABLE_ENDS = TOTALS | {"paid", "charges"}
"""What the labels that end a table stand for."""

_EXTRAS = beside("net", "line_total")
_CENT = 0.015


def prove_price(reader: Reader, row: Row) -> None:
    """Take the price printed on another line of the row where only that one fits the amount."""
    columns, values = triple_of(row.header), row_values(reader, row)
    if columns is None or not {columns[0], columns[2]} <= values.keys():
        return
    count, price, amount = columns
    if price in values and is_product(values[count], values[price], values[amount]):
        return
    for tokens in row.others.get(price, ()):
        found = [c for c in reader.candidates_at(tokens) if c.kind is Kind.MONEY]
        if found and is_product(values[count], found[-1].value / 100, values[amount]):
            row.cells[price] = list(tokens)
            return


def row_values(reader: Reader, row: Row, *, has_rates: bool = False) -> dict[int, float]:
    """Return the number in each cell of a row that holds one, by column; percentages if asked."""
    values: dict[int, float] = {}
    kinds = (Kind.MONEY, Kind.PERCENT) if has_rates else (Kind.MONEY,)
    for index, tokens in row.cells.items():
        found = [c for c in reader.candidates_at(tokens) if c.kind in kinds]
        if found and not row.header.columns[index].is_text:
            values[index] = found[-1].value / 100
    return values


def items_of(reader: Reader, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are items: no subtotals, no discounts on the whole document."""
    kept: list[Row] = []
    total: float = 0
    is_over = False
    fullest = max((len(row_values(reader, row)) for row in rows), default=0)
    has_prices = any(_has_price(reader, row) for row in rows)
    for row in rows:
        values = row_values(reader, row)
        amount = values.get(row.header.anchor, 0)
        is_short = len(values) < fullest
        is_same = bool(kept and amount) and abs(amount - total) < _CENT
        if is_same and ((len(kept) > 1 and is_short) or _is_named_sum(row)):
            is_over = True
            continue
        is_bare = (has_prices and not _has_price(reader, row)) or (len(values) == 1 < fullest - 1)
        is_behind = is_over and is_short and not _texts(row)
        if is_behind or (is_bare and _is_extra(reader, row)):
            continue
        kept.append(row)
        total += amount
    return _that_add_up(reader, kept)


def _has_price(reader: Reader, row: Row) -> bool:
    """Return whether more than one column of amounts is filled."""
    fields = (row.header.columns[index].field for index in row_values(reader, row))
    return sum(field is not None and field.kind is Kind.MONEY for field in fields) > 1


def _is_named_sum(row: Row) -> bool:
    """Return whether a row that repeats the sum of those before says so, or says no price."""
    prices = triple_of(row.header)
    if prices is not None and prices[1] in row.cells:
        return False
    return any(names_total(token.fold) for line in row.lines for token in line.tokens)


def _texts(row: Row) -> list[str]:
    return [join(row.cells[i]) for i in row.cells if row.header.columns[i].is_text]


def _is_extra(reader: Reader, row: Row) -> bool:
    """Return whether a bare amount's text is a total's label or a label and its value."""
    hits = reader.hits_on(row.core)
    is_total = any(h.is_closed and h.entry.concepts & AMOUNTS for h in hits)
    return is_total or is_tax_row(reader, row.core) or any(map(SUB_LABEL.match, _texts(row)))


def is_tax_row(reader: Reader, line: Line) -> bool:
    """Return whether a line begins with the name of a tax and prints its rate."""
    first = line.segments[0]
    hits = (h for h in reader.hits_in(first) if not h.start)
    is_named = is_tax(first.tokens) or any("tax" in h.entry.concepts for h in hits)
    return is_named and any(c.kind is Kind.PERCENT for c in reader.candidates_at(line.tokens))


def _that_add_up(reader: Reader, rows: list[Row]) -> list[Row]:
    """Return the rows with a price alone where their sum is printed and the sum of all is not.

    So go amounts that are part of another row, such as a levy printed below its item; rows
    named as discounts or charges go even where the sum with them is printed too.
    """
    full = [row for row in rows if _has_price(reader, row)]
    rest = [row for row in rows if row not in full]
    is_named = all(_is_named_extra(reader, row) for row in rest)
    if not full or not rest or (len(full) == 1 and not is_named):
        return rows
    inside = {id(token) for row in rows for tokens in row.cells.values() for token in tokens}
    others = (c for c in reader.all_money() if id(c.tokens[0]) not in inside)
    printed = {abs(c.value) for c in others if c.num_decimals == 2}
    alone, both = (
        round(100 * abs(sum(row_values(reader, r).get(r.header.anchor, 0) for r in some)))
        for some in (full, rows)
    )
    return full if alone in printed and (is_named or both not in printed) else rows


def _is_named_extra(reader: Reader, row: Row) -> bool:
    """Return whether a row's line begins with the label of a discount or charge."""
    last = int(row.core.segments[0].text.strip(".").isdigit())
    hits = (h for h in reader.hits_on(row.core) if h.segment.column <= last and not h.start)
    return any(hit.entry.concepts & _EXTRAS for hit in hits)
