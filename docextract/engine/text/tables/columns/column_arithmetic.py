"""Lets arithmetic over all rows decide what columns hold: amounts of items, taxes of rates.

Knows nothing of pages: it sees header cells and the numbers below them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from docextract.engine.text.tables.columns.column_fields import (
    Scores,
    assign_labels,
    is_tax_rate,
    name_rest,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column, Header, Members
from docextract.engine.text.text_document import Factors, level, total_of
from docextract.schema import Field, Kind
from docextract.schema.equations import LINE, TAX_ROW

PRODUCT = (*LINE.factors, LINE.result)
"""The concepts of quantity, unit price and amount."""
_SHARE = (TAX_ROW.base, TAX_ROW.rate, TAX_ROW.result)
"""The concepts of base, rate and tax."""
_CENT = 0.011
_MOST_RATE = 35
_MAX_RATE = 100
_MAX_NUMBERS = 10
Values = Sequence[Mapping[int, float]]
"""Of each row, the number in each column."""


def settle_by_arithmetic(columns: Sequence[Column], members: Members, rows: Values) -> None:
    """Give their members to the columns of which one makes the other two, row by row.

    So quantity x price = amount, base x rate / 100 = tax. Labels alone decide where no row proves
    anything; a proof outweighs labels that say otherwise (``Prix`` over ``HT``). The remaining
    columns keep to their labels. ``rows`` are the numbers of each row.
    """
    fields = members.by_concept
    for names in (PRODUCT, _SHARE):
        if set(names) <= fields.keys():
            _settle(columns, members, rows, [fields[name].path for name in names])
    if {LINE.result, TAX_ROW.rate} <= fields.keys():
        _settle_rates(columns, fields[LINE.result], fields[TAX_ROW.rate], rows)


def is_product(count: float, price: float, amount: float) -> bool:
    """Return whether an amount is a product, up to the rounding of a printed price."""
    slack = min(0.011 + 0.005 * abs(count), 0.011 + 0.01 * abs(amount))
    return abs(abs(LINE.of(count, price)) - abs(amount)) <= slack


def triple_of(header: Header) -> tuple[int, int, int] | None:
    """Return the indexes of the columns of quantity, unit price and amount, or None."""
    held = header.members.held(header.columns)
    if not held.keys() >= set(PRODUCT):
        return None
    quantity, price, amount = (held[name] for name in PRODUCT)
    return quantity, price, amount


def _settle(
    columns: Sequence[Column], members: Members, rows: Values, wanted: Sequence[str]
) -> None:
    """Give two factors and what they make to the columns that prove it best, if any do."""
    table = score_table(columns, members)
    held = [(c.field.path, found) for c, found in zip(columns, table, strict=True) if c.field]
    best, chosen = sum(found.get(path, 0) for path, found in held if path in wanted), None
    is_share = members.fields[wanted[1]].kind is Kind.PERCENT
    for triple in permutations(_numeric_columns(columns, table, members, rows), 3):
        if is_share:
            proof = _share_proof(rows, triple)
        else:
            is_rate = any(is_tax_rate(columns[n], table[n], members) for n in triple)
            proof = _product_proof(rows, triple, is_rate)
        pairs = list(zip(triple, wanted, strict=True))
        factors = (
            ("product.named", sum(table[n].get(path, 0) for n, path in pairs)),
            *proof,
            ("product.in_order", triple[1] < triple[2]),
            ("product.as_labelled", all(columns[n].field is members.fields[p] for n, p in pairs)),
        )
        if proof and (score := total_of(factors)) > best:
            best, chosen = score, triple
    if chosen is None:
        if is_share:
            _settle_pair(columns, [members.fields[path] for path in wanted], rows)
        return
    rest = [n for n in range(len(columns)) if n not in chosen]
    others = [{p: s for p, s in table[n].items() if p not in wanted} for n in rest]
    assign_labels([columns[n] for n in rest], members, others)
    for n, path in zip(chosen, wanted, strict=True):
        columns[n].field = members.fields[path]
    name_rest(columns, members)


def _numeric_columns(
    columns: Sequence[Column], table: Scores, members: Members, rows: Values
) -> list[int]:
    """Return the columns with numbers in them that no label makes a code or text."""
    found = []
    for n in range(len(columns)):
        filled = sum(n in row for row in rows)
        others = (s for path, s in table[n].items() if not members.fields[path].kind.is_number)
        if filled and 2 * filled >= len(rows) and max(others, default=0) < level("column_labelled"):
            found.append(n)
    return found[:_MAX_NUMBERS]


def _product_proof(rows: Values, triple: tuple[int, ...], is_rate: bool) -> Factors:
    """Return what share of rows proves that amount is count x price, if any tells.

    A row with a count of one tells price and amount apart no better than their labels; it
    counts, but proves nothing alone unless the amounts differ from each other. Where a label
    makes one of them a tax's rate, all rows have to prove it, and more than one, or a price above
    100.
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


def _share_proof(rows: Values, triple: tuple[int, ...]) -> Factors:
    """Return that every row proves that tax is base x rate, one of them with a tax."""
    full = [[row[n] for n in triple] for row in rows if row.keys() >= set(triple)]
    fits = all(
        0 <= rate <= _MOST_RATE and abs(TAX_ROW.of(base, rate, 100.0) - tax) <= _CENT
        for base, rate, tax in full
    )
    # A base of 100 is as good a rate as the rate is a base.
    is_told = any(tax and base > _MOST_RATE for base, _, tax in full)
    return (("product.proved", 1.0),) if fits and is_told else ()


def _settle_pair(columns: Sequence[Column], wanted: Sequence[Field], rows: Values) -> None:
    """Make ``Amount`` and ``Tax`` side by side base and tax, where no column holds the rates.

    Their labels name tax and rate; the one is a whole percentage of the other, and no rate itself.
    """
    base, tax = (_column_of(columns, member) for member in (wanted[2], wanted[1]))
    if base is None or tax is None or _column_of(columns, wanted[0]) is not None:
        return
    pairs = [(row.get(base, 0), row.get(tax, 0)) for row in rows if any(row.values())]
    is_amount = any(round(100 * part) % 10 for _, part in pairs)
    if is_amount and all(_is_whole_share(*pair) for pair in pairs):
        columns[base].field, columns[tax].field = wanted[0], wanted[2]


def _is_whole_share(base: float, tax: float) -> bool:
    shares = (TAX_ROW.of(base, float(rate), 100.0) for rate in range(_MOST_RATE))
    return base > 0 and tax >= 0 and any(abs(share - tax) <= _CENT / 2 for share in shares)


def _settle_rates(columns: Sequence[Column], net: Field, rate: Field, rows: Values) -> None:
    """Give the rates of items to the column that makes each row's tax of its amount.

    ``% TVA`` and ``Total TVA`` side by side both name the tax; only one of them is a rate.
    """
    base, tax = _column_of(columns, net), _column_of(columns, rate)
    taxed = [row for row in rows if tax is not None and row.get(tax)]
    if base is None or tax is None or all(row[tax] <= _MOST_RATE for row in taxed):
        return
    free = [n for n in range(len(columns)) if columns[n].field is None]
    found = next((n for n in free if _share_proof(taxed, (base, n, tax))), None)
    columns[tax].field = None
    if found is not None:
        columns[found].field = rate


def _column_of(columns: Sequence[Column], member: Field) -> int | None:
    return next((n for n, column in enumerate(columns) if column.field is member), None)
