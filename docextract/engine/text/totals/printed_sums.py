"""Finds amounts printed together that add up: net and tax, beside or below each other.

Knows nothing of which label means which total; a word for a tax or its rate is all it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product
from typing import NamedTuple

from docextract.engine.text.labels.total_kinds import is_before_tax, is_tax
from docextract.engine.text.text_document import (
    Candidate,
    Line,
    Option,
    Reader,
    fold,
    fold_words,
    is_prose,
    length,
    pattern,
)
from docextract.engine.text.totals.labelled_amounts import (
    labelled,
    line_amounts,
    usual_decimals,
)
from docextract.schema.equations import NET_AND_TAX, TAX_ROW, TOTALS, WHOLE, beside

LEAST_TAX = 0.01
"""No tax of a whole document is a smaller share of its total."""
MOST_TAX = 0.35
"""Share of a total above which no tax is known."""

_MIN_STEM = 4
_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_TAX = re.compile(rf"\b(?:{pattern('taxes', 'starts')})", re.IGNORECASE)
_STEMS = tuple(word for word in fold_words("taxes", "names") if len(word) > _MIN_STEM)
_TOTALS = TOTALS - {"amount_due"}
_EXTRAS = beside("gross", "net", "tax")
_MAX_EXTRAS, _ROUNDING = 3, 100
_MAX_LINES, _MAX_GAP, _AROUND, _MAX_SHORT = 3, 3, 5, 6
Rows = Sequence[tuple[Line, list[Candidate]]]
"""Lines with their amounts."""

Sum = tuple[Candidate, Candidate, Candidate]
"""Net amount, tax and total that add up."""


class Totals(NamedTuple):
    """The same; the tax is none where only its parts are printed.

    Attributes:
        net: amount without tax.
        tax: on it.
        gross: what the others make.
        charges: what is added without tax: ``Court fee (no VAT)``.
    """

    net: Candidate
    tax: Candidate | None
    gross: Candidate
    charges: Candidate | None = None


class Entry(NamedTuple):
    """A line with one amount that may be part of a sum, or its end."""

    line: Line
    amount: Candidate
    is_in_table: bool

    @property
    def value(self) -> int:
        """Hundredths without sign: a credit note's amounts may all have one."""
        return abs(self.amount.value)


def largest_sum(reader: Reader, in_tables: set[int], gross: Sequence[Option] = ()) -> Totals | None:
    """Return the printed sum with the largest total, or None.

    It is a column of amounts, a line each, of which the last is what the others make; one of
    them is a tax by its word or by its rate, and none stands in a table of items (``in_tables``:
    ids of segments). Where there is none, it is a row of net, tax and total whose total is
    labelled (``gross``), or the largest amount on the pages and printed again.
    """
    decimals = usual_decimals(reader.all_money())
    rows = [(line, line_amounts(reader, line, decimals)) for line in reader.layout.lines]
    found = list(_columns(reader, rows, in_tables)) or list(_rows(reader, rows, gross))
    return max(found, key=lambda item: abs(item.gross.value), default=None)


def sums_in(row: Sequence[Candidate]) -> Iterator[Sum]:
    """Yield net, tax and total that stand one after another among amounts and add up.

    A rounding to the full amount may stand before the total.
    """
    for at, (net, tax, *rest) in enumerate(zip(row, row[1:], row[2:], strict=False)):
        rounded = row[at + 3 : at + 4] if abs(rest[0].value) < _ROUNDING else ()
        for total in (*rest, *rounded):
            extra = 0 if total is rest[0] else rest[0].value
            made = NET_AND_TAX.of(abs(net.value), abs(tax.value)) + extra
            if made == abs(total.value) and 0 < abs(tax.value) < MOST_TAX * abs(total.value):
                yield net, tax, total


def parts_of(reader: Reader, total: Candidate) -> dict[str, Candidate]:
    """Return what a known total is made of: ``net`` and ``tax``, a tax alone, or nothing.

    Net and tax are the amounts of one line or the last of two neighbouring ones; a tax that the
    total holds is known by its rate.
    """
    rows = [(line, found) for line in reader.layout.lines if (found := line_amounts(reader, line))]
    for net, tax in (*_beside(reader, rows, total.value), *_below(reader, rows, total.value)):
        return {"net": net, "tax": tax}
    for line, found in rows:
        if any(c.value == total.value for c in found) or _TAX.search(line.text):
            held = {TAX_ROW.within(total.value, rate, WHOLE) for rate in _rates(line)}
            for tax in found:
                if any(tax.value > 0 and abs(tax.value - value) <= 1 for value in held):
                    return {"tax": tax}
    return {}


def _beside(reader: Reader, rows: Rows, total: int) -> Iterator[tuple[Candidate, Candidate]]:
    """Yield net and tax of one line: with the total, a word for the tax or its rate."""
    for line, found in rows:
        for net, tax in permutations(found, 2):
            others = [c.value for c in found if c is not net and c is not tax]
            is_told = total in others or _near_tax(reader, line, _MAX_LINES)
            if _is_split(net, tax, total) and (is_told or _is_share(line, net, tax, others)):
                yield net, tax
        if [c.value for c in found] == [total, 0, total] and _near_tax(reader, line, 1):
            yield found[0], found[1]


def _below(reader: Reader, rows: Rows, total: int) -> Iterator[tuple[Candidate, Candidate]]:
    """Yield net and tax that end neighbouring lines of which a label names either or their sum.

    Where a tax is named elsewhere, what nobody calls one is none: a tip, a service.
    """
    is_told = any(labelled(reader, frozenset({"tax"})))
    for (upper, above), (lower, below) in pairwise(rows):
        if _is_split(above[-1], below[-1], total):
            labels = reader.concepts_on(lower)
            has_tax = bool(_TAX.search(lower.text))
            is_open = not is_told and "charges" not in labels
            if has_tax or (is_open and (reader.concepts_on(upper) | labels) & _TOTALS):
                yield above[-1], below[-1]


def _is_split(net: Candidate, tax: Candidate, total: int) -> bool:
    return NET_AND_TAX.of(net.value, tax.value) == total and 0 < tax.value < MOST_TAX * net.value


def _is_share(line: Line, net: Candidate, tax: Candidate, others: Sequence[int] = ()) -> bool:
    """Return whether a rate on a line, or a number like one, makes a tax of a net amount."""
    rates = (*_rates(line), *others)
    made = (TAX_ROW.of(abs(net.value), rate, WHOLE) for rate in rates)
    return any(abs(amount - abs(tax.value)) <= 1 for amount in made)


def _rates(line: Line) -> list[int]:
    return [round(100 * float(rate.replace(",", "."))) for rate in _RATE.findall(line.text)]


def rated_taxes(reader: Reader) -> Iterator[Candidate]:
    """Yield the amounts that end lines which name a tax and its rate."""
    for line in reader.layout.lines:
        if _rates(line) and _names_tax(line):
            yield from line_amounts(reader, line)[-1:]


def _columns(reader: Reader, rows: Rows, in_tables: set[int]) -> Iterator[Totals]:
    """Yield the sums of neighbouring lines, each ended by its total."""
    entries = [
        Entry(line, found[-1], len(found) > 1 or any(id(s) in in_tables for s in line.segments))
        for line, found in rows if found
    ]  # fmt: skip
    for end in range(2, len(entries)):
        total = entries[end]
        for start in range(max(0, end - 2 - _MAX_EXTRAS), end - 1):
            net, *rest = entries[start:end]
            if not net.is_in_table and all(is_below(net, entry) for entry in (*rest, total)):
                found = _made_of(reader, net, rest, total)
                if found is not None:
                    yield found
                    break


def _made_of(reader: Reader, net: Entry, rest: Sequence[Entry], total: Entry) -> Totals | None:
    """Return the sum that amounts make, if they do; ``Total VAT`` and ``Subtotal`` are none."""
    named = reader.concepts_on(total.line)
    if named & {"net", "tax"} and "gross" not in named:
        return None
    tax = _tax_among(reader, net, rest, total.value)
    if tax is not None:
        return Totals(net.amount, tax, total.amount)
    taxes = _taxes_among(reader, net, rest, total.value)
    if taxes:
        printed = (c for c in reader.all_money() if abs(c.value) == sum(taxes))
        return Totals(net.amount, next(printed, None), total.amount)
    if _is_untaxed(net, rest, total.value):
        return Totals(net.amount, rest[0].amount, total.amount, rest[1].amount)
    return None


def _is_untaxed(net: Entry, rest: Sequence[Entry], total: int) -> bool:
    """Return whether net and its tax make a total with what is added behind them, untaxed.

    Nothing has to call it a charge: ``MOT``, ``Court fee (no VAT)``.
    """
    if len(rest) != 2 or total != net.value + rest[0].value + rest[1].value:
        return False
    tax, other = rest
    tokens = other.line.tokens
    if "%" in other.line.text or (is_tax(tokens) and not is_before_tax(tokens)):
        return False
    is_tax_of = 0 < tax.value < MOST_TAX * net.value and _names_tax(tax.line)
    is_whole = is_tax_of and 100 * tax.value % net.value == 0
    return is_whole or (is_tax_of and _is_share(tax.line, net.amount, tax.amount))


def is_below(above: Entry, below: Entry) -> bool:
    """Return whether an amount stands in the column of one above, on the same page."""
    one, other = above.amount, below.amount
    slack = length("aligned") * max(one.tokens[0].height, other.tokens[0].height)
    is_aligned = min(abs(one.right - other.right), abs(one.left - other.left)) < slack
    return above.line.page == below.line.page and is_aligned and not below.is_in_table


def _tax_among(reader: Reader, net: Entry, rest: Sequence[Entry], total: int) -> Candidate | None:
    """Return the one tax of amounts that make the total, all known for what they are."""
    taxes = [entry for entry in rest if _is_tax_of(reader, entry, net)]
    is_whole = len(taxes) == 1 and _make(reader, net, taxes, rest, total)
    return taxes[0].amount if is_whole else None


def _taxes_among(reader: Reader, net: Entry, rest: Sequence[Entry], total: int) -> list[int]:
    """Return the taxes that make the total with a net amount, each a share of it by its rate.

    So are those of a state and a province, or India's two: ``CGST 9%`` and ``SGST 9%``.
    """
    shares = [entry for entry in rest if _is_share(entry.line, net.amount, entry.amount)]
    taxes = [entry for entry in shares if may_be_tax(entry.line)]
    is_whole = len(taxes) > 1 and _make(reader, net, taxes, rest, total)
    return [entry.value for entry in taxes] if is_whole else []


def _make(
    reader: Reader, net: Entry, taxes: Sequence[Entry], rest: Sequence[Entry], total: int
) -> bool:
    """Return whether net and taxes make a total, with what is known to be added or taken off."""
    tax = sum(entry.value for entry in taxes)
    others = [entry for entry in rest if entry not in taxes]
    # Announced as a charge, a deduction or a rounding.
    is_told = all(reader.concepts_on(entry.line) & _EXTRAS for entry in others)
    if not is_told or not 0 < tax < MOST_TAX * total:
        return False
    made = (
        net.value + sum(sign * entry.value for sign, entry in zip(signs, others, strict=True))
        for signs in product((1, -1), repeat=len(others))
    )
    return any(NET_AND_TAX.of(part, tax) == total for part in made)


def _is_tax_of(reader: Reader, entry: Entry, net: Entry) -> bool:
    """Return whether a line names a tax, stands bare beneath one, or prints a share of the net."""
    line = entry.line
    is_bare = not any(t.fold.isalpha() for t in line.tokens if t not in entry.amount.tokens)
    return (
        _names_tax(line)
        or (is_bare and _near_tax(reader, line, _MAX_LINES, 1))
        or (may_be_tax(line) and _is_share(line, net.amount, entry.amount))
    )


def may_be_tax(line: Line) -> bool:
    """Return whether a line names a tax, or all its words may be short names of taxes nobody knows.

    Examples: ``ISV 15%``, ``Q.S.T.``, but not ``Agency fee 15%``.
    """
    words = (token.text for token in line.tokens if token.fold.isalpha())
    is_told = _names_tax(line) or any(is_tax([t]) or t.fold.endswith(_STEMS) for t in line.tokens)
    return is_told or all(w.isupper() and len(fold(w)) <= _MAX_SHORT for w in words)


def _rows(reader: Reader, rows: Rows, gross: Sequence[Option]) -> Iterator[Totals]:
    """Yield the rows of net, tax and total: of a labelled total, or under words for a tax.

    A label before the three names them all; the total is then the last of them. So it is where
    nothing larger is printed and the rate of the tax stands there or above.
    """
    amounts = [abs(c.value) for _, found in rows for c in found]
    values = {option.candidate.value for option in gross if option.candidate}
    keys = {option.key for option in gross}
    yield from _above_totals(reader, rows, max(amounts, default=0))
    yield from _above_payments(reader, rows, max(amounts, default=0))
    yield from _in_sentences(rows, max(amounts, default=0))
    shares = {found[-1].value for line, row in rows for found in _rated_sums(reader, line, row)}
    for line, row in rows:
        for found in sums_in(row):
            total = abs(found[-1].value)
            if len(shares) > 1 and found[-1].value in shares and total < max(amounts):
                continue  # One of several rates.
            is_again = amounts.count(total) > 1
            is_known = _has_rate_of(reader, line, *found[:2])
            is_known |= is_again and _near_tax(reader, line, _MAX_LINES)
            if (
                (is_known and total == max(amounts))
                or found[-1].value in values
                or (is_again and found[0].key in keys)
            ):
                yield Totals(*found)


def _above_totals(reader: Reader, rows: Rows, most: int) -> Iterator[Totals]:
    """Yield net and tax of one line that make the largest amount, by itself or as a total.

    It stands right below them; or anywhere, where they begin and end a line of a recapitulation
    by rates. What it was rounded by is printed then.
    """
    printed = {abs(c.value) for _, found in rows for c in found}
    totals = [
        (line, found[-1])
        for line, found in rows
        if len(found) == 1 or (found and "gross" in reader.concepts_on(line))
    ]
    wholes = [(line, total) for line, total in totals if total.value == most]
    for (line, row), (lower, total) in product(rows, wholes):
        is_below = lower.page == line.page and 0 < lower.index - line.index <= _MAX_GAP
        is_rated = len(row) == 2 and _is_share(line, row[0], row[1])
        if len(row) > 1 and (is_below or is_rated) and _is_split(row[-2], row[-1], total.value):
            yield Totals(row[-2], row[-1], total)
        if len(row) > 2:
            off = abs(NET_AND_TAX.of(row[0].value, row[-1].value) - total.value)
            is_rounded = not off or (off < _ROUNDING and off in printed)
            if is_rounded and 0 < row[-1].value < MOST_TAX * row[0].value:
                yield Totals(row[0], row[-1], total)
            for net, tax, made in sums_in(row) if is_below else ():
                off = abs(total.value - made.value)
                if 0 < off < _ROUNDING and off in printed:
                    yield Totals(net, tax, total)


def _above_payments(reader: Reader, rows: Rows, most: int) -> Iterator[Totals]:
    """Yield the sums of rows whose total is the largest amount, with what was paid right below."""
    for (line, row), (lower, _) in pairwise(item for item in rows if item[1]):
        if lower.page == line.page and "paid" in reader.concepts_on(lower):
            yield from (Totals(*found) for found in sums_in(row) if abs(found[-1].value) == most)


def _in_sentences(rows: Rows, most: int) -> Iterator[Totals]:
    """Yield sums that sentences tell in any order: ``134.40 in all, 112.00 net and 22.40 VAT``."""
    for at, (line, row) in enumerate(rows):
        if not (row and is_prose(line.tokens)):
            continue
        near = [(each, own) for each, own in rows[at : at + _MAX_LINES] if each.page == line.page]
        said = [(each, c) for each, own in near if is_prose(each.tokens) for c in own]
        for three in zip(said, said[1:], said[2:], strict=False):
            tax, net, gross = sorted((c for _, c in three), key=lambda c: c.value)
            is_told = any(c is tax and _is_tax_beside(each, c) for each, c in three)
            if is_told and gross.value == most and _is_split(net, tax, most):
                yield Totals(net, tax, gross)


def _is_tax_beside(line: Line, amount: Candidate) -> bool:
    """Return whether one of the few words around an amount is the name of a tax."""
    at = next((n for n, token in enumerate(line.tokens) if token is amount.tokens[0]), 0)
    return any(is_tax([token]) for token in line.tokens[max(0, at - _AROUND) : at + _AROUND])


def _rated_sums(reader: Reader, line: Line, row: Sequence[Candidate]) -> Iterator[Sum]:
    """Yield the sums on a line that prints the rate of the tax in them."""
    for net, tax, total in sums_in(row):
        if _rates(line) and _is_share(line, net, tax):
            yield net, tax, total


def _has_rate_of(reader: Reader, line: Line, net: Candidate, tax: Candidate) -> bool:
    """Return whether a line or the one above prints the rate by which a net amount is taxed."""
    near = reader.layout.lines[max(0, line.index - 1) : line.index + 1]
    return any(_is_share(each, net, tax) for each in near if each.page == line.page)


def _names_tax(line: Line) -> bool:
    return bool(_TAX.search(line.text)) or is_tax(line.tokens)


def _near_tax(reader: Reader, line: Line, above: int, below: int = 0) -> bool:
    """Return whether a tax is named on a line or some lines above or below it."""
    near = reader.layout.lines[max(0, line.index - above) : line.index + below + 1]
    return any(_names_tax(each) for each in near if each.page == line.page)
