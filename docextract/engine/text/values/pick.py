"""Picks the value of one kind out of a stretch of a segment.

Knows nothing of labels; the caller says where the stretch begins and ends.
"""

from __future__ import annotations

import itertools
import re
from typing import NamedTuple

from docextract.engine.text.layout import (
    NUMBER_WORDS,
    Segment,
    Token,
    fold,
    fold_words,
    join,
    num_digits,
    pattern,
)
from docextract.engine.text.scorer import Factors, given, score_of
from docextract.engine.text.values.amounts import Candidate, is_currency
from docextract.schema import Field, Kind


class Pick(NamedTuple):
    """Tokens of a value, its text, what says how well it fits, and what it was found as."""

    tokens: list[Token]
    text: str
    factors: Factors
    candidate: Candidate | None = None

    @property
    def weight(self) -> float:
        """How well it fits, 0 to 1."""
        return score_of(self.factors)


_TYPED = {kind: (kind,) for kind in (
    Kind.DATE, Kind.TIME, Kind.MONEY, Kind.IBAN, Kind.BIC, Kind.EMAIL, Kind.URL, Kind.PHONE,
    Kind.TAX_ID,
)} | {
    Kind.DATETIME: (Kind.DATE,), Kind.DECIMAL: (Kind.MONEY, Kind.PERCENT),
    Kind.QUANTITY: (Kind.MONEY,), Kind.PERCENT: (Kind.PERCENT, Kind.MONEY),
}  # fmt: skip
"""What values of a kind are found as."""
_MIN_DIGITS = {Kind.TAX_ID: 6, Kind.PHONE: 6, Kind.IBAN: 8}
"""Codes of a shape that nobody knows are taken as these from so many digits on."""
_CODE = re.compile(r"[^\W_](?:[\w./·\\-]|(?<=\d)['’](?=\d))*")
_POSTCODE = re.compile(r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d)$")
"""A British postcode (BS 7666) or a Canadian one: ``HULL HU2 8NX``, ``Hudson QC J0P 1H0``."""
_STANDARD = re.compile(r"^(?:EN|UBL) ?\d[\d.]*$")
"""What an invoice may say that it follows: EN 16931, UBL 2.1."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_PAGE = re.compile(pattern("pages", "name"), re.IGNORECASE)
_MIN_PAGE = 4
"""Shorter words for pages, such as ``S``, begin codes as well."""
_OF_DAYS = fold_words("titles", "of_days")
_MAX_COUNT = 3
_NO_CODES = (Kind.DATE, Kind.EMAIL, Kind.IBAN)
_WHOLE = 4
"""Capitals behind so many digits begin another code: ``ZK/0552/26 WZ 2210``, ``C.F.``."""
_EDGE = ":;,.#()[]*-–=|'\"!"
_BASE_WORDS = fold_words("taxes", "of_base")
_MAX_BETWEEN = 3
"""A clock begins at most so many tokens behind a date: ``14.03.2024 um 9:30``."""
_MAX_CODE_TOKENS, _MAX_CAPITALS = 6, 5
_MAX_TEXT_TOKENS = 40
_MAX_DIGITS = 11
_MAX_WORDS_BEFORE = 15


def pick(
    field: Field, segment: Segment, start: int, end: int | None, candidates: list[Candidate]
) -> list[Pick]:
    """Return what could be the field's value in tokens ``start`` to ``end``, best first."""
    tokens = segment.tokens[start:end]
    if not tokens:
        return []
    if field.kind in _TYPED:
        found = _typed(field, tokens, candidates)
        if not found and field.kind in _MIN_DIGITS:
            least = _MIN_DIGITS[field.kind]
            return [p for p in _code(tokens, candidates) if num_digits(p.text) >= least]
        if field.kind is Kind.DATETIME:
            return [_with_clock(one, segment, candidates) for one in found]
        return found
    if field.kind is Kind.IDENTIFIER:
        return _code(tokens, candidates)
    if field.kind is Kind.CURRENCY:
        return [Pick([t], t.text, ()) for t in tokens if is_currency(t.text)][:1]
    return _choice(field, tokens) if field.kind is Kind.ENUM else _text(tokens)


def _typed(field: Field, tokens: list[Token], candidates: list[Candidate]) -> list[Pick]:
    place = {id(token): position for position, token in enumerate(tokens)}
    kinds = _TYPED[field.kind]
    found = [c for c in candidates if c.kind in kinds and id(c.tokens[0]) in place]
    dates = {c.key for c in candidates if c.kind in (Kind.DATE, Kind.TIME)}
    picks = []
    for order, candidate in enumerate(found):
        before = tokens[: place[id(candidate.tokens[0])]]
        if kinds[0] is not Kind.MONEY:
            num_words = min(_MAX_WORDS_BEFORE, sum(bool(token.fold) for token in before))
            why: Factors = ("reading.words_before", num_words), ("reading.second", order > 0)
        elif candidate.key in dates:
            continue
        else:
            base = ("reading.base", _is_base(before))
            is_second = ("reading.second", candidate is not found[-1])
            why = *_number_factors(field, candidate), base, is_second
        picks.append(Pick(candidate.tokens, candidate.text, why, candidate))
    return sorted(picks, key=lambda p: -p.weight)


def _with_clock(date: Pick, segment: Segment, candidates: list[Candidate]) -> Pick:
    run = with_clock(date.tokens, segment, candidates)
    return date if run is date.tokens else date._replace(tokens=run, text=join(run).rstrip(" ,;"))


def with_clock(date: list[Token], segment: Segment, candidates: list[Candidate]) -> list[Token]:
    """Return the tokens of a date and of the time of day beside it; the date's where none is."""
    place = {id(token): index for index, token in enumerate(segment.tokens)}
    first, last = place[id(date[0])], place[id(date[-1])]
    clocks = [c for c in candidates if c.kind is Kind.TIME and id(c.tokens[0]) in place]
    for clock in clocks:
        begin, end = place[id(clock.tokens[0])], place[id(clock.tokens[-1])]
        if begin <= last + _MAX_BETWEEN and first <= end + _MAX_BETWEEN:
            return segment.tokens[min(first, begin) : max(last, end) + 1]
    return date


def _is_base(before: list[Token]) -> bool:
    """Return whether the words before an amount make it a base: ``Tax 15 % on $ 112.90``."""
    words = [t.fold for t in before if t.fold and not is_currency(t.text)]
    return bool(words) and words[-1] in _BASE_WORDS


def _number_factors(field: Field, candidate: Candidate) -> Factors:
    is_odd = field.kind is Kind.MONEY and candidate.num_decimals != 2
    name = "odd_decimals_with_currency" if candidate.currency else "odd_decimals"
    is_long = field.kind is Kind.MONEY and num_digits(candidate.text) > _MAX_DIGITS
    return (f"reading.{name}", is_odd), ("reading.too_long", is_long)


def _code(tokens: list[Token], candidates: list[Candidate]) -> list[Pick]:
    """Return the run of code-like tokens at the stretch's beginning, if it has a digit."""
    # Eight digits may be a day, and a number that begins with one all the same.
    others = (c for c in candidates if c.kind in _NO_CODES and not _is_glued(c))
    barred = {id(token) for candidate in others for token in candidate.tokens}
    marks = itertools.takewhile(lambda token: not token.fold.strip("#"), tokens[:3])
    first = sum(1 for _ in marks)
    number = next((i for i, t in enumerate(tokens[:6]) if t.fold in NUMBER_WORDS), None)
    num_words = 0
    if number is not None and not any(num_digits(t.text) > 3 for t in tokens[:number]):
        first, num_words = number + 1, sum(t.fold.isalpha() for t in tokens[:number])
    for skipped, token in enumerate(tokens[first : first + 3]):
        run = _code_run(tokens[first + skipped :], barred)
        text = join(run).strip(_EDGE)
        before, rest = tokens[: first + skipped], tokens[first + skipped + len(run) :]
        if _is_count(before[first:], run, rest) or _is_no_code(tokens, text):
            return []
        if text and (num_digits(text) or ("_" in text and text.isupper())):
            why = (
                ("reading.words_before", num_words),
                ("reading.skipped", skipped),
                ("reading.one_digit", num_digits(text) == 1 and len(text) == 1),
                ("reading.like_an_amount", re.fullmatch(r"\d+[.,]\d\d", text) is not None),
            )
            return [Pick(run, text, why)]
        if id(token) in barred or token.text.endswith(":"):
            break
    return []


def _is_glued(candidate: Candidate) -> bool:
    """Return whether what reads like a day is, or ends, a number: ``HK-2025-06-17``."""
    return candidate.text.isdigit() or candidate.tokens[0].text.endswith(f"-{candidate.text}")


def _is_count(before: list[Token], run: list[Token], rest: list[Token]) -> bool:
    """Return whether a small number counts a word beside it: ``Invoice 30 days``, ``week 38``."""
    text = run[0].text.rstrip(".") if len(run) == 1 else ""
    is_small = text.isdigit() and len(text) < _MAX_COUNT
    is_word = bool(rest) and rest[0].fold.isalpha() and rest[0].text.islower()
    is_told = is_word and rest[0].fold not in _OF_DAYS
    return is_small and (is_told or any(token.text.islower() for token in before[-1:]))


def _is_no_code(tokens: list[Token], text: str) -> bool:
    """Return whether what stands where a code does is a postcode, a standard or tells a page.

    Neither is what an opening bracket sets apart: ``Invoice (380)``, ``Invoice (UBL 2.1)``.
    """
    word = tokens[0].text
    if word[0] == "(" and len(word) > 1:
        return True
    is_page = len(word) >= _MIN_PAGE and _PAGE.fullmatch(word) is not None
    return is_page or any(form.search(text) for form in (_POSTCODE, _STANDARD))


def whole_code(tokens: list[Token]) -> list[Pick]:
    """Return a short cell as one code, words included: ``Proposal 25-118``, ``MTCA``.

    Words that label another number are none of it: ``Customer no. 4711``, ``Sales rep 10442``.
    """
    text = join(tokens).strip(_EDGE)
    if len(tokens) == 1 and text.isupper() and text.isalpha() and len(text) >= 3:
        return [Pick(tokens, text, given("reading.word_as_code"))]
    is_code = 1 < len(tokens) <= 3 and tokens[-1].has_digit and ":" not in text
    is_named = is_code and tokens[0].text.isalpha() and tokens[0].text[0].isupper()
    is_labelled = any(token.fold in NUMBER_WORDS for token in tokens[:-1])
    if is_labelled or any(t.text.islower() for t in tokens[1:-1]) or _is_no_code(tokens, text):
        return []
    if is_named and _CODE.fullmatch(tokens[-1].text):
        return [Pick(tokens, text, given("reading.code_with_words"))]
    return []


def _code_run(tokens: list[Token], barred: set[int]) -> list[Token]:
    run: list[Token] = []
    for at, token in enumerate(tokens[:_MAX_CODE_TOKENS]):
        bare = token.text.strip(_EDGE)
        is_year = token.text == "–" and len(run) == 1 and _YEAR.fullmatch(run[0].text)
        is_joiner = bool(run) and (token.text in ("-", "/") or is_year)
        is_code = not bare or _CODE.fullmatch(bare) is not None
        if id(token) in barred or token.text[-1] == ":" or not (is_joiner or is_code):
            break
        is_short = bare.isupper() and len(bare) <= _MAX_CAPITALS
        if is_short and fold(bare).isalpha() and num_digits(join(run)) >= _WHOLE:
            break
        if not (is_joiner or is_short or "_" in bare or num_digits(bare)):
            break
        if run and (run[-1].text[-1] in ",;)" or _is_count([], [token], tokens[at + 1 :])):
            break
        run.append(token)
    while run and not ("_" in run[-1].text or num_digits(run[-1].text)):
        run.pop()
    return run


def _choice(field: Field, tokens: list[Token]) -> list[Pick]:
    text = fold(join(tokens[:6]))
    found = (c for c in field.choices if fold(c) and text.startswith(fold(c)))
    return [Pick(tokens[:1], choice, given("reading.choice")) for choice in found][:1]


def _text(tokens: list[Token]) -> list[Pick]:
    kept = list(tokens[:_MAX_TEXT_TOKENS])
    while kept and not kept[0].fold:
        del kept[0]
    while kept and not kept[-1].fold and kept[-1].text in ":;-–|":
        del kept[-1]
    return [Pick(kept, join(kept).strip(" :;|"), given("reading.text"))] if kept else []
