"""Tells an address from other print, and finds the one that stands below a name.

Knows nothing of which line is a name, nor of which party an address belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from docextract.engine.text.text_document import Reader, Segment, Token, fold, join, pattern
from docextract.engine.text.values.names import COMPANY_FORM, LEGAL_FORM, is_form, is_no_name
from docextract.normalise.locale.countries import country_code
from docextract.normalise.locale.regions import find_clues
from docextract.schema import Kind

_POSTCODE_CITY = re.compile(
    r"(?<![\w.#])(?:[A-Z]{1,2}-? ?)?(?:\d{4,6}|\d{4} ?[A-Z]{2}|\d{4}-\d{3})\s*,?\s+[^\W\d]{2,}"
    r"|[^\W\d]{2,}\s?,?\s+(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)|\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT),?\s+\d{4}(?!\d)"
    r"|(?<!\w)\d{2}-\d{3}\s+[^\W\da-z][^\W\d]{2,}|(?<![\w.])\d{3} \d{2}\s+[^\W\da-z][^\W\d]{2,}"
    r"|[A-Z][^\W\d]{2,} ?[–-] ?\d{6}(?!\w)|^[A-Z][^\W\d]{3,},? \d{6}$"
    r"|^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$|(?:^|[^\W\d]{2,},? )[A-Z]\d[\dW] [A-Z\d]{4}(?!\w)"
)
STREET = re.compile(
    rf"(?:{pattern('addresses', 'street_ends')})\b"
    rf"|\b(?:{pattern('addresses', 'street_words')})\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"^(?:(?:{pattern('addresses', 'units')}|\d{{1,2}}/f)\W{{0,2}}){{0,2}}"
    r"[A-Z]?-?\d{1,5}[A-Z]?\b[-,/& .\dA-Z]*[^\W\d]{3,}",
    re.IGNORECASE,
)
_CITY = re.compile(r"^(?:[A-Z]{1,2}-? ?)?\d")
"""How a line begins that may lead a city with its postcode, or a street with its house number."""
_END_OF_HEAD = re.compile(rf"\b(?:{pattern('names', 'end_of_head')})\b", re.IGNORECASE)
_REGISTRATION = re.compile(r"^[(\[]?[\d-]{5,}(?:-? ?[A-Z])?[)\]]?\.?$")
_STOP_KINDS = {Kind.EMAIL, Kind.URL, Kind.IBAN, Kind.TAX_ID, Kind.TIME, Kind.DATE}
_CAPITAL = re.compile(rf",?\s(?:{pattern('parties', 'capital')})", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s(?:[-–—|•·*]|\u2022|\uf0b7)\s|\s*[|•·]\s*")
_REACH, _MAX_BEFORE, _MAX_LINES = 12, 4, 6
_ASIDE = 0.3
"""Share of a page's width that an address may stand aside of its name."""


@lru_cache(maxsize=16384)
def is_address(text: str) -> bool:
    """Return whether a line holds a street with its number, or a postcode and city."""
    has_digit = any(c.isdigit() for c in text)
    return bool(_POSTCODE_CITY.search(text)) or (has_digit and bool(STREET.search(text)))


def has_postcode(text: str) -> bool:
    """Return whether a line holds a postcode beside a city."""
    return bool(_POSTCODE_CITY.search(text))


def is_country(tokens: Sequence[Token]) -> bool:
    """Return whether a line is nothing but the name of a country."""
    return len(tokens) <= 4 and country_code(join(tokens)) is not None


def tells_register(text: str) -> bool:
    """Return whether a line tells of a company's capital or register behind its name."""
    return _CAPITAL.search(text) is not None


def split_sender_line(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Cut ``Company Ltd - 1 High Street - Town`` into the name and the address."""
    text = join(tokens)
    capital = _CAPITAL.search(text)
    if capital is not None:
        text = text[: capital.start()]
        tokens = _beginning(tokens, len(text))
    name = _beginning(tokens, _end_of_name(text))
    rest = list(tokens[len(name) :])
    while rest and not rest[0].fold:
        rest = rest[1:]
    return name, rest


def _end_of_name(text: str) -> int:
    """Return where a name ends that an address follows in its line."""
    for mark in _SEPARATOR.finditer(text):
        if any(c.isdigit() for c in text[mark.end() :]):
            return mark.start()
    form = COMPANY_FORM.search(text)
    comma = text.find(",", form.end()) if form else -1
    is_town = form is not None and comma == form.end() and text[comma:].count(" ") == 1
    if comma > 0 and is_form(text[comma:]):
        return len(text)
    has_number = comma > 0 and any(c.isdigit() for c in text[comma:])
    return comma if has_number or is_town else len(text)


def _beginning(tokens: Sequence[Token], length: int) -> list[Token]:
    """Return the tokens that make up the first characters of a text."""
    for end in range(len(tokens)):
        if len(join(tokens[:end])) >= length:
            return list(tokens[:end])
    return list(tokens)


def address_below(reader: Reader, name: Segment) -> list[list[Token]]:
    """Return the lines of the address under a shop's name, empty where there is none.

    A few lines may stand between: who runs the shop, its number, a motto. What stands above a
    company's name is not its address, unless nothing below is.
    """
    runs: list[list[Segment]] = [[]]
    skipped: list[Segment] = []
    for near in _below(reader, name):
        lines = runs[-1]
        segment = _in_column(near, lines)
        is_stop = _is_stop(reader, segment)
        if lines and LEGAL_FORM.search(segment.text) and not is_address(segment.text):
            runs.append([])
        elif lines and (is_stop or _is_over(lines, segment)):
            break
        elif not is_stop and (lines or _is_start(segment)):
            lines += [*([] if lines else _line_before(reader, skipped, segment)), segment]
        elif not _REGISTRATION.match(segment.text):
            skipped.append(segment)
        if len(skipped) > _MAX_BEFORE or len(lines) == _MAX_LINES:
            break
    for lines in (runs[-1], runs[0]):
        if any(is_address(segment.text) for segment in lines):
            first = _without_name(lines[0].tokens, fold(name.text))
            return [first, *(segment.tokens for segment in lines[1:])]
    return []


def _below(reader: Reader, name: Segment) -> Iterator[list[Segment]]:
    """Yield the segments under a name that are about in its column, line by line."""
    aside = _ASIDE * reader.layout.sizes[name.page][0]
    for line in reader.layout.lines[name.line + 1 : name.line + 1 + _REACH]:
        if line.page != name.page:
            return
        near = [
            s for s in line.segments
            if name.left - aside < s.right and s.left < name.right + aside and s.text[-1] != ":"
        ]  # fmt: skip
        if near:
            yield near


def _in_column(near: list[Segment], lines: list[Segment]) -> Segment:
    """Return the segment of a line that goes on with an address, or may begin one."""
    if lines:
        first = lines[0]
        return min(near, key=lambda s: abs(s.left + s.right - first.left - first.right))
    starts = [segment for segment in near if _is_start(segment)]
    return max(starts or near, key=lambda s: s.right - s.left)


def _is_start(segment: Segment) -> bool:
    """Return whether an address may begin here rather than a second line of the name."""
    if COMPANY_FORM.search(segment.text) and not has_postcode(segment.text):
        return False
    return is_address(segment.text) or bool(_NUMBERED.match(segment.text))


def _is_stop(reader: Reader, segment: Segment) -> bool:
    text = segment.text
    candidates = reader.candidates_of(segment)
    kinds = {c.kind for c in candidates}
    has_label = any(t.text.endswith(":") for t in segment.tokens[:4]) and not _is_start(segment)
    has_price = any(c.kind is Kind.MONEY and c.num_decimals == 2 for c in candidates)
    if has_label or has_price or kinds & _STOP_KINDS:
        return True
    if _REGISTRATION.match(text) or _END_OF_HEAD.search(text):
        return True
    if Kind.PHONE in kinds and not is_address(text):
        return True
    return is_no_name(text) and not any(c.isdigit() for c in text)


def _line_before(reader: Reader, skipped: list[Segment], start: Segment) -> list[Segment]:
    """Return the line right above an address's first one where it is a street all the same.

    That is one with a street's word but no number, and above a city one that ends in a number.
    """
    above = skipped[-1] if skipped else None
    if above is None or start.line - above.line != 1 or _is_stop(reader, above):
        return []
    ends_in_number = above.tokens[-1].text.strip(".,").isdigit() and len(above.tokens) > 1
    is_over_city = has_postcode(start.text) and bool(_CITY.match(start.text))
    is_street = bool(STREET.search(above.text)) or (ends_in_number and is_over_city)
    return [above] if is_street and not COMPANY_FORM.search(above.text) else []


def _is_over(lines: list[Segment], segment: Segment) -> bool:
    """Return whether the address is complete before a segment.

    A number in front of its only line may be that of a house, and a comma behind goes on.
    """
    first, last = lines[0], lines[-1]
    if segment.top - last.bottom > 1.5 * last.height:
        return True
    is_led = bool(_CITY.match(first.text)) or first.text.endswith(",")
    is_complete = any(has_postcode(line.text) for line in (lines[1:] if is_led else lines))
    return is_complete and not is_region(segment)


def is_region(segment: Segment) -> bool:
    """Return whether a line is a region or country: known by name, and no more digits than that."""
    if any(c.isdigit() for c in segment.text) and not has_postcode(segment.text):
        return False
    return is_country(segment.tokens) or any(True for _ in find_clues(segment.text))


def _without_name(tokens: list[Token], name: str) -> list[Token]:
    """Return a line without the name it repeats: ``Acme, Ltd, High Street 5``."""
    if not fold(join(tokens)).startswith(name):
        return tokens
    number = next((i for i, t in enumerate(tokens) if any(c.isdigit() for c in t.text)), 0)
    comma = max((i for i in range(number) if tokens[i].text.endswith(",")), default=-1)
    return tokens[comma + 1 :]
