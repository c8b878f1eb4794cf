"""Reads a receipt's amounts line by line: what each label and each payment prints.

Knows nothing of which of them is the total.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from math import inf

from docextract.engine.text.text_document import Candidate, Line, Reader, pattern
from docextract.schema.equations import AMOUNTS

PAYMENT = re.compile(rf"\b(?:{pattern('totals', 'payment')})\b", re.IGNORECASE)
CHARGES = frozenset({"charges"})
PAID = frozenset({"cash_given", "paid"})
GROSS = frozenset({"gross", "receipt_total", "amount_due"})
_MAX_AMOUNTS = 400
_MAX_ON_LINE = 12


def printed_amounts(reader: Reader) -> list[Candidate]:
    """Return what is printed like a price: two decimals, or a currency beside it."""
    found = (c for c in reader.all_money() if c.value > 0 and (c.num_decimals == 2 or c.currency))
    return list(islice(found, _MAX_AMOUNTS))


def labelled(reader: Reader, concepts: frozenset[str]) -> Iterator[Candidate]:
    """Yield the last amount before the next label on the line of each label of some concepts."""
    lines: dict[int, tuple[list[float], list[Candidate]]] = {}
    for hit in reader.hits:
        if not hit.entry.concepts & concepts:
            continue
        index = hit.segment.line
        if index not in lines:
            line = reader.layout.lines[index]
            lines[index] = (_label_edges(reader, line), line_amounts(reader, line))
        edges, amounts = lines[index]
        following = bisect_right(edges, hit.right)
        end = edges[following] if following < len(edges) else inf
        last = bisect_left(amounts, end, key=lambda c: c.left) - 1
        if last >= 0 and amounts[last].left > hit.left:
            yield amounts[last]


def _label_edges(reader: Reader, line: Line) -> list[float]:
    return sorted(hit.left for hit in reader.hits_on(line) if hit.entry.concepts & AMOUNTS)


def line_amounts(reader: Reader, line: Line) -> list[Candidate]:
    """Return the amounts with two decimals on a line, left to right."""
    return [c for c in reader.money_on(line) if c.num_decimals == 2][-_MAX_ON_LINE:]


def closing_lines(reader: Reader, total: int) -> Iterator[int]:
    """Yield the lines that print the total beside a total's label or a payment."""
    for line in reader.layout.lines:
        if not any(c.value == total for c in line_amounts(reader, line)):
            continue
        if reader.concepts_on(line) & (GROSS | PAID) or PAYMENT.search(line.text):
            yield line.index
