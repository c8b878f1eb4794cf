"""Reads lists that have no header: the items of a till receipt, tax rows near the totals.

Knows nothing of tables with a header, which are read before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import inf
from typing import NamedTuple

from docextract.engine.text.text_document import (
    Candidate,
    Line,
    Option,
    Reader,
    Segment,
    Token,
    fold_words,
    given,
    join,
)
from docextract.engine.text.values.amounts import read_number
from docextract.schema import Field, Kind
from docextract.schema.equations import AMOUNTS, LINE, TAX_ROW, WHOLE

_TIMES = re.compile(r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,3})?) ?[xX×*@à] ?(\d{1,5}[.,]\d{2})(?![\d%])")
_TAX_WORDS = fold_words("taxes", "names") | fold_words("taxes", "in_rows")
_NO_ITEMS = (Kind.DATE, Kind.IBAN, Kind.TAX_ID)
_MAX_ITEMS = 500
_MAX_TAX_ROWS = 20
_CENTS = 2
_MIN_SUMMED = 3
"""From so many items, a last amount that is their sum is no item, whatever it is called."""


@dataclass(frozen=True, slots=True)
class _Times:
    """A count and, perhaps, a price, printed as ``2 x 3,50``, and their product in hundredths."""

    count: list[Token]
    count_text: str
    price: list[Token]
    price_text: str
    product: int
    tokens: set[int]


@dataclass(slots=True)
class _Item:
    """A row of a till's receipt."""

    words: list[Token]
    total: Candidate
    times: _Times | None


def receipt_items(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return the rows between the head of a receipt and its first total.

    A row is text that ends in an amount with two decimals. A line ``2 x 3,50`` gives the
    quantity and price of the row before, with it or after it; text alone waits for the
    amount on the line below.
    """
    by_kind = {item.kind: item for item in reversed(members)}
    money = [item for item in members if item.kind in (Kind.MONEY, Kind.DECIMAL)]
    text = by_kind.get(Kind.TEXT) or by_kind.get(Kind.NAME)
    if text is None or not money:
        return []
    items = _items(reader)
    totals = [item.total.value for item in items]
    if len(items) > _MIN_SUMMED and sum(totals[:-1]) == totals[-1]:
        items.pop()
    price = money[0] if len(money) > 1 else None
    fields = (text, money[-1], by_kind.get(Kind.QUANTITY), price)
    return [_row(item, f"{base}[{n}]", fields) for n, item in enumerate(items)]


def _row(item: _Item, path: str, fields: Sequence[Field | None]) -> list[Option]:
    """Return the options of a row; ``fields`` are those of text, amount, count and price."""
    times, plain = item.times, given("cell.plain")
    cells = [
        (item.words, join(item.words).strip(" :*"), given("cell.till_text"), None),
        (item.total.tokens, item.total.text, plain, item.total),
    ]
    if times is not None:
        cells += [(times.count, times.count_text, plain, None)]
        cells += [(times.price, times.price_text, plain, None)]
    return [
        Option(f"{path}.{field.name}", *cell)
        for field, cell in zip(fields, cells, strict=False)
        if field is not None and cell[0]
    ]


def _items(reader: Reader) -> list[_Item]:
    items: list[_Item] = []
    waiting: list[Token] = []
    times: _Times | None = None
    for line in _item_lines(reader):
        if any(c.kind in _NO_ITEMS for c in reader.candidates_at(line.tokens)):
            waiting = []
            continue
        words, total, own = _parts(reader, line)
        has_text = sum(c.isalpha() for c in join(words)) >= 2
        if total is not None and (has_text or waiting):
            items.append(_Item(words if has_text else waiting, total, own or times))
            waiting, times = [], None
        elif own is not None and items and abs(items[-1].total.value - own.product) <= _CENTS:
            items[-1].times = own
        elif own is not None:
            times, waiting = own, words if has_text else waiting
        else:
            waiting = words if has_text else []
    return items[:_MAX_ITEMS]


def _parts(reader: Reader, line: Line) -> tuple[list[Token], Candidate | None, _Times | None]:
    """Return the words of a line, its last amount, and what was bought how often."""
    times = next((t for s in line.segments if (t := _times(s)) is not None), None)
    inside = times.tokens if times else set()
    amounts = [c for c in reader.money_on(line) if c.num_decimals == 2]
    amounts = [c for c in amounts if id(c.tokens[0]) not in inside]
    limit = amounts[0].left if amounts else inf
    words = [t for t in line.tokens if t.left < limit and id(t) not in inside]
    total = amounts[-1] if amounts else None
    count = _leading_count(words) if times is None else None
    if count is None:
        return words, total, times
    if total is not None:
        times = _Times([count], count.text.strip("xX*"), [], "", total.value, set())
    return words[1:], total, times


def _times(segment: Segment) -> _Times | None:
    match = _TIMES.search(segment.text)
    if match is None:
        return None
    count = segment.tokens_between(*match.span(1))
    price = segment.tokens_between(*match.span(2))
    values = [read_number(match[n]) for n in (1, 2)]
    if not count or not price or values[0] is None or values[1] is None:
        return None
    tokens = {id(t) for t in segment.tokens_between(*match.span())}
    quantity = float(match[1].replace(",", "."))
    return _Times(count, match[1], price, match[2], round(LINE.of(quantity, values[1][0])), tokens)


def _item_lines(reader: Reader) -> Iterator[Line]:
    """Yield lines from the one before the first amount to the first total."""
    before: Line | None = None
    started = False
    for line in reader.layout.lines:
        amounts = [c for c in reader.money_on(line) if c.num_decimals == 2]
        if _is_total(reader, line, started) and (amounts or started):
            return
        if amounts and not started:
            started = True
            if before is not None:
                yield before
        if started:
            yield line
        before = line


def _is_total(reader: Reader, line: Line, started: bool) -> bool:
    first = line.segments[0]
    # Some tills count the items before the word: ``3 SUB TOTAL 21.00``.
    starts = (0, 1) if _leading_count(first.tokens) else (0,)
    hits = [h for h in reader.hits_of.get(id(first), ()) if h.start in starts]
    found = [h for h in hits if h.entry.concepts & AMOUNTS and len(h.entry.phrase) > 2]
    return any(started or len(h.entry.phrase) > 4 for h in found)


def _leading_count(tokens: Sequence[Token]) -> Token | None:
    if len(tokens) > 1 and re.fullmatch(r"\d{1,3}[xX*]?", tokens[0].text):
        return tokens[0]
    return None


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
        proved = given("cell.proved_tax" if row.is_proved else "cell.bare_tax")
        plain = given("cell.plain")
        cells = [
            (rate, row.rate, plain),
            (money[-1], row.tax, proved),
            (money[0], row.base, proved),
        ]
        rows.append(
            [Option(f"{path}.{f.name}", c.tokens, c.text, why, c) for f, c, why in cells if c]
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
    pairs = list(permutations(amounts, 2)) if rate else []
    for base, tax in pairs:
        if base.value and abs(TAX_ROW.of(base.value, rate, WHOLE) - tax.value) <= _CENTS:
            return base, tax
    for gross, tax in pairs:
        if abs(TAX_ROW.within(gross.value, rate, WHOLE) - tax.value) < _CENTS:
            rest = (a for a in amounts if a.value == gross.value - tax.value)
            return next(rest, None), tax
    return None
