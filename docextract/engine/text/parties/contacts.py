"""Gives tax ids, e-mails, telephones and sites to the party they stand with.

Knows nothing of how the parties were found, nor of values that belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from docextract.engine.text.parties.blocks import is_address_line, is_country
from docextract.engine.text.parties.choose_parties import Party
from docextract.engine.text.parties.labelled_parties import is_order
from docextract.engine.text.text_document import (
    Candidate,
    Option,
    Reader,
    Token,
    fold,
    given,
    join,
    level,
    pattern,
)
from docextract.schema import Field, Kind, Role

OWN_KINDS = (Kind.TAX_ID, Kind.EMAIL, Kind.PHONE, Kind.URL)
_ADDRESSEE_WORDS = re.compile(rf"\b(?:{pattern('parties', 'addressee')})\b", re.IGNORECASE)
_ISSUER_WORDS = re.compile(rf"\b(?:{pattern('parties', 'issuer')})\b", re.IGNORECASE)
_NUMBER_OF_YEAR = re.compile(r"\d{1,6}/(?:19|20)\d\d")
"""A document's number within a year, which no authority gives for a tax id."""
_LEADING = 1.3
_FOOT = 0.8
_CLOSE, _BESIDE, _FAR = 5, 8, 99
"""Lines from a party's block: within it, at its side or below, and on another page."""


def owned_options(
    reader: Reader, options: dict[str, list[Option]], parties: dict[Role, Party]
) -> dict[str, Option]:
    """Give tax ids, e-mails, phones and sites to the party they stand with.

    Unlabelled ones count too, as their shape is unmistakable; each is given once.
    """
    fields = [
        f for f in reader.index.fields.values()
        if f.kind in OWN_KINDS and f.list_path is None
    ]  # fmt: skip
    scored: list[tuple[float, int, Option]] = []
    for item in fields:
        for option in [*options.get(item.path, []), *_bare(reader, item)]:
            if item.kind is Kind.TAX_ID and _NUMBER_OF_YEAR.fullmatch(option.text):
                continue
            owned = option.also(_ownership(reader, option, item, parties))
            scored.append((-owned.score, len(scored), owned))
    chosen: dict[str, Option] = {}
    owners: dict[str, str] = {}
    for negative, _, option in sorted(scored):
        value = fold(option.text)
        if option.path in chosen or value in owners or -negative < level("owned"):
            continue
        chosen[option.path] = option
        owners[value] = option.path
    return chosen


def _bare(reader: Reader, item: Field) -> list[Option]:
    why = given("owner.phone_alone" if item.kind is Kind.PHONE else "owner.kind_alone")
    if item.kind is Kind.PHONE and not item.role:
        return []
    return [
        Option(item.path, c.tokens, c.text, why, c)
        for candidates in reader.candidates.values()
        for c in candidates
        if c.kind is item.kind and (c.kind is not Kind.PHONE or _is_phone(c))
    ]


def _is_phone(candidate: Candidate) -> bool:
    text = candidate.text
    digits = sum(c.isdigit() for c in text)
    return 8 <= digits <= 15 and (text[0] in "+(" or (text[0] == "0" and " " in text))


def _ownership(reader: Reader, option: Option, item: Field, parties: dict[Role, Party]) -> str:
    """Return the factor that says how a value's place agrees with whose it should be."""
    if item.role is None:
        return "owner.nobody"
    token = option.tokens[0]
    label = _line_part(reader, option)
    issuer = Role.BUYER if is_order(reader) else Role.SELLER
    is_issuer = item.role is issuer or item.role is Role.BANK
    if _ADDRESSEE_WORDS.search(label) or _ISSUER_WORDS.search(label):
        is_named = is_issuer != bool(_ADDRESSEE_WORDS.search(label))
        return "owner.named" if is_named else "owner.other_named"
    own = _distance(reader, parties.get(item.role), token)
    foreign = min(
        (_distance(reader, p, token) for r, p in parties.items() if r is not item.role),
        default=_FAR,
    )
    if not is_issuer:
        return "owner.beside_addressee" if own <= _CLOSE and own < foreign else "owner.far"
    is_foot = token.top > _FOOT * reader.layout.sizes[token.page][1]
    if not is_foot and foreign <= _BESIDE and foreign < own:
        return "owner.beside_other"
    return "owner.close" if own <= _CLOSE or is_foot else "owner.apart"


def _line_part(reader: Reader, option: Option) -> str:
    if option.hit is not None:
        segment = option.hit.segment
        return join(segment.tokens[max(0, option.hit.start - 2) : option.hit.end + 1])
    return ""


def _distance(reader: Reader, party: Party | None, token: Token) -> float:
    """Return how many lines a token is from a party's block; far where beside it."""
    if party is None or not party.name:
        return _FAR
    name = party.name[0]
    if name.page != token.page:
        return _FAR
    width = reader.layout.sizes[token.page][0]
    beside = abs(name.left - token.left) > 0.28 * width
    lines = reader.layout.lines
    tops = [lines[z].top for z in party.zone if z >= 0 and lines[z].page == token.page]
    off = min((abs(token.top - top) for top in tops), default=0.0)
    rows = off / max(_LEADING * token.height, 1e-6)
    return rows + (_BESIDE if beside else 0)


_FEW_LETTERS = 12
_REGISTRATION = re.compile(r"\s*\(?(?:\d{4,9}-[A-Z]{1,2}|[A-Z]{2}\d{7}-[A-Z])\)?\s*$")
_PHONE = re.compile(r"[+(]?[\d ()./-]{7,24}\W{0,3}")
_REACHED = re.compile(rf"\W*(?:{pattern('addresses', 'reached')})\b", re.IGNORECASE)
_NO_ADDRESS = re.compile(
    rf"^\W{{0,4}}(?:{pattern('addresses', 'no_part')})"
    r"[ .-]{0,3}(?:nr|no|num|number|id)?\b\W{0,4}(?=\w{0,20}\d|$)",
    re.IGNORECASE,
)


def party_options(reader: Reader, parties: dict[Role, Party]) -> list[Option]:
    """Return options for the names and addresses of the parties found."""
    options: list[Option] = []
    for item in reader.index.fields.values():
        party = parties.get(item.role) if item.role and item.list_path is None else None
        if party is None:
            continue
        if (item.kind is Kind.NAME and item.name != "contact") or _is_name_text(item):
            text = clean_name(party.name)
            if text:
                options.append(Option(item.path, party.name, text, (("party.claim", party.score),)))
        elif item.kind is Kind.ADDRESS:
            options += _address_option(item, party)
        elif item.kind is Kind.COUNTRY:
            options += _country_options(reader, item, party)
    return options


def _country_options(reader: Reader, item: Field, party: Party) -> list[Option]:
    """Return the country lines under a party's address."""
    lines = (reader.layout.lines[number] for number in sorted(party.zone) if number >= 0)
    return [
        Option(item.path, segment.tokens, segment.text, given("alone.country"))
        for segment in (segment for line in lines for segment in line.segments)
        if abs(segment.left - party.name[0].left) < 3 * segment.height
        if is_country(segment.tokens)
    ]


def _address_option(item: Field, party: Party) -> list[Option]:
    lines = [line for line in party.address if not _is_no_address(line)]
    is_sure = any(is_address_line(line) for line in lines)
    num_letters = sum(c.isalpha() for line in lines for t in line for c in t.text)
    if not is_sure and num_letters < _FEW_LETTERS:
        return []
    tokens = [t for line in lines for t in line]
    text = ", ".join(join(line).strip(" ,;|·•-–") for line in lines)
    # A street is the party's own even where its name is in doubt.
    why = (("party.claim", max(party.score, level("sole_address"))), *given("party.address"))
    return [Option(item.path, tokens, text, why if is_sure else given("doubt.no_address"))]


def _is_no_address(line: Sequence[Token]) -> bool:
    """Return whether a line is a registration, a telephone or another labelled number."""
    text = join(line)
    if _REGISTRATION.fullmatch(text) or _PHONE.fullmatch(text) or _REACHED.match(text):
        return True
    return bool(_NO_ADDRESS.match(text)) and not is_address_line(line)


def _is_name_text(item: Field) -> bool:
    return item.kind is Kind.TEXT and item.name in ("name", str(item.role))


def clean_name(tokens: Sequence[Token]) -> str:
    """Return a name's text without the punctuation around it."""
    text = re.sub(r"^[\s\W]+(?=\w)|[\s:;,|·•*_=-]+$", "", join(tokens))
    return _REGISTRATION.sub("", text) or text
