"""Weighs what a receipt prints of its total: labels, payments, sums, rounding, repetition.

Knows nothing of net and tax as fields; it settles the total before they are chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from statistics import median

from docextract.engine.text.text_document import Candidate, Line, Option, Reader, pattern
from docextract.engine.text.totals.receipt_lines import (
    GROSS,
    PAID,
    PAYMENT,
    labelled,
    line_amounts,
    printed_amounts,
)  # fmt: skip
from docextract.engine.text.values.amounts import is_currency
from docextract.schema.equations import NET_AND_TAX, TENDERED, TOTALS, beside

_EXTRAS = beside("gross", "net", signs=(1,))
_COUNTS = re.compile(rf"\b(?:{pattern('totals', 'counts')})\b", re.IGNORECASE)
_MAX_PARTS = 3
_MAX_EXTRAS = 6
_MAX_TOTALS = 20
_MAX_OPTIONS = 60
_CLOSE = 0.25
_LABELLED, _PAID_EXACTLY, _PAID_ALONE, _ON_CARD = 1.0, 1.0, 0.6, 0.5
_SUMMED, _IN_ROW, _ITEMS, _ROUNDED, _REPEATED, _LARGE = 0.6, 0.5, 0.6, 0.45, 0.1, 0.15
_PART, _ON_LINE, _ENOUGH, _DOUBTFUL = 0.8, 0.5, 0.75, 0.25
"""Weights by hand, in the order of how seldom such an agreement comes about by chance."""


@dataclass(slots=True)
class _Claim:
    """What speaks for one amount being the total."""

    value: int
    prints: list[Candidate] = field(default_factory=list)
    label: float = 0.0
    best: Option | None = None
    reasons: dict[str, float] = field(default_factory=dict)

    @property
    def support(self) -> float:
        """What arithmetic, payments and repetition add."""
        return sum(self.reasons.values())

    @property
    def weight(self) -> float:
        """All evidence together."""
        return _LABELLED * self.label + self.support


def till_total(reader: Reader, path: str, options: Sequence[Option]) -> Option | None:
    """Return the printed amount that most evidence calls the total of a receipt, or None.

    Args:
        reader: the document.
        path: the field's path.
        options: amounts that labels announce as the total, best first.
    """
    claims = _claims(reader, options)
    if not claims:
        return None
    _weigh_payments(reader, claims)
    _weigh_sums(reader, claims)
    _weigh_rounding(reader, claims)
    _weigh_print(reader, claims)
    ranked = sorted(claims.values(), key=lambda claim: -claim.weight)
    best = ranked[0]
    paid = next((claim for claim in ranked[1:] if claim.support >= _ON_CARD), None)
    if not best.value and paid is not None:
        # Nothing is left to pay because it was paid.
        return _option(path, paid, 0.0)
    if best.weight < (0.3 if best.label else _ENOUGH):
        return None
    lead = best.weight - (ranked[1].weight if len(ranked) > 1 else 0.0)
    return _option(path, best, lead)


def _option(path: str, claim: _Claim, lead: float) -> Option:
    score = min(0.95, 0.65 * claim.label + 0.3 * claim.support)
    if lead < _CLOSE:
        score = max(_DOUBTFUL, 0.5 * score)
    why = (("receipt total.evidence", score),)
    if claim.best is not None:
        found = claim.best
        return Option(path, found.tokens, found.text, why, found.candidate, found.hit)
    printed = claim.prints[-1]
    return Option(path, printed.tokens, printed.text, why, printed)


def _claims(reader: Reader, options: Sequence[Option]) -> dict[int, _Claim]:
    claims: dict[int, _Claim] = {}
    for candidate in printed_amounts(reader):
        claims.setdefault(candidate.value, _Claim(candidate.value)).prints.append(candidate)
    for option in options[:_MAX_OPTIONS]:
        found = option.candidate
        if found is None or found.value < 0:
            continue
        claim = claims.setdefault(found.value, _Claim(found.value))
        label = option.score * _purity(reader, option)
        if label > claim.label:
            claim.label, claim.best = label, option
    for candidate in labelled(reader, GROSS):
        named = claims.get(candidate.value)
        if named is not None and not named.label:
            line = reader.layout.lines[candidate.segment.line]
            named.label = _ON_LINE * (0.3 if _COUNTS.search(line.text) else 1.0)
    if any(claim.label for value, claim in claims.items() if value):
        for value in (0, *_subtotals(reader, claims.values())):
            claims.pop(value, None)
    return claims


def _subtotals(reader: Reader, claims: Iterable[_Claim]) -> list[int]:
    """Return the amounts that are printed as a subtotal and nowhere else."""
    named = {c.key for c in labelled(reader, frozenset({"net", "line_total"}))}
    return [
        claim.value
        for claim in claims
        if claim.prints and not claim.label and all(c.key in named for c in claim.prints)
    ]


def _purity(reader: Reader, option: Option) -> float:
    """Return how little a label's line says that it counts or saves rather than totals."""
    hit = option.hit
    if hit is None:
        return 1.0
    rest = " ".join(t.text for t in hit.segment.tokens[max(0, hit.start - 1) :])
    return 0.3 if _COUNTS.search(rest) else 1.0


def _weigh_payments(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let what was paid speak: cash less change, a card slip, an amount tendered."""
    changes = {c.value for c in labelled(reader, frozenset({"change"}))}
    cash = {c.value for c in labelled(reader, PAID)}
    others = {
        amounts[-1].value
        for line in reader.layout.lines
        if (amounts := line_amounts(reader, line)) and PAYMENT.search(line.text)
    }
    given = sorted(c for c in changes if c > 0)[:_MAX_TOTALS]
    for paid, change in product(cash | others, given):
        due = TENDERED.of(paid, change)
        if (claim := claims.get(due)) is not None and due != change:
            claim.reasons["paid"] = _PAID_EXACTLY
            if paid in claims:
                claims[paid].reasons["tendered"] = -_PAID_EXACTLY
    for paid in (cash | others) & claims.keys() - {c for c in changes if c > 0}:
        claims[paid].reasons.setdefault("paid", _PAID_ALONE if paid in cash else _ON_CARD)


def _weigh_sums(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let sums speak: subtotal with tax and charges; several totals; lines; the items."""
    bases = {c.value for c in labelled(reader, frozenset({"net", "line_total"}))}
    bases |= {claim.value for claim in claims.values() if claim.label > 0.3}
    extras = [c.value for c in labelled(reader, _EXTRAS) if c.value]
    extras = list(dict.fromkeys(extras))[:_MAX_EXTRAS]
    for size in range(1, _MAX_PARTS + 1):
        for parts in combinations(extras, size):
            for base in bases:
                claim = claims.get(base + sum(parts))
                if claim is not None and base > sum(parts) > 0 and base not in parts:
                    claim.reasons["sum"] = _SUMMED
    _weigh_parts(reader, claims)
    _weigh_rows(reader, claims)
    _weigh_lines(reader, claims)
    items = _items_sum(reader)
    if items in claims:
        claims[items].reasons["items"] = _ITEMS


def _weigh_rows(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let an amount that is the sum of the two lines above it speak, more so beside labels."""
    rows = [
        (line, a[-1].value) for line in reader.layout.lines if (a := line_amounts(reader, line))
    ]
    for (first, one), (second, other), (third, total) in zip(
        rows, rows[1:], rows[2:], strict=False
    ):
        if total in claims and one + other == total and other > 0:
            hits = [
                hit
                for line in (first, second, third)
                for segment in line.segments
                for hit in reader.hits_of.get(id(segment), ())
            ]
            is_named = any(hit.entry.concepts & TOTALS for hit in hits)
            is_tax = is_named and other < one
            if is_tax or not is_named:
                claims[total].reasons.setdefault("sum", _ENOUGH if is_tax else _IN_ROW)


def _weigh_lines(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let the last of net, tax and total speak where one label stands before all three."""
    for line in reader.layout.lines:
        amounts = [candidate.value for candidate in line_amounts(reader, line)]
        for net, tax, total in zip(amounts, amounts[1:], amounts[2:], strict=False):
            hits = [h for s in line.segments for h in reader.hits_of.get(id(s), ())]
            is_named = any(hit.entry.concepts & TOTALS for hit in hits)
            is_sum = NET_AND_TAX.of(net, tax) == total and 0 < tax < net
            if is_named and total in claims and is_sum:
                claims[total].reasons.setdefault("sum", _SUMMED)


def _weigh_parts(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let a total that is the sum of two others outweigh them, as where taxes differ."""
    totals = list(labelled(reader, GROSS))
    first = min((c.segment.line for c in totals), default=0)
    others = {
        c.value for line in reader.layout.lines[first:] for c in line_amounts(reader, line)[-1:]
    }
    parts = dict.fromkeys(c.value for c in totals)
    for part, other in product(list(parts)[:_MAX_TOTALS], others):
        whole = claims.get(part + other)
        if whole is not None and whole.label > 0.2 and part != other and part and other:
            whole.reasons["sum"] = _SUMMED
            for value in {part, other} & claims.keys():
                claims[value].reasons["part"] = -_PART


def _items_sum(reader: Reader) -> int:
    """Return the sum of the last amounts of all lines above the total.

    The total is the first line with a total's label, or that prints just this sum.
    """
    total, count = 0, 0
    for line in reader.layout.lines:
        amounts = line_amounts(reader, line)
        hits = [h for s in line.segments for h in reader.hits_of.get(id(s), ())]
        is_total = any(h.entry.concepts & TOTALS and h.start == 0 for h in hits)
        if amounts and count > 1 and (is_total or amounts[-1].value == total):
            return total
        if amounts and is_total:
            return 0
        if amounts:
            total, count = total + amounts[-1].value, count + 1
    return 0


def _weigh_rounding(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Prefer the total after rounding to the one before it."""
    for rounding in labelled(reader, frozenset({"rounding"})):
        step = abs(rounding.value)
        if not 0 < step <= 50:
            continue
        for claim in list(claims.values()):
            for after in (claim.value + step, claim.value - step):
                rounded = claims.get(after)
                if claim.label > 0.3 and rounded is not None and _is_rounder(after, claim.value):
                    rounded.reasons["rounding"] = _ROUNDED
                    claim.reasons["unrounded"] = -_ROUNDED


def _is_rounder(value: int, other: int) -> bool:
    return value % 5 == 0 and other % 5 != 0


def _weigh_print(reader: Reader, claims: dict[int, _Claim]) -> None:
    """Let repetition, large print and being the largest total speak for an amount."""
    largest = max((claim.value for claim in claims.values() if claim.label), default=0)
    usual = median(line.bottom - line.top for line in reader.layout.lines)
    priced = {c.value for claim in claims.values() for c in claim.prints if c.currency}
    for claim in claims.values():
        count = len({c.segment.line for c in claim.prints})
        claim.reasons["repeated"] = _REPEATED * min(3, max(0, count - 1))
        claim.reasons["largest"] = _LARGE if claim.value == largest else 0.0
        if claim.value in priced and len(priced) == 1:
            claim.reasons["only"] = _ENOUGH
        large = [c for c in claim.prints if c.tokens[0].height > 1.3 * usual]
        if large and claim.label:
            claim.reasons["large"] = _LARGE
        elif any(_is_alone(reader.layout.lines[c.segment.line]) for c in large):
            claim.reasons["alone"] = _ENOUGH


def _is_alone(line: Line) -> bool:
    """Return whether a line is nothing but a currency and an amount: ``EURO  *59,50``."""
    words = [token.text for token in line.tokens]
    return len(words) == 2 and is_currency(words[0])
