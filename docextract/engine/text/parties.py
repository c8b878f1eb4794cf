"""Decides who sells and who buys, from all claims to a role: two roles, two names.

Knows nothing of amounts or tables; a name is a line of print, an address lines below it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from docextract.engine.text.announced import announced
from docextract.engine.text.blocks import Block, is_address_line, is_country
from docextract.engine.text.evidence import Option, Reader
from docextract.engine.text.letterhead import letterheads
from docextract.engine.text.names import COMPANY_FORM, is_same_name
from docextract.engine.text.tokens import Token, join
from docextract.engine.text.window import windows
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind, Role

_SURE = 0.8
_WEAK = 0.615
_ANNOUNCED = 0.25
"""What a label adds to a claim when roles compete for a name."""
_PRICE = 0.3
"""What a claim must be worth to be better than leaving its role open."""
_CLOSE = 0.045
"""Two choices that differ by less are about as likely one as the other."""
_LEAST_ADDRESS = 0.5
_DOUBTED = 0.28
"""Score of a value that stays in the answer, but below the odds of a verified one."""
_FEW_LETTERS = 12
_NUMBER_DIGITS = 5
_SEPARATORS = frozenset("|·•-–—*,")
_REGISTRATION = re.compile(r"\s*\(?(?:\d{4,9}-[A-Z]{1,2}|[A-Z]{2}\d{7}-[A-Z])\)?\s*$")
_PHONE = re.compile(r"[+(]?[\d ()./-]{7,24}\W{0,3}")
_NO_ADDRESS = re.compile(
    r"^\W{0,4}(?:tel|phone|fax|mobile|gst|vat|tax|reg|co\.? ?reg|invoice|rechnung|bill|order|serial"
    r"|shop|store|branch|table|guests?|cashier|check|ust|steuer|uid|siret|siren|nif|cif|abn|tin"
    r"|kvk|btw)[ .-]{0,3}(?:nr|no|num|number|id)?\b\W{0,4}(?=\w{0,20}\d|$)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Party:
    """One party: its name, its address lines and the part of the page that is its own."""

    role: Role
    name: list[Token]
    address: list[list[Token]]
    score: float
    zone: set[int] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)
    is_announced: bool = False


class Pair(NamedTuple):
    """Who may issue a document and to whom, with what both claims are worth together."""

    worth: float
    issuer: Party | None
    addressee: Party | None


def find_parties(reader: Reader, skip: set[int]) -> dict[Role, Party]:
    """Return the parties the schema asks for that the pages show.

    Args:
        reader: the document.
        skip: ids of segments that belong to tables.
    """
    wanted = _wanted_roles(reader)
    issuer, addressee = _sides(reader, wanted)
    claims = {
        role: [
            _party(role, block, score, is_announced=True)
            for block, score in announced(reader, fields, skip)
        ]
        for role, fields in wanted.items()
    }
    parties = {role: _best(found) for role, found in claims.items() if found}
    taken = {key for party in parties.values() if party.role is not issuer for key in party.keys}
    if issuer in wanted and not _is_settled(claims[issuer]):
        is_bank = issuer is Role.BANK
        found = letterheads(reader, taken, skip, addressee in wanted, is_bank)
        claims[issuer] += [_party(issuer, block, score) for block, score in found]
    if addressee in wanted and not _is_settled(claims[addressee]):
        claims[addressee] += [
            _party(addressee, block, score) for block, score in windows(reader, skip)
        ]
    chosen = _choose(claims.get(issuer, []), claims.get(addressee, []))
    is_alone = addressee not in wanted
    for party in chosen:
        if not party.is_announced and _is_doubtful(reader, party, is_alone):
            party.score = min(party.score, _DOUBTED)
        parties[party.role] = party
    return parties


def _sides(reader: Reader, wanted: dict[Role, list[Field]]) -> tuple[Role, Role]:
    """Return who issues the document and to whom it is addressed."""
    if is_order(reader):
        return Role.BUYER, Role.SELLER
    return (Role.BANK, Role.HOLDER) if Role.BANK in wanted else (Role.SELLER, Role.BUYER)


def _best(claims: list[Party]) -> Party:
    """Return the best of some claims; of about equal ones the first on the page."""
    best = claims[0]
    for claim in claims[1:]:
        if claim.score > best.score + 0.02:
            best = claim
    return best


def _is_settled(claims: list[Party]) -> bool:
    return any(claim.score >= _SURE for claim in claims)


def _choose(issuers: list[Party], addressees: list[Party]) -> list[Party]:
    """Return the pair of different names with the best joint score; either may be missing."""
    bonus = _ANNOUNCED if addressees else 0.0
    pairs = [
        Pair(_worth(one, bonus) + _worth(other, bonus), one, other)
        for one, other in itertools.product([*issuers, None], [*addressees, None])
        if not _is_one(one, other)
    ]
    best = max(pairs, key=lambda pair: round(pair.worth, 9))
    _doubt_close(best, pairs)
    _part_addresses(best)
    if best.issuer is None and best.addressee is not None and best.addressee.is_announced:
        best = best._replace(issuer=_namesake(issuers, best.addressee))
    return [party for party in (best.issuer, best.addressee) if party is not None]


def _worth(party: Party | None, bonus: float) -> float:
    if party is None:
        return 0.0
    is_firm = party.is_announced and party.score > _DOUBTED
    return party.score + bonus * is_firm - _PRICE


def _is_one(one: Party | None, other: Party | None) -> bool:
    """Return whether two claims are to the same print or to the same name."""
    if one is None or other is None:
        return False
    named = {id(token) for token in one.name}
    if any(id(token) in named for token in other.name):
        return True
    return is_same_name(join(one.name), join(other.name))


def _doubt_close(best: Pair, pairs: list[Pair]) -> None:
    """Lower the score of a chosen party whose place another name holds about as well."""
    close = [pair for pair in pairs if best.worth - pair.worth < _CLOSE]
    _doubt_rivals(best.issuer, [pair.issuer for pair in close])
    _doubt_rivals(best.addressee, [pair.addressee for pair in close])


def _namesake(issuers: list[Party], addressee: Party) -> Party | None:
    """Return who bills itself: the addressee's name printed elsewhere, kept in doubt."""
    own = {id(token) for token in addressee.name}
    for claim in sorted(issuers, key=lambda claim: -claim.score):
        if not any(id(token) in own for token in claim.name):
            claim.score = min(claim.score, _DOUBTED)
            return claim
    return None


def _part_addresses(pair: Pair) -> None:
    """Take from the issuer's address the lines that are the addressee's."""
    if pair.issuer is None or pair.addressee is None:
        return
    foreign = {id(token) for line in pair.addressee.address for token in line}
    pair.issuer.address = [
        line for line in pair.issuer.address if not any(id(token) in foreign for token in line)
    ]


def _doubt_rivals(party: Party | None, rivals: list[Party | None]) -> None:
    if party is None or party.is_announced:
        return
    name = join(party.name)
    if any(rival is not None and not is_same_name(name, join(rival.name)) for rival in rivals):
        party.score = min(party.score, _DOUBTED)


def _is_doubtful(reader: Reader, party: Party, is_alone: bool) -> bool:
    """Return whether an unlabelled name is about as likely wrong as right.

    That is one read unsurely, one that looks like an address, and on a till receipt, whose
    top holds much else, one with neither a company's form nor large print.
    """
    is_unsure = any((t.page, t.word) in reader.layout.unsure for t in party.name)
    is_weak = is_alone and party.score < _WEAK and not COMPANY_FORM.search(join(party.name))
    return is_unsure or is_weak or is_address_line(party.name)


def _wanted_roles(reader: Reader) -> dict[Role, list[Field]]:
    wanted: dict[Role, list[Field]] = {}
    for item in reader.index.fields.values():
        if item.role is not None and item.list_path is None:
            wanted.setdefault(item.role, []).append(item)
    if Role.SELLER in wanted:
        wanted.pop(Role.BANK, None)
        wanted.pop(Role.HOLDER, None)
    return wanted


def is_order(reader: Reader) -> bool:
    """Return whether the buyer writes the document: its number is an order's own."""
    concepts = set(reader.index.concept_of.values())
    return "po_number" in concepts and "invoice_number" not in concepts


def _party(role: Role, block: Block, score: float, *, is_announced: bool = False) -> Party:
    return Party(role, block.name, block.address, score, block.zone, block.keys, is_announced)


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
                options.append(Option(item.path, party.name, text, party.score))
        elif item.kind is Kind.ADDRESS:
            options += _address_option(item, party)
    return options


def _address_option(item: Field, party: Party) -> list[Option]:
    lines = [_address_part(line) for line in party.address if not _is_no_address(line)]
    is_sure = any(is_address_line(line) for line in lines)
    num_letters = sum(c.isalpha() for line in lines for t in line for c in t.text)
    if not is_sure and num_letters < _FEW_LETTERS:
        return []
    tokens = [t for line in lines for t in line]
    text = ", ".join(join(line).strip(" ,;|·•-–") for line in lines)
    # A street is the party's own even where its name is in doubt.
    score = max(party.score, _LEAST_ADDRESS) * (0.95 if is_sure else 0.6)
    return [Option(item.path, tokens, text, score)]


def _address_part(line: list[Token]) -> list[Token]:
    """Return the part of a line such as ``J. Doe | 2 Mill Lane | 8010 Graz | Tel. 55``.

    Of the parts between separators those are kept that stand from the first to the last
    street or city; lines without separators are kept up to a label such as ``GSTIN:``.
    """
    for at, (token, following) in enumerate(itertools.pairwise(line)):
        is_number = sum(c.isdigit() for c in following.text) >= _NUMBER_DIGITS
        if at and is_number and token.text.endswith(":"):
            line = line[:at]
            break
    parts: list[list[Token]] = [[]]
    for token in line:
        if token.fold or token.text not in _SEPARATORS:
            parts[-1].append(token)
        else:
            parts.append([])
    places = [at for at, part in enumerate(parts) if part and is_address_line(part)]
    if not places or len(parts) < 3:
        return line
    last = places[-1]
    while last + 1 < len(parts) and parts[last + 1] and is_country(parts[last + 1]):
        last += 1
    kept = {id(token) for part in parts[places[0] : last + 1] for token in part}
    inside = [at for at, token in enumerate(line) if id(token) in kept]
    return line[inside[0] : inside[-1] + 1]


def _is_no_address(line: Sequence[Token]) -> bool:
    """Return whether a line is a registration, a telephone or another labelled number."""
    text = join(line)
    if _REGISTRATION.fullmatch(text) or _PHONE.fullmatch(text):
        return True
    return bool(_NO_ADDRESS.match(text)) and not is_address_line(line)


def _is_name_text(item: Field) -> bool:
    return item.kind is Kind.TEXT and item.name in ("name", str(item.role))


def clean_name(tokens: Sequence[Token]) -> str:
    """Return a name's text without the punctuation around it."""
    text = re.sub(r"^[\s\W]+(?=\w)|[\s:;,|·•*_=-]+$", "", join(tokens))
    return _REGISTRATION.sub("", text) or text
