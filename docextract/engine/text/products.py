"""Finds the columns of quantity, unit price and amount by arithmetic over all rows.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from docextract.engine.text.columns import Column
from docextract.engine.text.phrases import Index
from docextract.engine.text.roles import Scores, assign_labels, name_rest, score_table
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_LABELLED = 0.7
_MAX_RATE = 100
_PRODUCT = ("quantity", "unit_price", "line_net")
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
    if not all(name in paths for name in _PRODUCT):
        return
    wanted = [paths[name] for name in _PRODUCT]
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
    if not all(name in index for name in _PRODUCT):
        return None
    return index["quantity"], index["unit_price"], index["line_net"]


def is_product(count: float, price: float, amount: float) -> bool:
    """Return whether an amount is a product, up to the rounding of a printed price."""
    slack = min(0.011 + 0.005 * abs(count), 0.011 + 0.01 * abs(amount))
    return abs(abs(count * price) - abs(amount)) <= slack
