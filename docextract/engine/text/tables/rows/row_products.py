"""Finds the columns of quantity, unit price and amount by arithmetic over all rows.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from docextract.engine.text.tables.columns.column_fields import (
    Scores,
    assign_labels,
    name_rest,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column
from docextract.engine.text.tables.rows.row_bands import SUB_LABEL, Row, anchor
from docextract.engine.text.text_document import Index, Reader, Token, fold_words, join
from docextract.schema import Field, Kind
from docextract.schema.equations import LINE, TOTALS, beside

_LABELLED = 0.7
_MAX_RATE = 100
PRODUCT = (*LINE.factors, LINE.result)
"""The concepts of quantity, unit price and amount."""

_PROOF = 1.5
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
    best, chosen = _labelled(columns, members, table, wanted), None
    rates = _rate_columns(table, members)
    for triple in permutations(_numeric_columns(columns, table, members, rows), 3):
        proof = _proof(rows, *triple)
        if not proof or (rates & set(triple) and not _is_beyond_chance(rows, triple)):
            continue
        score = sum(table[n].get(path, 0.0) for n, path in zip(triple, wanted, strict=True))
        score += _PROOF * proof + 0.1 * (triple[1] < triple[2])
        score += 0.05 * all(
            columns[n].field is members[p] for n, p in zip(triple, wanted, strict=True)
        )
        if score > best:
            best, chosen = score, triple
    if chosen is None:
        return
    rest = [n for n in range(len(columns)) if n not in chosen]
    others = [{p: s for p, s in table[n].items() if p not in wanted} for n in rest]
    assign_labels([columns[n] for n in rest], members, others)
    for n, path in zip(chosen, wanted, strict=True):
        columns[n].field = members[path]
    name_rest(columns, members, index)


def _labelled(
    columns: Sequence[Column], members: dict[str, Field], table: Scores, paths: Sequence[str]
) -> float:
    """Return the scores of the columns that hold some members by their labels."""
    return sum(
        scores.get(path, 0.0)
        for column, scores in zip(columns, table, strict=True)
        for path in paths
        if column.field is members[path]
    )


def _numeric_columns(
    columns: Sequence[Column],
    table: Sequence[dict[str, float]],
    members: dict[str, Field],
    rows: Values,
) -> list[int]:
    """Return the columns with numbers in them that no label makes a code or text."""
    others = [{p for p in scores if not members[p].kind.is_number} for scores in table]
    found = []
    for index in range(len(columns)):
        filled = sum(index in row for row in rows)
        is_other = any(table[index][path] >= _LABELLED for path in others[index])
        if filled and 2 * filled >= len(rows) and not is_other:
            found.append(index)
    return found[:10]


def _rate_columns(table: Scores, members: dict[str, Field]) -> set[int]:
    """Return the columns whose label makes them a rate."""
    return {
        index
        for index, scores in enumerate(table)
        if any(s >= _LABELLED and members[p].kind is Kind.PERCENT for p, s in scores.items())
    }


def _is_beyond_chance(rows: Values, triple: tuple[int, int, int]) -> bool:
    """Return whether all rows but trivial ones prove a triple: ``Taux`` may head a price.

    One row might do so with its tax rate by accident, unless that were above 100 %.
    """
    count, price, amount = triple
    full = [row for row in rows if {count, price, amount} <= row.keys()]
    telling = [row for row in full if row[count] != 1 and row[price] != 1]
    holds = all(is_product(row[count], row[price], row[amount]) for row in full)
    is_no_rate = any(row[price] > _MAX_RATE for row in telling)
    return holds and (len(telling) > 1 or is_no_rate)


def _proof(rows: Values, count: int, price: int, amount: int) -> float:
    """Return the share of rows whose amount is count x price, 0 without a telling one.

    A row with a count of one tells price and amount apart no better than their labels; it
    counts, but proves nothing alone unless the amounts differ from each other.
    """
    full = [row for row in rows if count in row and price in row and amount in row]
    holds = [row for row in full if is_product(row[count], row[price], row[amount])]
    if not holds or 2 * len(holds) < len(full):
        return 0.0
    if all(abs(row[amount]) in (0, 1) for row in holds):
        return 0.0
    is_telling = any(row[count] != 1 and row[price] != 1 for row in holds)
    return len(holds) / len(rows) * (1.0 if is_telling else 0.5)


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
    total, is_over = 0.0, False
    fullest = max((len(row_values(reader, row)) for row in rows), default=0)
    has_prices = any(len(_money(reader, row)) > 1 for row in rows)
    for row in rows:
        values = row_values(reader, row)
        amount = values.get(anchor(row.header), 0.0)
        is_bare = (len(values) == 1 and fullest > 2) or (
            has_prices and len(_money(reader, row)) < 2
        )
        is_same = bool(amount) and abs(amount - total) < _CENT
        is_sum = len(kept) > 1 and is_same and len(values) < fullest
        is_told = is_same and (_is_named_sum(reader, row) or _repeats_sums(reader, row, kept))
        if is_sum or (kept and is_told):
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


def _repeats_sums(reader: Reader, row: Row, kept: Sequence[Row]) -> bool:
    """Return whether a row without quantity and price repeats the sums of several columns."""
    columns = triple_of(row.header.columns, reader.index.concept_of)
    values, items = row_values(reader, row), [row_values(reader, item) for item in kept]
    if columns is None or {columns[0], columns[1]} & row.cells.keys() or not items:
        return False
    same = [
        n for n, value in values.items()
        if value and all(n in item for item in items)
        and abs(sum(item[n] for item in items) - value) < _CENT
    ]  # fmt: skip
    return len(same) > 1


def _texts(row: Row) -> list[list[Token]]:
    return [row.cells[i] for i in row.cells if row.header.columns[i].is_text]


def _is_extra(reader: Reader, row: Row) -> bool:
    """Return whether a bare amount's text is a total's label or a label and its value."""
    if any(SUB_LABEL.match(join(tokens)) for tokens in _texts(row)):
        return True
    return any(
        hit.entry.concepts & (TABLE_ENDS | _EXTRAS) and hit.is_closed
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
