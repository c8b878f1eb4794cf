"""Finds what looks like a date, an amount, an account number ... in a segment.

Knows nothing of labels or schemas: only of how values are printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from docextract.engine.text.layout import Layout, Segment, join
from docextract.engine.text.values.amounts import (
    Candidate,
    has_mills,
    number_candidates,
)
from docextract.engine.text.values.patterns import (
    BICS,
    EMAILS,
    IBAN_LENGTHS,
    IBANS,
    MISREAD_DATE,
    NUMERIC,
    PHONES,
    TAX_IDS,
    TIMES,
    URLS,
)
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.locale.countries import CODES
from docextract.schema import Kind


def find_candidates(layout: Layout) -> dict[int, list[Candidate]]:
    """Return all candidates by the id of their segment, left to right."""
    in_mills = has_mills(layout)
    found = {id(segment): _segment_candidates(segment, in_mills) for segment in layout.segments}
    complete_ibans(layout, found)
    return found


def _segment_candidates(segment: Segment, in_mills: bool) -> list[Candidate]:
    text = segment.text
    found: list[Candidate] = []
    if "@" in text:
        found += _matches(Kind.EMAIL, EMAILS, segment)
    if "www" in text.lower() or "http" in text:
        found += _matches(Kind.URL, URLS, segment)
    if any(t.text.isupper() and len(t.text) in (8, 11) for t in segment.tokens):
        # TOULOUSE has a code's shape too, but no country in its middle.
        found += [c for c in _matches(Kind.BIC, BICS, segment) if c.text[4:6] in CODES]
    if not NUMERIC.isdisjoint(text):
        found += _numeric_candidates(segment, in_mills)
    return sorted(found, key=lambda item: item.left)


def _numeric_candidates(segment: Segment, in_mills: bool) -> list[Candidate]:
    found = list(_date_candidates(segment))
    dated = {id(token) for item in found for token in item.tokens}
    for kind, pattern in ((Kind.IBAN, IBANS), (Kind.TAX_ID, TAX_IDS), (Kind.TIME, TIMES)):
        found += _matches(kind, pattern, segment)
    taken = dated | {
        id(t) for item in found if item.kind in (Kind.IBAN, Kind.TAX_ID) for t in item.tokens
    }
    if sum(c.isdigit() for c in segment.text) >= 6:
        phones = _matches(Kind.PHONE, PHONES, segment)
        found += [
            p
            for p in phones
            if sum(c.isdigit() for c in p.text) >= 6 and not any(id(t) in taken for t in p.tokens)
        ]
    found += number_candidates(segment, taken, in_mills)
    return found


def complete_ibans(layout: Layout, found: dict[int, list[Candidate]]) -> None:
    """Add the rest of an account number that is wrapped onto the line below."""
    for segment in layout.segments:
        for candidate in found[id(segment)]:
            length = sum(c.isalnum() for c in candidate.text)
            missing = IBAN_LENGTHS.get(candidate.text[:2], 0) - length
            if candidate.kind is not Kind.IBAN or not 0 < missing <= 12:
                continue
            for line in layout.lines[segment.line + 1 : segment.line + 3]:
                for below in line.segments:
                    is_aligned = abs(below.left - candidate.left) < 1.5 * segment.height
                    is_rest = sum(c.isalnum() for c in below.text) == missing
                    if line.page == segment.page and is_aligned and is_rest:
                        candidate.tokens = [*candidate.tokens, *below.tokens]
                        candidate.text = join(candidate.tokens)
                        missing = 0


def _matches(kind: Kind, pattern: re.Pattern[str], segment: Segment) -> list[Candidate]:
    found = []
    for match in pattern.finditer(segment.text):
        tokens = segment.tokens_between(*match.span())
        if tokens:
            found.append(Candidate(kind, tokens, match[0].strip(), segment))
    return found


def _date_candidates(segment: Segment) -> Iterator[Candidate]:
    found = False
    for start, end, printed in find_dates(segment.text):
        tokens = segment.tokens_between(start, end)
        if tokens:
            found = True
            yield Candidate(Kind.DATE, tokens, printed.strip(), segment, _date_value(printed))
    for token in () if found else segment.tokens:
        if MISREAD_DATE.fullmatch(token.text) and (value := _date_value(token.text)):
            yield Candidate(Kind.DATE, [token], token.text, segment, value)


@lru_cache(maxsize=4096)
def _date_value(printed: str) -> int:
    """Return yyyymmdd, day first where the print leaves it open, or 0 where none."""
    value = parse_date(printed).value
    return int(value.replace("-", "")) if value else 0
