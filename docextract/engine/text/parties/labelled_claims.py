"""Claims that a label makes: ``Bill to`` above a block, ``Name: ...`` in a section.

Knows nothing of parties without a label, nor of which claim to a role wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from docextract.engine.text.parties.addresses import STREET, is_address
from docextract.engine.text.parties.blocks import Block, Party, block_from, is_labelled, read_block
from docextract.engine.text.text_document import (
    Hit,
    Line,
    Reader,
    Segment,
    Token,
    fold_words,
    is_prose,
    join,
    pattern,
)
from docextract.engine.text.values.names import (
    ANNOUNCED,
    COMPANY_FORM,
    ISSUER_LABELS,
    NAME_LABELS,
    is_caption,
    is_delivery_term,
    is_initialled,
    is_no_name,
)
from docextract.schema import Field, Kind, Role

_ADDRESS_LABELS = fold_words("addresses", "labels")
_PART_LABELS = _ADDRESS_LABELS | fold_words("addresses", "part_labels")
"""Labels of one part of an address; the parts are joined in the order printed."""
_CONFIRMATION = re.compile(
    rf"(?:^|.*:)\W*(?:{pattern('titles', 'order_confirmation')})(\W+(?:\w{{1,3}}\W+)?[\w/-]*\d)?",
    re.IGNORECASE,
)
_THANKS = re.compile(pattern("titles", "order_thanks"), re.IGNORECASE)
_SELF_BILLED = re.compile(rf"(?<!\w)(?:{pattern('titles', 'self_billed')})(?!\w)", re.IGNORECASE)
_MAX_TITLE, _HEAD, _LETTER = 6, 0.5, 0.6
_ADDRESSEE = fold_words("parties", "addressee_labels")
_MAX_SECTION_LINES = 12
_PAYEES = fold_words("parties", "payee_labels")
"""Labels of whom to pay: a seller, or whoever bought its claims."""
_MAX_WEAK = 4
_MIN_FIRM = 3
_LAST_RANK = 12
"""Labels further down a field's list all weigh the same."""
_ALIGNED = 0.5
_REACH = 2.4
"""A label's block begins within so many heights below it."""


def is_by_buyer(reader: Reader) -> bool:
    """Return whether the buyer writes the document: a self-billed invoice, or an order.

    A seller's answer to an order is none.
    """
    concepts = set(reader.index.concept_of.values())
    if "invoice_number" in concepts:
        return any(_SELF_BILLED.search(segment.text) for segment in reader.layout.segments)
    return "po_number" in concepts and not _is_confirmation(reader)


def _is_confirmation(reader: Reader) -> bool:
    """Return whether a seller answers an order; orders ask for such an answer in sentences."""
    return any(
        _THANKS.search(segment.text) or _is_confirmation_title(reader, segment)
        for segment in reader.layout.segments
        if segment.page == reader.layout.segments[0].page
    )


def _is_confirmation_title(reader: Reader, segment: Segment) -> bool:
    """Return whether a text is such a title: short, or with its number right behind it."""
    if segment.middle > _HEAD * reader.layout.sizes[segment.page][1]:
        return False
    text = _with_next(reader, segment)
    found = _CONFIRMATION.match(text)
    if found is None:
        return False
    is_sentence = any(len(word) > 3 and word.islower() for word in text[found.end() :].split())
    return found[1] is not None or (len(segment.tokens) <= _MAX_TITLE and not is_sentence)


def _with_next(reader: Reader, segment: Segment) -> str:
    """Return a text with what stands below it, as a title broken in two."""
    return " ".join(s.text for s in block_from(reader, segment)[:2])


def is_directional(hit: Hit) -> bool:
    """Return whether a label tells from whom or to whom a document goes, not who sells or buys."""
    return hit.entry.phrase in _ADDRESSEE or hit.entry.phrase in ISSUER_LABELS


def labelled_claims(
    reader: Reader,
    role: Role,
    fields: list[Field],
    skip: set[int],
    *,
    by_buyer: bool,
    directional: bool | None = None,
) -> Iterator[Party]:
    """Yield the claims of blocks under labels of a role, in reading order.

    Args:
        reader: the document.
        role: whose labels.
        fields: the role's fields; labels of those that hold its name count.
        skip: ids of segments that belong to tables.
        by_buyer: whether the buyer writes the document, as ``is_by_buyer`` says.
        directional: whether to take only labels such as ``To``, or only others; None for all.
    """
    names = {f.path for f in fields if f.kind in (Kind.NAME, Kind.TEXT) and f.name != "contact"}
    names -= {f.path for f in fields if f.kind is Kind.TEXT and f.name != "name" and len(names) > 1}
    for hit in reader.hits:
        paths = names & hit.entry.ranks.keys()
        if not paths or id(hit.segment) in skip or not _announces(reader, hit):
            continue
        if directional is not None and is_directional(hit) is not directional:
            continue
        if by_buyer and is_directional(hit) and _is_of_delivery(reader, hit):
            continue  # ``Consignee – Destinataire`` of an order is where the goods go.
        if is_directional(hit) and not reader.layout.is_on_top(hit.segment, _LETTER):
            continue  # On a payment slip at the foot the recipient is who is paid.
        block = _section(reader, hit) or _block_of(reader, hit, skip)
        if block is None or not _is_name(reader, block.name):
            continue
        is_person = is_initialled(block.text) and not block.has_address
        if by_buyer and role is Role.BUYER and is_person:
            continue  # ``Buyer: J. Doe`` of an order is whoever orders for the buyer.
        if "contact" in hit.entry.concepts and (not block.address or _is_under_name(reader, hit)):
            continue  # ``Attention: Traffic Dept.`` names whom to turn to within a party.
        rank = min(hit.entry.ranks[path] for path in paths)
        why = (
            ("named.with_address" if block.address else "named.alone", True),
            ("label.quality", hit.quality),
            ("label.rank", min(_LAST_RANK, rank)),
            ("named.by_short_label", len(hit.entry.phrase) <= _MAX_WEAK),
            ("named.payee", hit.entry.phrase in _PAYEES),
            ("doubt.bare_word_above", _is_bare(reader, hit, block, by_buyer)),
            ("doubt.office", _is_office(block)),
            ("doubt.company_below", block.is_over_company),
        )
        yield Party(role, block, why, is_announced=True)


def _is_of_delivery(reader: Reader, hit: Hit) -> bool:
    """Return whether a label stands for one of where to deliver, in another language."""
    return any("ship_to" in other.entry.concepts for other in reader.hits_in(hit.segment))


def delivery_tokens(reader: Reader) -> set[int]:
    """Return the ids of the tokens in the blocks below labels of where to deliver."""
    below = (
        next(reader.layout.below(hit.segment), None)
        for hit in reader.hits
        if "ship_to" in hit.entry.concepts and hit.is_whole
    )
    blocks = (block_from(reader, segment) for segment in below if segment is not None)
    return {id(token) for block in blocks for segment in block for token in segment.tokens}


def _is_under_name(reader: Reader, hit: Hit) -> bool:
    """Return whether a label stands within an address, right under the name of its party."""
    return any(
        _is_name(reader, above.tokens) and block_from(reader, above)[1:2] == [hit.segment]
        for above in reader.layout.above(hit.segment)
    )


def _is_office(block: Block) -> bool:
    """Return whether a name is that of an office: ``Acme Accounts Payable``."""
    words = block.text.split()
    ends = (" ".join(words[-n:]) for n in (1, 2) if len("".join(words[:-n])) >= _MIN_FIRM)
    return COMPANY_FORM.search(block.text) is None and any(map(is_caption, ends))


def _announces(reader: Reader, hit: Hit) -> bool:
    """Return whether a label stands as one: first in its place, closed, alone or hanging out."""
    is_numbered = not any(c.isalpha() for t in hit.segment.tokens[hit.end :] for c in t.text)
    is_label = hit.is_closed or hit.is_whole or is_numbered or _hangs_out(reader, hit)
    if not hit.is_leading or not is_label:
        return False
    return len(hit.entry.phrase) > _MAX_WEAK or (hit.is_closed and hit.start == 0)


def _hangs_out(reader: Reader, hit: Hit) -> bool:
    """Return whether lines below begin where the words behind a label do."""
    name, label = hit.segment.tokens[hit.end], hit.segment
    below = reader.layout.below(label, name.left, label.right, num_lines=1)
    return any(
        abs(s.left - name.left) < _ALIGNED * label.height and s.top - label.bottom < label.height
        for s in below
    )


def _is_name(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Return whether the first line under a label may name a party."""
    text = join(tokens)
    is_heading = any(
        hit.entry.phrase not in ANNOUNCED and (hit.is_whole or _is_numbered(hit))
        for token in tokens[:2]
        for hit in reader.hits_at(token)
    )
    if any(c.kind is Kind.DATE for c in reader.candidates_at(tokens)):
        return False
    is_street = STREET.search(text) is not None and COMPANY_FORM.search(text) is None
    if is_heading or (is_street and STREET.search(join(tokens[-1:])) is not None):
        return False
    return not (is_prose(tokens) or is_address(text) or is_no_name(text))


def _is_numbered(hit: Hit) -> bool:
    """Return whether a form's number and a label are all that stands there: ``15. Amount``."""
    before = [c for token in hit.segment.tokens[: hit.start] for c in token.text]
    return hit.end == len(hit.segment.tokens) and not any(map(str.isalpha, before))


def _is_bare(reader: Reader, hit: Hit, block: Block, by_buyer: bool) -> bool:
    """Return whether nothing but a word above it makes a text a party.

    Heads of columns such as ``Client`` stand above texts as well; they have others beside
    them, and one line below. On orders ``Buyer:`` is often a person of the buyer's.
    """
    is_heading = hit.is_whole and len(reader.layout.lines[hit.segment.line].segments) == 1
    if block.address or COMPANY_FORM.search(block.text):
        return False
    if is_heading and len(block.zone - {hit.segment.line}) > 1:
        return False
    line = reader.layout.lines[reader.line_of[id(block.name[0])]]
    labels = {t.fold for t in line.tokens if t.text.endswith(":")}
    is_closed = hit.last.text[-1] in ":：="
    is_person = by_buyer and "buyer" in hit.entry.concepts
    return (is_person or not is_closed) and NAME_LABELS.isdisjoint(labels)


def _block_of(reader: Reader, hit: Hit, skip: set[int]) -> Block | None:
    """Return the block a label announces: behind it, beside it or below it."""
    segment = hit.segment
    rest = segment.tokens[hit.end :]
    below = _lines_below(reader, segment, skip)
    if any(c.isalpha() for token in rest for c in token.text):
        return read_block(reader, [rest, *below], hit)
    under = read_block(reader, below, hit)
    right = reader.layout.beside(segment)[:1]
    if right and _is_in_row_of_pairs(reader, right[0]):
        return None
    if not right or _is_label(reader, right[0].tokens) or is_caption(right[0].text):
        return under
    if under is not None and is_delivery_term(right[0].text):
        return under
    beside = read_block(reader, [s.tokens for s in block_from(reader, right[0])], hit)
    is_grid = (beside is not None and bool(beside.address)) or any(
        (hit.is_closed and (_heads_an_amount(reader, line, right[0]) or _is_label(reader, line)))
        or is_no_name(join(line))
        for line in below[:1]
    )
    return beside if under is None or (is_grid and not under.has_address) else under


def _is_in_row_of_pairs(reader: Reader, value: Segment) -> bool:
    """Return whether a number stands beside a label, and another pair of the two behind it."""
    row = reader.layout.lines[value.line].segments[value.column :]
    has_digit = [any(token.has_digit for token in segment.tokens) for segment in row[:3]]
    is_number = len(value.tokens) == 1 and not _is_label(reader, value.tokens)
    return is_number and has_digit == [True, False, True]


def _lines_below(reader: Reader, label: Segment, skip: set[int]) -> list[list[Token]]:
    """Return the lines of the block that stands below a label, above any table."""
    below = next(reader.layout.below(label), None)
    if below is None or below.top - label.bottom > _REACH * label.height:
        return []
    hits = reader.hits_in(below)
    if any(h.start == 0 and h.is_whole and not h.entry.ranks for h in hits):
        return []
    above_table = takewhile(lambda s: id(s) not in skip, block_from(reader, below))
    return [s.tokens for s in above_table]


def _heads_an_amount(reader: Reader, tokens: Sequence[Token], above: Segment) -> bool:
    """Return whether money and nothing else stands beside a line, below a segment."""
    line = reader.layout.lines[reader.line_of[id(tokens[0])]]
    return any(
        c.kind is Kind.MONEY
        and (c.currency or c.num_decimals)
        and len(c.tokens) == len(c.segment.tokens)
        for segment in line.segments
        if abs(segment.left - above.left) < segment.height
        for c in reader.candidates_of(segment)
    )


def _is_label(reader: Reader, tokens: Sequence[Token]) -> bool:
    """Return whether a line is a label with or without its value, as rows of a grid are."""
    hits = [hit for hit in reader.hits_at(tokens[0]) if hit.start == 0]
    is_grid = any(hit.is_whole or hit.has_mark for hit in hits)
    return is_labelled(tokens) or (is_grid and not COMPANY_FORM.search(join(tokens)))


def _section(reader: Reader, hit: Hit) -> Block | None:
    """Return the party of a section whose rows say ``Name: ...``, ``Address: ...``."""
    heading = hit.segment
    names: list[list[Token]] = []
    address: list[list[Token]] = []
    reading: list[list[Token]] | None = None
    zone = {heading.line}
    lines = reader.layout.lines[heading.line + 1 : heading.line + 1 + _MAX_SECTION_LINES]
    for line in lines if hit.is_whole else ():
        label, value = _label_and_value(line, heading)
        if label is not None:
            is_name = label in NAME_LABELS and not names
            reading = names if is_name else address if label in _PART_LABELS else None
        elif reading is None or not (value and names):
            break
        if line.page != heading.page:
            break
        if value and reading is not None:
            reading.append(value)
        zone.add(line.index)
    name = [token for line in names for token in line]
    keys = {id(t) for line in [name, *address] for t in line}
    return Block(name, address, zone, keys) if names else None


def _label_and_value(line: Line, heading: Segment) -> tuple[str | None, list[Token]]:
    """Return a row's folded label (None where the row has only a value) and its value."""
    margin = 2 * heading.height
    column = [s for s in line.segments if s.left > heading.left - margin]
    if not column:
        return None, []
    first, beside = column[0], column[1].tokens if len(column) > 1 else []
    for at, token in enumerate(first.tokens, 1):
        if token.text.endswith(":"):
            label = "".join(t.fold for t in first.tokens[:at])
            is_label = bool(beside) and beside[-1].text.endswith(":")
            return label, first.tokens[at:] or ([] if is_label else beside)
    whole = "".join(t.fold for t in first.tokens)
    if beside and whole in NAME_LABELS | _ADDRESS_LABELS:
        return whole, beside
    return None, first.tokens if first.left > heading.left + margin else []
