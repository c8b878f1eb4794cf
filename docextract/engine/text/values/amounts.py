"""Finds numbers in a segment, with the sign, currency and booking printed around them.

Knows nothing of how other kinds of values are found, nor of what an amount is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from docextract.engine.text.layout import Layout, Segment, Token, fold_words, join
from docextract.engine.text.values.patterns import (
    CURRENCY_WORDS,
    MISREAD_NUMBER,
    NUMBER,
    NUMERIC,
    PLAIN,
)
from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.numbers.currencies import (
    CODES,
    CODES_IN_PRINT,
    EVERYDAY_CODES,
    THREE_DECIMALS,
    ZERO_DECIMALS,
    code_of,
)
from docextract.normalise.numbers.numbers import parse_number
from docextract.schema import Kind

MAX_WHOLE_DIGITS = 13
"""More digits before the decimal mark are an identifier."""

_IN_MILLS = LocaleEvidence(currency="KWD")
_WHOLE = re.compile(r"\d+|\d{1,3}(?:[.,]\d{3})+")
_MORE_DIGITS = re.compile(r"\d{3}(?:([.,]\d{1,4})[€$£)–-]?|[€$£]?)")
"""What may follow ``1`` in ``1 234,56``: behind decimals also the mark of a negative amount."""

_BOOKED = re.compile(r"(?:CR|Cr|DR|Dr)\.?|[HS]")
"""What books an amount: credit or debit, in German accounts Haben or Soll."""

_MINUSES = "-–−"
_COMPARISONS = frozenset({"<", ">", "<=", ">=", "≤", "≥"})
_THRESHOLDS = fold_words("numbers", "thresholds")
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
    bare = text.strip("().,:;*")
    return bare.upper() in CURRENCY_WORDS or bare in CODES_IN_PRINT


def is_code(text: str) -> bool:
    """Return whether a word is a currency's code; in small letters one in everyday use."""
    return text in CODES or text.upper() in EVERYDAY_CODES


@lru_cache(maxsize=16384)
def read_number(text: str, in_mills: bool = False) -> tuple[int, int] | None:
    """Return hundredths and printed decimals of a bare number, or None.

    A lone separator before exactly three digits separates thousands, as in most amounts, but
    decimals where the document's currency has three (``in_mills``).
    """
    if len(text) > 2 * MAX_WHOLE_DIGITS:
        return None
    evidence = _IN_MILLS if in_mills else NO_EVIDENCE
    value = text if PLAIN.fullmatch(text) else parse_number(text, evidence).value
    if value is None:
        return None
    whole, _, decimals = value.partition(".")
    if len(whole) > MAX_WHOLE_DIGITS:
        return None
    return round(Decimal(value) * 100), len(decimals)


def has_mills(layout: Layout) -> bool:
    """Return whether a currency of three decimals is printed, and none of two."""
    words = (t.text.strip("().,:;*") for s in layout.segments for t in s.tokens)
    codes = {code_of(word) for word in words if is_currency(word)}
    return bool(codes) and codes <= THREE_DECIMALS


def number_candidates(segment: Segment, taken: set[int], in_mills: bool) -> Iterator[Candidate]:
    """Yield the numbers of a segment but for tokens that are ``taken``; see ``has_mills``."""
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
        candidate = _number(segment, (position, end), match, in_mills)
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
    is_whole = bool(_WHOLE.fullmatch(first["num"])) and not first["tail"]
    if is_whole and end < len(tokens) and re.fullmatch(r"[.,]\d\d", tokens[end].text):
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


def _number(
    segment: Segment, span: tuple[int, int], match: re.Match[str], in_mills: bool
) -> Candidate | None:
    start, end = span
    tokens = segment.tokens[start:end]
    bare = match["num"] + "".join(re.sub(r"[^\d.,]", "", t.text) for t in tokens[1:])
    parsed = read_number(bare, in_mills)
    if parsed is None:
        return None
    before = segment.tokens[start - 1] if start else None
    after = segment.tokens[end] if end < len(segment.tokens) else None
    if before is not None and (before.text in _COMPARISONS or before.fold in _THRESHOLDS):
        return None
    kind = Kind.MONEY
    if match["post"] in ("%", "‰") or (after is not None and after.text[:1] == "%"):
        kind = Kind.PERCENT
    is_negative = bool(match["sign"] in ("-", "–", "−") or match["sign2"])
    closing = match["tail"][:1] if len(tokens) == 1 else tokens[-1].text[-1:]
    is_negative = is_negative or (match[0].startswith("(") and closing == ")")
    is_negative = is_negative or (match["open"] in ("-", "–"))
    is_negative = is_negative or (len(tokens) > 1 and closing in ("-", "–"))
    if before is not None and ((_is_minus(before.text) and start == 1) or _is_signed(before.text)):
        tokens, is_negative = [before, *tokens], True
    if after is not None and _BOOKED.fullmatch(after.text):
        tokens = [*tokens, after]
        is_negative = is_negative or after.text[0] in "CH"
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


def _is_priced(candidate: Candidate, printed: str) -> bool:
    """Return whether a number beside a code has the form of an amount in that currency.

    A rare code may as well be an abbreviation: ``TMT 12``.
    """
    code = code_of(printed.strip("().,:;*"))
    is_common = code is None or code in EVERYDAY_CODES
    return is_common or bool(candidate.num_decimals) or code in ZERO_DECIMALS


def _is_minus(text: str) -> bool:
    return len(text) == 1 and text in _MINUSES


def _is_signed(text: str) -> bool:
    """Return whether a word is a minus glued to a currency: ``-kr`` before ``5.316,00``."""
    return len(text) > 1 and _is_minus(text[0]) and is_currency(text[1:])


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
    is_numbered = bool(match["sign2"]) and match["num"].isdigit()
    for glued in (match["pre"], match["post"]):
        if is_numbered and glued not in EVERYDAY_CODES:
            continue  # KN-3091 is a document's number, no kuna.
        if glued and is_currency(glued):
            candidate.currency, candidate.currency_token = glued, candidate.tokens[-1]
            return
    for token in (after, before):
        printed = "" if token is None else token.text.lstrip(_MINUSES)
        if is_currency(printed) and _is_priced(candidate, printed):
            candidate.currency = printed.strip("().,:;*")
            candidate.currency_token = token
            return
