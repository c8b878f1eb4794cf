"""Reads the head of a receipt: a shop's address under its name, and what makes the name doubtful.

Knows nothing of which line is the name, nor of invoices, whose parties stand in blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docextract.engine.text.parties.blocks import (
    folded,
    has_postcode,
    has_street,
    is_address_line,
    is_country,
)  # fmt: skip
from docextract.engine.text.text_document import Reader, Segment, Token, fold, pattern
from docextract.engine.text.values.names import COMPANY_FORM, LEGAL_FORM, is_no_name
from docextract.normalise.locale.regions import find_clues
from docextract.schema import Kind

PLAIN_SIZE = 1.35
"""Print up to this many times the height of another is about as large."""
_ALIKE = 4
_REACH, _MAX_BEFORE, _MAX_LINES = 12, 4, 6
_STOP_KINDS = {Kind.EMAIL, Kind.URL, Kind.IBAN, Kind.TAX_ID, Kind.TIME, Kind.DATE}
_NUMBERED = re.compile(
    rf"^(?:(?:{pattern('addresses', 'units')}|\d{{1,2}}/f)\W{{0,2}}){{0,2}}"
    r"[A-Z]?-?\d{1,5}[A-Z]?\b[-,/& .\dA-Z]*[^\W\d]{3,}",
    re.IGNORECASE,
)
_CITY = re.compile(r"^(?:[A-Z]{1,2}-? ?)?\d")
"""How a line begins that may lead a city with its postcode, or a street with its house number."""
_STOPS = re.compile(rf"\b(?:{pattern('names', 'end_of_head')})\b", re.IGNORECASE)
_MOTTO = re.compile(r"[^\W\d]{4,}[.!?]$")
"""How a sentence ends; a short word before a full stop is cut, as in ``Acme Inc.``."""
_REGISTRATION = re.compile(r"^[(\[]?[\d-]{5,}(?:-? ?[A-Z])?[)\]]?\.?$")


def is_outdone(name: Segment, others: Sequence[Segment]) -> bool:
    """Return whether another name stands larger above: a shop's over its company's.

    A logo of one word that begins alike is the same name, misread, and so is a part of it; a
    sentence is a motto.
    """
    own = folded(name.tokens)
    return any(
        other.height > PLAIN_SIZE * name.height
        and other.text[0].isalnum()
        and not _MOTTO.search(other.text)
        and folded(other.tokens) not in own
        and (len(other.tokens) > 1 or fold(other.text)[:_ALIKE] not in own)
        for other in others
        if other.line < name.line
    )


def has_company_below(name: Segment, others: Sequence[Segment]) -> bool:
    """Return whether a company of another name stands below a shop's: the one that runs it."""
    own = folded(name.tokens)
    return not LEGAL_FORM.search(name.text) and any(
        LEGAL_FORM.search(other.text)
        and own not in fold(other.text)
        and not is_address_line(other.tokens)
        for other in others
        if other.line > name.line
    )


def shop_address(reader: Reader, name: Segment) -> list[list[Token]]:
    """Return the lines of the address under a shop's name, empty where there is none.

    A few lines may stand between: who runs the shop, its number, a motto. The address ends
    at the telephone, tax number, title or date, or with the line of the postcode and the
    region or country after it.
    """
    lines: list[Segment] = []
    skipped: list[Segment] = []
    before: list[Segment] = []
    for near in _below(reader, name):
        segment = _in_column(near, lines)
        if lines and LEGAL_FORM.search(segment.text) and not is_address_line(segment.tokens):
            # What stood above it was not the address, or was that of another name.
            lines, before = [], before or lines
            continue
        is_stop = _is_stop(reader, segment)
        if lines and (is_stop or _is_over(lines, segment)):
            break
        if not is_stop and (lines or _is_start(segment)):
            lines = lines or _line_before(reader, skipped, segment)
            lines.append(segment)
        elif not _REGISTRATION.match(segment.text):
            skipped.append(segment)
        if len(skipped) > _MAX_BEFORE or len(lines) == _MAX_LINES:
            break
    lines = lines if any(is_address_line(s.tokens) for s in lines) else before
    if not any(is_address_line(segment.tokens) for segment in lines):
        return []
    return [_without_name(lines[0].tokens, folded(name.tokens)), *(s.tokens for s in lines[1:])]


def _line_before(reader: Reader, skipped: list[Segment], start: Segment) -> list[Segment]:
    """Return the line right above an address's first one where it is a street all the same.

    That is one with a street's word but no number, and above a city one that ends in a number.
    """
    above = skipped[-1] if skipped else None
    if above is None or start.line - above.line != 1 or _is_stop(reader, above):
        return []
    ends_in_number = above.tokens[-1].text.strip(".,").isdigit() and len(above.tokens) > 1
    is_street = has_street(above.text) or (ends_in_number and _begins_with_city(start))
    return [above] if is_street and not COMPANY_FORM.search(above.text) else []


def _begins_with_city(segment: Segment) -> bool:
    return has_postcode(segment.text) and bool(_CITY.match(segment.text))


def _without_name(tokens: list[Token], name: str) -> list[Token]:
    """Return a line without the name it repeats: ``Acme, Ltd, High Street 5``."""
    if not folded(tokens).startswith(name):
        return tokens
    number = next((i for i, t in enumerate(tokens) if any(c.isdigit() for c in t.text)), 0)
    comma = max((i for i in range(number) if tokens[i].text.endswith(",")), default=-1)
    return tokens[comma + 1 :]


def _below(reader: Reader, name: Segment) -> Iterator[list[Segment]]:
    """Yield the segments under a name that are about in its column, line by line."""
    width = reader.layout.sizes[name.page][0]
    for line in reader.layout.lines[name.line + 1 : name.line + 1 + _REACH]:
        if line.page != name.page:
            return
        near = [s for s in line.segments if s.right > name.left - 0.3 * width]
        near = [s for s in near if s.left < name.right + 0.3 * width and s.text[-1] != ":"]
        if near:
            yield near


def _in_column(near: list[Segment], lines: list[Segment]) -> Segment:
    """Return the segment of a line that goes on with an address, or may begin one."""
    if lines:
        first = lines[0]
        return min(near, key=lambda s: abs(s.left + s.right - first.left - first.right))
    starts = [segment for segment in near if _is_start(segment)]
    return max(starts or near, key=lambda s: s.right - s.left)


def _is_stop(reader: Reader, segment: Segment) -> bool:
    candidates = reader.candidates_of(segment)
    kinds = {c.kind for c in candidates}
    if _REGISTRATION.match(segment.text) or _STOPS.search(segment.text):
        return True
    if any(token.text.endswith(":") for token in segment.tokens[:4]) and not _is_start(segment):
        return True
    if kinds & _STOP_KINDS or any(c.kind is Kind.MONEY and c.num_decimals == 2 for c in candidates):
        return True
    if Kind.PHONE in kinds and not is_address_line(segment.tokens):
        return True
    return is_no_name(segment.text) and not any(c.isdigit() for c in segment.text)


def _is_start(segment: Segment) -> bool:
    """Return whether an address may begin here rather than a second line of the name."""
    if COMPANY_FORM.search(segment.text) and not has_postcode(segment.text):
        return False
    return is_address_line(segment.tokens) or bool(_NUMBERED.match(segment.text))


def _is_over(lines: list[Segment], segment: Segment) -> bool:
    """Return whether the address is complete before a segment."""
    last = lines[-1]
    if segment.top - last.bottom > 1.5 * last.height:
        return True
    is_complete = any(has_postcode(line.text) for line in lines[1:]) or _ends(lines[0])
    return is_complete and not _is_region(segment)


def _ends(first: Segment) -> bool:
    """Return whether an address may end with its first line.

    A number in front may be that of a house, and a comma behind says that it goes on.
    """
    is_led = bool(_CITY.match(first.text)) or first.text.endswith(",")
    return has_postcode(first.text) and not is_led


def _is_region(segment: Segment) -> bool:
    """Return whether a line is a region or country: few words, no digits, known by name."""
    if any(c.isdigit() for c in segment.text) and not has_postcode(segment.text):
        return False
    return is_country(segment.tokens) or any(True for _ in find_clues(segment.text))
