"""Finds parties no label announces: the letterhead's company, the address window's buyer.

Knows nothing of labelled blocks, which are tried first.
"""

from __future__ import annotations

import re
from collections import Counter
from statistics import median
from typing import NamedTuple

from docextract.engine.text.parties.blocks import (
    WINDOW_TOP,
    Block,
    block_from,
    folded,
    has_postcode,
    is_address_line,
    is_country,
    is_labelled,
    read_block,
    segment_line,
    split_sender_line,
)  # fmt: skip
from docextract.engine.text.parties.mentions import GREETINGS, HOST, Support, domains, name_segments
from docextract.engine.text.parties.receipt_header import (
    PLAIN_SIZE,
    has_company_below,
    is_outdone,
    shop_address,
)  # fmt: skip
from docextract.engine.text.text_document import (
    Factors,
    Reader,
    Segment,
    Token,
    fold,
    join,
    level,
    pattern,
    score_of,
)
from docextract.engine.text.values.names import COMPANY_FORM, is_title
from docextract.schema import Kind

_BANK = re.compile(pattern("banks", "head"), re.IGNORECASE)
_PLAIN, _LARGEST = 1.15, 0.25 / 0.3
"""Print up to this many times the usual height is plain; beyond so much more none counts."""
_MAX_NAME = 8
_REACH_OF_TWO, _REACH_OF_ONE = 16, 7
"""How many names from the top down gain by their place, where there are two parties or one."""
_NUM_CLAIMS = 6
_TOP_SHARE, _BOTTOM_SHARE = 0.42, 0.8
_MIN_REPEATED = 4
_LARGE = 1.6
"""Print up to this many times the usual height is type, larger print may be drawn."""


def letterheads(
    reader: Reader, taken: set[int], skip: set[int], has_buyer: bool, is_bank: bool = False
) -> list[tuple[Block, Factors, bool]]:
    """Return blocks that may be the issuer's, best first.

    With each go what says how sure it is and whether more than a place of no distinction
    speaks for it: the top of the page, a web address, contacts, bank or imprint.

    Args:
        reader: the document.
        taken: ids of tokens that belong to parties already found.
        skip: ids of segments that belong to tables.
        has_buyer: whether the document has two parties; a till receipt has one, on top.
        is_bank: whether the issuer is a bank, whose name usually says so.
    """
    first_page = next((line.page for line in reader.layout.lines), None)
    if first_page is None:
        return []
    context = _Context(reader, first_page)
    support = Support(reader, is_bank) if has_buyer else None
    found: list[_Claim] = []
    for rank, segment in enumerate(name_segments(reader, first_page, skip)):
        name, _ = split_sender_line(segment.tokens)
        if has_buyer and (is_address_line(name) or is_labelled(name)):
            continue
        why = [*_factors(context, segment, rank, has_buyer)]
        why.append(("issuer.taken", id(segment.tokens[0]) in taken))
        if is_bank:
            why.append(("issuer.bank" if _BANK.search(segment.text) else "issuer.no_bank", True))
        why += support.factors(segment) if support is not None else ()
        claim = _Claim(segment, tuple(why), score_of(why))
        if claim.score >= level("claimed"):
            found.append(claim)
    best = sorted(found, key=lambda claim: -claim.score)
    best = best[:_NUM_CLAIMS] if has_buyer else _shop(context, best)
    return [
        (
            block,
            (*claim.factors, ("doubt.shop", not (has_buyer or _is_confirmed(context, claim)))),
            _stands_out(context, claim.segment, support, is_bank),
        )
        for claim in best
        if (block := _issuer_block(context, claim.segment, taken, has_buyer))
    ]


class _Claim(NamedTuple):
    """A name that may be the issuer's, with what speaks for it and what that comes to."""

    segment: Segment
    factors: Factors
    score: float


def _shop(context: _Context, best: list[_Claim]) -> list[_Claim]:
    """Return the likeliest name of a shop; a company's outdoes one that nothing confirms."""
    if not best or _has_form(best[0].segment) or _is_confirmed(context, best[0]):
        return best[:1]
    companies = [c for c in best if _has_form(c.segment) and context.is_in_head(c.segment)]
    return (companies or best)[:1]


def _has_form(segment: Segment) -> bool:
    form = COMPANY_FORM.search(join(split_sender_line(segment.tokens)[0]))
    return form is not None and form.start() > 1


def _stands_out(
    context: _Context, segment: Segment, support: Support | None, is_bank: bool
) -> bool:
    """Return whether a name is the issuer's by more than an address below it.

    On top of a bank's paper stands its customer where the bank is a picture, and below a
    shop's name perhaps the company that runs it.
    """
    if support is None:
        return not has_company_below(segment, context.names_in_head)
    name = folded(split_sender_line(segment.tokens)[0])
    is_on_top = context.is_topmost(segment) and not (is_bank and not _BANK.search(segment.text))
    if context.is_in_domain(name) or is_on_top:
        return True
    return support.speaks_for(segment)


def _issuer_block(
    context: _Context, segment: Segment, taken: set[int], has_buyer: bool
) -> Block | None:
    """Return the block a name begins, with its address wherever that stands."""
    rest = split_sender_line(segment.tokens)[1]
    is_sender = has_buyer and is_address_line(rest)
    lines = block_from(context.reader, segment, is_centred=not has_buyer)
    block = read_block(context.reader, [s.tokens for s in lines[: 1 if is_sender else None]])
    if block is None:
        return None
    if is_sender:
        block.address = [_until_label(rest)]
    found = [] if has_buyer else shop_address(context.reader, segment)
    if not found and not any(is_address_line(line) for line in block.address):
        found = (
            (_address_beside_name(context, segment, block.name) if has_buyer else [])
            or context.address_after(segment, taken, is_centred=not has_buyer)
            or _address_beside_name(context, segment, block.name)
        )
    block.address = found or block.address
    block.zone |= {segment_line(context.reader, line) for line in found}
    block.keys |= {id(token) for line in found for token in line}
    return block


def _is_confirmed(context: _Context, claim: _Claim) -> bool:
    """Return whether more than its place speaks for a shop's name.

    A logo is read by OCR as often wrong as right, and what is written or stamped over a
    receipt is larger than its print. A legal form, a web address or the same name
    elsewhere settles it; so do words of ordinary size right above an address.
    """
    segment = claim.segment
    tokens, _ = split_sender_line(segment.tokens)
    name = folded(tokens)
    if _has_form(segment) and is_outdone(segment, context.names):
        return False
    if _has_form(segment) or context.is_in_domain(name):
        return HOST.search(join(tokens)) is None
    if len(name) >= _MIN_REPEATED and context.num_lines_with(name) > 1:
        return True
    if segment.text.endswith(",") or context.is_place(name) or claim.score <= level("likely"):
        return False
    is_plain = segment.height < PLAIN_SIZE * context.height
    if context.is_topmost(segment):
        # Nothing else is printed that could be the name; OCR mixes letters and digits in logos.
        is_plain = segment.height < (_LARGE if len(tokens) > 1 else PLAIN_SIZE) * context.height
        if len(tokens) == 1 and not name.isalpha():
            return False
    elif len(tokens) < 2:
        return False
    return is_plain and _is_over_address(context, segment)


class _Context:
    """What is known of the first page before its segments are judged."""

    def __init__(self, reader: Reader, page: int) -> None:
        segments = [s for s in reader.layout.segments if s.page == page]
        self.reader = reader
        self.segments = segments
        self.height = median(s.height for s in segments)
        self.page_height = reader.layout.sizes[page][1]
        self.page_width = reader.layout.sizes[page][0]
        self.top = min(s.top for s in segments)
        self.bottom = max(s.bottom for s in segments)
        self.counts = Counter(fold(s.text) for s in reader.layout.segments)
        self.domains = domains(reader, page)
        self.names = list(name_segments(reader, page, set()))
        self.names_in_head = [s for s in self.names if self.is_in_head(s)]

    def depth(self, segment: Segment) -> float:
        """Return 0 for the topmost print on the page, 1 for the lowest."""
        return (segment.top - self.top) / max(self.bottom - self.top, 1e-6)

    def is_in_head(self, segment: Segment) -> bool:
        """Return whether print stands in the head of the page, where issuers name themselves."""
        return self.depth(segment) <= _TOP_SHARE

    def is_topmost(self, segment: Segment) -> bool:
        """Return whether nothing but titles is printed above, and a window lies further down.

        Above a block where windows are, a letterhead may be a picture.
        """
        is_plain = segment.height < PLAIN_SIZE * self.height
        if is_plain and segment.top > WINDOW_TOP * self.page_height:
            return False
        above = (s for s in self.segments if s.bottom <= segment.top + 0.3 * segment.height)
        return all(is_title(s.text) or sum(c.isalpha() for c in s.text) < 3 for s in above)

    def continues(self, segment: Segment) -> bool:
        """Return whether a line of the same print stands right above, as inside an address."""
        lines = self.reader.layout.lines[max(0, segment.line - 2) : segment.line]
        return any(
            0 <= segment.top - above.bottom + 0.3 * segment.height < 0.9 * segment.height
            and abs(above.left - segment.left) < 0.6 * segment.height
            and 0.8 < above.height / max(segment.height, 1e-6) < 1.25
            and not is_title(above.text)
            and not self.reader.hits_of.get(id(above))
            for line in lines
            for above in line.segments
        )

    def num_lines_with(self, name: str) -> int:
        """Return how many segments of the document, addresses aside, hold a folded name.

        A place such as a mall stands in the shop's address as well as above it.
        """
        return sum(
            name in fold(segment.text)
            for segment in self.reader.layout.segments
            if not is_address_line(segment.tokens)
        )

    def is_place(self, name: str) -> bool:
        """Return whether a folded name stands within an address, as that of a mall does."""
        return any(name in fold(s.text) for s in self.segments if is_address_line(s.tokens))

    def is_in_domain(self, name: str) -> bool:
        """Return whether a folded name agrees with an e-mail or web address."""
        return any(d in name or (len(name) > 4 and name in d) for d in self.domains)

    def address_after(
        self, segment: Segment, taken: set[int], is_centred: bool
    ) -> list[list[Token]]:
        """Return address lines shortly below a name that stands apart from them."""
        reach = segment.left + (1.0 if is_centred else 0.3) * self.page_width
        following = [
            s for s in self.segments
            if segment.line < s.line <= segment.line + 8 and s.left < reach
            and id(s.tokens[0]) not in taken
            and (is_centred or s.left > segment.left - 8 * s.height)
        ]  # fmt: skip
        for start, other in enumerate(following[:6]):
            if is_address_line(other.tokens) or other.text[:1].isdigit():
                return _address_run(self, following[start:])
        return []


def _address_run(context: _Context, segments: list[Segment]) -> list[list[Token]]:
    """Return the lines of an address from its first one on; it ends at the postcode."""
    lines: list[list[Token]] = []
    for segment in segments[:4]:
        kinds = {c.kind for c in context.reader.candidates_of(segment)}
        is_far = bool(lines) and abs(segment.left - segments[0].left) > 0.3 * context.page_width
        is_other = bool(kinds & {Kind.EMAIL, Kind.DATE, Kind.TAX_ID, Kind.URL})
        if is_other or ":" in segment.text or is_far:
            break
        name, rest = split_sender_line(segment.tokens)
        is_sender = bool(rest) and not is_address_line(name) and not lines
        lines.append(rest if is_sender else segment.tokens)
        if has_postcode(segment.text):
            break
    return lines if any(is_address_line(line) for line in lines) else []


def _address_beside_name(context: _Context, named: Segment, name: list[Token]) -> list[list[Token]]:
    """Return the address from a sender line or footer that repeats the issuer's name."""
    wanted = folded(name)
    for segment in context.segments:
        if segment is named or not fold(segment.text).startswith(wanted):
            continue
        _, rest = split_sender_line(segment.tokens)
        if rest and is_address_line(rest):
            return [_until_label(rest)]
        block = read_block(context.reader, [s.tokens for s in block_from(context.reader, segment)])
        if block and any(is_address_line(line) for line in block.address):
            return block.address
    return []


def _until_label(tokens: list[Token]) -> list[Token]:
    """Return the tokens before a label such as ``SIRET`` or ``Tel:``."""
    for position, token in enumerate(tokens):
        if token.text.endswith(":"):
            return tokens[: max(1, position - 1)]
    return tokens


def _factors(context: _Context, segment: Segment, rank: int, has_buyer: bool) -> Factors:
    """Return what the place and print of a name say."""
    tokens, rest = split_sender_line(segment.tokens)
    form = COMPANY_FORM.search(join(tokens))
    has_form = form is not None and form.start() > 1
    size = segment.height / max(context.height, 1e-6)
    is_inside = has_buyer and not has_form and context.continues(segment)
    return (
        ("issuer.base", 1),
        ("issuer.form", has_form),
        ("issuer.form_of_two", has_form and has_buyer),
        _depth_factor(context.depth(segment), rank, has_form, has_buyer),
        ("issuer.size", min(_LARGEST, max(0.0, size - _PLAIN))),
        ("issuer.in_domain", context.is_in_domain(folded(tokens))),
        ("issuer.repeated", context.counts[fold(segment.text)] > 1),
        ("issuer.sender_line", bool(rest and any(t.text[0].isdigit() for t in rest))),
        ("issuer.over_address", _is_over_address(context, segment)),
        ("issuer.inside_block", is_inside),
        ("issuer.is_address", is_address_line(tokens) or is_country(tokens)),
        ("issuer.greeting", bool(GREETINGS.search(join(tokens)))),
        ("issuer.long", len(tokens) > _MAX_NAME),
    )


def _depth_factor(depth: float, rank: int, has_form: bool, has_buyer: bool) -> tuple[str, float]:
    """Return what a name's depth says: the head of a page is for it, the middle against."""
    if depth <= _TOP_SHARE:
        reach = _REACH_OF_TWO if has_buyer else _REACH_OF_ONE
        name = "issuer.on_top_of_two" if has_buyer else "issuer.on_top_of_one"
        return name, max(0.0, 1 - rank / reach)
    if depth < _BOTTOM_SHARE:
        return "issuer.in_the_middle", True
    return "issuer.bare_at_foot", not has_form


def _is_over_address(context: _Context, segment: Segment) -> bool:
    below = block_from(context.reader, segment, is_centred=True)[1:4]
    return any(has_postcode(s.text) or is_address_line(s.tokens) for s in below)
