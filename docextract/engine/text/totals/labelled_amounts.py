"""Reads amounts line by line: how they are printed, and what the labels beside them announce.

Knows nothing of which of them is a document's total.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from math import inf

from docextract.engine.text.text_document import Candidate, Line, Reader, pattern
from docextract.schema.equations import AMOUNTS

PAYMENT = re.compile(rf"\b(?:{pattern('totals', 'payment')})\b", re.IGNORECASE)
PAID = frozenset({"cash_given", "paid"})
GROSS = frozenset({"gross", "receipt_total", "amount_due"})
_MAX_AMOUNTS = 400
_MAX_ON_LINE = 12
_MIN_DIGITS = 4


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
            labels = (h.left for h in reader.hits_on(line) if h.entry.concepts & AMOUNTS)
            lines[index] = (sorted(labels), line_amounts(reader, line))
        edges, amounts = lines[index]
        following = bisect_right(edges, hit.right)
        end = edges[following] if following < len(edges) else inf
        last = bisect_left(amounts, end, key=lambda c: c.left) - 1
        if last >= 0 and amounts[last].left > hit.left:
            yield amounts[last]


def line_amounts(reader: Reader, line: Line, decimals: int = 2) -> list[Candidate]:
    """Return the amounts with so many decimals on a line, left to right.

    Where those of a document have none, a currency or some digits tell them from counts.
    """
    found = (c for c in reader.money_on(line) if c.num_decimals == decimals)
    priced = (c for c in found if decimals or c.currency or len(c.text) >= _MIN_DIGITS)
    return list(priced)[-_MAX_ON_LINE:]


def usual_decimals(amounts: Sequence[Candidate]) -> int:
    """Return how many decimals the amounts of a document have: two where two are common."""
    counts = {n: sum(c.num_decimals == n for c in amounts) for n in (2, 3)}
    priced = sum(not c.num_decimals and bool(c.currency) for c in amounts)
    if not any(counts.values()) or (priced > 2 and priced > 2 * max(counts.values())):
        return 0
    return 2 if counts[2] >= counts[3] else 3
