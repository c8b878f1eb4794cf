"""Reads a shop's address off the lines under its name at the top of a receipt.

Knows nothing of which line is the name, nor of invoices, whose parties stand in blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.engine.text.parties.blocks import folded, has_postcode, is_address_line, is_country
from docextract.engine.text.text_document import Reader, Segment, Token, pattern
from docextract.engine.text.values.names import COMPANY_FORM, is_no_name
from docextract.normalise.locale.regions import find_clues
from docextract.schema import Kind

_REACH, _MAX_BEFORE, _MAX_LINES = 12, 4, 6
_STOP_KINDS = {Kind.EMAIL, Kind.URL, Kind.IBAN, Kind.TAX_ID, Kind.TIME, Kind.DATE}
_NUMBERED = re.compile(
    rf"^(?:{pattern('addresses', 'units')}|\d{{1,2}}/f)?[ .:#]{{0,2}}"
    r"[A-Z]?-?\d{1,5}[A-Z]?\b[-,/& .\dA-Z]*[^\W\d]{3,}",
    re.IGNORECASE,
)
_STOPS = re.compile(rf"\b(?:{pattern('names', 'end_of_head')})\b", re.IGNORECASE)
_REGISTRATION = re.compile(r"^[(\[]?[\d-]{5,}(?:-? ?[A-Z])?[)\]]?\.?$")


def shop_address(reader: Reader, name: Segment) -> list[list[Token]]:
    """Return the lines of the address under a shop's name, empty where there is none.

    A few lines may stand between: who runs the shop, its number, a motto. The address ends
    at the telephone, tax number, title or date, or with the line of the postcode and the
    region or country after it.
    """
    lines: list[Segment] = []
    skipped = 0
    for near in _below(reader, name):
        segment = _in_column(near, lines)
        is_stop = _is_stop(reader, segment)
        if lines and (is_stop or _is_over(lines, segment)):
            break
        if not is_stop and (lines or _is_start(segment)):
            lines.append(segment)
        else:
            skipped += _REGISTRATION.match(segment.text) is None
        if skipped > _MAX_BEFORE or len(lines) == _MAX_LINES:
            break
    if not any(is_address_line(segment.tokens) for segment in lines):
        return []
    return [_without_name(lines[0].tokens, folded(name.tokens)), *(s.tokens for s in lines[1:])]


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
    if any(token.text.endswith(":") for token in segment.tokens[:4]):
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
    is_complete = any(has_postcode(line.text) for line in lines)
    return is_complete and not _is_region(segment)


def _is_region(segment: Segment) -> bool:
    """Return whether a line is a region or country: few words, no digits, known by name."""
    if any(c.isdigit() for c in segment.text) and not has_postcode(segment.text):
        return False
    return is_country(segment.tokens) or any(True for _ in find_clues(segment.text))
