"""Reads lists that have no header: items proved by their numbers, a till's items, tax rows.

Knows nothing of tables with a header, which are read before. A row is options whose paths are the
members' names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from docextract.engine.text.tables.columns.column_arithmetic import PRODUCT, is_product
from docextract.engine.text.tables.rows.items import is_tax_row
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
    length,
)
from docextract.engine.text.values.amounts import read_number
from docextract.schema import Field, Kind
from docextract.schema.equations import AMOUNTS, LINE, TAX_ROW, WHOLE

_COUNT = r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,3})?) ?(?:[^\W\d_]{1,8}\.? )?[xX×*@à]"
_TIMES = re.compile(rf"{_COUNT} ?(\d{{1,5}}[.,]\d{{2}})(?![\d%])")
_TIMES_WHAT = re.compile(_COUNT)
_WHOLE_COUNT = re.compile(r"\d{1,5}(?:[.,]\d{1,2})?")
_MOST_UNIT = 2
"""So many letters name a unit or join a count to its price: ``1 LE 4.200,00``."""
_TAX_WORDS = fold_words("taxes", "names") | fold_words("taxes", "in_rows")
_NO_ITEMS = (Kind.DATE, Kind.IBAN, Kind.TAX_ID)
_MAX_NUMBERS = 6
_MAX_ITEMS = 500
_MAX_TAX_ROWS = 20
_MOST_RATE = 4000
_CENTS = 2
_MIN_SUMMED = 3
"""From so many items, a last amount that is their sum is no item, whatever it is called."""


class _Times(NamedTuple):
    """A count and, perhaps, a price, printed as ``2 x 3,50``, and what they make in hundredths."""

    number: list[Token]
    number_text: str
    price: list[Token]
    price_text: str
    product: int
    tokens: set[int]


class _Item(NamedTuple):
    """A row of a till's receipt."""

    words: list[Token]
    total: Candidate
    times: _Times | None


def proven_rows(reader: Reader, members: Sequence[Field]) -> list[list[Option]]:
    """Return the rows of lines whose last amount is the product of two numbers before it.

    The amounts stand below each other, and a count other than one proves at least one row.
    """
    concepts = reader.index.concept_of
    fields = {concepts.get(field.path, ""): field for field in members}
    text = next((field for field in members if field.kind is Kind.TEXT), None)
    if not set(PRODUCT) <= fields.keys():
        return []
    found = [item for line in reader.layout.lines if (item := _proven(reader, line))]
    rows: list[list[Option]] = []
    for words, numbers in _aligned(found):
        cells = zip(PRODUCT, numbers, strict=True)
        rows.append([Option.of(fields[name].name, c, "cell.plain") for name, c in cells])
        if text is not None:
            rows[-1].append(Option(text.name, words, join(words), given("cell.plain")))
    return rows


def _proven(reader: Reader, line: Line) -> tuple[list[Token], tuple[Candidate, ...]] | None:
    """Return a line's words, and its quantity, price and amount that prove each other."""
    found = reader.money_on(line)
    if not 3 <= len(found) <= _MAX_NUMBERS or found[-1].num_decimals != 2:
        return None
    for count, price in permutations(found[:-1], 2):
        values = [c.value / 100 for c in (count, price, found[-1])]
        if price.num_decimals >= 2 and count.value > 0 and is_product(*values):
            used = {id(t) for c in found for t in c.tokens}
            end = max(count.left, price.left)
            words = [t for t in line.tokens if id(t) not in used and t.left < end]
            has_text = any(sum(map(str.isalpha, t.text)) > 2 for t in words)
            return (words, (count, price, found[-1])) if has_text else None
    return None


def _aligned(
    items: Sequence[tuple[list[Token], tuple[Candidate, ...]]],
) -> Sequence[tuple[list[Token], tuple[Candidate, ...]]]:
    """Return the items below each other, none where no count but one proves them."""
    slack = length("aligned") * items[0][1][-1].tokens[0].height if items else 0
    edges = [numbers[-1].right for _, numbers in items]
    groups = ([i for i in items if abs(i[1][-1].right - edge) < slack] for edge in edges)
    best = max(groups, key=len, default=[])
    return best if any(numbers[0].value != 100 for _, numbers in best) else []


def receipt_items(
    reader: Reader, members: Sequence[Field], whole: int | None
) -> list[list[Option]]:
    """Return the rows between the head of a receipt and its first total.

    A row is text that ends in an amount with two decimals. A line ``2 x 3,50`` gives the
    quantity and price of the row before, with it or after it; text alone waits for the
    amount on the line below.

    Args:
        reader: the document.
        members: of the list.
        whole: the receipt's total in hundredths, where it is known.
    """
    by_kind = {item.kind: item for item in reversed(members)}
    money = [item for item in members if item.kind in (Kind.MONEY, Kind.DECIMAL)]
    text = by_kind.get(Kind.TEXT) or by_kind.get(Kind.NAME)
    if text is None or not money:
        return []
    items = _before_sum(_items(reader), whole)
    price = money[0] if len(money) > 1 else None
    fields = (text, money[-1], by_kind.get(Kind.QUANTITY), price)
    return [_till_row(item, fields) for item in items]


def _before_sum(items: list[_Item], whole: int | None) -> list[_Item]:
    """Return the items before one that is their sum, whatever it is called.

    That is the last of many, or any where all of them come to more than the receipt's total;
    those behind it are items too where the total holds them.
    """
    totals = [item.total.value for item in items]
    is_more = whole is not None and sum(totals) > whole
    for n in range(1 if is_more else max(_MIN_SUMMED, len(items) - 1), len(items)):
        if sum(totals[:n]) == totals[n]:
            is_within = sum(totals) - totals[n] == whole
            return items[:n] + (items[n + 1 :] if is_within else [])
    return items


def _till_row(item: _Item, fields: Sequence[Field | None]) -> list[Option]:
    """Return the options of a row; ``fields`` are those of text, amount, count and price."""
    words, total, times = item
    plain = given("cell.plain")
    cells = [
        (words, join(words).strip(" :*"), given("cell.till_text"), None),
        (total.tokens, total.text, plain, total),
    ]
    if times is not None:
        cells += [(times.number, times.number_text, plain, None)]
        cells += [(times.price, times.price_text, plain, None)]
    return [
        Option(field.name, *cell)
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
        if items and items[-1].times is None and (of_last := _counted(reader, line, items[-1])):
            items[-1], waiting = items[-1]._replace(times=of_last), []
            continue
        words, total, own = _parts(reader, line)
        has_text = sum(c.isalpha() for c in join(words)) >= 2
        is_proved = total and own and abs(total.value - own.product) <= _CENTS
        if total is not None and (has_text or waiting or is_proved):
            items.append(_Item(words if has_text else waiting, total, own or times))
            waiting, times = [], None
        elif own is not None and items and abs(items[-1].total.value - own.product) <= _CENTS:
            items[-1] = items[-1]._replace(times=own)
        elif own is not None:
            times, waiting = own, words if has_text else waiting
        else:
            waiting = words if has_text else []
    return items[:_MAX_ITEMS]


def _counted(reader: Reader, line: Line, item: _Item) -> _Times | None:
    """Return the count and the price that a line below an item tells, if they make its amount.

    Examples: ``12 cases @ R 870.00``, ``600 Stück 31,75 EUR / 1 ST``.
    """
    prices = _priced(reader, line)
    # What stands beside the items may share their lines.
    starts = (prices[0].segment.tokens[0], line.tokens[0]) if len(prices) == 1 else ()
    counts = (t for t in starts if t is not prices[0].tokens[0])
    count = next((t for t in counts if _WHOLE_COUNT.fullmatch(t.text)), None)
    if count is None:
        return None
    price = prices[0]
    between = sum(
        c.isalpha() for t in line.tokens if count.left < t.left < price.left for c in t.text
    )
    made = _made(count.text, price.value)
    # ``1 Tea 3.50`` twice are two of them.
    is_told = count.text != "1" or between <= _MOST_UNIT
    is_whole = abs(item.total.value - made) <= _CENTS
    times = _Times([count], count.text, price.tokens, price.text, made, set())
    return times if is_told and is_whole else None


def _parts(reader: Reader, line: Line) -> tuple[list[Token], Candidate | None, _Times | None]:
    """Return the words of a line, its last amount, and what was bought how often."""
    together = (t for s in line.segments if (t := _times(s)) is not None)
    times = next(together, None) or _times_apart(reader, line)
    inside = times.tokens if times else set()
    amounts = [c for c in _priced(reader, line) if id(c.tokens[0]) not in inside]
    words = [t for t in line.tokens if id(t) not in inside]
    if amounts:
        words = [t for t in words if t.left < amounts[0].left]
    total = amounts[-1] if amounts else None
    count = _leading_count(words) if times is None else None
    if count is None:
        return words, total, times
    if total is not None:
        times = _Times([count], count.text.strip("xX*"), [], "", total.value, set())
    return words[1:], total, times


def _priced(reader: Reader, line: Line) -> list[Candidate]:
    return [c for c in reader.money_on(line) if c.num_decimals == 2]


def _times(segment: Segment) -> _Times | None:
    match = _TIMES.search(segment.text)
    price = read_number(match[2]) if match is not None else None
    if match is None or price is None:
        return None
    number, printed, inside = (segment.tokens_between(*match.span(n)) for n in (1, 2, 0))
    made = _made(match[1], price[0])
    return _Times(number, match[1], printed, match[2], made, set(map(id, inside)))


def _times_apart(reader: Reader, line: Line) -> _Times | None:
    """Return a count and a price in the next column: ``2 Rolls x   4,85``."""
    for one, other in pairwise(line.segments):
        match = _TIMES_WHAT.fullmatch(one.text)
        price = next(iter(reader.candidates_at(other.tokens[:1])), None) if match else None
        if match is not None and price is not None and price.kind is Kind.MONEY:
            number, inside = (one.tokens_between(*match.span(n)) for n in (1, 0))
            tokens = {id(t) for t in (*inside, *price.tokens)}
            made = _made(match[1], price.value)
            return _Times(number, match[1], list(price.tokens), price.text, made, tokens)
    return None


def _made(count: str, price: int) -> int:
    return round(LINE.of(float(count.replace(",", ".")), price))


def _item_lines(reader: Reader) -> Iterator[Line]:
    """Yield lines from the one before the first amount to the first total."""
    before: Line | None = None
    started = False
    for line in reader.layout.lines:
        has_amount = bool(_priced(reader, line))
        if (has_amount or started) and _is_total(reader, line, started):
            return
        if has_amount and not started:
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
    hits = [h for h in reader.hits_in(first) if h.start in starts]
    least = 3 if started or is_tax_row(reader, line) else 5
    return any(h.entry.concepts & AMOUNTS and len(h.entry.phrase) >= least for h in hits)


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
    reader: Reader, members: Sequence[Field], tax: int | None, in_tables: Collection[int]
) -> list[list[Option]]:
    """Return break-down rows printed without a header, such as ``MwSt 19% auf 100 19``.

    The amounts on a line with a rate are told apart by arithmetic: tax = base x rate, or
    tax = gross x rate / (100 + rate).

    Args:
        reader: the document.
        members: of the list.
        tax: all tax in hundredths, where it is known: no row has more.
        in_tables: numbers of the lines that hold rows of tables.
    """
    rate = next((f for f in members if f.kind is Kind.PERCENT), None)
    money = [f for f in members if f.kind is Kind.MONEY]
    if rate is None or len(money) < 2 or any(f.kind is Kind.QUANTITY for f in members):
        return []
    lines = (line for line in reader.layout.lines if line.index not in in_tables)
    found = [row for line in lines if (row := _tax_row(reader, line))][:_MAX_TAX_ROWS]
    rows: list[list[Option]] = []
    for row in found if tax is None else _within(found, tax):
        why = "cell.proved_tax" if row.is_proved else "cell.bare_tax"
        rows.append(
            [Option.of(rate.name, row.rate, "cell.plain"), Option.of(money[-1].name, row.tax, why)]
        )
        if row.base is not None:
            rows[-1].append(Option.of(money[0].name, row.base, why))
    return rows


def _tax_row(reader: Reader, line: Line) -> _TaxRow | None:
    found = reader.candidates_at(line.tokens)
    rates = [c for c in found if c.kind is Kind.PERCENT and 0 <= c.value <= _MOST_RATE]
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
            return None, tax
    return None
