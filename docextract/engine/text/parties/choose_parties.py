"""Decides who sells and who buys, from all claims to a role: two roles, two names.

Knows nothing of amounts or tables; a name is a line of print, an address lines below it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from docextract.engine.text.parties.address_window import windows
from docextract.engine.text.parties.blocks import Block, is_address_line
from docextract.engine.text.parties.labelled_parties import announced, is_order
from docextract.engine.text.parties.letterhead import letterheads
from docextract.engine.text.parties.mentions import domains, is_in_known_language
from docextract.engine.text.text_document import (
    Factors,
    Reader,
    Token,
    fold,
    join,
    level,
    score_of,
)
from docextract.engine.text.values.names import COMPANY_FORM, bare_name, is_same_name
from docextract.schema import Field, Role

_OTHER_SIDE = {Role.SELLER: Role.BUYER, Role.BUYER: Role.SELLER}


@dataclass(frozen=True, eq=False, slots=True)
class Party:
    """One party: its name, its address lines and the part of the page that is its own."""

    role: Role
    name: list[Token]
    address: list[list[Token]]
    factors: Factors
    zone: set[int]
    keys: set[int]
    is_announced: bool = False
    is_confirmed: bool = False
    score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "score", score_of(self.factors))

    def doubted(self, reason: str, is_so: bool = True) -> Party:
        """Return the party with a doubt about its name."""
        return replace(self, factors=(*self.factors, (f"doubt.{reason}", is_so)))


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
    claims = {role: list(_labelled(reader, role, wanted, skip)) for role in wanted}
    is_alone = addressee not in wanted
    if is_alone and issuer in wanted:
        claims[issuer] = _shop_claims(reader, claims[issuer])
    parties = {role: _best(found) for role, found in claims.items() if found}
    taken = {key for party in parties.values() if party.role is not issuer for key in party.keys}
    if issuer in wanted and not _is_settled(claims[issuer]):
        is_bank = issuer is Role.BANK
        found = letterheads(reader, taken, skip, not is_alone, is_bank)
        claims[issuer] += [
            _party(issuer, block, why, is_confirmed=is_confirmed)
            for block, why, is_confirmed in found
        ]
    if addressee in wanted and not _is_settled(claims[addressee]):
        claims[addressee] += [_party(addressee, block, why) for block, why in windows(reader, skip)]
    issuers, addressees = claims.get(issuer, []), claims.get(addressee, [])
    issuers = [one for one in issuers if not _is_addressee(one, addressees)]
    is_shop = is_alone and bool(issuers)
    chosen = [_best(issuers)] if is_shop else _choose(reader, issuers, addressees)
    is_guess = not is_alone and not is_in_known_language(reader)
    for party in chosen:
        is_doubtful = is_guess or _is_doubtful(reader, party, is_alone)
        parties[party.role] = party.doubted("unlabelled", is_doubtful and not party.is_announced)
    return parties


def _labelled(
    reader: Reader, role: Role, wanted: dict[Role, list[Field]], skip: set[int]
) -> Iterator[Party]:
    """Yield the parties that labels announce in a role.

    ``To`` and ``From`` are words of invoices for buyer and seller; on an order they are the
    other way round.
    """
    other = _OTHER_SIDE.get(role)
    if other not in wanted or not is_order(reader):
        found = announced(reader, wanted[role], skip)
    else:
        found = itertools.chain(
            announced(reader, wanted[role], skip, directional=False),
            announced(reader, wanted[other], skip, directional=True),
        )
    for block, why in found:
        yield _party(role, block, why, is_announced=True)


def _sides(reader: Reader, wanted: dict[Role, list[Field]]) -> tuple[Role, Role]:
    """Return who issues the document and to whom it is addressed."""
    if is_order(reader):
        return Role.BUYER, Role.SELLER
    return (Role.BANK, Role.HOLDER) if Role.BANK in wanted else (Role.SELLER, Role.BUYER)


def _best(claims: list[Party]) -> Party:
    """Return the best of some claims; of about equal ones the first on the page."""
    best = claims[0]
    for claim in claims[1:]:
        if claim.score > best.score + level("alike"):
            best = claim
    return best


def _is_settled(claims: list[Party]) -> bool:
    return any(claim.score >= level("sure_claim") for claim in claims)


def _choose(reader: Reader, issuers: list[Party], addressees: list[Party]) -> list[Party]:
    """Return the pair of different names with the best joint score; either may be missing."""
    pairs = [
        Pair(_worth(one, bool(addressees)) + _worth(other, bool(addressees)), one, other)
        for one, other in itertools.product([*issuers, None], [*addressees, None])
        if not _is_one(one, other)
    ]
    best = max(pairs, key=lambda pair: round(pair.worth, 9))
    close = [pair for pair in pairs if best.worth - pair.worth < level("close")]
    issuer = _settled(best.issuer, [pair.issuer for pair in close])
    addressee = _settled(best.addressee, [pair.addressee for pair in close])
    if issuer is not None:
        issuer = issuer.doubted("logo", _is_logo(reader, issuer, issuers))
        issuer = _with_own_address(_with_full_name(issuer, issuers), addressee)
    return [party for party in (issuer, addressee) if party is not None]


def _worth(party: Party | None, has_rival_role: bool) -> float:
    if party is None:
        return 0.0
    # ``Remit to: First Trust`` names a bank; a seller's label stands over an address too.
    is_whole = bool(party.address) or party.role in (Role.BUYER, Role.HOLDER)
    is_firm = party.is_announced and party.score > level("doubted") and is_whole
    bonus = level("announced") if has_rival_role and is_firm else 0.0
    return party.score + bonus - level("role_left_open")


def _is_one(one: Party | None, other: Party | None) -> bool:
    """Return whether two claims are to the same print or to the same name."""
    if one is None or other is None:
        return False
    if _overlap(one.name, [other.name, *other.address]) or _overlap(other.name, one.address):
        return True
    if not one.is_announced and any(id(token) in other.keys for token in one.name):
        return True
    return is_same_name(join(one.name), join(other.name))


def _is_addressee(one: Party, addressees: list[Party]) -> bool:
    """Return whether the one block of an address is the addressee's, its sender a picture.

    Nothing but its place speaks for such an issuer, and nobody else is the addressee.
    """
    if one.is_announced or one.is_confirmed or not addressees:
        return False
    return all(_is_one(one, other) for other in addressees)


def _overlap(name: list[Token], lines: list[list[Token]]) -> bool:
    printed = {id(token) for line in lines for token in line}
    return any(id(token) in printed for token in name)


def _is_in_domain(reader: Reader, party: Party) -> bool:
    """Return whether an e-mail or web address of the page is the party's own."""
    name = fold(join(party.name))
    return any(domain in name for domain in domains(reader, party.name[0].page))


def _is_logo(reader: Reader, issuer: Party, issuers: list[Party]) -> bool:
    """Return whether a name lacks an address where another heads the page over one of its own."""
    if issuer.is_announced or issuer.address or _is_in_domain(reader, issuer):
        return False
    return any(other.address and other.is_confirmed for other in issuers if other is not issuer)


def _with_full_name(issuer: Party, issuers: list[Party]) -> Party:
    """Let ``Acme GmbH`` of the small print replace the ``acme`` of a letterhead."""
    if COMPANY_FORM.search(join(issuer.name)):
        return issuer
    for claim in issuers:
        name = join(claim.name)
        if COMPANY_FORM.search(name) and bare_name(name) == bare_name(join(issuer.name)):
            return replace(issuer, name=claim.name, address=issuer.address or claim.address)
    return issuer


def _with_own_address(issuer: Party, addressee: Party | None) -> Party:
    """Return the issuer without the lines of its address that are the addressee's."""
    foreign = {id(token) for line in (addressee.address if addressee else ()) for token in line}
    own = [line for line in issuer.address if not any(id(token) in foreign for token in line)]
    return replace(issuer, address=own)


def _settled(party: Party | None, rivals: list[Party | None]) -> Party | None:
    """Return a chosen party, in doubt where another name holds its place about as well."""
    if party is None or party.is_announced:
        return party
    name = join(party.name)
    others = (rival for rival in rivals if rival is not None)
    return party.doubted("close_rival", any(not is_same_name(name, join(o.name)) for o in others))


def _is_doubtful(reader: Reader, party: Party, is_alone: bool) -> bool:
    """Return whether an unlabelled name is about as likely wrong as right.

    That is one read unsurely, one that looks like an address, one that nothing else on the
    pages speaks for, and on a till receipt, whose top holds much else, one with neither a
    company's form nor large print, or a shop's name above that of another company.
    """
    has_form = bool(COMPANY_FORM.search(join(party.name)))
    is_unsure = any((t.page, t.word) in reader.layout.unsure for t in party.name)
    is_weak = is_alone and (
        (party.score < level("likely") and not has_form) or not party.is_confirmed
    )
    is_bare = not (is_alone or has_form or party.address or _is_echoed(reader, party))
    return is_unsure or is_weak or is_bare or is_address_line(party.name)


def _is_echoed(reader: Reader, party: Party) -> bool:
    """Return whether a name is printed again, be it within an e-mail or web address."""
    name = bare_name(join(party.name))
    return sum(name in fold(segment.text) for segment in reader.layout.segments) > 1


def _shop_claims(reader: Reader, claims: list[Party]) -> list[Party]:
    """Return the labelled claims to a till receipt's shop, none of them sure.

    ``Store:`` names the branch as often as the shop, whose name stands on top; where a till
    prints ``Store: 5``, what follows below is no name at all.
    """
    return [
        replace(party, factors=(*party.factors, ("named.branch", 1)))
        for party in claims
        if not _is_below_label(reader, party)
    ]


def _is_below_label(reader: Reader, party: Party) -> bool:
    if not party.name or not party.zone:
        return False
    return reader.line_of.get(id(party.name[0]), -1) > min(party.zone)


def _wanted_roles(reader: Reader) -> dict[Role, list[Field]]:
    wanted: dict[Role, list[Field]] = {}
    for item in reader.index.fields.values():
        if item.role is not None and item.list_path is None:
            wanted.setdefault(item.role, []).append(item)
    if Role.SELLER in wanted:
        wanted.pop(Role.BANK, None)
        wanted.pop(Role.HOLDER, None)
    return wanted


def _party(
    role: Role,
    block: Block,
    why: Factors,
    *,
    is_announced: bool = False,
    is_confirmed: bool = False,
) -> Party:
    name, address = block.name, block.address
    return Party(role, name, address, why, block.zone, block.keys, is_announced, is_confirmed)
