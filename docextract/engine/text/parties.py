"""Finds who sells and who buys: labelled blocks, the letterhead, the address window.

Knows nothing of amounts or tables; a name is a line of print, an address lines below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from docextract.engine.text.blocks import Block, block_from, is_address_line, read_block
from docextract.engine.text.evidence import Option, Reader, segments_below
from docextract.engine.text.labels import Hit
from docextract.engine.text.layout import Line, Segment
from docextract.engine.text.letterhead import letterhead
from docextract.engine.text.names import COMPANY_FORM, NAME_LABELS, is_no_name
from docextract.engine.text.tokens import Token, join
from docextract.engine.text.window import window_block
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind, Role

_ADDRESS_LABELS = frozenset(
    {
        "address",
        "adresse",
        "anschrift",
        "direccion",
        "indirizzo",
        "adres",
        "street",
        "strasse",
        "morada",
    }
)
_MAX_SECTION_LINES = 12
_SURE = 0.8
_WEAK = 0.615
_UNSURE_ADDRESS, _BRANCH = 0.28, 0.6
_LEAST_ADDRESS = 0.5
_DOUBTED = 0.28
"""Score of a value that stays in the answer, but below the odds of a verified one."""
_FEW_LETTERS = 12
_REGISTRATION = re.compile(r"\s*\(?(?:\d{4,9}-[A-Z]{1,2}|[A-Z]{2}\d{7}-[A-Z])\)?\s*$")
_NO_ADDRESS = re.compile(
    r"^\W{0,4}(?:tel|phone|fax|mobile|gst|vat|tax|reg|co\.? ?reg|invoice|rechnung|bill|order|serial"
    r"|shop|store|branch|table|guests?|cashier|check|ust|steuer|uid|siret|siren|nif|cif|abn|tin"
    r"|kvk|btw)[ .-]{0,3}(?:nr|no|num|number|id)?\b\W{0,4}(?=\w{0,20}\d|$)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Party:
    """One party: its name, its address lines and the part of the page that is its own."""

    role: Role
    name: list[Token]
    address: list[list[Token]]
    score: float
    zone: set[int] = field(default_factory=set)
    keys: set[int] = field(default_factory=set)


def find_parties(reader: Reader, skip: set[int]) -> dict[Role, Party]:
    """Return the parties the schema asks for that the pages show.

    Args:
        reader: the document.
        skip: ids of segments that belong to tables.
    """
    wanted = _wanted_roles(reader)
    parties: dict[Role, Party] = {}
    for role in wanted:
        labelled = _labelled(reader, role, wanted[role], skip)
        if labelled is not None:
            parties[role] = labelled
    is_reversed = is_order(reader)
    issuer = Role.BUYER if is_reversed else Role.BANK if Role.BANK in wanted else Role.SELLER
    addressee = Role.SELLER if is_reversed else Role.BUYER
    if Role.BANK in wanted:
        addressee = Role.HOLDER
    if addressee not in wanted and _is_below_label(reader, parties.get(issuer)):
        # A till prints ``Store: 5``; what follows below is no name of the shop.
        del parties[issuer]
    held = parties.get(issuer)
    if addressee not in wanted and held is not None:
        # ``Store:`` names the branch as often as the shop, whose name stands on top.
        held.score = min(held.score, _BRANCH)
    if issuer in wanted and (held is None or held.score < _SURE):
        others = {role: party for role, party in parties.items() if role is not issuer}
        found = letterhead(reader, _taken(others), skip, addressee in wanted, issuer is Role.BANK)
        if found is not None and (held is None or found[1] > held.score):
            is_alone = addressee not in wanted
            is_doubtful = _is_doubtful(reader, found[0].name, found[1], is_alone)
            score = min(found[1], _DOUBTED) if is_doubtful else found[1]
            parties[issuer] = _party(issuer, found[0], score)
    if addressee in wanted and addressee not in parties:
        window = window_block(reader, _taken(parties), skip)
        if window is not None:
            parties[addressee] = _party(addressee, window, 0.6)
    return parties


def _is_doubtful(reader: Reader, name: Sequence[Token], score: float, is_alone: bool) -> bool:
    """Return whether an unlabelled name is about as likely wrong as right.

    That is one read unsurely, one that looks like an address, and on a till receipt, whose
    top holds much else, one with neither a company's form nor large print.
    """
    is_unsure = any((t.page, t.word) in reader.layout.unsure for t in name)
    is_weak = is_alone and score < _WEAK and not COMPANY_FORM.search(join(name))
    return is_unsure or is_weak or is_address_line(name)


def _is_below_label(reader: Reader, party: Party | None) -> bool:
    if party is None or not party.name or not party.zone:
        return False
    return reader.line_of.get(id(party.name[0]), -1) > min(party.zone)


def _wanted_roles(reader: Reader) -> dict[Role, list[Field]]:
    wanted: dict[Role, list[Field]] = {}
    for item in reader.index.fields.values():
        if item.role is not None and item.list_path is None:
            wanted.setdefault(item.role, []).append(item)
    if Role.SELLER in wanted:
        wanted.pop(Role.BANK, None)
        wanted.pop(Role.HOLDER, None)
    return wanted


def is_order(reader: Reader) -> bool:
    """Return whether the buyer writes the document: its number is an order's own."""
    concepts = set(reader.index.concept_of.values())
    return "po_number" in concepts and "invoice_number" not in concepts


def _taken(parties: dict[Role, Party]) -> set[int]:
    return {key for party in parties.values() for key in party.keys}


def _party(role: Role, block: Block, score: float) -> Party:
    return Party(role, block.name, block.address, score, block.zone, block.keys)


def _labelled(reader: Reader, role: Role, fields: list[Field], skip: set[int]) -> Party | None:
    """Return the party under the best label that announces the role."""
    names = {f.path for f in fields if f.kind in (Kind.NAME, Kind.TEXT) and f.name != "contact"}
    names -= {f.path for f in fields if f.kind is Kind.TEXT and f.name != "name" and len(names) > 1}
    best: Party | None = None
    for hit in reader.hits:
        paths = names & hit.entry.ranks.keys()
        if not paths or id(hit.segment) in skip or not hit.is_leading:
            continue
        rank = min(hit.entry.ranks[path] for path in paths)
        is_weak = len(hit.entry.phrase) <= 4
        if is_weak and not (hit.is_closed and hit.start == 0):
            continue
        if not hit.is_closed and not hit.is_whole:
            continue
        block = _block_of(reader, hit)
        if block is None or not block.name or is_no_name(join(block.name)):
            continue
        score = (0.9 if block.address else 0.72) * hit.quality * max(0.75, 1 - 0.02 * rank)
        score -= 0.2 * is_weak
        if best is None or score > best.score + 0.02:
            best = _party(role, block, score)
    return best


def _block_of(reader: Reader, hit: Hit) -> Block | None:
    """Return the block a label announces: behind it, beside it or below it."""
    section = _section(reader, hit)
    if section is not None:
        return section
    segment = hit.segment
    rest = segment.tokens[hit.end :]
    if rest and not _is_noise(rest):
        return read_block(reader, [rest, *_lines_below(reader, segment, rest)], hit)
    line = reader.layout.lines[segment.line]
    right = line.segments[segment.column + 1 : segment.column + 2]
    below = list(_lines_below(reader, segment, segment.tokens))
    if right and not reader.hits_of.get(id(right[0])) and not below:
        block = block_from(reader, right[0])
        return read_block(reader, [s.tokens for s in block], hit)
    if below:
        return read_block(reader, below, hit)
    return None


def _is_noise(tokens: Sequence[Token]) -> bool:
    return not any(token.fold for token in tokens)


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
    name: list[Token] = []
    address: list[list[Token]] = []
    zone = {segment.line}
    reading_address = False
    lines = reader.layout.lines[segment.line + 1 : segment.line + 1 + _MAX_SECTION_LINES]
    for line in lines:
        label, value = _label_and_value(line, segment)
        if line.page != segment.page or (label is None and not value and not name):
            break
        if label in NAME_LABELS and value and not name:
            name = value
        elif label in _ADDRESS_LABELS and value:
            address, reading_address = [value], True
        elif label is None and value and reading_address:
            address.append(value)
        elif label is None:
            break
        else:
            reading_address = False
        zone.add(line.index)
    if not name:
        return None
    keys = {id(t) for line in [name, *address] for t in line}
    return Block(name, address, zone, keys)


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
            value = rest or (column[1].tokens if len(column) > 1 else [])
            return label, value
    whole = "".join(t.fold for t in first.tokens)
    if whole in NAME_LABELS | _ADDRESS_LABELS and len(column) > 1:
        return whole, column[1].tokens
    is_value_column = first.left > heading.left + margin
    return None, first.tokens if is_value_column else []


def party_options(reader: Reader, parties: dict[Role, Party]) -> list[Option]:
    """Return options for the names and addresses of the parties found."""
    options: list[Option] = []
    for item in reader.index.fields.values():
        party = parties.get(item.role) if item.role and item.list_path is None else None
        if party is None:
            continue
        if (item.kind is Kind.NAME and item.name != "contact") or _is_name_text(item):
            text = clean_name(party.name)
            if text:
                options.append(Option(item.path, party.name, text, party.score))
        elif item.kind is Kind.ADDRESS:
            options += _address_option(item, party)
    return options


def _address_option(item: Field, party: Party) -> list[Option]:
    lines = [line for line in party.address if not _is_no_address(line)]
    is_sure = any(is_address_line(line) for line in lines)
    num_letters = sum(c.isalpha() for line in lines for t in line for c in t.text)
    if not is_sure and num_letters < _FEW_LETTERS:
        return []
    tokens = [t for line in lines for t in line]
    text = ", ".join(join(line).strip(" ,;|·•-–") for line in lines)
    # A street is the party's own even where its name is in doubt.
    score = 0.95 * max(party.score, _LEAST_ADDRESS) if is_sure else _UNSURE_ADDRESS
    return [Option(item.path, tokens, text, score)]


def _is_no_address(line: Sequence[Token]) -> bool:
    """Return whether a line is a registration, a telephone or another labelled number."""
    text = join(line)
    if _REGISTRATION.fullmatch(text):
        return True
    return bool(_NO_ADDRESS.match(text)) and not is_address_line(line)


def _is_name_text(item: Field) -> bool:
    return item.kind is Kind.TEXT and item.name in ("name", str(item.role))


def clean_name(tokens: Sequence[Token]) -> str:
    """Return a name's text without the punctuation around it."""
    text = re.sub(r"^[\s\W]+(?=\w)|[\s:;,|·•*_=-]+$", "", join(tokens))
    return _REGISTRATION.sub("", text) or text
