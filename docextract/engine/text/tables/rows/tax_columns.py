"""Finds the columns of bases, rates and taxes by arithmetic over all rows.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from docextract.engine.text.tables.columns.columns import Column
from docextract.schema import Field
from docextract.schema.equations import LINE, TAX_ROW

SHARE = (TAX_ROW.base, TAX_ROW.rate, TAX_ROW.result)
"""The concepts of base, rate and tax."""
_CENT = 0.011
_MOST_RATE = 35
_MOST_COLUMNS = 8
_HALF_CENT = 0.0051
Values = Sequence[Mapping[int, float]]
"""Of each row, the number in each column."""


def settle_by_share(
    columns: Sequence[Column],
    members: Mapping[str, Field],
    concepts: Mapping[str, str],
    rows: Values,
) -> None:
    """Give base, rate and tax to the columns of which base x rate / 100 = tax in every row.

    Where no column holds the rates, ``Amount`` and ``Tax`` side by side are base and tax: the one
    is a whole percentage of the other, and no rate itself.

    Args:
        columns: the table's columns, whose ``field`` is set.
        members: the list's members by path.
        concepts: what each path means.
        rows: the numbers of each row.
    """
    fields = {concepts.get(path, ""): member for path, member in members.items()}
    telling = [row for row in rows if any(row.values())]
    if not telling or not set(SHARE) <= fields.keys():
        return
    base, rate, tax = (_column_of(columns, fields[name]) for name in SHARE)
    if None not in (base, rate, tax) and _holds(telling, base, rate, tax):
        return
    numbers = [n for n in range(len(columns)) if all(n in row for row in telling)][:_MOST_COLUMNS]
    found = next((t for t in permutations(numbers, 3) if _holds(telling, *t)), None)
    if found is not None:
        _assign(columns, [fields[name] for name in SHARE], found)
    elif base is None and tax in numbers and rate in numbers and _is_tax_of(telling, tax, rate):
        _assign(columns, [fields[TAX_ROW.base], fields[TAX_ROW.result]], (tax, rate))


def settle_rates(
    columns: Sequence[Column],
    members: Mapping[str, Field],
    concepts: Mapping[str, str],
    rows: Values,
) -> None:
    """Give the rates of items to the column that makes each row's tax of its amount.

    ``% TVA`` and ``Total TVA`` side by side both name the tax; only one of them is a rate.
    """
    fields = {concepts.get(path, ""): member for path, member in members.items()}
    if not {TAX_ROW.rate, LINE.result} <= fields.keys():
        return
    net, tax = (_column_of(columns, fields[name]) for name in (LINE.result, TAX_ROW.rate))
    if net is None or tax is None:
        return
    taxed = [row for row in rows if row.get(tax)]
    if not taxed or all(row[tax] <= _MOST_RATE for row in taxed):
        return
    free = [n for n in range(len(columns)) if columns[n].field is None]
    found = next((n for n in free if _holds(taxed, net, n, tax)), None)
    columns[tax].field = None
    if found is not None:
        columns[found].field = fields[TAX_ROW.rate]


def _column_of(columns: Sequence[Column], member: Field) -> int | None:
    return next((n for n, column in enumerate(columns) if column.field is member), None)


def _holds(rows: Values, base: int | None, rate: int | None, tax: int | None) -> bool:
    """Whether every row proves the triple, one of them with a tax."""
    if base is None or rate is None or tax is None:
        return False
    full = [row for row in rows if {base, rate, tax} <= row.keys()]
    fits = (abs(TAX_ROW.of(row[base], row[rate], 100.0) - row[tax]) <= _CENT for row in full)
    is_rate = all(0 <= row[rate] <= _MOST_RATE for row in full)
    # A base of 100 is as good a rate as the rate is a base.
    is_told = any(row[tax] and row[base] > _MOST_RATE for row in full)
    return is_rate and is_told and all(fits)


def _is_tax_of(rows: Values, base: int, tax: int) -> bool:
    """Whether one column is a whole percentage of another in every row, and no rate itself."""
    is_amount = any(round(100 * row[tax]) % 10 for row in rows)
    return is_amount and all(any(_whole_rates(row[base], row[tax])) for row in rows)


def _whole_rates(base: float, tax: float) -> Iterator[bool]:
    if base <= 0 or tax < 0:
        return
    for rate in range(_MOST_RATE):
        yield abs(TAX_ROW.of(base, float(rate), 100.0) - tax) <= _HALF_CENT


def _assign(columns: Sequence[Column], members: Sequence[Field], found: Sequence[int]) -> None:
    for column in columns:
        if any(column.field is member for member in members):
            column.field = None
    for member, n in zip(members, found, strict=True):
        columns[n].field = member
