"""Decides by arithmetic and labels which rows of a table are items, and at which price.

Knows nothing of headers or pages; the rows come from ``bands``.
"""

from __future__ import annotations

from docextract.engine.text.bands import SUB_LABEL, Row, anchor
from docextract.engine.text.evidence import Reader
from docextract.engine.text.products import is_product, triple_of
from docextract.engine.text.tokens import join
from docextract.schema.kinds import Kind

TOTALS = frozenset(
    {
        "net", "tax", "gross", "amount_due", "line_total", "receipt_total", "paid", "charges",
    }
)  # fmt: skip
"""What the labels that end a table stand for."""

_EXTRAS = frozenset({"discount", "charges"})
_CENT = 0.015


def prove_price(reader: Reader, row: Row) -> None:
    """Take the price printed on another line of the row where only that one fits the amount."""
    columns = triple_of(row.header.columns, reader.index.concept_of)
    values = row_values(reader, row)
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


def row_values(reader: Reader, row: Row) -> dict[int, float]:
    """Return the number in each cell of a row that holds one, by column."""
    values: dict[int, float] = {}
    for index, tokens in row.cells.items():
        found = [c for c in reader.candidates_at(tokens) if c.kind is Kind.MONEY]
        if found and not row.header.columns[index].is_text:
            values[index] = found[-1].value / 100
    return values


def items_of(reader: Reader, rows: list[Row]) -> list[Row]:
    """Return the rows that are items: no subtotals, no discounts on the whole document."""
    kept: list[Row] = []
    total = 0.0
    fullest = max((len(row_values(reader, row)) for row in rows), default=0)
    has_prices = any(len(_money(reader, row)) > 1 for row in rows)
    for row in rows:
        values = row_values(reader, row)
        amount = values.get(anchor(row.header), 0.0)
        is_bare = (len(values) == 1 and fullest > 2) or (
            has_prices and len(_money(reader, row)) < 2
        )
        is_sum = len(kept) > 1 and amount and abs(amount - total) < _CENT and len(values) < fullest
        if is_sum or (is_bare and _is_extra(reader, row)):
            continue
        kept.append(row)
        total += amount
    return _that_add_up(reader, kept)


def _is_extra(reader: Reader, row: Row) -> bool:
    """Return whether a bare amount's text is a total's label or a label and its value."""
    texts = [row.cells[i] for i in row.cells if row.header.columns[i].is_text]
    if any(SUB_LABEL.match(join(tokens)) for tokens in texts):
        return True
    return any(
        hit.entry.concepts & (TOTALS | _EXTRAS) and hit.is_closed
        for segment in row.core.segments
        for hit in reader.hits_of.get(id(segment), ())
    )


def _that_add_up(reader: Reader, rows: list[Row]) -> list[Row]:
    """Return the rows with a price alone where their sum is printed and the sum of all is not.

    So go amounts that are part of another row, such as a levy printed below its item; rows
    named as discounts or charges go even where the sum with them is printed too.
    """
    full = [row for row in rows if len(_money(reader, row)) > 1]
    rest = [row for row in rows if row not in full]
    is_named = all(_is_named_extra(reader, row) for row in rest)
    if not full or not rest or (len(full) == 1 and not is_named):
        return rows
    inside = {id(token) for row in rows for tokens in row.cells.values() for token in tokens}
    printed = {
        abs(c.value) for found in reader.candidates.values() for c in found
        if c.kind is Kind.MONEY and c.num_decimals == 2 and id(c.tokens[0]) not in inside
    }  # fmt: skip
    sums = [
        round(100 * abs(sum(row_values(reader, r).get(anchor(r.header), 0.0) for r in some)))
        for some in (full, rows)
    ]
    return full if sums[0] in printed and (is_named or sums[1] not in printed) else rows


def _is_named_extra(reader: Reader, row: Row) -> bool:
    """Return whether a row's line begins with the label of a discount or charge."""
    first = row.core.segments[: 1 + (row.core.segments[0].text.strip(".").isdigit())]
    return any(
        hit.entry.concepts & _EXTRAS and not hit.start
        for segment in first
        for hit in reader.hits_of.get(id(segment), ())
    )


def _money(reader: Reader, row: Row) -> list[int]:
    """Return the filled columns of a row that announce amounts."""
    fields = {index: column.field for index, column in enumerate(row.header.columns)}
    return [
        index for index in row_values(reader, row)
        if (item := fields[index]) is not None and item.kind is Kind.MONEY
    ]  # fmt: skip
