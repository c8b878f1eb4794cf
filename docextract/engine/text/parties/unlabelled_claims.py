"""Claims no label makes: names that stand where issuers print theirs.

Knows nothing of labelled blocks, which are tried first, nor of which claim wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import NamedTuple

from docextract.engine.text.parties.addresses import (
    address_below,
    is_address,
    is_country,
    split_sender_line,
)  # fmt: skip
from docextract.engine.text.parties.blocks import (
    Block,
    Party,
    block_from,
    continues,
    is_broken,
    is_labelled,
    read_block,
)
from docextract.engine.text.parties.first_page import (
    FOOT,
    HEAD,
    HOST,
    PLAIN_SIZE,
    FirstPage,
    NameLine,
)  # fmt: skip
from docextract.engine.text.text_document import (
    Factors,
    Segment,
    Token,
    fold,
    join,
    level,
    pattern,
    score_of,
)
from docextract.engine.text.values.names import LEGAL_FORM, is_contact, is_no_name, is_title
from docextract.schema import Role

_BANK = re.compile(pattern("banks", "head"), re.IGNORECASE)
_GREETINGS = re.compile(rf"\b(?:{pattern('names', 'courtesies')})\b", re.IGNORECASE)
_PAYABLES = re.compile(rf"\b(?:{pattern('parties', 'payables')})\b", re.IGNORECASE)
_MOTTO = re.compile(r"[^\W\d]{4,}[.!?]$")
"""How a sentence ends; a short word before a full stop is cut, as in ``Acme Inc.``."""
_PLAIN, _LARGEST = 1.15, 0.25 / 0.3
"""Print up to this many times the usual height is plain; beyond so much more none counts."""
_TYPE = 1.6
"""Print up to this many times the usual height is type, larger print may be drawn."""
_MAX_NAME, _MIN_REPEATED, _ALIKE = 8, 4, 4
_REACH_OF_TWO, _REACH_OF_ONE = 16, 7
"""How many names from the top down gain by their place, where there are two parties or one."""
_NUM_CLAIMS = 6
_MAX_OFFICE = 3
_MOST_LINES, _LETTERHEAD = 4, 1.3
"""A name is broken over so many lines at most; print so much larger is that of a letterhead."""
_MAX_BELOW = 9
"""So many lines below a name may be its own."""
_CONFIRMING = frozenset(
    f"issuer.{fact}"
    for fact in ("in_domain", "sender_line", "account_holder", "contact", "imprint")
)


class _Claim(NamedTuple):
    """A name that may be the issuer's, with what speaks for it and what that comes to."""

    line: NameLine
    factors: Factors
    score: float


def issuer_claims(
    page: FirstPage, role: Role, skip: set[int], taken: set[int], is_alone: bool
) -> list[Party]:
    """Return claims of names to be the issuer's, best first; of a receipt's shop only the best.

    Args:
        page: the first page.
        role: of who issues the document.
        skip: ids of segments that belong to tables.
        taken: ids of tokens that labels give to others.
        is_alone: whether the issuer is the only party, as a shop on its receipt.
    """
    lines = [line for line in page.names if id(line.segment) not in skip]
    found: list[_Claim] = []
    for rank, line in enumerate(lines):
        if is_alone:
            why = tuple(_shop_factors(page, line, rank))
        elif is_address(line.text) or is_labelled(line.tokens) or page.is_byline(line):
            continue
        else:
            why = tuple(_sender_factors(page, line, rank, role, taken))
        if (score := score_of(why)) >= level("claimed"):
            found.append(_Claim(line, why, score))
    found.sort(key=lambda claim: -claim.score)
    best = _likeliest_shop(page, found) if is_alone else found[:_NUM_CLAIMS]
    return [
        Party(role, block, claim.factors, is_confirmed=_is_confirmed(page, claim, role, is_alone))
        for claim in best
        if (block := _block(page, claim.line, is_alone))
    ]


def _factors(page: FirstPage, line: NameLine) -> Iterator[tuple[str, float]]:
    """Yield what the print of a name says, whoever issues the document."""
    yield "issuer.base", 1
    yield "issuer.form", line.has_form
    size = line.segment.height / page.height
    yield "issuer.size", min(_LARGEST, max(0.0, size - _PLAIN))
    yield "issuer.in_domain", _is_in_domain(page, line)
    yield "issuer.repeated", page.is_repeated(line.segment)
    yield "issuer.sender_line", _is_sender_line(page, line)
    yield "issuer.over_address", page.is_over_address(line.segment)
    yield "issuer.is_address", is_address(line.text) or is_country(line.tokens)
    yield "issuer.greeting", bool(_GREETINGS.search(line.text))
    yield "issuer.long", len(line.tokens) > _MAX_NAME
    depth = page.depth(line.segment)
    yield "issuer.in_the_middle", HEAD < depth < FOOT
    yield "issuer.bare_at_foot", depth >= FOOT and not line.has_form


def _is_in_domain(page: FirstPage, line: NameLine) -> bool:
    """Return whether an address on the web or a logo tells a name's own."""
    return page.is_in_domain(line.key) or page.has_logo(line.text, line.segment.height)


def _is_sender_line(page: FirstPage, line: NameLine) -> bool:
    """Return whether an address stands behind a name, in a line that continues none above."""
    has_number = any(t.text[0].isdigit() for t in line.rest)
    return has_number and not continues(page.reader, line.segment)


def _place(page: FirstPage, line: NameLine, rank: int, reach: int) -> float:
    """Return how near a name stands to the top of the page, 0 to 1."""
    return max(0.0, 1 - rank / reach) if page.is_in_head(line.segment) else 0.0


def _sender_factors(
    page: FirstPage, line: NameLine, rank: int, role: Role, taken: set[int]
) -> Iterator[tuple[str, float]]:
    """Yield what speaks for a name as that of the sender of a letter to somebody."""
    yield from _factors(page, line)
    yield "issuer.on_top_of_two", _place(page, line, rank, _REACH_OF_TWO)
    yield "issuer.form_of_two", line.has_form
    yield "issuer.inside_block", not line.has_form and continues(page.reader, line.segment)
    yield "issuer.under_larger", not line.has_form and page.is_under_larger(line.segment)
    yield "issuer.taken", id(line.tokens[0]) in taken
    yield "issuer.in_lower_half", page.is_in_lower_half(line.key)
    yield "issuer.contact", not line.rest and page.has_contact(line.segment)
    yield "issuer.imprint", page.is_imprint(line)
    yield "issuer.keeps_account", page.keeps_account(line.segment)
    if role is Role.BANK:
        yield "issuer.bank" if _BANK.search(line.text) else "issuer.no_bank", True
    else:
        # Where a bank issues the document, the holder of an account is its customer.
        yield "issuer.account_holder", page.holds_account(line.key)
        yield "issuer.payer", role is Role.SELLER and _pays(page, line.segment)
        is_company = role is Role.SELLER and line.has_form
        yield "issuer.has_ids", is_company and _has_ids(page, line.segment)


def _pays(page: FirstPage, name: Segment) -> bool:
    """Return whether an office that pays suppliers stands right below a name: a customer's."""
    lines = block_from(page.reader, name)[1 : 1 + _MAX_OFFICE]
    return any(_PAYABLES.search(line.text) for line in lines)


def _has_ids(page: FirstPage, name: Segment) -> bool:
    """Return whether all numbers of taxes and registers stand below a name: its own."""
    if not page.with_ids:
        return False
    below = islice(page.reader.layout.below(name, num_lines=2 * _MAX_BELOW), _MAX_BELOW)
    own = takewhile(lambda segment: id(segment) not in page.companies, below)
    return page.with_ids <= {id(segment) for segment in own}


def _shop_factors(page: FirstPage, line: NameLine, rank: int) -> Iterator[tuple[str, float]]:
    """Yield what speaks for a name as that of the shop on top of its receipt."""
    yield from _factors(page, line)
    yield "issuer.on_top_of_one", _place(page, line, rank, _REACH_OF_ONE)


def _is_confirmed(page: FirstPage, claim: _Claim, role: Role, is_alone: bool) -> bool:
    """Return whether a name is the issuer's by more than its place and an address below it.

    On top of a bank's paper stands its customer where the bank is a picture.
    """
    if is_alone:
        return _is_sure_shop(page, claim) and not _has_rival(page, claim.line.segment)
    if any(holds and name in _CONFIRMING for name, holds in claim.factors):
        return True
    is_customer = role is Role.BANK and not _BANK.search(claim.line.text)
    return not is_customer and page.is_topmost(claim.line.segment)


def _likeliest_shop(page: FirstPage, best: list[_Claim]) -> list[_Claim]:
    """Return the likeliest name of a shop; a company's outdoes one that nothing confirms."""
    if not best or best[0].line.has_form or _is_sure_shop(page, best[0]):
        return best[:1]
    companies = [c for c in best if c.line.has_form and page.is_in_head(c.line.segment)]
    return (companies or best)[:1]


def _is_sure_shop(page: FirstPage, claim: _Claim) -> bool:
    """Return whether more than its place speaks for a shop's name.

    A logo is read by OCR as often wrong as right, and what is written or stamped over a
    receipt is larger than its print. A legal form, a web address or the same name
    elsewhere settles it; so do words of ordinary size right above an address.
    """
    line = claim.line
    if line.has_form or page.is_in_domain(line.key):
        return HOST.search(line.text) is None
    if line.segment.text.endswith(",") or page.is_place(line.key):
        return False
    if len(line.key) >= _MIN_REPEATED and page.num_prints(line.key) > 1:
        return True
    is_over_address = page.is_over_address(line.segment)
    return claim.score > level("likely") and is_over_address and _is_type(page, line)


def _is_type(page: FirstPage, line: NameLine) -> bool:
    """Return whether a name is printed too small for a logo, whose letters OCR mixes up."""
    is_word = len(line.tokens) == 1
    size = line.segment.height / page.height
    if page.is_topmost(line.segment):
        # Nothing else is printed that could be the name.
        return size < PLAIN_SIZE and line.key.isalpha() if is_word else size < _TYPE
    return not is_word and size < PLAIN_SIZE


def _has_rival(page: FirstPage, name: Segment) -> bool:
    """Return whether the head holds another name: a larger one above, or a company's below."""
    heads = (other.segment for other in page.names if page.is_in_head(other.segment))
    return any(_is_rival(name, fold(name.text), other) for other in heads)


def _is_rival(name: Segment, key: str, other: Segment) -> bool:
    """Return whether a name leaves another in doubt.

    A logo of one word that begins alike is the same name, misread, and so is a part of it; a
    sentence is a motto.
    """
    other_key = fold(other.text)
    if other_key in key or key in other_key or is_address(other.text):
        return False
    if other.line > name.line:
        return bool(LEGAL_FORM.search(other.text)) and not LEGAL_FORM.search(name.text)
    if other.height <= PLAIN_SIZE * name.height or _MOTTO.search(other.text):
        return False
    return other.text[0].isalnum() and (len(other.tokens) > 1 or other_key[:_ALIKE] not in key)


def _block(page: FirstPage, line: NameLine, is_alone: bool) -> Block | None:
    """Return the block a name begins, with its address wherever that stands."""
    is_sender = not is_alone and is_address(join(line.rest))
    named = [line.segment] if line.rest else _name_lines(page, line.segment)
    segments = block_from(page.reader, named[-1], is_centred=is_alone)
    lines = [s.tokens for s in (() if is_sender else segments[1:])]
    name = [token for segment in named for token in segment.tokens]
    block = read_block(page.reader, [name, *lines], has_name=True)
    if block is None:
        return None
    if is_sender:
        block.address = [_until_label(line.rest)]
        return block
    found = address_below(page.reader, line.segment) if is_alone else []
    if not found and not block.has_address:
        beside = _address_beside(page, line, fold(block.text))
        found = beside or address_below(page.reader, line.segment)
    block.address = found or block.address
    block.zone |= {page.reader.line_of[id(part[0])] for part in found}
    block.keys |= {id(token) for part in found for token in part}
    return block


def _name_lines(page: FirstPage, segment: Segment) -> list[Segment]:
    """Return the lines of a name that is broken over several, of which one is known."""
    layout, found = page.reader.layout, [segment]
    while len(found) < _MOST_LINES:
        above, below = layout.next_to(found[0], -1), layout.next_to(found[-1], 1)
        if above is not None and _is_one_name(page, above, found[0]):
            found.insert(0, above)
        elif below is not None and (
            _is_one_name(page, found[-1], below) or _is_in_capitals([*found, below])
        ):
            found.append(below)
        else:
            break
    return found


def _is_in_capitals(lines: list[Segment]) -> bool:
    """Return whether a name of two lines goes on in a third, all of them in capitals."""
    is_part = not _is_no_part(lines[-1]) and lines[0].is_as_large(lines[-1])
    return len(lines) > 2 and is_part and all(line.text.isupper() for line in lines)


def _is_one_name(page: FirstPage, one: Segment, other: Segment) -> bool:
    """Return whether a name goes on from a line to the next.

    Their words say so, or another line that holds both, or print larger than that of the page.
    """
    if any(_is_no_part(segment) for segment in (one, other)):
        return False
    if page.num_prints(fold(one.text) + fold(other.text)) or is_broken(one.tokens, other.tokens):
        return True
    is_large = min(one.height, other.height) > _LETTERHEAD * page.height
    is_said = any(is_no_name(s.text) or is_title(s.text) for s in (one, other))
    return is_large and one.is_as_large(other) and not is_said


def _is_no_part(segment: Segment) -> bool:
    """Return whether a line is no part of a name: an address, a label, a number."""
    is_other = is_address(segment.text) or is_contact(segment.text)
    return is_other or is_labelled(segment.tokens) or any(map(str.isdigit, segment.text))


def _address_beside(page: FirstPage, named: NameLine, key: str) -> list[list[Token]]:
    """Return the address from a sender line or footer that repeats the issuer's name."""
    for segment in page.segments:
        if segment is named.segment or not fold(segment.text).startswith(key):
            continue
        rest = split_sender_line(segment.tokens)[1]
        if is_address(join(rest)):
            return [_until_label(rest)]
        block = read_block(page.reader, [s.tokens for s in block_from(page.reader, segment)])
        if block and block.has_address:
            return block.address
    return []


def _until_label(tokens: list[Token]) -> list[Token]:
    """Return the tokens before a label such as ``SIRET`` or ``Tel:``."""
    ends = (max(1, at - 1) for at, token in enumerate(tokens) if token.text.endswith(":"))
    return tokens[: next(ends, None)]
