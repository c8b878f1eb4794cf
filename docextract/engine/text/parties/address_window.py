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
from docextract.engine.text.text_document import Reader, Segment, join
from docextract.engine.text.values.names import is_no_name
from docextract.schema import Kind

_WEIGHTS = {
    "window": 0.5, "sender_line": 0.22, "usual_depth": 0.06, "depth": 0.1, "topmost": -0.15,
    "own_contact": -0.12, "delivery": -0.1,
}  # fmt: skip
"""What each factor adds to a block that may be the addressee's."""
_LOWEST = 0.35
_DEEPEST = 0.45
_MAX_LINES = 7
_SENDER_GAP = 7.0
_SIZES = 1.5
"""Neighbouring lines of one address differ less in height than this, also as OCR boxes them."""
_OTHERS = frozenset({"seller", "payee", "tax_representative", "contact", "bank_name"})


def windows(reader: Reader, skip: set[int]) -> list[tuple[Block, float]]:
    """Return the blocks that may be an address window with their scores (0 to 1).

    Such a block stands in the upper 45 % of the first page and ends in a postcode and city,
    or under a sender line in a country.
    """
    lines = reader.layout.lines
    if not lines:
        return []
    page, page_height = lines[0].page, reader.layout.sizes[lines[0].page][1]
    found: list[tuple[Block, float]] = []
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
) -> tuple[Block, float] | None:
    """Return a block's name and address as an addressee's, and how well its place fits."""
    has_sender = len(segments) > 3 and _is_sender_line(segments[0])
    body = segments[1:] if has_sender else segments
    while len(body) > 2 and _has_date(reader, body[0]):
        body = body[1:]
    has_sender = has_sender or _sender_above(reader, body[0])
    end = _end(body, has_sender)
    if end is None or _is_foreign(reader, body[0]) or is_value(reader, body[0]):
        return None
    below = body[end + 1 :]
    body = _of_one_size(_with_line_above(reader, body[: end + 1]))
    if any(s.text.rstrip().endswith(":") for s in body) or len(body) < 2:
        return None
    if any(_is_other(reader, s) for s in body):
        return None
    block = read_block(reader, [s.tokens for s in body])
    if block is None or is_no_name(join(block.name)) or is_address_line(block.name):
        return None
    depth = body[0].top / page_height
    factors = {
        "window": 1.0,
        "sender_line": has_sender,
        "usual_depth": WINDOW_TOP < depth < _LOWEST,
        "depth": depth,
        "topmost": _is_topmost(reader, body[0]),
        "own_contact": _has_own_contact(reader, below),
        "delivery": _is_delivery(reader, segments[0]),
    }
    return block, sum(_WEIGHTS[name] * value for name, value in factors.items())


def _is_other(reader: Reader, segment: Segment) -> bool:
    """Return whether a line is no part of an address; any eight capitals may look like a BIC."""
    kinds = {c.kind for c in reader.candidates_of(segment)}
    concepts = {name for hit in reader.hits_of.get(id(segment), ()) for name in hit.entry.concepts}
    is_bic = Kind.BIC in kinds and "bic" in concepts
    return is_bic or bool(kinds & {Kind.DATE, Kind.IBAN, Kind.EMAIL, Kind.TAX_ID})


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


def _is_foreign(reader: Reader, first: Segment) -> bool:
    """Return whether a block begins with the label of somebody else than the addressee."""
    return any(
        hit.start == 0 and hit.is_whole and hit.entry.concepts & _OTHERS
        for hit in reader.hits_of.get(id(first), ())
    )


def _is_delivery(reader: Reader, first: Segment) -> bool:
    return any(
        hit.start == 0 and "ship_to" in hit.entry.concepts
        for hit in reader.hits_of.get(id(first), ())
    )


def _is_topmost(reader: Reader, segment: Segment) -> bool:
    """Return whether a block begins where a letterhead does: nothing stands above it."""
    above = [
        s for line in reader.layout.lines[: segment.line] for s in line.segments
        if line.page == segment.page and sum(c.isalpha() for c in s.text) > 2
    ]  # fmt: skip
    return not above


def _has_own_contact(reader: Reader, segments: list[Segment]) -> bool:
    """Return whether telephone or web address go on below, as in a letterhead."""
    found = [c for s in segments for c in reader.candidates_of(s)]
    return any(
        c.kind in (Kind.URL, Kind.IBAN) or (c.kind is Kind.PHONE and c.text[0] in "+(0")
        for c in found
    )


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
            is_near = segment.top - above.bottom < _SENDER_GAP * segment.height
            is_aligned = abs(above.left - segment.left) < 1.5 * segment.height
            if line.page == segment.page and is_near and is_aligned and _is_sender_line(above):
                return True
    return False


def _is_sender_line(segment: Segment) -> bool:
    name, rest = split_sender_line(segment.tokens)
    return bool(name) and bool(rest)
