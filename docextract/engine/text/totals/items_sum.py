"""Finds the amount that ends a document's items and is what they come to, whatever its label.

Knows nothing of taxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf

from docextract.engine.text.text_document import Candidate, Line, Reader, is_prose
from docextract.engine.text.totals.labelled_amounts import (
    PAID,
    PAYMENT,
    line_amounts,
    usual_decimals,
)
from docextract.engine.text.totals.printed_sums import Entry, is_below

_MOST_ITEMS = 60


def whole_of_items(reader: Reader, known: frozenset[int] = frozenset()) -> Candidate | None:
    """Return the amount that ends a document's items and is what they come to, or None.

    Whatever its label: neighbouring lines of amounts above it make it, and no other amount is
    larger; or it is the only one. What is left after a payment is no sum of items. What is due,
    and that with what was paid (``known``), may well be smaller than others.
    """
    decimals = usual_decimals(reader.all_money())
    if not decimals:
        return None  # Numbers without decimals are of anything.
    rows = [(line, line_amounts(reader, line, decimals)) for line in reader.layout.lines]
    last = [Entry(line, found[-1], False) for line, found in rows if found]
    # Sentences tell several items on a line.
    said = [
        Entry(line, amount, False)
        for line, found in rows
        for amount in (found if is_prose(line.tokens) else found[-1:])
    ]
    every = [Entry(line, amount, False) for line, found in rows for amount in found]
    lists = (last, said if len(said) > len(last) else (), _column(every))
    return next(filter(None, (_whole(reader, entries, known) for entries in lists)), None)


def _column(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Return the amounts in the column of the largest: prices of one piece stand in another."""
    largest = max(reversed(entries), key=lambda entry: entry.value, default=None)
    column = [entry for entry in entries if largest and is_below(entry, largest)]
    # One alone proves nothing: letters tell of other amounts than their own.
    return column if len(column) > 1 else []


def _whole(reader: Reader, entries: Sequence[Entry], known: frozenset[int]) -> Candidate | None:
    values = {entry.value for entry in entries}
    if len(values) == 1:
        return entries[-1].amount if not known or values <= known else None
    told = values & known
    most = max(told or values, default=0)
    lines = {entry.line.index: entry.line for entry in entries}
    paid = {index for index, line in lines.items() if _is_paid(reader, line)}
    # Of each entry, where the largest amount stood last.
    last = list(accumulate((n if e.value == most else -inf for n, e in enumerate(entries)), max))
    for end in range(len(entries) - 1, 1, -1):
        if end - last[end] > _MOST_ITEMS or (told and entries[end].value != most):
            continue  # It is in no sum that ends here.
        start = _start_of_sum(paid, entries, end, is_known=bool(told))
        if start == end or most not in {entry.value for entry in entries[start : end + 1]}:
            continue
        others = (entry.value for at, entry in enumerate(entries) if not start <= at < end)
        if told or entries[end].value >= max(others):
            return entries[end].amount
    return None


def _start_of_sum(paid: set[int], entries: Sequence[Entry], end: int, *, is_known: bool) -> int:
    """Return where the fewest neighbouring entries begin that make one, else where it stands.

    Two may add up by chance; they count where they stand in its column, a sentence tells it, or
    it is known to be due. ``paid`` are the lines that tell of payments.
    """
    total, made = entries[end].amount.value, 0
    for start in range(end - 1, max(-1, end - 1 - _MOST_ITEMS), -1):
        part = entries[start]
        if part.line.page != entries[end].line.page or part.line.index in paid:
            break
        made += part.amount.value
        is_sum = made == total > 0 and end - start > 1
        if is_sum and (
            end - start > 2
            or is_known
            or _is_said(entries[end])
            or all(is_below(entry, entries[end]) for entry in entries[start:end])
        ):
            return start
    return end


def _is_said(entry: Entry) -> bool:
    """Return whether an amount stands in a sentence."""
    return is_prose(entry.line.tokens)


def _is_paid(reader: Reader, line: Line) -> bool:
    return bool(reader.concepts_on(line) & PAID or PAYMENT.search(line.text))
