"""Finds the columns of quantity, unit price and amount by arithmetic over all rows.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from docextract.engine.text.tables.columns.column_fields import (
    Scores,
    assign_labels,
    name_rest,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column
from docextract.engine.text.tables.rows.row_bands import SUB_LABEL, Row, anchor
from docextract.engine.text.text_document import (
    Factors,
    Index,
    Reader,
    Token,
    fold_words,
    join,
    level,
    total_of,
)
from docextract.schema import Field, Kind
from docextract.schema.equations import LINE, TOTALS, beside

_MAX_RATE = 100
_MAX_NUMBERS = 10
PRODUCT = (*LINE.factors, LINE.result)
"""The concepts of quantity, unit price and amount."""

Values = Sequence[dict[int, float]]
"""Of each row, the number in each column."""


def settle_by_product(
    columns: Sequence[Column], members: dict[str, Field], index: Index, rows: Values
) -> None:
    """Give quantity, unit price and amount to the columns of which quantity x price = amount.

    Labels alone decide where no row proves anything; a proof outweighs labels that say
    otherwise (``Prix`` over ``HT``). The remaining columns keep to their labels.

    Args:
        columns: the table's columns, whose ``field`` is set.
        members: the list's members by path.
        index: the schema's labels.
        rows: the numbers of each row.
    """
    paths = {index.concept_of.get(path, ""): path for path in members}
    if not all(name in paths for name in PRODUCT):
        return
    wanted = [paths[name] for name in PRODUCT]
    table = score_table(columns, members, index)
    held = [(c.field.path, found) for c, found in zip(columns, table, strict=True) if c.field]
    best, chosen = sum(found.get(path, 0) for path, found in held if path in wanted), None
    for triple in permutations(_numeric_columns(columns, table, members, rows), 3):
        proof = _proof(rows, triple, any(_is_rate(table[n], members) for n in triple))
        pairs = list(zip(triple, wanted, strict=True))
        factors = (
            ("product.named", sum(table[n].get(path, 0) for n, path in pairs)),
            *proof,
            ("product.in_order", triple[1] < triple[2]),
            ("product.as_labelled", all(columns[n].field is members[p] for n, p in pairs)),
        )
        if proof and (score := total_of(factors)) > best:
            best, chosen = score, triple
    if chosen is None:
        return
    rest = [n for n in range(len(columns)) if n not in chosen]
    others = [{p: s for p, s in table[n].items() if p not in wanted} for n in rest]
    assign_labels([columns[n] for n in rest], members, others)
    for n, path in zip(chosen, wanted, strict=True):
        columns[n].field = members[path]
    name_rest(columns, members, index)


def _numeric_columns(
    columns: Sequence[Column], table: Scores, members: dict[str, Field], rows: Values
) -> list[int]:
    """Return the columns with numbers in them that no label makes a code or text."""
    found = []
    for index in range(len(columns)):
        filled = sum(index in row for row in rows)
        others = (score for path, score in table[index].items() if not members[path].kind.is_number)
        if filled and 2 * filled >= len(rows) and max(others, default=0) < level("column_labelled"):
            found.append(index)
    return found[:_MAX_NUMBERS]


def _is_rate(scores: Mapping[str, float], members: dict[str, Field]) -> bool:
    """Return whether a column's label makes it a rate."""
    rates = (score for path, score in scores.items() if members[path].kind is Kind.PERCENT)
    return max(rates, default=0) >= level("column_labelled")


def _proof(rows: Values, triple: tuple[int, ...], is_rate: bool) -> Factors:
    """Return what share of rows proves that amount is count x price, if any tells.

    A row with a count of one tells price and amount apart no better than their labels; it
    counts, but proves nothing alone unless the amounts differ from each other. Where a label
    makes one of them a rate, all rows have to prove it, and more than one, or a price above 100.
    """
    full = [[row[n] for n in triple] for row in rows if row.keys() >= set(triple)]
    holds = [row for row in full if is_product(*row)]
    if 2 * len(holds) < len(full) or all(abs(amount) in (0, 1) for *_, amount in holds):
        return ()
    telling = [price for count, price, _ in holds if 1 not in (count, price)]
    is_sure = len(telling) > 1 or max(telling, default=0) > _MAX_RATE
    if is_rate and not (is_sure and holds == full):
        return ()
    return (("product.proved" if telling else "product.proved_by_ones", len(holds) / len(rows)),)


def triple_of(columns: Sequence[Column], concepts: dict[str, str]) -> tuple[int, int, int] | None:
    """Return the indexes of the columns of quantity, unit price and amount, or None."""
    index = {concepts.get(c.field.path): n for n, c in enumerate(columns) if c.field}
    if not all(name in index for name in PRODUCT):
        return None
    quantity, price, amount = (index[name] for name in PRODUCT)
    return quantity, price, amount


def is_product(count: float, price: float, amount: float) -> bool:
    """Return whether an amount is a product, up to the rounding of a printed price."""
    slack = min(0.011 + 0.005 * abs(count), 0.011 + 0.01 * abs(amount))
    return abs(abs(LINE.of(count, price)) - abs(amount)) <= slack


TABLE_ENDS = TOTALS | {"paid", "charges"}
"""What the labels that end a table stand for."""
_EXTRAS = beside("net", "line_total")
_CENT = 0.015
_TOTALS = tuple(fold_words("totals", "words"))


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


def row_values(reader: Reader, row: Row, *, has_rates: bool = False) -> dict[int, float]:
    """Return the number in each cell of a row that holds one, by column; percentages if asked."""
    values: dict[int, float] = {}
    kinds = (Kind.MONEY, Kind.PERCENT) if has_rates else (Kind.MONEY,)
    for index, tokens in row.cells.items():
        found = [c for c in reader.candidates_at(tokens) if c.kind in kinds]
        if found and not row.header.columns[index].is_text:
            values[index] = found[-1].value / 100
    return values


def items_of(reader: Reader, rows: list[Row]) -> list[Row]:
    """Return the rows that are items: no subtotals, no discounts on the whole document."""
    kept: list[Row] = []
    total: float = 0
    is_over = False
    fullest = max((len(row_values(reader, row)) for row in rows), default=0)
    has_prices = any(len(_money(reader, row)) > 1 for row in rows)
    for row in rows:
        values = row_values(reader, row)
        amount = values.get(anchor(row.header), 0)
        is_unpriced = has_prices and len(_money(reader, row)) < 2
        is_bare = is_unpriced or (len(values) == 1 and fullest > 2)
        is_same = bool(amount) and abs(amount - total) < _CENT
        is_sum = len(kept) > 1 and is_same and len(values) < fullest
        if is_sum or (kept and is_same and _is_named_sum(reader, row)):
            is_over = True
            continue
        is_behind = is_over and len(values) < fullest and not _texts(row)
        if is_behind or (is_bare and _is_extra(reader, row)):
            continue
        kept.append(row)
        total += amount
    return _that_add_up(reader, kept)


def _is_named_sum(reader: Reader, row: Row) -> bool:
    """Return whether a row that repeats the sum of those before says so, or says no price."""
    prices = triple_of(row.header.columns, reader.index.concept_of)
    if prices is not None and prices[1] in row.cells:
        return False
    words = [t for line in row.lines for t in line.tokens]
    return any(t.fold.endswith(_TOTALS) or t.fold.startswith(_TOTALS) for t in words)


def _texts(row: Row) -> list[list[Token]]:
    return [row.cells[i] for i in row.cells if row.header.columns[i].is_text]


def _is_extra(reader: Reader, row: Row) -> bool:
    """Return whether a bare amount's text is a total's label or a label and its value."""
    if any(SUB_LABEL.match(join(tokens)) for tokens in _texts(row)):
        return True
    closed = (hit.entry.concepts for hit in reader.hits_on(row.core) if hit.is_closed)
    return any(concepts & (TABLE_ENDS | _EXTRAS) for concepts in closed)


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
    others = (c for c in reader.all_money() if id(c.tokens[0]) not in inside)
    printed = {abs(c.value) for c in others if c.num_decimals == 2}
    sums = [
        round(100 * abs(sum(row_values(reader, r).get(anchor(r.header), 0) for r in some)))
        for some in (full, rows)
    ]
    return full if sums[0] in printed and (is_named or sums[1] not in printed) else rows


def _is_named_extra(reader: Reader, row: Row) -> bool:
    """Return whether a row's line begins with the label of a discount or charge."""
    last = int(row.core.segments[0].text.strip(".").isdigit())
    hits = (h for h in reader.hits_on(row.core) if h.segment.column <= last and not h.start)
    return any(hit.entry.concepts & _EXTRAS for hit in hits)


def _money(reader: Reader, row: Row) -> list[int]:
    """Return the filled columns of a row that announce amounts."""
    fields = {index: column.field for index, column in enumerate(row.header.columns)}
    return [
        index for index in row_values(reader, row)
        if (item := fields[index]) is not None and item.kind is Kind.MONEY
    ]  # fmt: skip
