"""Finds what looks like a date, an amount, an account number ... in a segment.

Knows nothing of labels or schemas: only of how values are printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from docextract.engine.text.layout import Layout, Segment, Token, join
from docextract.engine.text.values.patterns import (
    BICS,
    CURRENCY_WORDS,
    EMAILS,
    IBAN_LENGTHS,
    IBANS,
    MISREAD_DATE,
    MISREAD_NUMBER,
    NUMBER,
    NUMERIC,
    PHONES,
    PLAIN,
    TAX_IDS,
    TIMES,
    URLS,
)
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.locale.countries import CODES
from docextract.normalise.numbers.numbers import parse_number
from docextract.schema import Kind

MAX_WHOLE_DIGITS = 13
"""More digits before the decimal mark are an identifier."""

_MORE_DIGITS = re.compile(r"\d{3}(?:([.,]\d{1,4})[€$£)–-]?|[€$£]?)")
"""What may follow ``1`` in ``1 234,56``: behind decimals also the mark of a negative amount."""

_COMPARISONS = frozenset({"<", ">", "<=", ">=", "≤", "≥"})
"""What follows is a threshold (``free delivery > 300 €``), not an amount of the document."""


@dataclass(eq=False, slots=True)
class Candidate:
    """A run of tokens that looks like a value of some kind.

    Attributes:
        kind: what it looks like; MONEY for any number.
        tokens: the tokens it is printed in.
        text: as printed; shorter than the tokens where OCR glued them to others.
        segment: where it stands.
        value: hundredths for numbers, yyyymmdd (a guess) for dates, else 0.
        num_decimals: printed decimals of a number.
        currency: sign or code printed at a number.
    """

    kind: Kind
    tokens: list[Token]
    text: str
    segment: Segment
    value: int = 0
    num_decimals: int = 0
    currency: str = ""
    currency_token: Token | None = field(default=None, repr=False)

    @property
    def left(self) -> float:
        """Left edge in the page's unit."""
        return self.tokens[0].left

    @property
    def right(self) -> float:
        """Right edge in the page's unit."""
        return self.tokens[-1].right

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever found it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)


def is_currency(text: str) -> bool:
    """Return whether a word is a currency sign or code, brackets aside."""
    return text.strip("().,:;*").upper() in CURRENCY_WORDS


@lru_cache(maxsize=16384)
def read_number(text: str) -> tuple[int, int] | None:
    """Return hundredths and printed decimals of a bare number, or None.

    A lone separator before exactly three digits separates thousands, as in most amounts.
    """
    if len(text) > 2 * MAX_WHOLE_DIGITS:
        return None
    value = text if PLAIN.fullmatch(text) else parse_number(text).value
    if value is None:
        return None
    whole, _, decimals = value.partition(".")
    if len(whole) > MAX_WHOLE_DIGITS:
        return None
    return round(Decimal(value) * 100), len(decimals)


def find_candidates(layout: Layout) -> dict[int, list[Candidate]]:
    """Return all candidates by the id of their segment, left to right."""
    found = {id(segment): _segment_candidates(segment) for segment in layout.segments}
    complete_ibans(layout, found)
    return found


def _segment_candidates(segment: Segment) -> list[Candidate]:
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
        found += _numeric_candidates(segment)
    return sorted(found, key=lambda item: item.left)


def _numeric_candidates(segment: Segment) -> list[Candidate]:
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
    found += _number_candidates(segment, taken)
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


def _number_candidates(segment: Segment, taken: set[int]) -> Iterator[Candidate]:
    tokens = segment.tokens
    position = 0
    while position < len(tokens):
        token = tokens[position]
        match = None
        if id(token) not in taken and not NUMERIC.isdisjoint(token.text):
            match = NUMBER.fullmatch(token.text)
        if match is None:
            if MISREAD_NUMBER.fullmatch(token.text):
                yield from _misread_number(segment, token)
            position += 1
            continue
        end = _thousands_end(tokens, position, match)
        candidate = _number(segment, position, end, match)
        if candidate is not None:
            yield candidate
        position = end


def _misread_number(segment: Segment, token: Token) -> Iterator[Candidate]:
    reading = parse_number(token.text)
    if reading.is_repaired and reading.value is not None and not reading.is_ambiguous:
        value = round(Decimal(reading.value) * 100)
        yield Candidate(Kind.MONEY, [token], token.text, segment, value, 2)


def _thousands_end(tokens: list[Token], start: int, first: re.Match[str]) -> int:
    """Return the index after a number printed with spaces, such as ``1 234,56``."""
    end = start + 1
    if end < len(tokens) and first["num"].isdigit() and re.fullmatch(r"[.,]\d\d", tokens[end].text):
        return end + 1
    if not (first["num"].isdigit() and len(first["num"]) <= 3) or first["post"] or first["tail"]:
        return end
    while end < len(tokens):
        token, before = tokens[end], tokens[end - 1]
        match = _MORE_DIGITS.fullmatch(token.text)
        if match is None and end > start + 1 and is_currency(token.text):
            return end
        if match is None or token.left - before.right > 0.6 * token.height:
            return start + 1 if end > start + 1 and not match else end
        end += 1
        if match[1]:
            return end
    last = tokens[end - 1].text
    return end if end == start + 1 or re.search(r"[.,]\d", last) else start + 1


def _number(segment: Segment, start: int, end: int, match: re.Match[str]) -> Candidate | None:
    tokens = segment.tokens[start:end]
    bare = match["num"] + "".join(re.sub(r"[^\d.,]", "", t.text) for t in tokens[1:])
    parsed = read_number(bare)
    if parsed is None:
        return None
    before = segment.tokens[start - 1] if start else None
    after = segment.tokens[end] if end < len(segment.tokens) else None
    if before is not None and before.text in _COMPARISONS:
        return None
    kind = Kind.MONEY
    if match["post"] in ("%", "‰") or (after is not None and after.text[:1] == "%"):
        kind = Kind.PERCENT
    is_negative = bool(match["sign"] in ("-", "–", "−") or match["sign2"])
    closing = match["tail"][:1] if len(tokens) == 1 else tokens[-1].text[-1:]
    is_negative = is_negative or (match[0].startswith("(") and closing == ")")
    is_negative = is_negative or (match["open"] in ("-", "–"))
    is_negative = is_negative or (len(tokens) > 1 and closing in ("-", "–"))
    if before is not None and before.text in ("-", "–", "−") and start == 1:
        tokens, is_negative = [before, *tokens], True
    candidate = Candidate(
        kind,
        tokens,
        _printed(join(tokens), match),
        segment,
        -parsed[0] if is_negative else parsed[0],
        parsed[1],
    )
    _add_currency(candidate, match, before, after)
    return candidate


def _printed(text: str, match: re.Match[str]) -> str:
    """Return a number as printed, without marks, half a bracket or a tax code glued to it."""
    text = text.rstrip(";:*").lstrip("*")
    pre, post = match["pre"], match["post"]
    is_code = bool(post) and post not in ("%", "‰", "CR", "DR") and not is_currency(post)
    if is_code and text.endswith(post):
        text = text.removesuffix(post)
    if pre and text.startswith(pre) and not is_currency(pre):
        text = text.removeprefix(pre)
    return text if text.count("(") == text.count(")") else text.strip("()")


def _add_currency(
    candidate: Candidate, match: re.Match[str], before: Token | None, after: Token | None
) -> None:
    if match["pre"] and (match["post"] or "").isalpha() and match["num"].isdigit():
        return  # KR4T is an article's number.
    for glued in (match["pre"], match["post"]):
        if glued and is_currency(glued):
            candidate.currency, candidate.currency_token = glued, candidate.tokens[-1]
            return
    for token in (after, before):
        if token is not None and is_currency(token.text):
            candidate.currency = token.text.strip("().,:;*")
            candidate.currency_token = token
            return
