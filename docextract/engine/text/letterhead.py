"""Finds parties no label announces: the letterhead's company, the address window's buyer.

Knows nothing of labelled blocks, which are tried first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from statistics import median

from docextract.engine.text.blocks import (
    COMPANY_FORM, Block, block_from, folded, has_postcode, is_address_line, is_country,
    read_block, split_sender_line,
)  # fmt: skip
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Segment, Token, fold, join
from docextract.schema.kinds import Kind

_TITLES = re.compile(
    r"^(?:(?:tax|sales|simplified|commercial|pro ?forma|cash|original|official|customer|vat|credit|guest|your|"
    r"final|duplicate|gst|copy|the|order|payment|gift|till|kunden|kassen|haendler|händler)[ -]*)*"
    r"(?:invoice|receipt|bill|note|memo|order|statement|check|copy|cheque|rechnung|beleg|bon|quittung|gutschrift|"
    r"facture|avoir|reçu|ticket|commande|factura|recibo|fattura|ricevuta|scontrino|factuur|creditnota|fatura|"
    r"bestellung|kontoauszug|lieferschein|mahnung|angebot|page|seite|resit|purchase|slip|"
    r"bestelling|bon de commande|relev[ée].*|estratto.*|extracto.*|documento.*)s?\b.{0,12}$",
    re.IGNORECASE,
)
_GREETINGS = re.compile(
    r"\b(?:welcome|willkommen|thank|thanks|danke|merci|gracias|grazie|bedankt|bienvenue|visit|please|open daily|"
    r"opening|hours|öffnungszeiten|es bediente|table|tisch|server|cashier|served|survey|tel|phone|fax|gst|vat|"
    r"tax|reg|date|www|http|no reprint|copy|sincerely|cher|dear|sehr geehrte|visualisierung|powered by|cust|"
    r"page|seite|find us|follow us|since|established|original|duplicate|reprint)\b",
    re.IGNORECASE,
)
_NUM_TOP = 16
_TOP_SHARE, _BOTTOM_SHARE = 0.42, 0.8


def letterhead(
    reader: Reader, zones: set[int], skip_lines: set[int], has_buyer: bool
) -> tuple[Block, float] | None:
    """Return the issuer's block and how sure it is, or None where nothing fits.

    Args:
        reader: the document.
        zones: lines that belong to parties already found.
        skip_lines: lines that belong to tables.
        has_buyer: whether the document has two parties; a till receipt has one, on top.
    """
    first_page = next((line.page for line in reader.layout.lines), None)
    if first_page is None:
        return None
    context = _Context(reader, first_page)
    best: tuple[float, Segment] | None = None
    for rank, segment in enumerate(_name_segments(reader, first_page, skip_lines)):
        score = _score(context, segment, rank, has_buyer)
        if segment.line in zones:
            score -= 0.5
        if best is None or score > best[0] + 1e-9:
            best = (score, segment)
    if best is None or best[0] < 0.25:
        return None
    block = read_block(
        reader, [s.tokens for s in block_from(reader, best[1], is_centred=not has_buyer)]
    )
    if block is None:
        return None
    if not block.address:
        block.address = context.address_after(best[1], is_centred=not has_buyer)
    return block, min(0.92, 0.35 + 0.45 * best[0])


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
        self.domains = _domains(reader, page)

    def depth(self, segment: Segment) -> float:
        """Return 0 for the topmost print on the page, 1 for the lowest."""
        return (segment.top - self.top) / max(self.bottom - self.top, 1e-6)

    def address_after(self, segment: Segment, is_centred: bool) -> list[list[Token]]:
        """Return address lines shortly below a name that stands apart from them."""
        lines: list[list[Token]] = []
        following = [s for s in self.segments if s.line > segment.line][:8]
        for other in following:
            if is_address_line(other.tokens) and not is_country(other.tokens):
                lines.append(other.tokens)
            elif lines or not is_centred:
                break
        return lines[:4]


def _domains(reader: Reader, page: int) -> set[str]:
    """Return the names in e-mail and web addresses, such as ``acme`` of ``info@acme.eu``."""
    found: set[str] = set()
    for segment in reader.layout.segments:
        if segment.page != page:
            continue
        for candidate in reader.candidates_of(segment):
            if candidate.kind in (Kind.EMAIL, Kind.URL):
                host = candidate.text.rpartition("@")[2].lower()
                host = re.sub(r"^(?:https?://)?(?:www\.)?", "", host)
                name = fold(host.split("/")[0].rpartition(".")[0].rpartition(".")[2] or "")
                name = name or fold(host.split(".")[0])
                if len(name) >= 3:
                    found.add(name)
    return found


def _name_segments(reader: Reader, page: int, skip_lines: set[int]) -> Iterator[Segment]:
    """Yield segments that may hold the issuer's name, from top to bottom."""
    for segment in reader.layout.segments:
        if segment.page != page:
            return
        if segment.line in skip_lines or not _may_be_name(reader, segment):
            continue
        yield segment


def _may_be_name(reader: Reader, segment: Segment) -> bool:
    text = segment.text
    letters = sum(c.isalpha() for c in text)
    digits = sum(c.isdigit() for c in text)
    if letters < 3 or len(text) > 160:
        return False
    name = join(split_sender_line(segment.tokens)[0])
    name_digits = sum(c.isdigit() for c in name)
    if name_digits > 0.3 * len(name) or (digits > 0.5 * letters and not COMPANY_FORM.search(text)):
        return False
    if _TITLES.match(text) or text.rstrip().endswith(":"):
        return False
    hits = reader.hits_of.get(id(segment), ())
    if any(h.start == 0 and h.is_closed and not _is_name_word(h.entry.phrase) for h in hits):
        return False
    kinds = {c.kind for c in reader.candidates_of(segment)}
    return not kinds & {Kind.DATE, Kind.IBAN, Kind.TIME} or bool(COMPANY_FORM.search(name))


def _is_name_word(phrase: str) -> bool:
    return phrase in ("service", "bank", "banque", "shop", "store", "company")


def _score(context: _Context, segment: Segment, rank: int, has_buyer: bool) -> float:
    name_tokens, rest = split_sender_line(segment.tokens)
    name = join(name_tokens)
    folded_name = folded(name_tokens)
    depth = context.depth(segment)
    form = COMPANY_FORM.search(name)
    score = 0.0
    if form and form.start() > 1:
        score += 0.38 if has_buyer else 0.3
    if depth <= _TOP_SHARE:
        top = 0.32 if has_buyer else 0.55
        score += top * max(0.0, 1 - rank / (_NUM_TOP if has_buyer else 7))
    elif depth < _BOTTOM_SHARE:
        score -= 0.35
    elif not form:
        score -= 0.3
    size = segment.height / max(context.height, 1e-6)
    score += min(0.25, max(0.0, (size - 1.15) * 0.3))
    if any(d in folded_name or (len(folded_name) > 4 and folded_name in d) for d in context.domains):
        score += 0.25
    if context.counts[fold(segment.text)] > 1:
        score += 0.08
    if rest and any(t.text[0].isdigit() for t in rest):
        score += 0.25
    score += _neighbour_score(context, segment)
    if is_address_line(name_tokens) or is_country(name_tokens):
        score -= 0.45
    if _GREETINGS.search(name):
        score -= 0.45
    if len(name_tokens) > 8:
        score -= 0.3
    return score


def _neighbour_score(context: _Context, segment: Segment) -> float:
    below = [s for s in block_from(context.reader, segment, is_centred=True)[1:4]]
    if any(has_postcode(s.text) or is_address_line(s.tokens) for s in below):
        return 0.15
    return 0.0


def window_block(
    reader: Reader, zones: set[int], skip_lines: set[int]
) -> Block | None:
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
        if id(segment) in seen or segment.line in zones | skip_lines:
            continue
        segments = block_from(reader, segment)
        seen |= {id(s) for s in segments}
        scored = _window_score(reader, segments, page_height)
        if scored is not None:
            found.append(scored)
    if len(found) < 2 and not any(score > 1 for score, _ in found):
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
    if any(s.text.rstrip().endswith(":") for s in body[: city + 1]):
        return None
    block = read_block(reader, [s.tokens for s in body[: city + 1]])
    if block is None:
        return None
    depth = body[0].top / page_height
    width = reader.layout.sizes[body[0].page][0]
    score += 0.3 * (0.1 < depth < 0.35) + depth + 0.2 * (body[0].left < 0.45 * width)
    return score, block


def _is_sender_line(segment: Segment) -> bool:
    name, rest = split_sender_line(segment.tokens)
    return bool(name) and bool(rest)
