"""Blocks of lines that stand under one another, and the name and address within one.

Knows nothing of which party a block belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from docextract.engine.text.text_document import (
    Hit,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    join,
    pattern,
)
from docextract.engine.text.values.names import (
    COMPANY_FORM,
    NAME_LABELS,
    is_caption,
    is_contact,
    is_no_name,
    is_person,
)
from docextract.normalise.locale.countries import country_code
from docextract.schema import Kind

_POSTCODE_CITY = re.compile(
    r"(?<![\w.#])(?:[A-Z]{1,2}-? ?)?(?:\d{4,6}|\d{4} ?[A-Z]{2}|\d{4}-\d{3})\s*,?\s+[^\W\d]{2,}"
    r"|[^\W\d]{2,}\s?,?\s+(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?!\w)"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)|\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT),?\s+\d{4}(?!\d)"
    r"|(?<!\w)\d{2}-\d{3}\s+[A-Z][^\W\d]{2,}|(?<![\w.])\d{3} \d{2}\s+[A-Z][^\W\d]{2,}"
    r"|[A-Z][^\W\d]{2,} ?[–-] ?\d{6}(?!\w)|^[A-Z][^\W\d]{2,},? \d{6}$"
)
_STREET = re.compile(
    rf"(?:{pattern('addresses', 'street_ends')})\b"
    rf"|\b(?:{pattern('addresses', 'street_words')})\b",
    re.IGNORECASE,
)
_STOP_KINDS = (Kind.EMAIL, Kind.URL, Kind.IBAN, Kind.TAX_ID, Kind.DATE)
_HEADINGS = frozenset({"seller", "buyer", "ship_to", "address", "tax_representative", "contact"})
_ADDRESS_WORDS = fold_words("addresses", "heads")
_FIRM_WORDS = fold_words("parties", "firm_words")
_CAPITAL = re.compile(rf",?\s(?:{pattern('parties', 'capital')})", re.IGNORECASE)
WINDOW_TOP = 0.1
"""Share of a page's height below which stand the addresses that windows show."""
_MAX_LINES = 9
_MAX_ADDRESS_LINES = 5
_SEPARATOR = re.compile(r"\s(?:[-–—|•·*]|\u2022|\uf0b7)\s|\s*[|•·]\s*")


@dataclass(slots=True)
class Block:
    """A name, the address lines under it, and the lines of the page they take."""

    name: list[Token]
    address: list[list[Token]]
    zone: set[int] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)


def block_from(reader: Reader, first: Segment, is_centred: bool = False) -> list[Segment]:
    """Return a segment and those that continue it below, aligned and without a gap."""
    block = [first]
    for line in reader.layout.lines[first.line + 1 : first.line + 2 * _MAX_LINES]:
        last = block[-1]
        if line.page != first.page or len(block) >= _MAX_LINES:
            break
        if line.top - last.bottom > 1.15 * max(last.height, 1e-6):
            break
        following = next((s for s in line.segments if _is_aligned(first, s, is_centred)), None)
        if following is not None and following.top - last.bottom <= 1.15 * last.height:
            block.append(following)
    return block


def _is_aligned(first: Segment, other: Segment, is_centred: bool) -> bool:
    if abs(first.left - other.left) < 1.3 * max(first.height, other.height):
        return True
    if abs(first.right - other.right) < 0.35 * first.height and first.left > other.height * 12:
        return True
    centre = abs(first.left + first.right - other.left - other.right) / 2
    return is_centred and centre < 2.5 * first.height


def is_address_line(tokens: Sequence[Token]) -> bool:
    """Return whether a line holds a street with its number, or a postcode and city."""
    text = join(tokens)
    has_digit = any(c.isdigit() for c in text)
    return bool(_POSTCODE_CITY.search(text)) or (has_digit and bool(_STREET.search(text)))


def has_street(text: str) -> bool:
    """Return whether a line holds a word of a street, with or without a number."""
    return bool(_STREET.search(text))


def has_postcode(text: str) -> bool:
    """Return whether a line holds a postcode beside a city."""
    return bool(_POSTCODE_CITY.search(text))


def read_block(
    reader: Reader, lines: Sequence[Sequence[Token]], hit: Hit | None = None
) -> Block | None:
    """Return the name and the address of a block's lines, or None without a name."""
    kept = [list(line) for line in lines if any(t.fold for t in line)]
    while len(kept) > 1 and _is_before_name(reader, kept[0]):
        kept = kept[1:]
    if not kept:
        return None
    kept = kept[: next((at for at in range(1, len(kept)) if _is_heading(reader, kept[at])), None)]
    kept = _from_company(kept)
    name, rest = split_sender_line(_without_office(kept[0]))
    name = _strip_label(name, NAME_LABELS)
    if len(name) > 1 and name[0].fold in _FIRM_WORDS:
        name = name[1:]
    body = [rest] if rest else []
    body += [_strip_label(line, _ADDRESS_WORDS) for line in kept[1:]]
    address = _address_lines(reader, body)
    zone = {segment_line(reader, line) for line in kept}
    if hit is not None:
        zone.add(hit.segment.line)
    if len(kept) > 1 and COMPANY_FORM.fullmatch(join(kept[1]).strip(" ,")):
        name = [*name, *kept[1]]
    return Block(name, address, zone, {id(t) for line in kept for t in line})


def _from_company(lines: list[list[Token]]) -> list[list[Token]]:
    """Return a block without the person or office above the company that is addressed."""
    for at, line in enumerate(lines[1:3], start=1):
        is_company = bool(COMPANY_FORM.search(join(line))) and not is_address_line(line)
        if is_company and all(is_person(join(above)) for above in lines[:at]):
            return lines[at:]
    return lines


def _without_office(line: list[Token]) -> list[Token]:
    """Return ``Acme Ltd`` of ``Sales Office, Acme Ltd``."""
    cut = next((i for i, t in enumerate(line[:4], start=1) if t.text.endswith(",")), 0)
    has_office = 0 < cut < len(line) and is_caption(join(line[:cut]))
    return line[cut:] if has_office else line


def _is_before_name(reader: Reader, line: Sequence[Token]) -> bool:
    """Return whether a block's line cannot be its name: a label, a title, a contact."""
    text = join(line)
    if is_labelled(line) or is_no_name(text) or is_contact(text):
        return True
    return _is_heading(reader, line)


def _is_heading(reader: Reader, line: Sequence[Token]) -> bool:
    """Return whether a line is nothing but the label of a party or an address."""
    return any(
        hit.start == 0 and hit.is_whole and bool(hit.entry.concepts & _HEADINGS)
        for hit in reader.hits_at(line[0])
    )


def is_labelled(tokens: Sequence[Token]) -> bool:
    """Return whether a line says ``Number: 123`` rather than a name."""
    at = next((i for i, t in enumerate(tokens[:4]) if t.text.endswith(":")), None)
    return at is not None and tokens[0].fold not in NAME_LABELS


def segment_line(reader: Reader, tokens: Sequence[Token]) -> int:
    """Return the index of the line a token stands on."""
    return reader.line_of.get(id(tokens[0]), -1)


def _strip_label(tokens: Sequence[Token], labels: Collection[str]) -> list[Token]:
    if len(tokens) > 1 and tokens[0].text.endswith(":") and tokens[0].fold in labels:
        return list(tokens[1:])
    return list(tokens)


def split_sender_line(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Cut ``Company Ltd - 1 High Street - Town`` into the name and the address."""
    text = join(tokens)
    capital = _CAPITAL.search(text)
    if capital is not None:
        text = text[: capital.start()]
        tokens = _beginning(tokens, len(text))
    cut = next(
        (m.start() for m in _SEPARATOR.finditer(text) if any(c.isdigit() for c in text[m.end() :])),
        None,
    )
    if cut is None:
        form = COMPANY_FORM.search(text)
        comma = text.find(",", form.end()) if form else -1
        has_rest = comma > 0 and any(c.isdigit() for c in text[comma:])
        is_town = form is not None and comma == form.end() and text[comma:].count(" ") == 1
        cut = comma if has_rest or is_town else None
    if cut is None:
        return list(tokens), []
    name = _beginning(tokens, cut)
    rest = list(tokens[len(name) :])
    while rest and not rest[0].fold:
        rest = rest[1:]
    return name, rest


def _beginning(tokens: Sequence[Token], length: int) -> list[Token]:
    """Return the tokens that make up the first characters of a text."""
    kept: list[Token] = []
    for token in tokens:
        if len(join(kept)) >= length:
            break
        kept.append(token)
    return kept


def _address_lines(reader: Reader, lines: Sequence[list[Token]]) -> list[list[Token]]:
    """Return the lines of the address, without the person before or the country after."""
    taken: list[list[Token]] = []
    for line in lines:
        if not line or len(taken) >= _MAX_ADDRESS_LINES or _is_stop(reader, line):
            break
        taken.append(line)
    starts = next((i for i, line in enumerate(taken) if _has_number(line)), None)
    if starts is None:
        return []
    ends = max(i for i, line in enumerate(taken) if _has_number(line))
    if ends + 1 < len(taken) and ends - starts < 1 and not has_postcode(join(taken[ends])):
        ends += 1
    return taken[min(starts, 2) if starts <= 2 else starts : ends + 1]


def _has_number(line: Sequence[Token]) -> bool:
    return any(c.isdigit() for token in line for c in token.text)


def _is_stop(reader: Reader, line: Sequence[Token]) -> bool:
    kinds = {c.kind for c in reader.candidates_at(line)}
    if kinds & set(_STOP_KINDS):
        return True
    if Kind.PHONE in kinds and not has_postcode(join(line)) and _num_digits(line) >= 8:
        return True
    first = line[0]
    if first.text.endswith(":") or (len(line) > 1 and line[1].text == ":"):
        return True
    return any(
        h.is_leading and h.is_closed and h.segment.tokens[h.start] is first
        for h in reader.hits_at(first)
    )


def _num_digits(line: Sequence[Token]) -> int:
    return sum(c.isdigit() for token in line for c in token.text)


def is_country(tokens: Sequence[Token]) -> bool:
    """Return whether a line is nothing but the name of a country."""
    return len(tokens) <= 4 and country_code(join(tokens)) is not None


def folded(tokens: Sequence[Token]) -> str:
    """Return the folded text of tokens."""
    return fold(join(tokens))
