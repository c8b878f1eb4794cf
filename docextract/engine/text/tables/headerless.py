"""Reads lists that have no header: the items of a till receipt, tax rows near the totals.

Knows nothing of tables with a header, which are read before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
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
_MAX_ITEMS = 500
_MAX_TAX_ROWS = 20
_CENTS = 2
_MIN_SUMMED = 3
"""From so many items, a last amount that is their sum is no item, whatever it is called."""


class _Till:
    """The rows read so far, and what waits for the line that completes it."""

    def __init__(self, members: Sequence[Field], base: str) -> None:
        by_kind = {item.kind: item for item in reversed(members)}
        money = [item for item in members if item.kind in (Kind.MONEY, Kind.DECIMAL)]
        self.text = by_kind.get(Kind.TEXT) or by_kind.get(Kind.NAME)
        self.total = money[-1] if money else None
        self.price = money[0] if len(money) > 1 else None
        self.quantity = by_kind.get(Kind.QUANTITY)
        self.base = base
        self.rows: list[list[Option]] = []
        self.totals: list[int] = []
        self.waiting: list[Token] = []
        self.times: _Times | None = None

    def add(self, words: list[Token], total: Candidate, times: _Times | None) -> None:
        """Add a row; a quantity read before or with it goes along."""
        if self.text is None or self.total is None:
            return
        path = f"{self.base}[{len(self.rows)}]"
        text = join(words).strip(" :*")
        row = [
            Option(f"{path}.{self.text.name}", words, text, given("cell.till_text")),
            Option(
                f"{path}.{self.total.name}", total.tokens, total.text, given("cell.plain"), total
            ),
        ]
        self.rows.append(row)
        self.totals.append(total.value)
        self.attach(times or self.times)
        self.waiting, self.times = [], None

    def attach(self, times: _Times | None) -> None:
        """Give the last row its quantity and price."""
        if times is None or not self.rows:
            return
        path, row = f"{self.base}[{len(self.rows) - 1}]", self.rows[-1]
        plain = given("cell.plain")
        if self.quantity is not None:
            row.append(Option(f"{path}.{self.quantity.name}", times.count, times.count_text, plain))
        if self.price is not None and times.price:
            row.append(Option(f"{path}.{self.price.name}", times.price, times.price_text, plain))


@dataclass(slots=True)
class _Times:
    """A quantity and a price, printed as ``2 x 3,50``."""

    count: list[Token]
    count_text: str
    price: list[Token]
    price_text: str
    product: int
    tokens: set[int]


def receipt_items(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return the rows between the head of a receipt and its first total.

    A row is text that ends in an amount with two decimals. A line ``2 x 3,50`` gives the
    quantity and price of the row before, with it or after it; text alone waits for the
    amount on the line below.
    """
    till = _Till(members, base)
    if till.text is None or till.total is None:
        return []
    for line in _item_lines(reader):
        if len(till.rows) >= _MAX_ITEMS:
            break
        _read_line(reader, line, till)
    last = till.totals[-1] if till.totals else 0
    is_sum = len(till.rows) > _MIN_SUMMED and sum(till.totals[:-1]) == last
    return till.rows[:-1] if is_sum else till.rows


def _read_line(reader: Reader, line: Line, till: _Till) -> None:
    found = reader.candidates_at(line.tokens)
    if any(c.kind in (Kind.DATE, Kind.IBAN, Kind.TAX_ID) for c in found):
        till.waiting = []
        return
    times = next((t for s in line.segments if (t := _times(s)) is not None), None)
    inside = times.tokens if times else set()
    amounts = [c for c in found if _is_price(c) and id(c.tokens[0]) not in inside]
    total = amounts[-1] if amounts else None
    limit = amounts[0].left if amounts else float("inf")
    words = [t for t in line.tokens if t.left < limit and id(t) not in inside]
    count = _leading_count(words) if times is None else None
    words = words[1:] if count else words
    has_text = sum(c.isalpha() for c in join(words)) >= 2
    if total is not None and count is not None:
        times = _Times([count], count.text.strip("xX*"), [], "", total.value, set())
    if total is not None and (has_text or till.waiting):
        till.add(words if has_text else till.waiting, total, times)
    elif times is not None and till.rows and abs(till.totals[-1] - times.product) <= 2:
        till.attach(times)
    elif times is not None:
        till.times = times
        till.waiting = words if has_text else till.waiting
    else:
        till.waiting = words if has_text else []


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
        amounts = [c for c in reader.candidates_at(line.tokens) if _is_price(c)]
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


def _is_price(candidate: Candidate) -> bool:
    return candidate.kind is Kind.MONEY and candidate.num_decimals == 2


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
