"""Finds numbers in a segment, with the sign, currency and booking printed around them.

Knows nothing of how other kinds of values are found, nor of what an amount is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from docextract.engine.text.layout import Layout, Segment, Token, fold_words, join
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
from docextract.normalise.text.printed_shapes import (
    CURRENCY_WORDS,
    MISREAD_NUMBER,
    NUMBER,
    NUMERIC,
    PLAIN,
)
from docextract.schema import Kind

MAX_WHOLE_DIGITS = 13
"""More digits before the decimal mark are an identifier."""

_IN_MILLS = LocaleEvidence(currency="KWD")
_WHOLE = re.compile(r"\d+|\d{1,3}(?:[.,]\d{3})+")
_GROUP = re.compile(r"\d{1,3}")
_MORE_DIGITS = re.compile(r"\d{3}(?:([.,]\d{1,4})[€$£)–-]?[.,;:)]*|[€$£]?)")
"""What may follow ``1`` in ``1 234,56``: behind decimals also the mark of a negative amount, or
of a sentence.
"""

_BOOKED = re.compile(r"(?:CR|Cr|DR|Dr)\.?|[HS]")
"""What books an amount: credit or debit, in German accounts Haben or Soll."""

_NO_DIGITS, _CENTS, _DECIMALS = map(re.compile, (r"[^\d.,]", r"[.,]\d\d", r"[.,]\d"))
_RAND = "R"
"""Glued to an amount a currency; to a whole number it makes a code: ``R905``."""
_WIDE, _MONO, _SAME_WIDTH = 0.6, 0.8, 0.01
_MIN_CELLS = 3
_AROUND = "().,:;*"
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
    def is_priced(self) -> bool:
        """Whether a number is printed with decimals, a currency or thousands apart."""
        return bool(self.num_decimals or self.currency) or len(self.tokens) > 1

    @property
    def start(self) -> int:
        """Index of its first token in its segment."""
        return next(i for i, t in enumerate(self.segment.tokens) if t is self.tokens[0])

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever found it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)


def is_currency(text: str) -> bool:
    """Return whether a word is a currency sign or code, brackets aside."""
    bare = text.strip(_AROUND)
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
    whole, _, decimals = (value or "").partition(".")
    if value is None or len(whole) > MAX_WHOLE_DIGITS:
        return None
    return round(Decimal(value) * 100), len(decimals)


class NumberStyle(NamedTuple):
    """How a document prints its numbers.

    Attributes:
        in_mills: a currency of three decimals is printed, and none of two.
        in_spaces: thousands of some amount stand apart, as in ``236 855 Ft``.
    """

    in_mills: bool = False
    in_spaces: bool = False


def number_style(layout: Layout) -> NumberStyle:
    """Return how a document prints its numbers."""
    words = {t.text.strip(_AROUND) for s in layout.segments for t in s.tokens}
    codes = {code_of(word) for word in words if is_currency(word)}
    in_mills = bool(codes) and codes <= THREE_DECIMALS
    spaced = [s.tokens for s in layout.segments if _has_spaced(s.tokens)]
    num_cells = sum(all(t.text.isdigit() for t in tokens) for tokens in spaced)
    return NumberStyle(in_mills, len(spaced) > num_cells or num_cells >= _MIN_CELLS)


def _has_spaced(tokens: Sequence[Token]) -> bool:
    """Return whether an amount has its thousands apart and decimals or a currency, or is a cell."""
    is_cell = all(t.text.isdigit() for t in tokens)
    return any(
        _GROUP.fullmatch(one.text)
        and _MORE_DIGITS.fullmatch(other.text)
        and (is_cell or not other.text.isdigit() or any(is_currency(t.text) for t in after))
        for one, other, after in _triples(tokens)
    )


def _triples(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token, Sequence[Token]]]:
    """Yield neighbours, and what stands behind them."""
    for at in range(1, len(tokens)):
        yield tokens[at - 1], tokens[at], tokens[at + 1 : at + 2]


def number_candidates(segment: Segment, taken: set[int], style: NumberStyle) -> Iterator[Candidate]:
    """Yield the numbers of a segment but for tokens that are ``taken``."""
    tokens, position = segment.tokens, 0
    while position < len(tokens):
        token, end = tokens[position], position + 1
        is_free = id(token) not in taken and not NUMERIC.isdisjoint(token.text)
        match = NUMBER.fullmatch(token.text) if is_free else None
        if match is not None:
            end = _thousands_end(tokens, position, match, style.in_spaces)
            found = _number(segment, position, end, match, style.in_mills)
        else:
            found = _misread_number(segment, token)
        if found is not None:
            yield found
        position = end


def _misread_number(segment: Segment, token: Token) -> Candidate | None:
    if token.text[-3:-2] not in (".", ",") or not MISREAD_NUMBER.fullmatch(token.text):
        return None
    reading = parse_number(token.text)
    if not reading.is_repaired or reading.value is None or reading.is_ambiguous:
        return None
    value = round(Decimal(reading.value) * 100)
    return Candidate(Kind.MONEY, [token], token.text, segment, value, 2)


def _thousands_end(tokens: list[Token], start: int, first: re.Match[str], in_spaces: bool) -> int:
    """Return the index after a number printed with spaces, such as ``1 234,56``.

    Whole ones, such as ``18 000``, are told by a currency, or fill a cell of a document that
    prints others so.
    """
    end = start + 1
    number, is_open = first["num"], not first["tail"]
    following = tokens[end].text if end < len(tokens) else ""
    if is_open and _CENTS.fullmatch(following) and _WHOLE.fullmatch(number):
        return end + 1
    if not number.isdigit() or len(number) > 3 or first["post"] or not is_open:
        return end
    while end < len(tokens):
        token, before = tokens[end], tokens[end - 1]
        match = _MORE_DIGITS.fullmatch(token.text)
        # ``58 800 27%``, ``5 000 pcs`` alone in a cell
        is_of_cell = not start and end + 1 == len(tokens) and token.text[0].isalpha()
        is_apart = in_spaces and (is_of_cell or token.text[-1] == "%")
        if match is None and end > start + 1 and (is_apart or is_currency(token.text)):
            return end
        # ``9 950 Ft`` in letters of one width stands further apart, as does a cell.
        is_mono = _is_cell_of_mono(tokens[start:]) or any(
            is_currency(t.text) for t in tokens[end + 1 : end + 2]
        )
        wide = _MONO if is_mono else _WIDE
        if match is None or token.left - before.right > wide * token.height:
            return start + 1 if end > start + 1 and not match else end
        end += 1
        if match[1]:
            return end
    is_cell = in_spaces and start == 0
    return end if is_cell or _DECIMALS.search(tokens[end - 1].text) else start + 1


def _is_cell_of_mono(tokens: Sequence[Token]) -> bool:
    """Return whether all that follows in a segment is a number's groups in letters of one width."""
    is_number = all(map(_MORE_DIGITS.fullmatch, (token.text for token in tokens[1:])))
    widths = [(token.right - token.left) / len(token.text) for token in tokens if is_number]
    return is_number and max(widths) - min(widths) < _SAME_WIDTH * max(widths)


def _number(
    segment: Segment, start: int, end: int, match: re.Match[str], in_mills: bool
) -> Candidate | None:
    tokens = segment.tokens[start:end]
    digits = "".join(_NO_DIGITS.sub("", t.text) for t in tokens[1:]).rstrip(".,")
    parsed = read_number(match["num"] + digits, in_mills)
    before = segment.tokens[start - 1] if start else None
    after = segment.tokens[end] if end < len(segment.tokens) else None
    if parsed is None or (match["pre"] == _RAND and not parsed[1]):
        return None
    if before is not None and (before.text in _COMPARISONS or before.fold in _THRESHOLDS):
        return None
    is_percent = match["post"] in ("%", "‰") or (after is not None and after.text[:1] == "%")
    is_negative = _is_negative(match, tokens)
    if before is not None and ((_is_minus(before.text) and start == 1) or _is_signed(before.text)):
        tokens, is_negative = [before, *tokens], True
    if after is not None and _BOOKED.fullmatch(after.text):
        tokens = [*tokens, after]
        is_negative = is_negative or after.text[0] in "CH"
    value = -parsed[0] if is_negative else parsed[0]
    text = _printed(join(tokens), match)
    kind = Kind.PERCENT if is_percent else Kind.MONEY
    candidate = Candidate(kind, tokens, text, segment, value, parsed[1])
    _add_currency(candidate, match, (after, before))
    return candidate


def _is_negative(match: re.Match[str], tokens: list[Token]) -> bool:
    """Return whether a number is printed with a minus before or behind it, or in brackets."""
    is_split = len(tokens) > 1
    closing = tokens[-1].text[-1:] if is_split else match["tail"][:1]
    return (
        bool(match["sign2"] or match["sign"] in ("-", "–", "−") or match["open"] in ("-", "–"))
        or (match[0].startswith("(") and closing == ")")
        or (is_split and closing in ("-", "–"))
    )


def _is_priced(candidate: Candidate, printed: str) -> bool:
    """Return whether a number beside a code has the form of an amount in that currency.

    A rare code may as well be an abbreviation: ``TMT 12``.
    """
    code = code_of(printed)
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
    pre, post = match["pre"] or "", match["post"] or ""
    if post not in ("", "%", "‰", "CR", "DR") and not is_currency(post):
        text = text.removesuffix(post)
    if pre and not is_currency(pre):
        text = text.removeprefix(pre)
    return text if text.count("(") == text.count(")") else text.strip("()")


def _add_currency(
    candidate: Candidate, match: re.Match[str], beside: tuple[Token | None, Token | None]
) -> None:
    pre, post, is_whole = match["pre"], match["post"] or "", match["num"].isdigit()
    if pre and post.isalpha() and is_whole:
        return  # KR4T is an article's number.
    is_numbered = bool(match["sign2"]) and is_whole  # KN-3091 is a document's number, no kuna.
    for glued, at in ((pre, 0), (post, -1)):
        is_known = bool(glued) and (is_currency(glued) or glued == _RAND)
        if is_known and (glued in EVERYDAY_CODES or not is_numbered):
            candidate.currency, candidate.currency_token = glued, candidate.tokens[at]
            return
    for token in beside:
        printed = "" if token is None else token.text.lstrip(_MINUSES).strip(_AROUND)
        if printed and is_currency(printed) and _is_priced(candidate, printed):
            candidate.currency, candidate.currency_token = printed, token
            return
