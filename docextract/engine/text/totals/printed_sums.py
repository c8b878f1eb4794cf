"""Finds net, tax and total by what they are: amounts printed below one another that add up.

Knows nothing of which label means which total; a word for a tax or its rate is all it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from docextract.engine.text.labels.total_kinds import is_tax
from docextract.engine.text.text_document import Candidate, Line, Option, Reader, length, pattern
from docextract.engine.text.totals.joint_choice import MOST_TAX, sums_in
from docextract.schema import Kind
from docextract.schema.equations import NET_AND_TAX, TAX_ROW, WHOLE, beside

_TAX = re.compile(rf"\b(?:{pattern('taxes', 'starts')})", re.IGNORECASE)
_EXTRAS = beside("gross", "net", "tax")
_MAX_EXTRAS = 3
_MAX_LINES = 3


class Found(NamedTuple):
    """Net amount, tax and total that add up."""

    net: Candidate
    tax: Candidate
    gross: Candidate


@dataclass(slots=True)
class _Entry:
    """A line that prints one amount of the document's usual form, and perhaps a rate."""

    line: Line
    amount: Candidate
    is_in_table: bool

    @property
    def value(self) -> int:
        """Hundredths without sign: a credit note's amounts may all have one."""
        return abs(self.amount.value)


def sum_options(
    reader: Reader, paths: dict[str, str], in_tables: set[int]
) -> dict[str, list[Option]]:
    """Return options for net, tax and gross that printed sums give, by the field's path.

    A sum is a column of amounts, a line each, of which the last is what the others make; one
    of them is a tax by its word or by its rate. Of several, the largest total counts. No part
    stands in a table of items. Where there is none, a row of net, tax and total counts whose
    total is the largest amount on the pages and printed again.

    Args:
        reader: the document.
        paths: the fields of amounts by what they stand for.
        in_tables: ids of segments in tables.
    """
    if not set(NET_AND_TAX.names) <= paths.keys():
        return {}
    entries = _entries(reader, in_tables)
    found = list(_columns(reader, entries))
    found = found or list(_rows(reader))
    best = max(found, key=lambda item: abs(item.gross.value), default=None)
    if best is None:
        return {}
    return {
        paths[name]: [Option.of(paths[name], amount, "amount.printed_sum")]
        for name, amount in best._asdict().items()
    }


def usual_decimals(amounts: Sequence[Candidate]) -> int:
    """Return how many decimals the amounts of a document have: two where two are common."""
    counts = {n: sum(c.num_decimals == n for c in amounts) for n in (2, 3)}
    priced = sum(not c.num_decimals and bool(c.currency) for c in amounts)
    if not any(counts.values()) or (priced > 2 and priced > 2 * max(counts.values())):
        return 0
    return 2 if counts[2] >= counts[3] else 3


def _entries(reader: Reader, in_tables: set[int]) -> list[_Entry]:
    decimals = usual_decimals(reader.all_money())
    entries = []
    for line in reader.layout.lines:
        usual = [c for c in reader.money_on(line) if _is_usual(c, decimals)]
        if usual:
            is_item = any(id(segment) in in_tables for segment in line.segments)
            entries.append(_Entry(line, usual[-1], is_item or len(usual) > 1))
    return entries


def _is_usual(amount: Candidate, decimals: int) -> bool:
    if decimals:
        return amount.num_decimals == decimals
    return not amount.num_decimals and (bool(amount.currency) or len(amount.text) > _MAX_EXTRAS)


def _columns(reader: Reader, entries: Sequence[_Entry]) -> Iterator[Found]:
    """Yield the sums of neighbouring lines, each ended by its total."""
    for end in range(2, len(entries)):
        total = entries[end]
        for start in range(max(0, end - 2 - _MAX_EXTRAS), end - 1):
            parts = entries[start:end]
            if all(_is_below(parts[0], entry) for entry in (*parts[1:], total)):
                found = _sum(reader, parts, total)
                if found is not None:
                    yield found
                    break


def _is_below(above: _Entry, below: _Entry) -> bool:
    """Return whether an amount stands in the column of one above, on the same page."""
    one, other = above.amount, below.amount
    slack = length("aligned") * max(one.tokens[0].height, other.tokens[0].height)
    is_aligned = min(abs(one.right - other.right), abs(one.left - other.left)) < slack
    return above.line.page == below.line.page and is_aligned and not below.is_in_table


def _sum(reader: Reader, parts: Sequence[_Entry], total: _Entry) -> Found | None:
    """Return net, tax and gross where parts make the total and all are known for what they are."""
    net, *rest = parts
    taxes = [entry for entry in rest if _is_tax_of(reader, entry, net)]
    others = [entry for entry in rest if entry not in taxes]
    if len(taxes) != 1 or net.is_in_table or not 0 < taxes[0].value < MOST_TAX * total.value:
        return None
    if not all(_is_extra(reader, entry) for entry in others):
        return None
    for signs in product((1, -1), repeat=len(others)):
        extras = sum(s * entry.value for s, entry in zip(signs, others, strict=True))
        if NET_AND_TAX.of(net.value + extras, taxes[0].value) == total.value > 0:
            return Found(net.amount, taxes[0].amount, total.amount)
    return None


def _is_tax_of(reader: Reader, entry: _Entry, net: _Entry) -> bool:
    """Return whether a line names a tax, or prints what a printed rate makes of the net."""
    line = entry.line
    is_bare = not any(t.fold.isalpha() for t in line.tokens if t not in entry.amount.tokens)
    if _TAX.search(line.text) or is_tax(line.tokens):
        return True
    if is_bare and _near_tax(reader, line, line.index + 1):
        return True
    return any(
        abs(TAX_ROW.of(net.value, rate, WHOLE) - entry.value) <= 1 for rate in _rates(reader, entry)
    )


def _rates(reader: Reader, entry: _Entry) -> list[int]:
    return [c.value for c in reader.candidates_at(entry.line.tokens) if c.kind is Kind.PERCENT]


def _rows(reader: Reader) -> Iterator[Found]:
    """Yield the rows of net, tax and total under words for a tax, or with its rate."""
    amounts = reader.all_money()
    decimals = usual_decimals(amounts)
    usual = [abs(c.value) for c in amounts if _is_usual(c, decimals)]
    for line in reader.layout.lines:
        row = [c for c in reader.money_on(line) if _is_usual(c, decimals)]
        for found in sums_in(row):
            total = abs(found[-1].value)
            is_whole = total == max(usual) and usual.count(total) > 1
            if is_whole and _near_tax(reader, line, line.index):
                yield Found(*found)


def _near_tax(reader: Reader, line: Line, last: int) -> bool:
    """Return whether a tax is named some lines above one, or on those down to the last."""
    lines = reader.layout.lines[max(0, line.index - _MAX_LINES) : last + 1]
    near = (each for each in lines if each.page == line.page)
    return any(_TAX.search(each.text) or is_tax(each.tokens) for each in near)


def _is_extra(reader: Reader, entry: _Entry) -> bool:
    """Return whether a line is announced as a charge, a deduction or a rounding."""
    return bool(reader.concepts_on(entry.line) & _EXTRAS)
