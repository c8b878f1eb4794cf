"""Gathers what a document shows of its own habits: decimal mark, date order, currency.

Knows nothing of schemas or fields; only unambiguous prints count as evidence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from docextract.normalise.dates.calendar_names import weekday_number
from docextract.normalise.locale.countries import CODES as COUNTRIES
from docextract.normalise.locale.languages import count_languages
from docextract.normalise.locale.regions import find_clues
from docextract.normalise.numbers.currencies import (
    AMBIGUOUS,
    CODES,
    COUNTRY_OF_LANGUAGE,
    CROWN_CODES,
    DOLLAR_CODES,
    SIGNS,
)

T = TypeVar("T")

MAX_CHARS = 400_000
"""More text than this adds time and no evidence."""

_MAJORITY = 4
"""How many times rarer the losing habit must be to be taken for noise."""


@dataclass(frozen=True, slots=True)
class LocaleEvidence:
    """What is known of a document's habits; None where it shows none or both.

    Attributes:
        decimal_mark: ``.`` or ``,``.
        day_first: whether 03/04/2024 is the third of April.
        is_day_second: whether 2024-03-04 is the third of April; in ISO 8601 it is not.
        currency: ISO 4217 code.
        country: ISO 3166-1 alpha-2 code.
        language: ISO 639-1 code.
    """

    decimal_mark: str | None = None
    day_first: bool | None = None
    is_day_second: bool | None = None
    currency: str | None = None
    country: str | None = None
    language: str | None = None


NO_EVIDENCE = LocaleEvidence()

# Every quantifier is bounded or cannot overlap its neighbour: time is linear in the text.
_NUMBER = re.compile(
    r"(?<![\w.,/:'’-])"
    r"\d{1,12}(?:(?P<group>[.,'’\u00a0\u2009\u202f])\d{3}(?:(?P=group)\d{3}){0,4})?"
    r"(?:(?P<mark>[.,])(?P<fraction>\d{1,6}))?"
    r"(?![\w/:'’]|[.,-]\d)"
)
_DATE = re.compile(r"(?<![\d./])(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d|\d\d)(?![\d/]|\.\d)")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(?:19|20)\d\d([./-])(\d\d)\1(\d\d)(?![\d/-]|\.\d)")
_WEEKDAY_BEFORE = re.compile(r"([^\W\d_]{3,12})[.,:) ]{0,3}$")
_WEEKDAY_AFTER = re.compile(r"[(,. ]{0,3}([^\W\d_]{3,12})")
_CODE = re.compile(r"\b[A-Z]{3}\b")
_CODE_AT_AMOUNT = re.compile(
    r"\b([A-Z]{3}) ?-?\d[\d.,' ]{0,15}[.,]\d\d\d?\b|[.,]\d\d\d? ?([A-Z]{3})\b"
)
_SIGN = re.compile(r"[$€£¥₹₽₩₺₫฿₪₦₱₴]")
_SIGN_PREFIX = re.compile(r"(?<![A-Za-z])(?:US|CA|C|CAN|A|AU|NZ|S|SG|HK|NT|MX|R)$")
_WORD_SIGN = re.compile(
    r"\b(RM|KD|Rs\.?|Rp\.?|zł|Kč|kr\.?|Fr\.|SFr\.?)(?=\s?-?\d)"
    r"|\d\s?(zł|Kč|kr\.?|Ft|RM|KD|lei)(?![A-Za-z])"
)
_EVERYDAY_CODES = frozenset(
    {"EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "JPY", "CNY", "INR",
     "AUD", "CAD", "NZD", "SGD", "MYR", "HKD", "BRL", "MXN", "ZAR", "AED", "IDR", "THB"}
)  # fmt: skip
"""Codes that are no word or abbreviation of something else; others need an amount beside."""

_IBAN = re.compile(r"\b([A-Z]{2})\d{2}(?: ?[A-Z0-9]{4}){2,7}")


@dataclass
class _Votes:
    marks: Counter[str] = field(default_factory=Counter)
    day_first: Counter[bool] = field(default_factory=Counter)
    is_day_second: Counter[bool] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    signs: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)


def gather_evidence(texts: Iterable[str]) -> LocaleEvidence:
    """Return what the document's texts show of its locale.

    Args:
        texts: lines, pages or words of one document; longer texts give more context.
    """
    votes = _Votes()
    joined = _join(texts)
    _vote_numbers(joined, votes)
    _vote_dates(joined, votes)
    _vote_year_first(joined, votes)
    _vote_currencies(joined, votes)
    _vote_countries(joined, votes)
    votes.languages = count_languages(joined)
    country = _country(votes.countries)
    language = _language(votes.languages)
    return LocaleEvidence(
        decimal_mark=_clear_winner(votes.marks),
        day_first=_clear_winner(votes.day_first),
        is_day_second=_clear_winner(votes.is_day_second),
        currency=_currency(votes, country or COUNTRY_OF_LANGUAGE.get(language or "")),
        country=country,
        language=language,
    )


def _join(texts: Iterable[str]) -> str:
    parts: list[str] = []
    num_chars = 0
    for text in texts:
        parts.append(text[: MAX_CHARS - num_chars])
        num_chars += len(parts[-1]) + 1
        if num_chars >= MAX_CHARS:
            break
    return "\n".join(parts)


def _vote_numbers(text: str, votes: _Votes) -> None:
    for found in _NUMBER.finditer(text):
        group, mark, fraction = found["group"], found["mark"], found["fraction"]
        if mark and group and mark != group:
            votes.marks[mark] += 2
        elif mark and not group and (len(fraction) == 2 or found[0].startswith("0")):
            votes.marks[mark] += 1
        elif group in (".", ",") and not mark and found[0].count(group) > 1:
            votes.marks["," if group == "." else "."] += 1


def _vote_dates(text: str, votes: _Votes) -> None:
    for found in _DATE.finditer(text):
        first, second = int(found[1]), int(found[3])
        if first > 31 or second > 31 or not first or not second:
            continue
        around = text[found.start() - 1 : found.start()] + text[found.end() : found.end() + 1]
        # A dash joins two dates with slashes; among dashes it makes a code.
        if found[2] == "-" and (len(found[4]) == 2 or "-" in around):
            continue
        if first > 12 >= second:
            votes.day_first[True] += 1
        elif first <= 12 < second:
            votes.day_first[False] += 1
        elif found[2] == ".":
            votes.day_first[True] += 1
        elif first <= 12:
            _vote_weekday(text, found, votes)


def _vote_year_first(text: str, votes: _Votes) -> None:
    """Let a year-first date one of whose numbers is no month tell where the day stands."""
    for found in _YEAR_FIRST.finditer(text):
        middle, last = int(found[2]), int(found[3])
        if min(middle, last) in range(1, 13) and 12 < max(middle, last) <= 31:
            votes.is_day_second[middle > 12] += 1


def _vote_weekday(text: str, found: re.Match[str], votes: _Votes) -> None:
    """Let a weekday printed beside an undecided date tell its order."""
    before = _WEEKDAY_BEFORE.search(text[max(0, found.start() - 16) : found.start()])
    after = _WEEKDAY_AFTER.match(text, found.end())
    weekdays = {weekday_number(name[1]) for name in (before, after) if name} - {None}
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    year += 0 if year > 99 else 2000
    fits = [
        is_day_first
        for is_day_first, month, day in ((True, second, first), (False, first, second))
        if dt.date(year, month, day).weekday() in weekdays
    ]
    if len(fits) == 1:
        votes.day_first[fits[0]] += 1


def _vote_currencies(text: str, votes: _Votes) -> None:
    # In printed order, so that a tie is settled the same way every time.
    for code, count in Counter(_CODE.findall(text)).items():
        if code in _EVERYDAY_CODES:
            votes.currencies[code] += count
    for before, after in _CODE_AT_AMOUNT.findall(text):
        if (code := before or after) in CODES:
            votes.currencies[code] += 1
    for found in _SIGN.finditer(text):
        prefix = _SIGN_PREFIX.search(text[max(0, found.start() - 4) : found.start()])
        _vote_sign((prefix[0] if prefix and found[0] == "$" else "") + found[0], votes)
    for found in _WORD_SIGN.finditer(text):
        _vote_sign(found[1] or found[2], votes)


def _vote_sign(printed: str, votes: _Votes) -> None:
    sign = printed.strip().lower()
    if sign in AMBIGUOUS:
        votes.signs[sign] += 1
    elif sign in SIGNS:
        votes.currencies[SIGNS[sign]] += 1


def _vote_countries(text: str, votes: _Votes) -> None:
    for found in _IBAN.finditer(text):
        if found[1] in COUNTRIES and sum(map(str.isdigit, found[0])) >= 10:
            votes.countries[found[1]] += 1
    clues: Counter[str] = Counter()
    for clue in find_clues(text):
        clues[clue.country] += clue.weight
    for country, count in clues.items():
        votes.countries[country] += min(3, count)


def _clear_winner(votes: Counter[T]) -> T | None:
    ranked = votes.most_common(2)
    if not ranked:
        return None
    is_clear = len(ranked) == 1 or ranked[0][1] >= _MAJORITY * ranked[1][1]
    return ranked[0][0] if is_clear else None


def _most(votes: Mapping[str, int]) -> str | None:
    return max(votes, key=lambda name: votes[name], default=None)


def _country(votes: Counter[str]) -> str | None:
    """The commonest country, unless it could be the other party's and decides date order."""
    chosen = _most(votes)
    others = sum(count for name, count in votes.items() if (name == "US") != (chosen == "US"))
    return None if chosen is None or votes[chosen] < 2 * others else chosen


def _currency(votes: _Votes, country: str | None) -> str | None:
    """The commonest currency; a shared sign needs a code or the country to mean anything."""
    for sign, count in votes.signs.items():
        by_country, likeliest = AMBIGUOUS[sign]
        named = [code for code in by_country.values() if votes.currencies[code]]
        if named:
            votes.currencies[named[0]] += count
        elif country in by_country:
            votes.currencies[by_country[country]] += count
        elif by_country not in (DOLLAR_CODES, CROWN_CODES):
            votes.currencies[likeliest] += count
    return _most(+votes.currencies)


def _language(votes: Counter[str]) -> str | None:
    """The language with most stop words, if it leads and there are enough of them."""
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < 3:
        return None
    if len(ranked) > 1 and ranked[0][1] < 1.2 * ranked[1][1]:
        return None
    return ranked[0][0]
