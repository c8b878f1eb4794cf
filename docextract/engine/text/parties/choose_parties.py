"""Decides who sells and who buys, from all claims to a role: two roles, two names.

Knows nothing of amounts or tables; a name is a line of print, an address lines below it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from docextract.engine.text.parties.address_windows import addressee_claims
from docextract.engine.text.parties.addresses import is_address
from docextract.engine.text.parties.blocks import Party
from docextract.engine.text.parties.first_page import FOOT, FirstPage
from docextract.engine.text.parties.labelled_claims import (
    delivery_tokens,
    is_by_buyer,
    labelled_claims,
)  # fmt: skip
from docextract.engine.text.parties.unlabelled_claims import issuer_claims
from docextract.engine.text.text_document import Reader, fold, join, level
from docextract.engine.text.values.names import COMPANY_FORM, bare_name, is_beginning, is_same_name
from docextract.normalise.locale.languages import may_be_known
from docextract.schema import Field, Role

Odds = Callable[[Party], float | None]
"""Tells how much likelier a claim's name is that of its role than any other print is."""
_MOST_ODDS = 2.0
_MIN_WORDS = 2
"""Names of fewer words begin as those of many others do."""
_OTHER_SIDE = {Role.SELLER: Role.BUYER, Role.BUYER: Role.SELLER}


def find_parties(reader: Reader, skip: set[int], odds: Odds) -> dict[Role, Party]:
    """Return the parties the schema asks for that the pages show.

    Args:
        reader: the document.
        skip: ids of segments that belong to tables.
        odds: what another reading says to a claim that no label makes.
    """
    wanted = _wanted_roles(reader)
    by_buyer = is_by_buyer(reader)
    issuer, addressee = _sides(wanted, by_buyer)
    is_alone = addressee not in wanted
    page = FirstPage(reader)
    claims = {role: list(_labelled(reader, role, wanted, skip, by_buyer)) for role in wanted}
    parties = {role: _best(found) for role, found in claims.items() if found}
    senders, receivers = claims.get(issuer, []), claims.get(addressee, [])
    if is_alone:
        # ``Store:`` names the branch as often as the shop, whose name stands on top.
        senders = [party.also("named.branch") for party in senders]
    others = [party.block for role, party in parties.items() if role is not issuer]
    if issuer in wanted and not _is_settled(senders):
        taken = {key for block in others for key in block.keys}
        taken |= delivery_tokens(reader) if by_buyer else set()
        senders += issuer_claims(page, issuer, skip, taken, is_alone)
    if addressee in wanted and not _is_settled(receivers):
        third = [party for role, party in parties.items() if role not in (issuer, addressee)]
        taken = {key for party in third for key in party.block.keys}
        taken |= delivery_tokens(reader) if by_buyer else set()
        receivers += addressee_claims(page, addressee, skip, taken)
    senders = [one for one in senders if not _is_addressee(one, receivers)]
    senders = [_with_full_name_of_head(page, one) for one in senders]
    is_shop = is_alone and bool(senders)
    for party in [_best(senders)] if is_shop else _choose(page, senders, receivers, odds):
        parties[party.role] = party.also("doubt.unlabelled", _is_doubtful(page, party, is_alone))
    return parties


def _labelled(
    reader: Reader, role: Role, wanted: dict[Role, list[Field]], skip: set[int], by_buyer: bool
) -> Iterator[Party]:
    """Yield the parties that labels announce in a role.

    ``To`` and ``From`` are words of invoices for buyer and seller; on an order they are the
    other way round.
    """
    other = _OTHER_SIDE.get(role)
    claims = partial(labelled_claims, reader, role, skip=skip, by_buyer=by_buyer)
    if other not in wanted or not by_buyer:
        yield from claims(wanted[role])
        return
    yield from claims(wanted[role], directional=False)
    yield from claims(wanted[other], directional=True)


def _wanted_roles(reader: Reader) -> dict[Role, list[Field]]:
    wanted: dict[Role, list[Field]] = {}
    for item in reader.index.fields.values():
        if item.role is not None and item.list_path is None:
            wanted.setdefault(item.role, []).append(item)
    if Role.SELLER in wanted:
        wanted.pop(Role.BANK, None)
        wanted.pop(Role.HOLDER, None)
    return wanted


def _sides(wanted: dict[Role, list[Field]], by_buyer: bool) -> tuple[Role, Role]:
    """Return who issues the document and to whom it is addressed."""
    if by_buyer:
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


def _choose(
    page: FirstPage, issuers: list[Party], addressees: list[Party], odds: Odds
) -> list[Party]:
    """Return the pair of different names with the best joint score; either may be missing."""
    worth = partial(_worth, odds=odds, has_rival_role=bool(addressees))
    pairs = [
        (round(worth(one) + worth(other), 9), one, other)
        for one, other in itertools.product([*issuers, None], [*addressees, None])
        if not _is_one(one, other)
    ]
    best, issuer, addressee = max(pairs, key=lambda pair: pair[0])
    close = [pair for pair in pairs if best - pair[0] < level("close")]
    if issuer is not None:
        issuer = _with_own_address(issuer, addressee)
        issuer = issuer.also("doubt.close_rival", _has_rival(issuer, (pair[1] for pair in close)))
        issuer = issuer.also("doubt.logo", _is_logo(page, issuer, issuers))
        issuer = _with_full_name(issuer, issuers)
    if addressee is not None:
        is_close = _has_rival(addressee, (pair[2] for pair in close))
        addressee = addressee.also("doubt.close_rival", is_close)
    return [party for party in (issuer, addressee) if party is not None]


def _worth(party: Party | None, odds: Odds, has_rival_role: bool) -> float:
    if party is None:
        return 0.0
    said = 0.0 if party.is_announced else odds(party) or 0.0
    said = level("second_odds") * max(-_MOST_ODDS, min(_MOST_ODDS, said))
    # ``Remit to: First Trust`` names a bank; a seller's label stands over an address too.
    is_whole = bool(party.address) or party.role in (Role.BUYER, Role.HOLDER)
    is_firm = party.is_announced and party.score > level("doubted") and is_whole
    bonus = level("announced") if has_rival_role and is_firm else 0.0
    return party.score + bonus + said - level("role_left_open")


def _is_one(one: Party | None, other: Party | None) -> bool:
    """Return whether two claims are to the same print or to the same name."""
    if one is None or other is None:
        return False
    own = {id(token) for line in (one.name, *one.address) for token in line}
    foreign = {id(token) for line in (other.name, *other.address) for token in line}
    foreign |= set() if one.is_announced else other.block.keys
    is_shared = any(id(t) in foreign for t in one.name) or any(id(t) in own for t in other.name)
    is_told = one.is_announced or other.is_announced
    is_begun = not is_told and is_beginning(one.text, other.text)
    return is_shared or is_begun or is_same_name(one.text, other.text)


def _is_addressee(one: Party, addressees: list[Party]) -> bool:
    """Return whether the one block of an address is the addressee's, its sender a picture.

    Nothing but its place speaks for such an issuer, and nobody else is the addressee.
    """
    if one.is_announced or one.is_confirmed or not addressees:
        return False
    return all(_is_one(one, other) for other in addressees)


def _has_rival(party: Party, others: Iterable[Party | None]) -> bool:
    """Return whether another name holds the place of one that no label announces as well."""
    return not party.is_announced and any(
        other is not None and not is_same_name(party.text, other.text) for other in others
    )


def _is_logo(page: FirstPage, issuer: Party, issuers: list[Party]) -> bool:
    """Return whether a name lacks an address where another heads the page over one of its own."""
    if issuer.is_announced or issuer.address or page.is_in_domain(fold(issuer.text)):
        return False
    if ("issuer.imprint", True) in issuer.factors:
        return False
    others = (one for one in issuers if not is_beginning(one.text, issuer.text))
    return any(other.address and other.is_confirmed for other in others)


def _with_full_name(issuer: Party, issuers: list[Party]) -> Party:
    """Let ``Acme GmbH`` of the small print replace the ``acme`` of a letterhead."""
    if COMPANY_FORM.search(issuer.text):
        return issuer
    for claim in issuers:
        if COMPANY_FORM.search(claim.text) and bare_name(claim.text) == bare_name(issuer.text):
            address = issuer.address or claim.address
            return replace(issuer, block=replace(issuer.block, name=claim.name, address=address))
    return issuer


def _with_full_name_of_head(page: FirstPage, issuer: Party) -> Party:
    """Let ``Acme Tools Ltd`` of the letterhead replace ``Acme Tools``, as a label names it."""
    if not issuer.is_announced or COMPANY_FORM.search(issuer.text) or len(issuer.name) < _MIN_WORDS:
        return issuer
    for line in page.names:
        if line.has_form and page.is_in_head(line.segment) and is_beginning(issuer.text, line.text):
            return replace(issuer, block=replace(issuer.block, name=line.tokens))
    return issuer


def _with_own_address(issuer: Party, addressee: Party | None) -> Party:
    """Return the issuer without the lines of its address that are the addressee's."""
    foreign = {id(token) for line in (addressee.address if addressee else ()) for token in line}
    own = [line for line in issuer.address if not any(id(token) in foreign for token in line)]
    is_left = len(own) == len(issuer.address) or any(is_address(join(line)) for line in own)
    return replace(issuer, block=replace(issuer.block, address=own if is_left else []))


def _is_doubtful(page: FirstPage, party: Party, is_alone: bool) -> bool:
    """Return whether an unlabelled name is about as likely wrong as right.

    That is one read unsurely, one that looks like an address, one in an unknown language or
    that nothing else on the pages speaks for, and on a till receipt, whose top holds much
    else, one with neither a company's form nor large print, or that is not confirmed.
    """
    if party.is_announced:
        return False
    unsure = page.reader.layout.unsure
    if any((t.page, t.word) in unsure for t in party.name) or is_address(party.text):
        return True
    has_form = bool(COMPANY_FORM.search(party.text))
    if page.depth(party.name[0]) >= FOOT and not party.is_confirmed:
        return True
    if is_alone:
        return not party.is_confirmed or (party.score < level("likely") and not has_form)
    is_echoed = page.num_prints(bare_name(party.text)) > 1
    return not (has_form or party.address or is_echoed) or not may_be_known(page.all_text)
