"""Finds what looks like a date, an amount, an account number ... in a segment.

Knows nothing of labels or schemas: only of how values are printed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from docextract.engine.text.layout import Layout, Segment, Token, join, num_digits
from docextract.engine.text.values.amounts import (
    Candidate,
    NumberStyle,
    number_candidates,
    number_style,
)
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.locale.countries import CODES
from docextract.normalise.text.identifiers import is_valid_iban
from docextract.normalise.text.printed_shapes import (
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
from docextract.schema import Kind

_MIN_PHONE = 6
_BEGUN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){0,2}$")
_MONTH = r"[^\W\d_]{3,10}\.?"
_BEGUN_DAY = re.compile(rf"(?<![\w.,/-])(?:\d{{1,2}}\.?(?: {_MONTH})?|{_MONTH} \d{{1,2}},?)$")
_YEAR = re.compile(rf"(?:{_MONTH},? )?\d{{4}}\b")
_MAX_WRAPPED, _ALIGNED = 12, 1.5


def find_candidates(layout: Layout) -> dict[int, list[Candidate]]:
    """Return all candidates by the id of their segment, left to right."""
    style = number_style(layout)
    found = {id(segment): _segment_candidates(segment, style) for segment in layout.segments}
    for candidate in (c for own in found.values() for c in own if c.kind is Kind.IBAN):
        _cut(candidate)
        _complete(candidate, layout)
    for candidate in itertools.chain(_broken_ibans(layout), _broken_dates(layout)):
        found[id(candidate.segment)].append(candidate)
    return found


def _segment_candidates(segment: Segment, style: NumberStyle) -> list[Candidate]:
    text = segment.text
    found: list[Candidate] = []
    if "@" in text:
        found += _matches(Kind.EMAIL, EMAILS, segment)
    if "www" in text.lower() or "http" in text:
        found += _matches(Kind.URL, URLS, segment)
    if any(len(t.text) in (8, 11) and t.text.isupper() for t in segment.tokens):
        # TOULOUSE has a code's shape too, but no country in its middle.
        found += [c for c in _matches(Kind.BIC, BICS, segment) if c.text[4:6] in CODES]
    if not NUMERIC.isdisjoint(text):
        found += _numeric_candidates(segment, style)
    return sorted(found, key=lambda item: item.left) if len(found) > 1 else found


def _numeric_candidates(segment: Segment, style: NumberStyle) -> list[Candidate]:
    found = list(_date_candidates(segment))
    if segment.text != segment.text.lower():
        found += _matches(Kind.IBAN, IBANS, segment)
        found += _matches(Kind.TAX_ID, TAX_IDS, segment)
    taken = {id(token) for item in found for token in item.tokens}
    found += _matches(Kind.TIME, TIMES, segment)
    if num_digits(segment.text) >= _MIN_PHONE:
        found += [
            phone
            for phone in _matches(Kind.PHONE, PHONES, segment)
            if num_digits(phone.text) >= _MIN_PHONE and taken.isdisjoint(map(id, phone.tokens))
        ]
    found += number_candidates(segment, taken, style)
    return found


def _cut(iban: Candidate) -> None:
    """Leave what stands behind an account number of its country's length: ``... BIC BARCGB22``."""
    length, run = IBAN_LENGTHS.get(iban.text[:2], 0), list[Token]()
    for token in iban.tokens if length else ():
        run.append(token)
        if _num_alnum(join(run)) == length:
            iban.tokens, iban.text = run, join(run)
            return


def _complete(iban: Candidate, layout: Layout) -> None:
    """Add the rest of an account number that is wrapped onto one of the two lines below."""
    segment = iban.segment
    missing = IBAN_LENGTHS.get(iban.text[:2], 0) - _num_alnum(iban.text)
    if not 0 < missing <= _MAX_WRAPPED:
        return
    for line in layout.lines[segment.line + 1 : segment.line + 3]:
        for below in line.segments if line.page == segment.page else ():
            slack = _ALIGNED * segment.height
            is_column = abs(below.left - iban.left) < slack
            is_text = (
                iban.tokens[-1] is segment.tokens[-1] and abs(below.left - segment.left) < slack
            )
            rest = _first_of(below, missing) if is_column or is_text else []
            is_number = all(token.has_digit for token in rest)
            if rest and is_number and (is_text or len(rest) == len(below.tokens)):
                iban.tokens = [*iban.tokens, *rest]
                iban.text = join(iban.tokens)
                return


def _broken_ibans(layout: Layout) -> Iterator[Candidate]:
    """Yield account numbers of which only the beginning ends a line: ``IBAN IE84``."""
    for segment in layout.segments:
        match = _BEGUN.search(segment.text)
        after = layout.lines[segment.line + 1 : segment.line + 2] if match else []
        for below in (line.segments[0] for line in after if line.page == segment.page):
            tokens = segment.tokens_between(*match.span()) if match else []
            rest = _first_of(
                below, IBAN_LENGTHS.get(tokens[0].text[:2], 0) - _num_alnum(join(tokens))
            )
            number = join([*tokens, *rest]).rstrip(".,;)")
            if rest and is_valid_iban("".join(number.split())):
                yield Candidate(Kind.IBAN, [*tokens, *rest], number, segment)


def _broken_dates(layout: Layout) -> Iterator[Candidate]:
    """Yield days that go on at the begin of the line below: ``due 13 April`` above ``2025``."""
    for segment in layout.segments:
        begun = _BEGUN_DAY.search(segment.text)
        after = layout.lines[segment.line + 1 : segment.line + 2] if begun else []
        for below in (line.segments[0] for line in after if line.page == segment.page):
            year = _YEAR.match(below.text)
            is_under = abs(below.left - segment.left) < _ALIGNED * segment.height
            if begun is None or year is None or not is_under:
                continue
            printed = f"{begun[0]} {year[0]}"
            if [*find_dates(printed)] and (value := _date_value(printed)):
                tokens = segment.tokens_between(*begun.span()) + below.tokens_between(*year.span())
                yield Candidate(Kind.DATE, tokens, printed, segment, value)


def _first_of(segment: Segment, num: int) -> list[Token]:
    """Return the tokens that begin a segment and have so many letters and digits, if any do."""
    sums = itertools.accumulate(_num_alnum(token.text) for token in segment.tokens)
    end = next((at for at, length in enumerate(sums, 1) if length == num), 0)
    return segment.tokens[:end]


def _num_alnum(text: str) -> int:
    return sum(map(str.isalnum, text))


def _matches(kind: Kind, pattern: re.Pattern[str], segment: Segment) -> list[Candidate]:
    found = (
        Candidate(kind, segment.tokens_between(*match.span()), match[0].strip(), segment)
        for match in pattern.finditer(segment.text)
    )
    return [candidate for candidate in found if candidate.tokens]


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
    return int((parse_date(printed).value or "0").replace("-", ""))
