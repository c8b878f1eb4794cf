"""Finds parties that a label announces: ``Bill to`` above a block, ``Name: ...`` in a section.

Knows nothing of parties without a label, nor of which claim to a role wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docextract.engine.text.fields.labelled import segments_below
from docextract.engine.text.labels.matches import is_prose
from docextract.engine.text.parties.blocks import (
    Block,
    block_from,
    is_address_line,
    is_labelled,
    read_block,
)
from docextract.engine.text.text_document import (
    Factors,
    Hit,
    Line,
    Reader,
    Segment,
    Token,
    fold_words,
    join,
    pattern,
)
from docextract.engine.text.values.names import ANNOUNCED, COMPANY_FORM, NAME_LABELS, is_no_name
from docextract.schema import Field, Kind

_ADDRESS_LABELS = fold_words("addresses", "labels")
_PLACE_LABELS = fold_words("addresses", "part_labels")
"""Labels of one part of an address; the parts are joined in the order printed."""
_CONFIRMATION = re.compile(
    rf"(?:^|.*:)\W*(?:{pattern('titles', 'order_confirmation')})(\W+(?:\w{{1,3}}\W+)?[\w/-]*\d)?",
    re.IGNORECASE,
)
_THANKS = re.compile(pattern("titles", "order_thanks"), re.IGNORECASE)
_MAX_TITLE, _HEAD = 6, 0.5
_ADDRESSEE, _ISSUER = (
    fold_words("parties", "addressee_labels"),
    fold_words("parties", "issuer_labels"),
)
_MAX_SECTION_LINES = 12
_MAX_WEAK = 4
_LAST_RANK = 12
"""Labels further down a field's list all weigh the same."""


def is_directional(hit: Hit) -> bool:
    """Return whether a label tells from whom or to whom a document goes, not who sells or buys."""
    return hit.entry.phrase in _ADDRESSEE or hit.entry.phrase in _ISSUER


def announced(
    reader: Reader, fields: list[Field], skip: set[int], *, directional: bool | None = None
) -> Iterator[tuple[Block, Factors]]:
    """Yield the blocks under labels of a role and what speaks for each, in reading order.

    Args:
        reader: the document.
        fields: the role's fields; labels of those that hold its name count.
        skip: ids of segments that belong to tables.
        directional: whether to take only labels such as ``To``, or only others; None for all.
    """
    names = {f.path for f in fields if f.kind in (Kind.NAME, Kind.TEXT) and f.name != "contact"}
    names -= {f.path for f in fields if f.kind is Kind.TEXT and f.name != "name" and len(names) > 1}
    for hit in reader.hits:
        paths = names & hit.entry.ranks.keys()
        if not paths or id(hit.segment) in skip or not _announces(hit):
            continue
        if directional is not None and is_directional(hit) is not directional:
            continue
        block = _block_of(reader, hit)
        if block is None or not _is_name(reader, block.name):
            continue
        rank = min(hit.entry.ranks[path] for path in paths)
        yield (
            block,
            (
                ("named.with_address" if block.address else "named.alone", True),
                ("label.quality", hit.quality),
                ("label.rank", min(_LAST_RANK, rank)),
                ("named.by_short_label", len(hit.entry.phrase) <= _MAX_WEAK),
                ("doubt.bare_word_above", _is_bare(reader, hit, block)),
            ),
        )


def _is_name(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Return whether the first line under a label may name a party."""
    if not tokens or is_prose(tokens) or is_address_line(tokens):
        return False
    is_heading = any(
        hit.is_whole and hit.start == 0 and hit.entry.phrase not in ANNOUNCED
        for hit in reader.hits_at(tokens[0])
    )
    return not is_heading and not is_no_name(join(tokens))


def _is_bare(reader: Reader, hit: Hit, block: Block) -> bool:
    """Return whether nothing but a word above it makes a text a party.

    Heads of columns such as ``Client`` stand above texts as well; they have others beside
    them, and one line below. On orders ``Buyer:`` is often a person of the buyer's.
    """
    if _heads_lines(reader, hit, block):
        return False
    is_closed = hit.end > hit.start and hit.segment.tokens[hit.end - 1].text[-1] in ":：="
    line = reader.line_of.get(id(block.name[0]), -1)
    labels = {t.fold for t in reader.layout.lines[line].tokens if t.text.endswith(":")}
    is_person = is_order(reader) and "buyer" in hit.entry.concepts and not block.address
    is_closed = is_closed and not is_person
    has_label = is_closed or not NAME_LABELS.isdisjoint(labels)
    return not (has_label or block.address or COMPANY_FORM.search(join(block.name)))


def _heads_lines(reader: Reader, hit: Hit, block: Block) -> bool:
    """Return whether a label stands alone on its line over two lines or more."""
    is_alone = hit.is_whole and len(reader.layout.lines[hit.segment.line].segments) == 1
    return is_alone and len(block.zone - {hit.segment.line}) > 1


def _announces(hit: Hit) -> bool:
    """Return whether a label stands as one: first in its place, closed or alone."""
    is_numbered = not any(c.isalpha() for t in hit.segment.tokens[hit.end :] for c in t.text)
    if not hit.is_leading or not (hit.is_closed or hit.is_whole or is_numbered):
        return False
    return len(hit.entry.phrase) > _MAX_WEAK or (hit.is_closed and hit.start == 0)


def _block_of(reader: Reader, hit: Hit) -> Block | None:
    """Return the block a label announces: behind it, beside it or below it."""
    section = _section(reader, hit)
    if section is not None:
        return section
    segment = hit.segment
    rest = segment.tokens[hit.end :]
    if any(c.isalpha() for token in rest for c in token.text):
        return read_block(reader, [rest, *_lines_below(reader, segment, rest)], hit)
    line = reader.layout.lines[segment.line]
    right = line.segments[segment.column + 1 : segment.column + 2]
    below = list(_lines_below(reader, segment, segment.tokens))
    under = read_block(reader, below, hit) if below else None
    is_row = bool(below) and bool(right) and _heads_an_amount(reader, below[0], right[0])
    if not right or _is_label(reader, right[0].tokens):
        return under
    beside = read_block(reader, [s.tokens for s in block_from(reader, right[0])], hit)
    is_grid = hit.is_closed and bool(below) and (is_row or _is_label(reader, below[0]))
    is_grid = is_grid or (beside is not None and bool(beside.address))
    return beside if under is None or (is_grid and not under.address) else under


def _heads_an_amount(reader: Reader, tokens: Sequence[Token], above: Segment) -> bool:
    """Return whether nothing but an amount stands beside a line, below a segment."""
    line = reader.layout.lines[reader.line_of[id(tokens[0])]]
    beside = [s for s in line.segments if abs(s.left - above.left) < s.height]
    found = [c for segment in beside for c in reader.candidates_of(segment)]
    return any(c.kind is Kind.MONEY and len(c.tokens) == len(c.segment.tokens) for c in found)


def _is_label(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Return whether a line is a label with or without its value, as rows of a grid are."""
    if is_labelled(tokens):
        return True
    hits = [hit for hit in reader.hits_at(tokens[0]) if hit.start == 0]
    is_grid = any(hit.is_whole or hit.has_mark for hit in hits)
    return is_grid and COMPANY_FORM.search(join(tokens)) is None


def _lines_below(reader: Reader, segment: Segment, tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the lines of the block that stands below a label."""
    reach = 2.4 * segment.height
    for below in segments_below(reader.layout, segment, segment.left, segment.right):
        if below.top - segment.bottom > reach:
            return []
        hits = reader.hits_of.get(id(below), ())
        if any(h.start == 0 and h.is_whole and not h.entry.ranks for h in hits):
            return []
        return [s.tokens for s in block_from(reader, below)]
    return []


def _section(reader: Reader, hit: Hit) -> Block | None:
    """Return the party of a section whose rows say ``Name: ...``, ``Address: ...``."""
    if not hit.is_whole:
        return None
    segment = hit.segment
    names: list[list[Token]] = []
    address: list[list[Token]] = []
    reading: list[list[Token]] | None = None
    zone = {segment.line}
    lines = reader.layout.lines[segment.line + 1 : segment.line + 1 + _MAX_SECTION_LINES]
    for line in lines:
        label, value = _label_and_value(line, segment)
        if line.page != segment.page or (label is None and not (value and names)):
            break
        if label is None and reading is None:
            break
        if label is not None:
            reading = _part(label, names, address)
        if value and reading is not None:
            reading.append(value)
        zone.add(line.index)
    if not names:
        return None
    name = [token for line in names for token in line]
    keys = {id(t) for line in [name, *address] for t in line}
    return Block(name, address, zone, keys)


def _part(
    label: str, names: list[list[Token]], address: list[list[Token]]
) -> list[list[Token]] | None:
    """Return what a row's value and the rows without a label below it belong to."""
    if label in NAME_LABELS and not names:
        return names
    return address if label in _ADDRESS_LABELS or label in _PLACE_LABELS else None


def _label_and_value(line: Line, heading: Segment) -> tuple[str | None, list[Token]]:
    """Return a row's folded label (None where the row has only a value) and its value."""
    margin = 2 * heading.height
    column = [s for s in line.segments if s.left > heading.left - margin]
    if not column:
        return None, []
    first = column[0]
    for at, token in enumerate(first.tokens):
        if token.text.endswith(":"):
            label = "".join(t.fold for t in first.tokens[: at + 1])
            rest = first.tokens[at + 1 :]
            beside = column[1].tokens if len(column) > 1 else []
            is_label = bool(beside) and beside[-1].text.endswith(":")
            return label, rest or ([] if is_label else beside)
    whole = "".join(t.fold for t in first.tokens)
    if whole in NAME_LABELS | _ADDRESS_LABELS and len(column) > 1:
        return whole, column[1].tokens
    is_value_column = first.left > heading.left + margin
    return None, first.tokens if is_value_column else []


def is_order(reader: Reader) -> bool:
    """Return whether the buyer writes the document: an order, not a seller's answer to one."""
    concepts = set(reader.index.concept_of.values())
    is_asked = "po_number" in concepts and "invoice_number" not in concepts
    return is_asked and not _is_confirmation(reader)


def _is_confirmation(reader: Reader) -> bool:
    """Return whether a seller answers an order; orders ask for such an answer in sentences."""
    return any(
        _THANKS.search(segment.text) or _is_confirmation_title(reader, segment)
        for segment in reader.layout.segments
        if segment.page == reader.layout.segments[0].page
    )


def _is_confirmation_title(reader: Reader, segment: Segment) -> bool:
    """Return whether a text is such a title: short, or with its number right behind it."""
    text = _with_next(reader, segment)
    found = _CONFIRMATION.match(text)
    if found is None or segment.middle > _HEAD * reader.layout.sizes[segment.page][1]:
        return False
    is_sentence = any(len(word) > 3 and word.islower() for word in text[found.end() :].split())
    return found[1] is not None or (len(segment.tokens) <= _MAX_TITLE and not is_sentence)


def _with_next(reader: Reader, segment: Segment) -> str:
    """Return a text with what stands below it, as a title broken in two."""
    return " ".join(s.text for s in block_from(reader, segment)[:2])
