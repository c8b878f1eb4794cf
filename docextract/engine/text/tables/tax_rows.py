"""Reads tax rows that no header announces, such as ``MwSt 19% auf 100 19`` near the totals.

Knows nothing of tables with a header, which are read before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from docextract.engine.text.text_document import Candidate, Line, Option, Reader, fold_words
from docextract.schema import Field, Kind
from docextract.schema.equations import TAX_ROW, WHOLE

_TAX_WORDS = fold_words("taxes", "names") | fold_words("taxes", "in_rows")
_MAX_TAX_ROWS = 20
_CENTS = 2


class _TaxRow(NamedTuple):
    """A line's rate and tax, and the base where arithmetic finds it."""

    rate: Candidate
    base: Candidate | None
    tax: Candidate
    is_proved: bool


def tax_rows(
    reader: Reader,
    members: Sequence[Field],
    base: str,
    tax: int | None = None,
    in_tables: Collection[int] = (),
) -> list[list[Option]]:
    """Return break-down rows printed without a header, such as ``MwSt 19% auf 100 19``.

    The amounts on a line with a rate are told apart by arithmetic: tax = base x rate, or
    tax = gross x rate / (100 + rate).

    Args:
        reader: the document.
        members: of the list.
        base: the list's path, with ``[0]`` for outer lists.
        tax: all tax in hundredths, where it is known: no row has more.
        in_tables: numbers of the lines that hold rows of tables.
    """
    rate = next((f for f in members if f.kind is Kind.PERCENT), None)
    money = [f for f in members if f.kind is Kind.MONEY]
    if rate is None or len(money) < 2 or any(f.kind is Kind.QUANTITY for f in members):
        return []
    lines = (line for line in reader.layout.lines if line.index not in in_tables)
    found = [row for line in lines if (row := _row_of(reader, line))][:_MAX_TAX_ROWS]
    rows: list[list[Option]] = []
    for row in found if tax is None else _within(found, tax):
        path = f"{base}[{len(rows)}]"
        score = 0.85 if row.is_proved else 0.65
        cells = [(rate, row.rate, 0.8), (money[-1], row.tax, score), (money[0], row.base, score)]
        rows.append(
            [Option(f"{path}.{f.name}", c.tokens, c.text, sure, c) for f, c, sure in cells if c]
        )
    return rows


def _row_of(reader: Reader, line: Line) -> _TaxRow | None:
    found = reader.candidates_at(line.tokens)
    rates = [c for c in found if c.kind is Kind.PERCENT and 0 <= c.value <= 4000]
    amounts = [c for c in found if c.kind is Kind.MONEY and c.num_decimals == 2]
    if len(rates) != 1 or not amounts:
        return None
    pair = _tax_pair(rates[0].value, amounts)
    has_word = any(_is_tax_word(t.fold) for t in line.tokens if t.left < amounts[0].left)
    if pair is None and not (has_word and len(amounts) == 1):
        return None
    return _TaxRow(rates[0], *(pair or (None, amounts[0])), pair is not None)


def _within(rows: Sequence[_TaxRow], tax: int) -> list[_TaxRow]:
    """Return the rows that can be part of a tax; where one says it all, no other repeats it.

    A line such as ``Total 6% supplies (excl. GST): 25.56`` names the tax but prints its base.
    """
    small = [row for row in rows if abs(row.tax.value) <= abs(tax) + _CENTS]
    if sum(row.tax.value for row in small) == tax:
        return small
    whole = [row for row in small if row.tax.value == tax]
    return sorted(whole, key=lambda row: not row.is_proved)[:1] or small


def _is_tax_word(folded: str) -> bool:
    return folded in _TAX_WORDS or folded.rstrip("0123456789%") in _TAX_WORDS


def _tax_pair(rate: int, amounts: Sequence[Candidate]) -> tuple[Candidate | None, Candidate] | None:
    """Return base and tax among a line's amounts; the base may not be printed there."""
    for base in amounts:
        for tax in amounts:
            if (
                tax is not base
                and base.value
                and rate
                and (abs(TAX_ROW.of(base.value, rate, WHOLE) - tax.value) <= 2)
            ):
                return base, tax
    for gross in amounts:
        for tax in amounts:
            if (
                tax is not gross
                and rate
                and abs(TAX_ROW.within(gross.value, rate, WHOLE) - tax.value) <= 1.5
            ):
                rest = [a for a in amounts if a.value == gross.value - tax.value]
                return (rest[0] if rest else None), tax
    return None
