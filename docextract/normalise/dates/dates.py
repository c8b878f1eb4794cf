"""Reads printed dates into ISO 8601; an undecided day and month keeps both.

Knows nothing of fields or pages; only the document's habits decide the order.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from docextract.normalise.dates.calendar_names import month_number
from docextract.normalise.dates.eras import ERAS, YEARS, year_of
from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.numbers.number_search import LOOKALIKES, fold_characters, fold_in_place
from docextract.normalise.reading import NOTHING, Reading, certain, doubtful, refused
from docextract.schema.languages import pattern, speaking

_TO_DIGITS = str.maketrans(LOOKALIKES, "0000111582")
_TO_LETTERS = str.maketrans("0158", "olsb")
_MISREAD_PART = re.compile(rf"(?<![^\W_])(?=[{LOOKALIKES}]*\d)[\d{LOOKALIKES}]{{1,4}}(?![^\W_])")
_MISREAD_NAME = re.compile(r"(?<![^\W_])(?=[^\W\d_]*[0158])[^\W_]{3,10}(?![^\W_])")
_LOST_DOT = re.compile(r"(?<![\d.,])(\d\d?)([., ])(\d\d)([., ]?)((?:19|20)\d\d)(?![\d.,]\d)")
_MISREAD_BEFORE = re.compile(rf"(?<![^\W_])[\d{LOOKALIKES}]{{0,3}}[{LOOKALIKES}]$")
_MISREAD_AFTER = re.compile(rf"[{LOOKALIKES}][\d{LOOKALIKES}]?(?!\w)")


def repairs(text: str) -> Iterator[str]:
    """Yield what a printed date may have been, the likelier first; nothing where none.

    Letters become digits in parts that hold a digit (``3O.O1.2O24``), digits become letters
    in a month's name (``0ct``), and a lost or misread dot is put back (``31.01 2024``).
    """
    repaired = _MISREAD_NAME.sub(_month_name, text)
    repaired = _MISREAD_PART.sub(lambda found: found[0].translate(_TO_DIGITS), repaired)
    if repaired != text:
        yield repaired
    dotted = _LOST_DOT.sub(_with_dots, repaired)
    if dotted != repaired:
        yield dotted


def is_misread_around(text: str, start: int, end: int) -> bool:
    """Whether a letter taken for a digit is cut off what looks like a date (``l5/01/24``)."""
    if _MISREAD_BEFORE.search(text[max(0, start - 5) : start]):
        return True
    has_long_year = text[end - 4 : end].isdigit()
    return not has_long_year and _MISREAD_AFTER.match(text, end) is not None


def _month_name(found: re.Match[str]) -> str:
    name = found[0].translate(_TO_LETTERS)
    return name if name.isalpha() and month_number(name) is not None else found[0]


def _with_dots(found: re.Match[str]) -> str:
    day, first, month, second, year = found.groups()
    if first == second == " ":
        return found[0]
    return f"{day}.{month}.{year}"


MAX_CHARS = 120
"""A longer text is more than a date."""
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years outside are misread numbers."""
PIVOT = 69
"""Two-digit years from here on are of the 20th century (POSIX ``strptime``, ``%y``)."""
_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "PR"})
_UNSETTLED_COUNTRIES = frozenset({"CA", "KE", "ZA"})
"""Both orders are in everyday use there (CLDR short dates differ by language)."""
_CURRENCIES = (
    "EUR GBP CHF MYR SGD INR AUD NZD BRL PLN CZK DKK NOK RON BGN TRY IDR THB MXN AED ILS "
    "ARS CLP COP PEN HKD VND"
)
_DAY_FIRST_CURRENCIES = frozenset(_CURRENCIES.split())
_DAY_FIRST_LANGUAGES = speaking("date_order", "day")
_YEAR_FIRST_LANGUAGES = speaking("date_order", "year")
_YEAR_FIRST_COUNTRIES = frozenset({"CN", "HU", "JP", "KR", "LT", "SE", "TW"})
"""There 24/05/12 begins with the year (CLDR short dates)."""
_YEAR = r"(?:(?:19|20)\d\d|\d\d(?![.,:]\d))"
_GLUED_TIME = r"(?=\d\d:\d\d(?![\d:]))"
_YEAR_END = rf"(?:(?:19|20)\d\d(?!:\d\d(?![\d:]))(?=\d\d:\d\d|\D|$)|\d\d{_GLUED_TIME}|\d\d(?!\d))"
"""A year at the end, perhaps with a time glued to it: ``30.04.2009:58`` is of 2020."""
_NAME = r"[^\W\d_]{3,12}"
_ROMAN = r"(?<=[./-])(?:I?[VX]|VI|XI)(?=[./-])"  # I and II may be a misread 1 and 11
# Each alternative needs a digit to begin and has bounded parts: time is linear.
_PRINTED = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y1>(?:19|20)\d\d)(?P<s1>[./ -])\s?(?P<m1>\d{1,2})(?P=s1)\s?(?P<d1>\d{1,2})(?!\d)"
    rf"|(?P<a>\d{{1,2}})\s?(?P<s2>[./-])\s?(?P<b>\d{{1,2}})\s?(?P=s2)\s?'?(?P<y2>{_YEAR_END})"
    r"|(?P<a2>\d{1,2}) (?P<b2>\d{1,2}) (?P<y6>(?:19|20)\d\d)(?!\d)"
    rf"|(?P<d3>\d{{1,2}})(?:(?:{pattern('dates', 'ordinals')})(?![^\W\d_])|\.?[º°ª])?"
    r"[.,]?[\s/-]{0,2}"
    rf"(?:(?:{pattern('dates', 'before_month')})\s|d')?"
    rf"(?P<n3>{_NAME}|{_ROMAN})[.,]{{0,2}}[\s/-]{{0,2}}"
    rf"(?:(?:{pattern('dates', 'before_year')})\s)?'?(?P<y3>{_YEAR})(?!\d|,? (?:19|20)\d\d(?!\d))"
    r"|(?P<y5>(?:19|20)\d\d)[./\s-]{1,2}"
    rf"(?P<n5>{_NAME})\.?[./\s-]{{0,2}}(?P<d5>\d{{1,2}})(?!\d)"
    rf"|(?:(?P<y7>(?:19|20)\d\d)|(?P<era>{ERAS})\s?(?P<y8>{YEARS}))\s?[年년]"
    r"\s?(?P<m7>\d{1,2})\s?[月월]\s?(?P<d7>\d{1,2})\s?[日일]"
    r"|(?P<packed>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
    r"(?![.,]\d))"
    rf"|(?<![^\W\d_])(?P<n4>{_NAME})\.?[\s/-]{{0,2}}(?P<d4>\d{{1,2}})"
    rf"(?:{pattern('dates', 'ordinals_after_month')})?"
    rf"(?:[.,]\s|[.,](?=(?:19|20)\d\d)|[\s/-]{{1,2}}|(?='))'?(?P<y4>{_YEAR})(?!\d)(?!:)"
)


def parse_date(text: str, evidence: LocaleEvidence = NO_EVIDENCE) -> Reading:
    """Return the date a printed text stands for.

    Args:
        text: one printed date, perhaps with a weekday, a place or a time beside it.
        evidence: the document's habits; decides what 03/04/2024 means.

    Returns:
        A reading whose values are ISO 8601 dates. Both are kept where nothing decides
        between day and month. None for partial dates and where two dates are printed.
    """
    cleaned = fold_characters(text[: 4 * MAX_CHARS])
    if not any(map(str.isdigit, cleaned)) or len(cleaned) > MAX_CHARS:
        return NOTHING
    dates = read_dates(cleaned, evidence)
    if not dates:
        return _parse_repaired(cleaned, evidence)
    if any(reading.readings != dates[0].readings for reading in dates):
        return refused("several dates")
    return dates[0]


def read_dates(text: str, evidence: LocaleEvidence = NO_EVIDENCE) -> list[Reading]:
    """Return the readings of all dates in a text, in printed order, without impossible ones."""
    found = (_read(match, evidence) for match in _matches(fold_characters(text)))
    return [reading for reading in found if reading.value is not None]


def _parse_repaired(text: str, evidence: LocaleEvidence) -> Reading:
    """Read a date some of whose characters an OCR engine confused."""
    for repaired in repairs(text):
        dates = read_dates(repaired, evidence)
        if len(dates) == 1:
            note = "; ".join(filter(None, (f"read {text} as {repaired}", dates[0].note)))
            return replace(dates[0], note=note, is_repaired=True)
    return refused("no day, month and year that make a date")


def find_dates(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of every printed date with day, month and year."""
    for match in _matches(fold_in_place(text)):
        if _read(match, NO_EVIDENCE).value is not None:
            yield match.start(), match.end(), text[match.start() : match.end()]


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield what looks like a date; a word that is no month is stepped over, not eaten."""
    position = 0
    while (match := _PRINTED.search(text, position)) is not None:
        name = next((key for key in ("n3", "n4", "n5") if match[key]), None)
        if name is None or month_number(match[name]) is not None:
            if not _is_part_of_more(text, match) and not is_misread_around(text, *match.span()):
                yield match
            position = match.end()
        else:
            position = match.end(name) if name == "n4" else match.start(name)


def _is_part_of_more(text: str, match: re.Match[str]) -> bool:
    """Whether digits go on behind the same separator, as in a telephone number."""
    separator = match["s1"] or match["s2"] or "."
    before = text[max(0, match.start() - 2) : match.start()]
    after = text[match.end() : match.end() + 2]
    if separator == " ":
        return False
    return (len(before) == 2 and before[1] == separator and before[0].isdigit()) or (
        len(after) == 2 and after[0] == separator and after[1].isdigit()
    )


def _read(match: re.Match[str], evidence: LocaleEvidence) -> Reading:
    if match["packed"]:
        packed = match["packed"]
        return _only(_date(packed[:4], packed[4:6], packed[6:]))
    if match["y1"]:
        return _read_year_first(match, evidence)
    if match["m7"]:
        year = match["y7"] or year_of(match["era"], match["y8"])
        return _only(_date(year, match["m7"], match["d7"]))
    if match["s2"] or match["y6"]:
        return _read_numeric(match, evidence)
    suffix = "3" if match["n3"] else "4" if match["n4"] else "5"
    month = month_number(match[f"n{suffix}"])
    year = match[f"y{suffix}"]
    return _only(_date(year, str(month or 0), match[f"d{suffix}"]), _century_note(year))


def _read_year_first(match: re.Match[str], evidence: LocaleEvidence) -> Reading:
    """Read 2024-05-11 as ISO 8601, and with the day in the middle where the document does.

    A middle over 12 can be nothing but a day; only two plain digits are taken for one,
    as ``2019-15-3`` and ``2019 15 03`` are rather codes and rows of numbers.
    """
    year, middle, last = match["y1"], match["m1"], match["d1"]
    iso = _date(year, middle, last)
    is_plain = len(middle) == len(last) == 2 and match["s1"] != " "
    swapped = _date(year, last, middle) if is_plain else None
    if swapped is not None and (iso is None or evidence.is_day_second):
        return certain(swapped, "year, day, month")
    return _only(iso)


def _only(value: str | None, note: str | None = None) -> Reading:
    return refused("an impossible date") if value is None else certain(value, note)


def _date(year: str, month: str, day: str) -> str | None:
    full_year = int(year)
    if len(year) == 2:
        full_year += 1900 if full_year >= PIVOT else 2000
    if not FIRST_YEAR <= full_year <= LAST_YEAR:
        return None
    try:
        return dt.date(full_year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def _century_note(year: str) -> str | None:
    return f"two-digit year {year}" if len(year) == 2 else None


def _read_numeric(match: re.Match[str], evidence: LocaleEvidence) -> Reading:
    """Read 03/04/2024 and 03-04-24 in every order that gives a date, then choose."""
    separator = match["s2"] or " "
    first, second = match["a"] or match["a2"], match["b"] or match["b2"]
    year = match["y2"] or match["y6"]
    day_first = _date(year, second, first)
    month_first = None if separator == "." else _date(year, first, second)
    is_usual = _is_year_first(evidence)
    may_begin_with_year = len(year) == 2 and (separator == "-" or is_usual)
    year_first = _date(first, second, year) if may_begin_with_year else None
    note = _century_note(first if is_usual else year)
    if year_first and (is_usual or not (day_first or month_first)):
        return certain(year_first, note)
    if day_first == month_first or not (day_first and month_first):
        return _settle(day_first or month_first, year_first, evidence, note)
    is_day_first, reason = _order(evidence)
    if is_day_first is None:
        last = (year_first,) if year_first and not evidence.language else ()
        return doubtful((day_first, month_first, *last), "day and month could be either way round")
    chosen = day_first if is_day_first else month_first
    return certain(chosen, "; ".join(filter(None, (note, reason))) or None)


def _is_year_first(evidence: LocaleEvidence) -> bool:
    """Whether dates begin with the year where the document's people live."""
    if evidence.day_first is not None:
        return False
    has_country = evidence.country in _YEAR_FIRST_COUNTRIES
    return has_country or evidence.language in _YEAR_FIRST_LANGUAGES


def _settle(
    value: str | None, year_first: str | None, evidence: LocaleEvidence, note: str | None
) -> Reading:
    """One order only is possible, unless the year might stand first (24-01-31)."""
    if value is None:
        return refused("an impossible date")
    if year_first is None or year_first == value or evidence.day_first is not None:
        return certain(value, note)
    if evidence.country or evidence.language:
        return certain(value, note)
    return doubtful((value, year_first), "the year could stand first or last")


def _order(evidence: LocaleEvidence) -> tuple[bool | None, str | None]:
    """Return whether the day stands first, and why; None where nothing tells."""
    if evidence.day_first is not None:
        return evidence.day_first, None
    if evidence.language in _DAY_FIRST_LANGUAGES and evidence.decimal_mark == ",":
        # Whoever writes in the language, wherever an address lies: CLDR has day first for
        # fr-US and es-US too. The decimal comma guards against a language taken wrongly.
        return True, f"day first, as usual in {evidence.language}"
    if evidence.country in _MONTH_FIRST_COUNTRIES:
        return False, f"month first, as in {evidence.country}"
    if evidence.country and evidence.country not in _UNSETTLED_COUNTRIES:
        return True, f"day first, as in {evidence.country}"
    if evidence.country is None:
        if evidence.currency in _DAY_FIRST_CURRENCIES:
            return True, f"day first, as usual with {evidence.currency}"
        if evidence.currency == "USD" and evidence.language == "en":
            return False, "month first, as usual with USD in English"
    if evidence.language in _DAY_FIRST_LANGUAGES:
        return True, f"day first, as usual in {evidence.language}"
    return None, None
