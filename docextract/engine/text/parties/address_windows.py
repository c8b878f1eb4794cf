"""Claims of address windows: blocks that stand where a letter shows whom it goes to.

Knows nothing of labelled blocks, which are tried first, nor of which claim wins.
"""

from __future__ import annotations

from collections.abc import Iterator

from docextract.engine.text.parties.addresses import (
    has_postcode,
    is_address,
    is_country,
    split_sender_line,
)  # fmt: skip
from docextract.engine.text.parties.blocks import Party, block_from, read_block
from docextract.engine.text.parties.first_page import WINDOW_TOP, FirstPage, is_in_grid
from docextract.engine.text.text_document import Segment, is_prose, num_digits
from docextract.engine.text.values.names import (
    LEGAL_FORM,
    is_contact,
    is_no_name,
    is_person,
    is_region,
    is_title,
)
from docextract.schema import Kind, Role
from docextract.schema.equations import AMOUNTS

_LOWEST_WINDOW, _DEEPEST_WINDOW, _MAX_WINDOW = 0.35, 0.45, 7
_NUMBER = 7
"""So many digits make a text a number with its label, not an addressee's name."""
_SIZES = 1.5
"""Neighbouring lines of one address differ less in height than this, also as OCR boxes them."""


def addressee_claims(
    page: FirstPage, role: Role, skip: set[int], taken: set[int]
) -> Iterator[Party]:
    """Yield the claims of blocks that may be an address window.

    Such a block stands in the upper 45 % of the first page and ends in a postcode and city,
    or under a sender line in a country.

    Args:
        page: the first page.
        role: of whom the document is addressed to.
        skip: ids of segments that belong to tables.
        taken: ids of tokens that labels give to third parties, as where to deliver.
    """
    seen = set(skip)
    for segment in page.segments:
        if segment.top > _DEEPEST_WINDOW * page.page_height:
            return
        if id(segment) not in seen:
            lines = block_from(page.reader, segment)
            seen |= {id(s) for s in lines}
            for start in _starts(lines):
                yield from _window(page, role, lines[start:], taken)


def _starts(lines: list[Segment]) -> Iterator[int]:
    """Yield where windows may begin in a block: at its top, and below a letterhead's town.

    The line with the town is one of the window if it is the sender's, small above it.
    """
    yield 0
    for at, segment in enumerate(lines[:-2]):
        if has_postcode(segment.text):
            yield at if at and split_sender_line(segment.tokens)[1] else at + 1


def _window(page: FirstPage, role: Role, lines: list[Segment], taken: set[int]) -> Iterator[Party]:
    """Yield a block's claim to be the addressee's, with what its place says."""
    has_sender = len(lines) > 3 and bool(split_sender_line(lines[0].tokens)[1])
    body = lines[1:] if has_sender else lines
    while len(body) > 2 and (
        (len(body[0].tokens) == 1 and body[0].text[-1] == ":")
        or is_title(body[0].text)
        or is_address(body[0].text)
        or any(c.kind is Kind.DATE for c in page.reader.candidates_of(body[0]))
    ):
        body = body[1:]  # A letter's date, ``For:``, or where its postage was paid.
    body = _until_town(body, has_sender)
    if not body or any(s.text[-1] == ":" for s in body):
        return
    if is_in_grid(page.reader, body[0]) or not page.below_from.isdisjoint(map(id, body)):
        return
    hits = page.reader.hits_in(body[0])
    if any(h.is_leading and h.entry.concepts & AMOUNTS for h in hits):
        return  # The first of the document's sums.
    if any(is_prose(s.tokens) and not is_contact(s.text) for s in body):
        return
    block = read_block(page.reader, [s.tokens for s in body])
    if block is None or is_no_name(block.text) or is_address(block.text):
        return
    if any(hit.is_whole for hit in page.reader.hits_at(block.name[0])):
        return
    if any(c.kind is Kind.DATE for c in page.reader.candidates_at(block.name)):
        return
    if num_digits(block.text) >= _NUMBER and not LEGAL_FORM.search(block.text):
        return
    depth = body[0].top / page.page_height
    why = (
        ("window.base", True),
        ("window.sender_line", has_sender),
        ("window.usual_depth", WINDOW_TOP < depth < _LOWEST_WINDOW),
        ("window.depth", depth),
        ("window.topmost", _is_first(page, body[0])),
        ("window.taken", id(block.name[0]) in taken),
        ("window.form", LEGAL_FORM.search(block.text) is not None),
        ("window.attention", any(is_contact(s.text) for s in body[1:])),
        ("doubt.company_below", block.is_over_company),
        ("window.no_town", not any(_is_town(s) or is_country(s.tokens) for s in body)),
    )
    yield Party(role, block, why)


def _until_town(body: list[Segment], has_sender: bool) -> list[Segment]:
    """Return the lines of one size that end with a town or a country.

    Where none does, those below a company's name or a person's will do.
    """
    is_told = LEGAL_FORM.search(body[0].text) or is_person(body[0].text)
    ends = [at for at, s in enumerate(body[:_MAX_WINDOW]) if at and has_postcode(s.text)]
    if has_sender:
        ends += [at for at, s in enumerate(body[:_MAX_WINDOW]) if at and is_country(s.tokens)]
    if is_told and not ends:
        ends = [at for at, s in enumerate(body[:_MAX_WINDOW]) if at and is_region(s.text)]
    if not ends:
        return body[:_MAX_WINDOW] if len(body) > 2 and is_told else []
    start = ends[0]
    while start and 1 / _SIZES < body[start - 1].height / max(body[start].height, 1e-6) < _SIZES:
        start -= 1
    return body[start : ends[0] + 1] if start < ends[0] else []


def _is_town(segment: Segment) -> bool:
    """Return whether a line ends with a town and its postcode, or with a county."""
    return has_postcode(segment.text) or is_region(segment.text)


def _is_first(page: FirstPage, segment: Segment) -> bool:
    """Return whether a block begins where a letterhead does: nothing is written above it."""
    return not any(
        s.line < segment.line and sum(c.isalpha() for c in s.text) > 2 for s in page.segments
    )
