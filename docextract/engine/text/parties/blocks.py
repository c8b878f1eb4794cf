"""Blocks of lines under one another, the name and address within one, and the claims they make.

Knows nothing of what speaks for a claim, nor of which wins.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from docextract.engine.text.parties.addresses import (
    STREET,
    has_postcode,
    is_address,
    split_sender_line,
)
from docextract.engine.text.text_document import (
    Factors,
    Hit,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    join,
    num_digits,
    score_of,
)
from docextract.engine.text.values.names import (
    COMPANY_FORM,
    LEGAL_FORM,
    NAME_LABELS,
    bare_name,
    is_caption,
    is_contact,
    is_form,
    is_institution,
    is_no_name,
    is_officer,
    is_part_of_one,
    is_person,
    is_region,
    is_title,
    may_be_person,
)
from docextract.schema import Kind, Role

_STOP_KINDS = {Kind.EMAIL, Kind.URL, Kind.IBAN, Kind.TAX_ID, Kind.DATE}
_HEADINGS = frozenset({"seller", "buyer", "ship_to", "address", "tax_representative", "contact"})
_ADDRESS_WORDS = fold_words("addresses", "heads")
_FIRM_WORDS = fold_words("parties", "firm_words")
_OPEN = fold_words("names", "open")
_JOINTS = frozenset("&+")
_MAX_LINES, _MAX_ADDRESS_LINES = 9, 5
_GAP = 1.15
"""Lines of one block stand no further apart than this, in heights."""
_PHONE_DIGITS = 8
_DASHES = frozenset("-–—|·•/")
_ALIKE = 1.3
"""A line goes on from one above it that is no larger than so many times its height."""


@dataclass(slots=True)
class Block:
    """A name, the address lines under it, the lines of the page they take and all their tokens.

    The name may be a person's over an office, or the beginning of a name, of who is meant.
    """

    name: list[Token]
    address: list[list[Token]]
    zone: set[int] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)
    is_over_company: bool = False

    @property
    def text(self) -> str:
        """The name as printed."""
        return join(self.name)

    @property
    def has_address(self) -> bool:
        """Whether one of the address lines is surely one."""
        return any(is_address(join(line)) for line in self.address)


@dataclass(frozen=True, eq=False, slots=True)
class Party:
    """A block's claim to a role.

    Attributes:
        role: what the block would be.
        block: its name, its address lines and the part of the page that is its own.
        factors: what speaks for and against it.
        is_announced: whether a label says so.
        is_confirmed: whether more than the place of the name and an address speaks for it.
    """

    role: Role
    block: Block
    factors: Factors
    is_announced: bool = False
    is_confirmed: bool = False
    score: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "score", score_of(self.factors))

    @property
    def name(self) -> list[Token]:
        """The tokens of its name."""
        return self.block.name

    @property
    def text(self) -> str:
        """Its name as printed."""
        return self.block.text

    @property
    def address(self) -> list[list[Token]]:
        """The tokens of its address, line by line."""
        return self.block.address

    @property
    def is_second(self) -> bool:
        """Whether a second reading named it."""
        return any(name.startswith("second.") for name, _ in self.factors)

    def also(self, factor: str, holds: bool = True) -> Party:
        """Return the claim with one more factor."""
        return replace(self, factors=(*self.factors, (factor, holds)))


def block_from(reader: Reader, first: Segment, is_centred: bool = False) -> list[Segment]:
    """Return a segment and those that continue it below, aligned and without a gap."""
    block = [first]
    for line in reader.layout.lines[first.line + 1 : first.line + 2 * _MAX_LINES]:
        last = block[-1]
        reach = last.bottom + _GAP * last.height
        if line.page != first.page or len(block) >= _MAX_LINES or line.top > reach:
            break
        following = next((s for s in line.segments if _is_aligned(first, s, is_centred)), None)
        if following is not None and following.top <= reach:
            block.append(following)
    return block


def right_above(reader: Reader, segment: Segment) -> list[Segment]:
    """Return what is printed right above a line, as large and from the same edge on."""
    return [
        above
        for line in reader.layout.lines[max(0, segment.line - 2) : segment.line]
        for above in line.segments
        if -0.3 * segment.height <= segment.top - above.bottom < 0.6 * segment.height
        and abs(above.left - segment.left) < 0.6 * segment.height
        and 0.8 < above.height / max(segment.height, 1e-6) < _ALIKE
    ]


def continues(reader: Reader, segment: Segment) -> bool:
    """Return whether a line goes on from the one above, as inside an address."""
    return any(
        not is_title(above.text) and not any(hit.is_leading for hit in reader.hits_in(above))
        for above in right_above(reader, segment)
    )


def _is_aligned(first: Segment, other: Segment, is_centred: bool) -> bool:
    if abs(first.left - other.left) < 1.3 * max(first.height, other.height):
        return True
    if abs(first.right - other.right) < 0.35 * first.height and first.left > other.height * 12:
        return True
    centre = abs(first.left + first.right - other.left - other.right) / 2
    return is_centred and centre < 2.5 * first.height


def read_block(
    reader: Reader,
    lines: Sequence[Sequence[Token]],
    hit: Hit | None = None,
    *,
    has_name: bool = False,
) -> Block | None:
    """Return the name and the address of a block's lines, or None without a name.

    Args:
        reader: the document.
        lines: of the block.
        hit: the label that announces it.
        has_name: whether its first line is known to be the name.
    """
    kept = [list(line) for line in lines if any(t.fold for t in line)]
    while not has_name and len(kept) > 1 and _is_before_name(reader, kept[0]):
        kept = kept[1:]
    if not kept:
        return None
    kept = kept[: next((at for at in range(1, len(kept)) if _is_heading(reader, kept[at])), None)]
    kept = _from_company(_rejoined(kept))
    if not has_name and _is_person_of(reader, kept):
        kept = kept[1:]
    name, rest = split_sender_line(_without_office(kept[0]))
    if hit is not None and not rest:
        name, rest = _at_comma(_before_label(name))
    name = _without(name, NAME_LABELS)
    if not name:
        return None
    if len(name) > 1 and name[0].fold in _FIRM_WORDS:
        name = name[1:]
    below = (line for line in kept[1:] if hit is None or not _is_contact_of(reader, line))
    body = [*([rest] if rest else []), *(_without(line, _ADDRESS_WORDS) for line in below)]
    zone = {reader.line_of[id(line[0])] for line in kept}
    zone |= {hit.segment.line} if hit is not None else set()
    if len(kept) > 1 and is_form(join(kept[1])):
        name = [*name, *kept[1]]
    keys = {id(t) for line in kept for t in line}
    return Block(name, _address(reader, body), zone, keys, _is_over_company(kept))


def _rejoined(lines: list[list[Token]]) -> list[list[Token]]:
    """Return a block whose first lines are one where its name goes on: ``TOWNSHIP OF`` / ``LEA``.

    In capitals it goes on as long as they do.
    """
    name, below = lines[0], list(lines[1:])
    is_capital = join(name).isupper() and bool(below) and is_broken(name, below[0])
    while below and not _has_digit(below[0]):
        is_more = is_capital and join(below[0]).isupper()
        if not (is_more or is_broken(name, below[0])):
            break
        name = [*name, *below.pop(0)]
    return [name, *below]


def leads_to_company(text: str, own: str) -> bool:
    """Return whether words lead to a company other than ``own``: ``Payments handled by Ox Ltd``."""
    form = LEGAL_FORM.search(text)
    if form is None or (own and bare_name(own) in fold(text)):
        return False
    lead = text[: form.start()].split()
    return any(word[-1] == ":" or (word.islower() and len(word) > 1) for word in lead)


def is_broken(one: Sequence[Token], other: Sequence[Token]) -> bool:
    """Return whether a name breaks off between two lines, by the words that end and begin them."""
    first, last = join(one), join(other)
    is_listed = first[-1] == "," and _has_form(last) and not COMPANY_FORM.search(first)
    is_begun = len(other) > 1 and _is_open(other[0]) and not other[0].text[0].isupper()
    is_begun = is_begun and not COMPANY_FORM.search(first)
    return is_listed or is_begun or _is_open(one[-1])


def _is_open(token: Token) -> bool:
    """Return whether a word cannot end a name: ``of``, ``&``, ``GEVEL-``."""
    is_cut = len(token.text) > 2 and token.text[-1] == "-"
    return token.text in _JOINTS or is_cut or (token.text.isalpha() and token.fold in _OPEN)


def _at_comma(line: list[Token]) -> tuple[list[Token], list[Token]]:
    """Cut a labelled ``Ann Lee, 1 High Street, York`` into the name and the address behind it."""
    cut = next((at for at, t in enumerate(line, start=1) if t.text.endswith(",")), len(line))
    name, text = line[:cut], join(line[cut:])
    is_cut = not _has_digit(name) and _has_digit(line[cut:]) and is_address(text)
    if not is_cut or ":" in text or COMPANY_FORM.match(text):
        return line, []
    return name, line[cut:]


def _from_company(lines: list[list[Token]]) -> list[list[Token]]:
    """Return a block without the person or office above the company that is addressed.

    Right above it, who is not said to be a person is one as well.
    """
    first = join(lines[0])
    for at, line in enumerate(lines[1 : 1 + _reach(lines)], start=1):
        if any(map(_has_digit, lines[:at])):
            break  # A person with an address of their own.
        text = join(_without(line, NAME_LABELS))
        is_own = is_institution(first) and not is_part_of_one(first)
        is_party = _has_form(text) or (is_institution(text) and not is_own)
        if is_party and not (is_address(text) or is_region(text) or is_no_name(text)):
            return lines[at:]
    return lines


def _reach(lines: list[list[Token]]) -> int:
    """Return how many lines below the first may name the party that the first is a part of."""
    first = join(lines[0])
    if is_person(first):
        return 3
    if may_be_person(first):
        return 1 + any(is_officer(join(line)) for line in lines[1:2])
    return int(is_part_of_one(first))


def _has_form(name: str) -> bool:
    """Return whether a name has a company's form behind or before it: ``SARL Le Gall``."""
    form = COMPANY_FORM.search(name)
    return form is not None and (form.start() > 0 or name[form.end() + 1 :][:1].isalnum())


def _is_person_of(reader: Reader, lines: list[list[Token]]) -> bool:
    """Return whether a person stands above the party.

    That is known of somebody's office, of others where the party heads another block as well.
    """
    if len(lines) == 1:
        return False
    is_office = is_officer(join(lines[0]))
    is_titled = is_person(join(lines[0])) and len(lines[1]) > 1
    if not (is_office or is_titled or may_be_person(join(lines[0]))):
        return False
    person, party = (join(line) for line in lines[:2])
    if is_no_name(party) or is_address(party) or _has_digit(lines[1]):
        return False
    if is_office:
        return True
    said = reader.layout.by_text.get(fold(party), ())
    is_head = any(not continues(reader, segment) for segment in said)
    return is_head and len(reader.layout.by_text.get(fold(person), ())) == 1


def _is_over_company(lines: list[list[Token]]) -> bool:
    """Return whether a company's name ends in the second line under a person."""
    below = [join(line) for line in lines[1:3] if not _has_digit(line)]
    is_company = len(below) > 1 and COMPANY_FORM.search(below[1]) is not None
    return is_company and may_be_person(join(lines[0]))


def _without_office(line: list[Token]) -> list[Token]:
    """Return ``Acme Ltd`` of ``Sales Office, Acme Ltd`` and of ``Acme Ltd – Accounts Payable``."""
    cut = next((i for i, t in enumerate(line[:4], start=1) if t.text.endswith(",")), 0)
    has_office = 0 < cut < len(line) and is_caption(join(line[:cut]))
    line = line[cut:] if has_office else line
    cuts = (i for i, t in enumerate(line) if i and t.text in _DASHES)
    return line[: next((i for i in cuts if is_caption(join(line[i + 1 :]))), None)]


def _before_label(line: list[Token]) -> list[Token]:
    """Return what stands before another label: ``Acme Ltd`` of ``Acme Ltd – Surveyor: A. Lee``."""
    marks = [i for i, t in enumerate(line) if i and t.text.endswith(":")]
    cuts = [i for i, t in enumerate(line[: marks[0]]) if i and t.text in _DASHES] if marks else []
    return line[: cuts[-1]] if cuts else line


def _without(tokens: list[Token], labels: Collection[str]) -> list[Token]:
    """Return a line without the label it begins with."""
    is_labelled = len(tokens) > 1 and tokens[0].text.endswith(":") and tokens[0].fold in labels
    return tokens[1:] if is_labelled else tokens


def _is_before_name(reader: Reader, line: Sequence[Token]) -> bool:
    """Return whether a block's line cannot be its name: a label, a title, a contact."""
    text = join(line)
    is_other = is_labelled(line) or is_no_name(text) or is_contact(text)
    return is_other or _is_heading(reader, line)


def _is_heading(reader: Reader, line: Sequence[Token]) -> bool:
    """Return whether a line is nothing but the label of a party or an address."""
    return any(
        hit.start == 0 and hit.is_whole and bool(hit.entry.concepts & _HEADINGS)
        for hit in reader.hits_at(line[0])
    )


def _is_contact_of(reader: Reader, line: Sequence[Token]) -> bool:
    """Return whether a line inside a block says whom to turn to: ``Attention: A. Lee``."""
    hits = (hit for hit in reader.hits_at(line[0]) if not hit.start and hit.is_closed)
    return any("contact" in hit.entry.concepts for hit in hits)


def is_labelled(tokens: Sequence[Token]) -> bool:
    """Return whether a line says ``Number: 123`` rather than a name."""
    return any(t.text.endswith(":") for t in tokens[:4]) and tokens[0].fold not in NAME_LABELS


def _address(reader: Reader, lines: Sequence[list[Token]]) -> list[list[Token]]:
    """Return the lines of the address, without the person before or the country after."""
    end = next((at for at, line in enumerate(lines) if not line or _is_stop(reader, line)), None)
    taken = lines[:end][:_MAX_ADDRESS_LINES]
    numbered = [at for at, line in enumerate(taken) if _has_digit(line)]
    if not numbered:
        return []
    start, last = numbered[0], numbered[-1]
    if start and STREET.search(join(taken[start - 1])):
        start -= 1  # ``Mill Road`` without a number.
    if last == start and not has_postcode(join(taken[last])):
        last += 1
    return list(taken[start : last + 1])


def _is_stop(reader: Reader, line: Sequence[Token]) -> bool:
    kinds = {c.kind for c in reader.candidates_at(line)}
    is_phone = Kind.PHONE in kinds and num_digits(join(line)) >= _PHONE_DIGITS
    if kinds & _STOP_KINDS or (is_phone and not has_postcode(join(line))):
        return True
    if line[0].text.endswith(":") or (len(line) > 1 and line[1].text == ":"):
        return True
    return any(hit.is_leading and hit.is_closed for hit in reader.hits_at(line[0]))


def _has_digit(line: Sequence[Token]) -> bool:
    return any(token.has_digit for token in line)
