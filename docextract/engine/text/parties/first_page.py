"""What the first page shows: lines that may name its issuer, and what pages say about a name.

Knows nothing of roles, of what a fact is worth, nor of labels that announce parties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from statistics import median
from typing import NamedTuple

from docextract.engine.text.parties.addresses import is_address, split_sender_line, tells_register
from docextract.engine.text.parties.blocks import block_from, is_labelled, right_above
from docextract.engine.text.text_document import (
    Reader,
    Segment,
    Token,
    fold,
    join,
    make_segment,
    num_digits,
    pattern,
)
from docextract.engine.text.values.names import (
    ANNOUNCED,
    COMPANY_FORM,
    ISSUER_LABELS,
    NAME_LABELS,
    is_institution,
    is_no_name,
    is_title,
)
from docextract.schema import Kind

PLAIN_SIZE = 1.35
"""Print up to this many times the height of another is about as large."""
WINDOW_TOP = 0.1
"""Share of a page's height below which stand the addresses that windows show."""
HEAD, FOOT = 0.42, 0.8
"""Shares of the print from which issuers name themselves: above the one, below the other."""
HOST = re.compile(
    r"(?:https?://|[\w.+-]{1,64}@|www\.)((?:[^\s.@/,:;()]{1,40}\.){1,3})[a-z]{2,24}(?![\w-])"
    r"|(?<![\w.-])((?:[^\s.@/,:;()]{1,40}\.){1,3})"
    r"(?:com|net|org|eu|info|biz|shop|store|[a-z]{2})(?![\w-]|\.\w{3})",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    {"", "www", "com", "co", "net", "org", "gov", "ac", "gmail", "hotmail", "yahoo"}
)
_CONTACTS = frozenset({Kind.PHONE, Kind.URL, Kind.EMAIL, Kind.IBAN, Kind.TAX_ID})
_IMPRINT = frozenset({Kind.IBAN, Kind.TAX_ID, Kind.BIC})
_HOLDER = re.compile(rf"\b(?:{pattern('parties', 'account_holder')})\b", re.IGNORECASE)
_BANK = re.compile(pattern("banks", "near_account"), re.IGNORECASE)
_LOWER = 0.5
_ASIDE = re.compile(r"\([^()]*\)")
"""What is told in brackets, as the association of which somebody is a member."""
_BYLINE = re.compile(r"[^\W\d_]{3,} ?[·•] ?[^\W\d_]{3,}")
_IDS = frozenset({"tax_id", "vat_id", "tax_number", "registration_number"})
_MIN_NAME, _MIN_LOGO = 4, 5
_CELL, _ALIKE = 1.5, 0.25
"""Values stand so near below the labels of a row, in heights; those differ less in size."""


class NameLine(NamedTuple):
    """A line that may name a party; of a sender line, the name and the address behind it."""

    segment: Segment
    tokens: list[Token]
    rest: list[Token]
    text: str
    key: str

    @property
    def has_form(self) -> bool:
        """Whether the name holds a company's form, and more than that, or is an institution's."""
        form = COMPANY_FORM.search(_ASIDE.sub("", self.text))
        return (form is not None and form.start() > 1) or is_institution(self.text)


class FirstPage:
    """The first page, and what all pages say about a name beside the place it is printed at."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        number = reader.layout.lines[0].page
        self.page_height = reader.layout.sizes[number][1]
        self.all_segments = reader.layout.segments
        self.segments = [s for s in self.all_segments if s.page == number]
        self.height = max(median(s.height for s in self.segments), 1e-6)
        self._top = min(s.top for s in self.segments)
        self._bottom = max(s.bottom for s in self.segments)

    @cached_property
    def names(self) -> list[NameLine]:
        """The lines that may name the issuer, from top to bottom."""
        return list(_name_lines(self.reader, self.segments))

    @cached_property
    def companies(self) -> set[int]:
        """The ids of the texts that name a company or an institution."""
        return {id(line.segment) for line in self.names if line.has_form}

    @cached_property
    def with_ids(self) -> set[int]:
        """The ids of the texts with numbers of taxes and registers, on all pages."""
        told = {id(hit.segment) for hit in self.reader.hits if hit.entry.concepts & _IDS}
        return told | {id(found.segment) for found in self.reader.all_of(Kind.TAX_ID)}

    @cached_property
    def all_text(self) -> str:
        """The words of all pages."""
        return " ".join(t.text for s in self.all_segments for t in s.tokens if t.fold)

    @cached_property
    def domains(self) -> set[str]:
        """The names in e-mail and web addresses, such as ``acme`` of ``info@acme.co.uk``."""
        return {name for s in self.segments for name in _domains(s.text)}

    @cached_property
    def below_from(self) -> set[int]:
        """The ids of texts that are, or stand below, a label of the sender: ``From``."""
        hits = (h for h in self.reader.hits if h.is_whole and h.entry.phrase in ISSUER_LABELS)
        labels = [hit.segment for hit in hits]
        below = (next(self.reader.layout.below(label), label) for label in labels)
        return {id(segment) for segment in (*labels, *below)}

    @cached_property
    def _logos(self) -> list[tuple[float, str]]:
        """What the head holds that may be a part of a name, folded, and how large it is."""
        head = ((s.height, fold(s.text)) for s in self.segments if self.is_in_head(s))
        return [(height, word) for height, word in head if len(word) > _MIN_LOGO]

    @cached_property
    def _places(self) -> list[str]:
        return [fold(s.text) for s in self.segments if is_address(s.text)]

    @cached_property
    def _lower(self) -> list[str]:
        sizes = self.reader.layout.sizes
        return [fold(s.text) for s in self.all_segments if s.middle > _LOWER * sizes[s.page][1]]

    @cached_property
    def _registered(self) -> list[str]:
        """What stands at the foot before a company's capital or register, folded."""
        foot = (s for s in self.segments if self.depth(s) >= FOOT)
        return [fold(join(split_sender_line(s.tokens)[0])) for s in foot if tells_register(s.text)]

    @cached_property
    def _holders(self) -> list[str]:
        """The texts at labels of an account's holder in the lower half of a page."""
        layout = self.reader.layout
        found: list[str] = []
        for label in self.all_segments:
            if label.middle < _LOWER * layout.sizes[label.page][1]:
                continue
            if _HOLDER.search(label.text):
                near = (label, *layout.beside(label)[:1], *layout.below(label, num_lines=2))
                found += [fold(s.text) for s in near]
        return found

    def _kinds(self, segments: list[Segment]) -> set[Kind]:
        return {c.kind for s in segments for c in self.reader.candidates_of(s)}

    def depth(self, segment: Segment | Token) -> float:
        """Return 0 for the topmost print on the page, 1 for the lowest."""
        return (segment.top - self._top) / max(self._bottom - self._top, 1e-6)

    def is_in_head(self, segment: Segment) -> bool:
        """Return whether print stands in the head of the page, where issuers name themselves."""
        return self.depth(segment) <= HEAD

    def num_prints(self, key: str) -> int:
        """Return how many lines of the document hold a folded name."""
        by_text = self.reader.layout.by_text
        return sum(len(found) for text, found in by_text.items() if key in text)

    def is_repeated(self, segment: Segment) -> bool:
        """Return whether another line of the document says the same."""
        return len(self.reader.layout.by_text.get(fold(segment.text), ())) > 1

    def is_place(self, key: str) -> bool:
        """Return whether a folded name stands within an address, as that of a mall does."""
        return any(key in place for place in self._places)

    def is_in_domain(self, key: str) -> bool:
        """Return whether a folded name agrees with an e-mail or web address."""
        return any(d in key or (len(key) > _MIN_NAME and key in d) for d in self.domains)

    def has_logo(self, name: str, height: float) -> bool:
        """Return whether larger print in the head holds a part of a company's name: its logo."""
        key = fold(name) if COMPANY_FORM.search(name) else ""
        return any(size > PLAIN_SIZE * height and word in key for size, word in self._logos)

    def is_in_lower_half(self, key: str) -> bool:
        """Return whether a folded name is printed in the lower half of a page."""
        return len(key) >= _MIN_NAME and any(key in text for text in self._lower)

    def holds_account(self, key: str) -> bool:
        """Return whether an account to pay to is in a folded name."""
        return len(key) >= _MIN_NAME and any(key in text for text in self._holders)

    def is_topmost(self, segment: Segment) -> bool:
        """Return whether nothing but titles is printed above, and a window lies further down.

        Above a block where windows are, a letterhead may be a picture.
        """
        is_plain = segment.height < PLAIN_SIZE * self.height
        if is_plain and segment.top > WINDOW_TOP * self.page_height:
            return False
        above = (s for s in self.segments if s.bottom <= segment.top + 0.3 * segment.height)
        return all(is_title(s.text) or sum(c.isalpha() for c in s.text) < 3 for s in above)

    def is_under_larger(self, segment: Segment) -> bool:
        """Return whether larger print stands right above, as a name over who does what."""
        lines = self.reader.layout.lines[max(0, segment.line - 2) : segment.line]
        return any(
            above.height > PLAIN_SIZE * segment.height
            and abs(above.left - segment.left) < segment.height
            and 0 <= segment.top - above.bottom < above.height
            and not is_no_name(above.text)
            for line in lines
            for above in line.segments
        )

    def is_byline(self, line: NameLine) -> bool:
        """Return whether words with dots between tell what the name right above them does."""
        if line.has_form or not _BYLINE.search(line.text):
            return False
        segment = line.segment
        return any(
            other.segment.line < segment.line
            and segment.top - other.segment.bottom < 2 * segment.height
            and other.segment.left < segment.right
            and segment.left < other.segment.right
            for other in self.names
        )

    def is_over_address(self, segment: Segment) -> bool:
        """Return whether a street or a town stands in the next lines of a name's block."""
        below = block_from(self.reader, segment, is_centred=True)[1:4]
        return any(is_address(s.text) for s in below)

    def has_contact(self, segment: Segment) -> bool:
        """Return whether telephone, site or account stand in the block a name begins."""
        return bool(self._kinds(block_from(self.reader, segment)[1:]) & _CONTACTS)

    def is_imprint(self, line: NameLine) -> bool:
        """Return whether a name heads the particulars at the foot of the page.

        Business letters print the company there with its address, below it or behind it, beside
        bank and tax numbers (in Germany section 35a GmbHG asks for it).
        """
        segment, foot = line.segment, FOOT * self.page_height
        if self.is_in_head(segment) and len(line.key) > _MIN_NAME:
            return any(line.key in name for name in self._registered)
        if segment.top < foot or self.keeps_account(segment):
            return False
        below = [s.text for s in block_from(self.reader, segment)[1:3]]
        if not any(map(is_address, [join(line.rest[:_REST]), *below])):
            return False
        return bool(self._kinds([s for s in self.segments if s.top >= foot]) & _IMPRINT)

    def keeps_account(self, segment: Segment) -> bool:
        """Return whether a name is that of the bank an account is with."""
        if not _BANK.search(segment.text) or COMPANY_FORM.search(segment.text):
            return False
        lines = self.reader.layout.lines[max(0, segment.line - 3) : segment.line + 5]
        near = self._kinds([s for line in lines for s in line.segments])
        return bool(near & {Kind.IBAN, Kind.BIC})


def _domains(text: str) -> Iterator[str]:
    for host in HOST.finditer(text) if "." in text else ():
        parts = (host[1] or host[2]).lower().split(".")
        labels = [part for part in parts if part not in _GENERIC]
        if labels and len(name := fold(labels[-1])) >= 3:
            yield name


_NUMBER = re.compile(r" ?\([\d-]{5,}-? ?[A-Z]?\)?$")
"""A register's number behind a company's name, as printed in Malaysia and Singapore."""
_BRANCH = re.compile(r"(?<=\w) ?# ?[\d-]{1,8}$")
"""A branch's number behind a shop's name."""
_CODE = re.compile(r":\s?[A-Z]*\d")
"""What stands behind a label and is no name."""
_PHONE = re.compile(rf"\s(?:{pattern('names', 'telephone')})\b[.:#]*\s*[+(\d]", re.IGNORECASE)
_WELCOME = re.compile(
    rf"(?:{pattern('names', 'welcome')}) (?:{pattern('names', 'welcome_to')}) (?=\w{{3}})",
    re.IGNORECASE,
)
_RUN_BY = re.compile(rf"(?:.{{2,60}} )?(?:{pattern('parties', 'run_by')}) (?=\w)", re.IGNORECASE)
"""``Fjord is a trading name of`` before who it is, ``operated by`` below a brand."""
_ISSUERS = frozenset({"seller", "payee", "merchant", "account_holder"})
"""What a label may be of whose value is the issuer's name all the same."""
_OTHERS = frozenset(
    {"bank_name", "payment_terms", "buyer", "ship_to", "contact", "customer_id"}
    | {"payment_reference"}
)
"""What a label may be of whose value beside it reads like a name."""
_LONGEST, _REST = 160, 12


def _name_lines(reader: Reader, segments: list[Segment]) -> Iterator[NameLine]:
    for printed in segments:
        segment = _trimmed(printed)
        tokens, rest = split_sender_line(segment.tokens)
        text = join(tokens)
        if sum(c.isalpha() for c in text) < 2 or len(text) > _LONGEST:
            continue
        if not _may_be_name(reader, segment, text):
            continue
        if not is_in_grid(reader, printed):
            yield NameLine(segment, tokens, rest, text, fold(text))


def _trimmed(segment: Segment) -> Segment:
    """Return ``Corner Shop`` of ``Welcome to Corner Shop Tel 555 0100``, and who runs a brand."""
    greeting = _WELCOME.match(segment.text) or _RUN_BY.match(segment.text)
    phone = _PHONE.search(segment.text, 1)
    if greeting is None and phone is None:
        return segment
    start = greeting.end() if greeting else 0
    end = phone.start() if phone and phone.start() > start else len(segment.text)
    rest = make_segment(segment.tokens_between(start, end))
    rest.line, rest.column = segment.line, segment.column
    return rest


def _may_be_name(reader: Reader, segment: Segment, name: str) -> bool:
    text, name = _BRANCH.sub("", segment.text), _NUMBER.sub("", _BRANCH.sub("", name))
    letters = sum(c.isalpha() for c in text)
    if letters < (2 if "&" in text else 3) or text.rstrip().endswith(":"):
        return False
    if _CODE.search(text) or is_no_name(name):
        return False
    if any(
        hit.start == 0 and hit.is_closed and hit.quality == 1 and hit.entry.phrase not in ANNOUNCED
        for hit in reader.hits_in(segment)
    ):
        return False
    if (text != segment.text and fold(text) in ANNOUNCED) or num_digits(name) > 0.3 * len(name):
        return False
    if COMPANY_FORM.search(name):
        return True
    kinds = {c.kind for c in reader.candidates_of(segment)}
    is_other = kinds & {Kind.EMAIL, Kind.URL, Kind.DATE, Kind.IBAN, Kind.TIME}
    return not is_other and num_digits(text) <= 0.5 * letters


def is_in_grid(reader: Reader, segment: Segment) -> bool:
    """Return whether a text is a label or a value of a form rather than the name of a party."""
    return _is_value(reader, segment) or _heads_cell(reader, segment)


def _is_value(reader: Reader, segment: Segment) -> bool:
    """Return whether a text is what a label beside it announces: a bank, a term, a person.

    Labels of dates and numbers announce no names, so a name beside one is not theirs.
    """
    before = reader.layout.before(segment)
    if before is None:
        return False
    hits = [hit for hit in reader.hits_in(before) if hit.end == len(before.tokens)]
    if any(hit.entry.concepts & _ISSUERS for hit in hits):
        return False
    is_of_names = is_title(before.text) or fold(before.text) in NAME_LABELS
    if is_of_names or _has_value_below(reader, before):
        return False
    is_other = any(hit.is_whole and hit.entry.concepts & _OTHERS for hit in hits)
    return is_other or before.text[-1] in ":："


def _has_value_below(reader: Reader, label: Segment) -> bool:
    """Return whether what a label announces stands below it: a number, or an address."""
    below = block_from(reader, label)[1:4]
    if not below or is_labelled(below[0].tokens):
        return False
    return _is_cell_of(reader, below[0], label) or any(is_address(s.text) for s in below)


def _heads_cell(reader: Reader, segment: Segment) -> bool:
    """Return whether a word is a label in a row of them, each over its value: a date, a number."""
    row = reader.layout.lines[segment.line].segments
    if len(segment.tokens) > 1 or not any(_is_label_like(reader, other, segment) for other in row):
        return False
    below = next(reader.layout.below(segment, num_lines=1), None)
    return below is not None and _is_cell_of(reader, below, segment)


def _is_cell_of(reader: Reader, value: Segment, label: Segment) -> bool:
    """Return whether a date or a number stands below a label above which no text goes on."""
    if abs(value.left - label.left) > value.height or right_above(reader, label):
        return False
    if value.top - label.bottom > _CELL * value.height:
        return False
    is_date = any(date.tokens == value.tokens for date in reader.dates_of(value))
    return is_date or (len(value.tokens) == 1 and 2 * num_digits(value.text) > len(value.text))


def _is_label_like(reader: Reader, other: Segment, segment: Segment) -> bool:
    """Return whether another segment is a label, printed as large as this one."""
    is_alike = abs(other.height - segment.height) < _ALIKE * segment.height
    is_label = any(hit.is_whole for hit in reader.hits_in(other))
    return other is not segment and is_alike and is_label
