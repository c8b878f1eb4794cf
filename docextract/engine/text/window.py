"""Finds the addressee in an address window, which no label announces.

Knows nothing of labelled blocks, which are tried first, nor of the letterhead's company.
"""

from __future__ import annotations

from docextract.engine.text.blocks import (
    Block,
    block_from,
    has_postcode,
    is_address_line,
    read_block,
    split_sender_line,
)  # fmt: skip
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Segment
from docextract.schema.kinds import Kind


def window_block(reader: Reader, taken: set[int], skip: set[int]) -> Block | None:
    """Return the addressee in an address window: a block that ends in postcode and city.

    The window stands in the upper 45 % of the first page; of several blocks the one under
    a small sender line is taken, then the second one down (the first is the letterhead).
    """
    lines = reader.layout.lines
    if not lines:
        return None
    page, page_height = lines[0].page, reader.layout.sizes[lines[0].page][1]
    found: list[tuple[float, Block]] = []
    seen: set[int] = set()
    for segment in reader.layout.segments:
        if segment.page != page or segment.top > 0.45 * page_height:
            break
        if id(segment) in seen or id(segment.tokens[0]) in taken or id(segment) in skip:
            continue
        segments = block_from(reader, segment)
        seen |= {id(s) for s in segments}
        scored = _window_score(reader, segments, page_height)
        if scored is not None:
            found.append(scored)
    if not found:
        return None
    return max(found, key=lambda pair: pair[0])[1]


def _window_score(
    reader: Reader, segments: list[Segment], page_height: float
) -> tuple[float, Block] | None:
    body = segments
    score = 0.0
    if len(segments) > 3 and _is_sender_line(segments[0]):
        body, score = segments[1:], 1.5
    city = next((i for i, s in enumerate(body) if i and has_postcode(s.text)), None)
    if city is None or city > 6:
        return None
    body = _with_line_above(reader, body)
    city = next(i for i, s in enumerate(body) if i and has_postcode(s.text))
    if any(s.text.rstrip().endswith(":") for s in body[: city + 1]):
        return None
    kinds = {c.kind for s in body[: city + 1] for c in reader.candidates_of(s)}
    if kinds & {Kind.DATE, Kind.BIC, Kind.IBAN, Kind.EMAIL, Kind.TAX_ID}:
        return None
    block = read_block(reader, [s.tokens for s in body[: city + 1]])
    if block is None:
        return None
    depth = body[0].top / page_height
    if _sender_above(reader, body[0]):
        score += 1.5
    width = reader.layout.sizes[body[0].page][0]
    score += 0.3 * (0.1 < depth < 0.35) + depth + 0.2 * (body[0].left < 0.45 * width)
    return score, block


def _with_line_above(reader: Reader, body: list[Segment]) -> list[Segment]:
    """Return a block that begins with a street together with the name set off above it."""
    first = body[0]
    if not (is_address_line(first.tokens) or first.text[:1].isdigit()):
        return body
    for line in reversed(reader.layout.lines[max(0, first.line - 2) : first.line]):
        for above in line.segments:
            is_near = 0 <= first.top - above.bottom < 2.2 * first.height
            if is_near and abs(above.left - first.left) < 1.3 * first.height:
                return [above, *body]
    return body


def _sender_above(reader: Reader, segment: Segment) -> bool:
    """Return whether a small sender line stands shortly above a block."""
    for line in reader.layout.lines[max(0, segment.line - 2) : segment.line]:
        for above in line.segments:
            is_near = segment.top - above.bottom < 2.5 * segment.height
            is_aligned = abs(above.left - segment.left) < 1.5 * segment.height
            if line.page == segment.page and is_near and is_aligned and _is_sender_line(above):
                return True
    return False


def _is_sender_line(segment: Segment) -> bool:
    name, rest = split_sender_line(segment.tokens)
    return bool(name) and bool(rest)
