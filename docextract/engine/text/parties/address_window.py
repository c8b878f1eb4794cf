"""Finds the addressee in an address window, which no label announces.

Knows nothing of labelled blocks, which are tried first, nor of the letterhead's company.
"""

from __future__ import annotations

from docextract.engine.text.parties.blocks import (
    WINDOW_TOP,
    Block,
    block_from,
    has_postcode,
    is_address_line,
    is_country,
    read_block,
    split_sender_line,
)  # fmt: skip
from docextract.engine.text.parties.mentions import is_value
from docextract.engine.text.text_document import Factors, Reader, Segment, join
from docextract.engine.text.values.names import is_no_name
from docextract.schema import Kind

_LOWEST = 0.35
_DEEPEST = 0.45
_MAX_LINES = 7
_SIZES = 1.5
"""Neighbouring lines of one address differ less in height than this, also as OCR boxes them."""


def windows(reader: Reader, skip: set[int]) -> list[tuple[Block, Factors]]:
    """Return the blocks that may be an address window and what speaks for each.

    Such a block stands in the upper 45 % of the first page and ends in a postcode and city,
    or under a sender line in a country.
    """
    lines = reader.layout.lines
    if not lines:
        return []
    page, page_height = lines[0].page, reader.layout.sizes[lines[0].page][1]
    found: list[tuple[Block, Factors]] = []
    seen: set[int] = set()
    for segment in reader.layout.segments:
        if segment.page != page or segment.top > _DEEPEST * page_height:
            break
        if id(segment) in seen or id(segment) in skip:
            continue
        segments = block_from(reader, segment)
        seen |= {id(s) for s in segments}
        scored = _window(reader, segments, page_height)
        if scored is not None:
            found.append(scored)
    return found


def _window(
    reader: Reader, segments: list[Segment], page_height: float
) -> tuple[Block, Factors] | None:
    """Return a block's name and address as an addressee's, with what its place says."""
    has_sender = len(segments) > 3 and _is_sender_line(segments[0])
    body = segments[1:] if has_sender else segments
    while len(body) > 2 and _has_date(reader, body[0]):
        body = body[1:]
    end = _end(body, has_sender)
    if end is None or is_value(reader, body[0]):
        return None
    body = _of_one_size(body[: end + 1])
    if any(s.text.rstrip().endswith(":") for s in body) or len(body) < 2:
        return None
    block = read_block(reader, [s.tokens for s in body])
    if block is None or is_no_name(join(block.name)) or is_address_line(block.name):
        return None
    depth = body[0].top / page_height
    return block, (
        ("window.base", True),
        ("window.sender_line", has_sender),
        ("window.usual_depth", WINDOW_TOP < depth < _LOWEST),
        ("window.depth", depth),
        ("window.topmost", _is_topmost(reader, body[0])),
    )


def _has_date(reader: Reader, segment: Segment) -> bool:
    """Return whether a line is one of place and date, as letters begin with."""
    return any(c.kind is Kind.DATE for c in reader.candidates_of(segment))


def _end(body: list[Segment], has_sender: bool) -> int | None:
    """Return the index of the line an address ends with."""
    for position, segment in enumerate(body[:_MAX_LINES]):
        if position and has_postcode(segment.text):
            return position
    for position, segment in enumerate(body[:_MAX_LINES]):
        if position and has_sender and is_country(segment.tokens):
            return position
    return None


def _of_one_size(body: list[Segment]) -> list[Segment]:
    """Return the last lines of a block that are printed about alike in size."""
    kept = 1
    while kept < len(body):
        ratio = body[-1 - kept].height / max(body[-kept].height, 1e-6)
        if not 1 / _SIZES < ratio < _SIZES:
            break
        kept += 1
    return body[-kept:]


def _is_topmost(reader: Reader, segment: Segment) -> bool:
    """Return whether a block begins where a letterhead does: nothing stands above it."""
    above = [
        s for line in reader.layout.lines[: segment.line] for s in line.segments
        if line.page == segment.page and sum(c.isalpha() for c in s.text) > 2
    ]  # fmt: skip
    return not above


def _is_sender_line(segment: Segment) -> bool:
    name, rest = split_sender_line(segment.tokens)
    return bool(name) and bool(rest)
