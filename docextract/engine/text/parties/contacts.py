"""Gives tax ids, e-mails, telephones and sites to the party they stand with.

Knows nothing of how the parties were found, nor of values that belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from docextract.engine.text.parties.addresses import is_address, is_country
from docextract.engine.text.parties.blocks import Party, leads_to_company
from docextract.engine.text.parties.labelled_claims import is_by_buyer
from docextract.engine.text.text_document import (
    Candidate,
    Option,
    Reader,
    Token,
    fold,
    given,
    join,
    level,
    num_digits,
    pattern,
)
from docextract.schema import Field, Kind, Role

OWN_KINDS = (Kind.TAX_ID, Kind.EMAIL, Kind.PHONE, Kind.URL)
_ADDRESSEE_WORDS = re.compile(rf"\b(?:{pattern('parties', 'addressee')})\b", re.IGNORECASE)
_ISSUER_WORDS = re.compile(rf"\b(?:{pattern('parties', 'issuer')})\b", re.IGNORECASE)
_NUMBER_OF_YEAR = re.compile(r"\d{1,6}/(?:19|20)\d\d")
"""A document's number within a year, which no authority gives for a tax id."""
_LEADING, _FOOT, _ASIDE = 1.3, 0.8, 0.28
_MAX_HEAD = 3
_CLOSE, _BESIDE, _FAR = 5, 8, 99
"""Lines from a party's block: within it, at its side or below, and on another page."""


def owned_options(
    reader: Reader, options: dict[str, list[Option]], parties: dict[Role, Party]
) -> dict[str, Option]:
    """Give tax ids, e-mails, phones and sites to the party they stand with.

    Unlabelled ones count too, as their shape is unmistakable; each is given once.
    """
    issuer = Role.BUYER if is_by_buyer(reader) else Role.SELLER
    owned = [
        option.also(_ownership(reader, option, item, parties, issuer))
        for item in reader.index.fields.values()
        if item.kind in OWN_KINDS and item.list_path is None
        for option in [*options.get(item.path, []), *_bare(reader, item, options)]
        if item.kind is not Kind.TAX_ID or not _NUMBER_OF_YEAR.fullmatch(option.text)
    ]
    chosen: dict[str, Option] = {}
    given_away: set[str] = set()
    for option in sorted(owned, key=lambda option: -option.score):
        value = fold(option.text)
        if option.score < level("owned") or option.path in chosen or value in given_away:
            continue
        chosen[option.path] = option
        given_away.add(value)
    return chosen


def _bare(reader: Reader, item: Field, options: Mapping[str, Sequence[Option]]) -> Iterator[Option]:
    """Yield options for values of a kind, without a label; one whose label says whose is none."""
    is_phone = item.kind is Kind.PHONE
    told = {
        id(o.tokens[0]) for o in options.get(item.path, ()) if _ADDRESSEE_WORDS.search(_label(o))
    }
    if is_phone and not item.role:
        return
    for candidates in reader.candidates.values():
        for c in candidates:
            if (
                c.kind is item.kind
                and (not is_phone or _is_phone(c))
                and id(c.tokens[0]) not in told
            ):
                factor = "owner.phone_alone" if is_phone else "owner.kind_alone"
                yield Option.of(item.path, c, factor)


def _is_phone(candidate: Candidate) -> bool:
    text = candidate.text
    return 8 <= num_digits(text) <= 15 and (text[0] in "+(" or (text[0] == "0" and " " in text))


def _ownership(
    reader: Reader, option: Option, item: Field, parties: dict[Role, Party], issuer: Role
) -> str:
    """Return the factor that says how a value's place agrees with whose it should be."""
    if item.role is None:
        return "owner.nobody"
    is_issuer = item.role in (issuer, Role.BANK)
    label = _label(option) or _words_at(reader, option)
    is_addressees = bool(_ADDRESSEE_WORDS.search(label))
    if is_addressees or _ISSUER_WORDS.search(label):
        return "owner.named" if is_issuer != is_addressees else "owner.other_named"
    if item.kind is Kind.TAX_ID and is_issuer and _is_third_partys(option, parties.get(issuer)):
        return "owner.other_named"
    token = option.tokens[0]
    distances = {role: _distance(reader, party, token) for role, party in parties.items()}
    own = distances.pop(item.role, _FAR)
    foreign = min(distances.values(), default=_FAR)
    if not is_issuer:
        return "owner.beside_addressee" if own <= _CLOSE and own < foreign else "owner.far"
    is_foot = token.top > _FOOT * reader.layout.sizes[token.page][1]
    if not is_foot and foreign <= _BESIDE and foreign < own:
        return "owner.beside_other"
    return "owner.close" if own <= _CLOSE or is_foot else "owner.apart"


def _label(option: Option) -> str:
    """Return the label of an option with the words around it."""
    hit = option.hit
    return join(hit.segment.tokens[max(0, hit.start - 2) : hit.end + 1]) if hit else ""


def _words_at(reader: Reader, option: Option) -> str:
    """Return the few words before a value that no known label gives, and those of its head.

    Examples: ``CIF cliente: ESB90890526``; ``USt-IdNr. Kunde`` above the value.
    """
    token, segment = option.tokens[0], option.candidate.segment if option.candidate else None
    if segment is None:
        return ""
    before = [t for t in reader.layout.lines[segment.line].tokens if t.left < token.left]
    heads = (s for s in reader.layout.above(segment) if abs(s.left - token.left) < token.height)
    head = [t for s in heads if len(s.tokens) <= _MAX_HEAD for t in s.tokens]
    return join([*before[-_MAX_HEAD:], *head])


def _is_third_partys(option: Option, issuer: Party | None) -> bool:
    """Return whether words lead to another company before a number: ``Carriage by Ox Ltd, VAT``."""
    holder = option.candidate or option.hit
    if holder is None:
        return False
    before = join([t for t in holder.segment.tokens if t.left < option.tokens[0].left])
    return leads_to_company(before, join(issuer.name) if issuer is not None else "")


def _distance(reader: Reader, party: Party, token: Token) -> float:
    """Return how many lines a token is from a party's block; far where beside it."""
    name = party.name[0]
    if name.page != token.page:
        return _FAR
    lines = [reader.layout.lines[at] for at in party.block.zone]
    off = min((abs(token.top - x.top) for x in lines if x.page == token.page), default=0.0)
    is_beside = abs(name.left - token.left) > _ASIDE * reader.layout.sizes[token.page][0]
    return off / max(_LEADING * token.height, 1e-6) + (_BESIDE if is_beside else 0)


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
        if item.kind is Kind.ADDRESS:
            options += _address_option(item, party)
        elif item.kind is Kind.COUNTRY:
            options += _country_options(reader, item, party)
        elif _is_name(item) and (text := clean_name(party.name)):
            why = ("party.claim", party.score), ("party.second", party.is_second)
            options.append(Option(item.path, party.name, text, why))
    return options


def _country_options(reader: Reader, item: Field, party: Party) -> list[Option]:
    """Return the country lines under a party's address."""
    lines = (reader.layout.lines[number] for number in sorted(party.block.zone))
    return [
        Option(item.path, segment.tokens, segment.text, given("alone.country"))
        for line in lines
        for segment in line.segments
        if abs(segment.left - party.name[0].left) < 3 * segment.height
        if is_country(segment.tokens)
    ]


def _is_name(item: Field) -> bool:
    """Return whether a field holds a party's name, also where it is declared as mere text."""
    if item.kind is Kind.TEXT:
        return item.name in ("name", str(item.role))
    return item.kind is Kind.NAME and item.name != "contact"


def _address_option(item: Field, party: Party) -> list[Option]:
    lines = [line for line in party.address if not _is_no_address(line)]
    is_sure = any(is_address(join(line)) for line in lines)
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
    return bool(_NO_ADDRESS.match(text)) and not is_address(text)


_AROUND = re.compile(r"^(?:\W*\s)?[.,:;|·•~_]*(?=\S*\w)|(?:\s+[|·•*_=-]+|[\s:;,|·•]+)$")
"""What stands apart before or behind a name, and separators glued to it."""


def clean_name(tokens: Sequence[Token]) -> str:
    """Return a name's text without the punctuation around it; ``'t Hart`` keeps its own sign."""
    text = _AROUND.sub("", join(tokens))
    return _REGISTRATION.sub("", text) or text
