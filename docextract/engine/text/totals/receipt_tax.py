"""Finds the net amount and the tax that add up to a receipt's total, labelled or not.

Knows nothing of how the total was settled; it takes the amount as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, permutations

from docextract.engine.text.text_document import Candidate, Line, Option, Reader, pattern
from docextract.engine.text.totals.joint_choice import MOST_TAX, TOLERANCE, has_rate, sums_in
from docextract.engine.text.totals.receipt_lines import CHARGES, labelled, line_amounts
from docextract.schema import Kind
from docextract.schema.equations import NET_AND_TAX, TAX_ROW, TOTALS, WHOLE

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
    if 0 < _amount(chosen.get(tax_path)) >= MOST_TAX * total.value:
        # What a tax is due on, printed where the tax was expected.
        del chosen[tax_path]
    parts = [_amount(chosen[path]) for path in (net_path, tax_path) if path in chosen]
    if len(parts) == 2 and abs(NET_AND_TAX.of(*parts) - total.value) <= TOLERANCE:
        return
    split = next(_splits(reader, total.value), None)
    if split is not None:
        for path, found in zip((net_path, tax_path), split, strict=True):
            chosen[path] = Option.of(path, found, "amount.receipt_split")
        return
    included = _included_tax(reader, total)
    if included is not None and tax_path not in chosen:
        chosen[tax_path] = Option.of(tax_path, included, "amount.receipt_split")
        return
    _drop_parts(reader, chosen, net_path, tax_path, total)


def _drop_parts(
    reader: Reader, chosen: dict[str, Option], net_path: str, tax_path: str, total: Candidate
) -> None:
    """Leave out net and tax where they are one rate's share of several, or an item's."""
    net, tax = (_amount(chosen.get(path)) for path in (net_path, tax_path))
    taxes = _taxes(reader, total.value) - {tax}
    alike = (c for c in reader.all_money() if c.num_decimals == total.num_decimals)
    printed = {abs(amount.value) for amount in alike}
    is_small = net_path in chosen and 2 * (net + tax) < total.value
    is_one_rate = net_path in chosen and net + tax < total.value and has_rate(chosen[net_path])
    # A subtotal above the total goes with a deduction that is printed.
    is_above = net > total.value + TOLERANCE and net - total.value not in printed
    if is_small or is_one_rate or is_above:
        del chosen[net_path]
    if tax and tax != sum(taxes) and (is_small or taxes):
        del chosen[tax_path]


def _amount(option: Option | None) -> int:
    return abs(option.candidate.value) if option is not None and option.candidate else 0


def _taxes(reader: Reader, total: int) -> set[int]:
    """Return the amounts that are printed as a tax: by a label, or in a row of a part's sum."""
    named = [c.value for c in labelled(reader, frozenset({"tax"}))]
    rows = (line_amounts(reader, line) for line in reader.layout.lines)
    sums = (found for row in rows for found in sums_in(row))
    named += [tax.value for _, tax, gross in sums if gross.value < total]
    return {value for value in named if 0 < value < MOST_TAX * total}


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
        concepts = reader.concepts_on(lower)
        is_tax = bool(_TAX.search(lower.text)) or not concepts & CHARGES
        is_named = bool(_TAX.search(lower.text) or (reader.concepts_on(upper) | concepts) & _TOTALS)
        if is_named and is_tax and _adds_up(net, tax, total):
            yield net, tax


def _is_under_tax(reader: Reader, line: Line) -> bool:
    """Return whether a row stands under a heading that names the tax."""
    above = reader.layout.lines[max(0, line.index - 1) : line.index]
    return any(_TAX.search(each.text) for each in above)


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
    return NET_AND_TAX.of(net.value, tax.value) == total and 0 < tax.value < MOST_TAX * net.value


def _is_tax_row(
    reader: Reader, line: Line, found: list[Candidate], net: Candidate, tax: Candidate, total: int
) -> bool:
    """Return whether a row prints the total as well, names the tax or prints its rate."""
    if any(other.value == total for other in found) or _TAX.search(line.text):
        return True
    rates = [c.value for c in reader.candidates_at(line.tokens) if c.kind is Kind.PERCENT]
    rates += [other.value for other in found if other is not net and other is not tax]
    return any(abs(TAX_ROW.of(net.value, rate, WHOLE) - tax.value) <= 1 for rate in rates)
