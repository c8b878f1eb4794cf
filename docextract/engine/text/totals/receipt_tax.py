"""Finds the net amount and the tax that add up to a receipt's total, labelled or not.

Knows nothing of how the total was settled; it takes the amount as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, permutations

from docextract.engine.text.text_document import Candidate, Line, Option, Reader, given, pattern
from docextract.engine.text.totals.joint_choice import TOLERANCE, has_rate
from docextract.engine.text.totals.receipt_lines import CHARGES, labelled, line_amounts
from docextract.schema import Kind
from docextract.schema.equations import NET_AND_TAX, TAX_ROW, TOTALS, WHOLE

_MOST_TAX = 0.35
_LEAST_NET = 0.5
_TOTALS = TOTALS - {"amount_due"}
_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_TAX = re.compile(rf"\b(?:{pattern('taxes', 'starts')})", re.IGNORECASE)
Split = tuple[Candidate, Candidate]


def settle_split(
    reader: Reader, chosen: dict[str, Option], net_path: str, tax_path: str, total: Candidate
) -> None:
    """Put the net amount and the tax that make up a total in place of what does not.

    Args:
        reader: the document.
        chosen: options by path; changed in place.
        net_path: the path of the amount before tax.
        tax_path: the path of the tax.
        total: the total.
    """
    values = {
        path: abs(chosen[path].candidate.value)  # type: ignore[union-attr]
        for path in (net_path, tax_path)
        if path in chosen and chosen[path].candidate is not None
    }
    if 0 < values.get(tax_path, 0) >= _MOST_TAX * total.value:
        # What a tax is due on, printed where the tax was expected.
        del chosen[tax_path], values[tax_path]
    if len(values) == 2 and abs(NET_AND_TAX.of(*values.values()) - total.value) <= TOLERANCE:
        return
    split = next(_splits(reader, total.value), None)
    if split is not None:
        for path, found in zip((net_path, tax_path), split, strict=True):
            chosen[path] = Option(
                path, found.tokens, found.text, given("amount.receipt_split"), found
            )
        return
    included = _included_tax(reader, total)
    if included is not None and tax_path not in values:
        chosen[tax_path] = Option(
            tax_path, included.tokens, included.text, given("amount.receipt_split"), included
        )
        return
    _drop_parts(reader, chosen, values, (net_path, tax_path), total)


def _drop_parts(
    reader: Reader,
    chosen: dict[str, Option],
    values: dict[str, int],
    paths: tuple[str, str],
    total: Candidate,
) -> None:
    """Leave out net and tax where they are one rate's share of several, or an item's."""
    net_path, tax_path = paths
    known, tax = sum(values.values()), values.get(tax_path, 0)
    taxes = _taxes(reader, total.value) - {tax}
    is_small = net_path in values and known < _LEAST_NET * total.value
    is_sum = tax == sum(taxes)
    if net_path in values:
        is_one_rate = known < total.value and has_rate(chosen[net_path])
        if is_small or is_one_rate or _is_above(reader, values[net_path], total):
            del chosen[net_path]
    if tax and not is_sum and (is_small or taxes):
        del chosen[tax_path]


def _is_above(reader: Reader, net: int, total: Candidate) -> bool:
    """Return whether an amount before tax is larger than the total, and no deduction printed."""
    amounts = (c for found in reader.candidates.values() for c in found if c.kind is Kind.MONEY)
    printed = {abs(c.value) for c in amounts if c.num_decimals == total.num_decimals}
    return net > total.value + TOLERANCE and net - total.value not in printed


def _taxes(reader: Reader, total: int) -> set[int]:
    """Return the amounts that are printed as a tax, of one rate or of all."""
    named = (c.value for c in labelled(reader, frozenset({"tax"})))
    in_rows = (
        found.value
        for line in reader.layout.lines
        for found in _tax_of_row(line_amounts(reader, line), total)
    )
    return {value for value in (*named, *in_rows) if 0 < value < _MOST_TAX * total}


def _tax_of_row(amounts: list[Candidate], total: int) -> Iterator[Candidate]:
    """Yield the tax of a row of net, tax and gross that is not the whole."""
    for net, tax, gross in zip(amounts, amounts[1:], amounts[2:], strict=False):
        if gross.value < total and _adds_up(net, tax, gross.value):
            yield tax


def _splits(reader: Reader, total: int) -> Iterator[Split]:
    """Yield pairs that add up to a total, the most convincing first."""
    rows = [(line, found) for line in reader.layout.lines if (found := line_amounts(reader, line))]
    for line, found in rows:
        for net, tax in permutations(found, 2):
            if _adds_up(net, tax, total) and _is_tax_row(reader, line, found, net, tax, total):
                yield net, tax
        if [c.value for c in found] == [total, 0, total] and _is_under_tax(reader, line):
            yield found[0], found[1]
    for (upper, above), (lower, below) in pairwise(rows):
        net, tax = above[-1], below[-1]
        concepts = _concepts(reader, lower)
        is_tax = bool(_TAX.search(lower.text)) or not concepts & CHARGES
        is_named = bool(_TAX.search(lower.text) or (_concepts(reader, upper) | concepts) & _TOTALS)
        if is_named and is_tax and _adds_up(net, tax, total):
            yield net, tax


def _concepts(reader: Reader, line: Line) -> frozenset[str]:
    """Return what the labels of a line announce."""
    hits = (h for s in line.segments for h in reader.hits_of.get(id(s), ()))
    return frozenset().union(*(h.entry.concepts for h in hits))


def _is_under_tax(reader: Reader, line: Line) -> bool:
    """Return whether a row stands under a heading that names the tax."""
    return any(
        _TAX.search(above.text) for above in reader.layout.lines[line.index - 1 : line.index]
    )


def _included_tax(reader: Reader, total: Candidate) -> Candidate | None:
    """Return the tax on a row with the rate that names the tax or prints the total it is in."""
    for line in reader.layout.lines:
        found = line_amounts(reader, line)
        rates = [round(100 * float(rate.replace(",", "."))) for rate in _RATE.findall(line.text)]
        is_own = any(c.value == total.value for c in found) or bool(_TAX.search(line.text))
        for rate in rates if is_own else ():
            held = TAX_ROW.within(total.value, rate, WHOLE)
            for candidate in found:
                if candidate.value > 0 and abs(candidate.value - held) <= 1:
                    return candidate
    return None


def _adds_up(net: Candidate, tax: Candidate, total: int) -> bool:
    return NET_AND_TAX.of(net.value, tax.value) == total and 0 < tax.value < _MOST_TAX * net.value


def _is_tax_row(
    reader: Reader, line: Line, found: list[Candidate], net: Candidate, tax: Candidate, total: int
) -> bool:
    """Return whether a row prints the total as well, names the tax or prints its rate."""
    if any(other.value == total for other in found) or _TAX.search(line.text):
        return True
    rates = [c.value for c in reader.candidates_at(line.tokens) if c.kind is Kind.PERCENT]
    rates += [other.value for other in found if other is not net and other is not tax]
    return any(abs(TAX_ROW.of(net.value, rate, WHOLE) - tax.value) <= 1 for rate in rates)
