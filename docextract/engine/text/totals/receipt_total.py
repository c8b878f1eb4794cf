"""Weighs what a receipt prints of its total: labels, payments, sums, repetition.

Knows nothing of net and tax as fields; it settles the total before they are chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from statistics import median

from docextract.engine.text.text_document import (
    Candidate,
    Line,
    Option,
    Reader,
    level,
    pattern,
    total_of,
)
from docextract.engine.text.totals.labelled_amounts import (
    GROSS,
    PAID,
    PAYMENT,
    labelled,
    line_amounts,
    printed_amounts,
)
from docextract.engine.text.totals.printed_sums import sums_in
from docextract.engine.text.values.amounts import is_currency
from docextract.schema.equations import TENDERED, TOTALS, beside

_EXTRAS = beside("gross", "net", signs=(1,))
_COUNTS = re.compile(rf"\b(?:{pattern('totals', 'counts')})\b", re.IGNORECASE)
_MAX_PARTS = 3
_MAX_EXTRAS = 6
_MAX_TOTALS = 20
_MAX_OPTIONS = 60
_LARGE = 1.3


@dataclass(slots=True)
class _Claim:
    """What speaks for one amount being the total."""

    value: int
    prints: list[Candidate] = field(default_factory=list)
    label: float = 0
    best: Option | None = None
    factors: dict[str, float] = field(default_factory=dict)

    def say(self, factor: str, value: float = 1) -> None:
        """Note a factor for or against the amount; what was noted before stays."""
        self.factors.setdefault(f"receipt.{factor}", value)

    @property
    def support(self) -> float:
        """What arithmetic, payments and repetition add."""
        return total_of(self.factors.items())

    @property
    def weight(self) -> float:
        """All evidence together."""
        return self.label + self.support


_Claims = dict[int, _Claim]


def till_total(reader: Reader, path: str, options: Sequence[Option]) -> Option | None:
    """Return the printed amount that most evidence calls the total of a receipt, or None.

    Args:
        reader: the document.
        path: the field's path.
        options: amounts that labels announce as the total, best first.
    """
    claims = _claims(reader, options)
    for weigh in (_weigh_payments, _weigh_sums, _weigh_columns, _weigh_print):
        weigh(reader, claims)
    ranked = sorted(claims.values(), key=lambda claim: -claim.weight)
    if not ranked:
        return None
    best, *others = ranked
    paid = next((claim for claim in others if claim.support >= level("total_paid")), None)
    if not best.value and paid is not None:
        # Nothing is left to pay because it was paid.
        return _option(path, paid, is_narrow=True)
    if best.weight < level("total_labelled" if best.label else "total_unlabelled"):
        return None
    lead = best.weight - others[0].weight if others else best.weight
    return _option(path, best, is_narrow=lead < level("total_lead"))


def _option(path: str, claim: _Claim, *, is_narrow: bool) -> Option:
    parts = (("receipt total.label", claim.label), ("receipt total.support", claim.support))
    factors = (("receipt total.evidence", total_of(parts)), ("receipt total.narrow", is_narrow))
    if claim.best is not None:
        found = claim.best
        return Option(path, found.tokens, found.text, factors, found.candidate, found.hit)
    printed = claim.prints[-1]
    return Option(path, printed.tokens, printed.text, factors, printed)


def _claims(reader: Reader, options: Sequence[Option]) -> _Claims:
    """Return a claim for each printed amount, with the label that speaks for it."""
    claims: _Claims = {}
    for candidate in printed_amounts(reader):
        claims.setdefault(candidate.value, _Claim(candidate.value)).prints.append(candidate)
    for option in options[:_MAX_OPTIONS]:
        found = option.candidate
        if found is None or found.value < 0:
            continue
        claim = claims.setdefault(found.value, _Claim(found.value))
        if option.score > claim.label:
            claim.label, claim.best = option.score, option
    for candidate in labelled(reader, GROSS):
        named = claims.get(candidate.value)
        if named is not None and not named.label:
            text = reader.layout.lines[candidate.segment.line].text
            named.label = level("total_counts" if _COUNTS.search(text) else "total_on_line")
    if any(claim.label for value, claim in claims.items() if value):
        claims.pop(0, None)
    return claims


def _weigh_payments(reader: Reader, claims: _Claims) -> None:
    """Let what was paid speak: cash less change, a card slip, an amount tendered."""
    changes = {c.value for c in labelled(reader, frozenset({"change"})) if c.value > 0}
    cash = {c.value for c in labelled(reader, PAID)}
    paid_lines = (line for line, _ in _rows(reader) if PAYMENT.search(line.text))
    others = {line_amounts(reader, line)[-1].value for line in paid_lines}
    for paid, change in product(cash | others, sorted(changes)[:_MAX_TOTALS]):
        due = TENDERED.of(paid, change)
        if due in claims and due != change:
            claims[due].say("paid_exactly")
            if paid in claims:
                claims[paid].say("tendered")
    for paid in (cash | others) & claims.keys() - changes:
        if "receipt.paid_exactly" not in claims[paid].factors:
            claims[paid].say("paid" if paid in cash else "on_card")


def _weigh_sums(reader: Reader, claims: _Claims) -> None:
    """Let sums of what labels name speak: subtotal with tax and charges; a total of totals."""
    named = list(labelled(reader, GROSS))
    totals = list(dict.fromkeys(c.value for c in named))[:_MAX_TOTALS]
    bases = {c.value for c in labelled(reader, frozenset({"net", "line_total"}))}
    bases |= {claim.value for claim in claims.values() if claim.label > level("total_labelled")}
    extras = [c.value for c in labelled(reader, _EXTRAS) if c.value]
    extras = list(dict.fromkeys(extras))[:_MAX_EXTRAS]
    for size in range(1, _MAX_PARTS + 1):
        for parts, base in product(combinations(extras, size), bases):
            claim = claims.get(base + sum(parts))
            if claim is not None and base > sum(parts) > 0 and base not in parts:
                claim.say("summed")
    _weigh_discounts(reader, claims, named)
    first = min((c.segment.line for c in named), default=0)
    discounts = {abs(c.value) for c in labelled(reader, frozenset({"discount"}))}
    last = {value for line, value in _rows(reader) if line.index >= first} - discounts
    for part, other in product(totals, last):
        whole = claims.get(part + other)
        if whole is not None and whole.label > level("kept") and part != other and part and other:
            whole.say("summed")
            for value in {part, other} & claims.keys():
                claims[value].say("part")


def _weigh_discounts(reader: Reader, claims: _Claims, totals: Sequence[Candidate]) -> None:
    """Let what a discount leaves of a total above it speak, where it is printed below."""
    for less, whole in product(labelled(reader, frozenset({"discount"})), totals):
        left = claims.get(whole.value - abs(less.value))
        if left is None or not (less.value and left.prints):
            continue
        if whole.segment.line < less.segment.line < left.prints[-1].segment.line:
            left.say("summed")
            claims[whole.value].say("part")


def _weigh_columns(reader: Reader, claims: _Claims) -> None:
    """Let sums by place speak: two on the total's line, the two lines above it, or all lines.

    All lines are those above the first with a total's label, or that prints just their sum.
    """
    rows = list(_rows(reader))
    named = [bool(reader.concepts_on(line) & TOTALS) for line, _ in rows]
    for (line, _), is_named in zip(rows, named, strict=True):
        for _, _, made in sums_in(line_amounts(reader, line)) if is_named else ():
            if made.value in claims:
                claims[made.value].say("summed")
    for n in range(2, len(rows)):
        one, other, whole = (value for _, value in rows[n - 2 : n + 1])
        if whole in claims and one + other == whole and other > 0:
            is_named = any(named[n - 2 : n + 1])
            if "receipt.summed" not in claims[whole].factors and (other < one or not is_named):
                claims[whole].say("under_tax" if is_named else "under_parts")
    total = 0
    for count, (line, value) in enumerate(rows):
        hits = reader.hits_on(line)
        is_total = any(h.entry.concepts & TOTALS and h.start == 0 for h in hits)
        if is_total or (count > 1 and value == total):
            is_last = is_total or not any(
                c.label > level("total_labelled") for c in claims.values()
            )
            if count > 1 and total in claims and is_last:
                claims[total].say("items")
            return
        total += value


def _rows(reader: Reader) -> Iterator[tuple[Line, int]]:
    """Yield the lines with amounts, and their last amount."""
    for line in reader.layout.lines:
        amounts = line_amounts(reader, line)
        if amounts:
            yield line, amounts[-1].value


def _weigh_print(reader: Reader, claims: _Claims) -> None:
    """Let repetition, large print and being the largest total speak for an amount."""
    largest = max((claim.value for claim in claims.values() if claim.label), default=0)
    usual = median(line.bottom - line.top for line in reader.layout.lines)
    priced = {c.value for claim in claims.values() for c in claim.prints if c.currency}
    for claim in claims.values():
        count = len({c.segment.line for c in claim.prints})
        claim.say("repeated", min(3, max(0, count - 1)))
        claim.say("largest", claim.value == largest)
        claim.say("only_price", priced == {claim.value})
        large = [c for c in claim.prints if c.tokens[0].height > _LARGE * usual]
        is_alone = any(_is_alone(reader.layout.lines[c.segment.line]) for c in large)
        claim.say("large" if claim.label else "alone", bool(large if claim.label else is_alone))


def _is_alone(line: Line) -> bool:
    """Return whether a line is nothing but a currency and an amount: ``EURO  *59,50``."""
    words = [token.text for token in line.tokens]
    return len(words) == 2 and is_currency(words[0])
