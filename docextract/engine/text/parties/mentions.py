"""Says what else on the pages speaks for a name as the issuer's: bank, foot, second mentions.

Knows nothing of where letterheads stand or of labels that announce parties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.engine.text.parties.blocks import (
    block_from,
    folded,
    is_address_line,
    split_sender_line,
)
from docextract.engine.text.text_document import (
    Factors,
    Reader,
    Segment,
    fold,
    join,
    make_segment,
    pattern,
    segments_below,
)
from docextract.engine.text.values.names import (
    ANNOUNCED,
    COMPANY_FORM,
    NAME_LABELS,
    is_no_name,
    is_title,
)
from docextract.normalise.locale.languages import count_languages
from docextract.schema import Kind

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
_HOLDER = re.compile(rf"\b(?:{pattern('parties', 'account_holder')})\b", re.IGNORECASE)
_BANK = re.compile(pattern("banks", "near_account"), re.IGNORECASE)
_ISSUERS = frozenset({"seller", "payee", "merchant", "account_holder"})
"""What a label may be of whose value is the issuer's name all the same."""
_OTHERS = frozenset(
    {
        "bank_name",
        "payment_terms",
        "buyer",
        "ship_to",
        "contact",
        "customer_id",
        "payment_reference",
    }
)
"""What a label may be of whose value beside it reads like a name."""
_LOWER = 0.5
_FOOT = 0.8
_LAST_LETTER = "\u052f"
"""The last letter of Cyrillic; Hebrew, Arabic and the scripts of Asia come behind."""
_FEW_WORDS, _MANY_WORDS, _KNOWN_SHARE = 30, 300, 0.06
_MIN_NAME = 4


def _kinds(reader: Reader, segments: list[Segment]) -> set[Kind]:
    return {c.kind for s in segments for c in reader.candidates_of(s)}


def domains(reader: Reader, page: int) -> set[str]:
    """Return the names in e-mail and web addresses, such as ``acme`` of ``info@acme.co.uk``."""
    found: set[str] = set()
    for segment in reader.layout.segments:
        if segment.page != page:
            continue
        for host in HOST.finditer(segment.text):
            parts = (host[1] or host[2]).lower().split(".")
            labels = [part for part in parts if part not in _GENERIC]
            if labels and len(name := fold(labels[-1])) >= 3:
                found.add(name)
    return found


def is_in_known_language(reader: Reader) -> bool:
    """Return whether enough of a page's words are of a language that has a file.

    On invoices and orders at least six words in a hundred are; pages of few words, where
    names and numbers outweigh all else, say nothing either way. No language of another
    script than Latin, Greek and Cyrillic has such words.
    """
    words = [token.text for s in reader.layout.segments for token in s.tokens if token.fold]
    letters = [c for word in words for c in word if c.isalpha()]
    if 2 * sum(c > _LAST_LETTER for c in letters) > len(letters):
        return False
    if len(words) < _FEW_WORDS:
        return True
    votes = count_languages(" ".join(words)).most_common(1)
    return bool(votes) and votes[0][1] >= _KNOWN_SHARE * min(len(words), _MANY_WORDS)


class Support:
    """What the pages say about names beside the place each is printed at.

    Where a bank issues the document, the holder of an account is its customer.
    """

    def __init__(self, reader: Reader, is_bank: bool = False) -> None:
        self._reader = reader
        self._holders = [] if is_bank else list(self._account_holders())
        self._lower = [
            fold(s.text)
            for s in reader.layout.segments
            if s.middle > _LOWER * reader.layout.sizes[s.page][1]
        ]

    def factors(self, segment: Segment) -> Factors:
        """Return what the document as a whole says of a segment that may be the issuer's name."""
        tokens, rest = split_sender_line(segment.tokens)
        name = folded(tokens)
        if len(name) < _MIN_NAME:
            return ()
        return (
            ("issuer.account_holder", any(name in text for text in self._holders)),
            ("issuer.in_lower_half", any(name in text for text in self._lower)),
            ("issuer.contact", not rest and self._has_contact(segment)),
            ("issuer.imprint", self._is_imprint(segment)),
            ("issuer.keeps_account", self._is_bank(segment)),
            ("issuer.title_part", self._is_title_part(segment)),
        )

    def speaks_for(self, segment: Segment) -> bool:
        """Return whether a name is an account's holder, has contacts or heads the imprint."""
        tokens, rest = split_sender_line(segment.tokens)
        name = folded(tokens)
        is_known = len(name) >= _MIN_NAME and any(name in text for text in self._holders)
        return is_known or bool(rest) or self._has_contact(segment) or self._is_imprint(segment)

    def _account_holders(self) -> Iterator[str]:
        """Yield the texts beside and below labels of an account's holder."""
        for segment in self._reader.layout.segments:
            page_height = self._reader.layout.sizes[segment.page][1]
            if segment.middle < _LOWER * page_height or not _HOLDER.search(segment.text):
                continue
            yield fold(segment.text)
            line = self._reader.layout.lines[segment.line]
            yield from (fold(s.text) for s in line.segments[segment.column + 1 :][:1])
            below = segments_below(
                self._reader.layout, segment, segment.left, segment.right, num_lines=2
            )
            yield from (fold(s.text) for s in below)

    def _has_contact(self, segment: Segment) -> bool:
        """Return whether telephone, site or account stand in the block a name begins."""
        block = block_from(self._reader, segment)[1:]
        return bool(_kinds(self._reader, block) & _CONTACTS)

    def _is_imprint(self, segment: Segment) -> bool:
        """Return whether a name heads the particulars at the foot of the first page.

        Business letters print the company there with its address, beside bank and tax
        numbers (in Germany section 35a GmbHG asks for it).
        """
        foot = _FOOT * self._reader.layout.sizes[segment.page][1]
        if segment.top < foot or self._is_bank(segment):
            return False
        block = block_from(self._reader, segment)
        others = [
            s for s in self._reader.layout.segments if s.page == segment.page and s.top >= foot
        ]
        kinds = {c.kind for s in others for c in self._reader.candidates_of(s)}
        has_address = any(is_address_line(s.tokens) for s in block[1:3])
        return has_address and bool(kinds & {Kind.IBAN, Kind.TAX_ID, Kind.BIC})

    def _is_bank(self, segment: Segment) -> bool:
        """Return whether a name is that of the bank an account is with."""
        if not _BANK.search(segment.text) or COMPANY_FORM.search(join(segment.tokens)):
            return False
        lines = self._reader.layout.lines[max(0, segment.line - 3) : segment.line + 5]
        return any(
            candidate.kind in (Kind.IBAN, Kind.BIC)
            for line in lines
            for near in line.segments
            for candidate in self._reader.candidates_of(near)
        )

    def _is_title_part(self, segment: Segment) -> bool:
        """Return whether a title in the same print goes on in the next lines."""
        for line in self._reader.layout.lines[segment.line + 1 : segment.line + 6]:
            for below in line.segments:
                is_near = below.top - segment.bottom < 3 * segment.height
                is_alike = 0.85 < below.height / max(segment.height, 1e-6) < 1.18
                is_over = below.left < segment.right and below.right > segment.left
                if is_near and is_alike and is_over and is_title(below.text):
                    return True
        return False


_TITLES = re.compile(
    rf"^(?:(?:{pattern('titles', 'printed_before')})[ -]*)*"
    rf"(?:{pattern('titles', 'printed')})s?\b.{{0,12}}$",
    re.IGNORECASE,
)
GREETINGS = re.compile(rf"\b(?:{pattern('names', 'courtesies')})\b", re.IGNORECASE)
_NUMBER = re.compile(r" ?\([\d-]{5,}-? ?[A-Z]?\)?$")
"""A register's number behind a company's name, as printed in Malaysia and Singapore."""
_BRANCH = re.compile(r"(?<=\w) ?# ?[\d-]{1,8}$")
"""A branch's number behind a shop's name."""
_CODE = re.compile(r":\s?[A-Z]*\d{4}")
"""What stands behind a label and is no name."""
_PHONE = re.compile(rf"\s(?:{pattern('names', 'telephone')})\b[.:#]*\s*[+(\d]", re.IGNORECASE)
_WELCOME = re.compile(
    rf"(?:{pattern('names', 'welcome')}) (?:{pattern('names', 'welcome_to')}) (?=\w{{3}})",
    re.IGNORECASE,
)


def name_segments(reader: Reader, page: int, skip: set[int]) -> Iterator[Segment]:
    """Yield segments that may hold the issuer's name, from top to bottom."""
    for segment in reader.layout.segments:
        if segment.page != page:
            return
        segment = _trimmed(segment)
        if id(segment) in skip or not _may_be_name(reader, segment) or is_value(reader, segment):
            continue
        yield segment


def is_value(reader: Reader, segment: Segment) -> bool:
    """Return whether a text is what a label beside it announces: a bank, a term, a person.

    Labels of dates and numbers announce no names, so a name beside one is not theirs.
    """
    if not segment.column:
        return False
    before = reader.layout.lines[segment.line].segments[segment.column - 1]
    hits = [hit for hit in reader.hits_of.get(id(before), ()) if hit.end == len(before.tokens)]
    if any(hit.entry.concepts & _ISSUERS for hit in hits) or is_title(before.text):
        return False
    if fold(before.text) in NAME_LABELS:
        return False
    return before.text[-1] in ":：" or any(
        hit.is_whole and hit.entry.concepts & _OTHERS for hit in hits
    )


def _trimmed(segment: Segment) -> Segment:
    """Return ``Corner Shop`` of ``Welcome to Corner Shop Tel 555 0100``."""
    greeting = _WELCOME.match(segment.text)
    phone = _PHONE.search(segment.text, 1)
    if greeting is None and phone is None:
        return segment
    start = greeting.end() if greeting else 0
    end = phone.start() if phone and phone.start() > start else len(segment.text)
    rest = make_segment(segment.tokens_between(start, end))
    rest.line, rest.column = segment.line, segment.column
    return rest


def _may_be_name(reader: Reader, segment: Segment) -> bool:
    text = _BRANCH.sub("", segment.text)
    letters = sum(c.isalpha() for c in text)
    digits = sum(c.isdigit() for c in text)
    if letters < (2 if "&" in text else 3) or len(text) > 160:
        return False
    name = _NUMBER.sub("", _BRANCH.sub("", join(split_sender_line(segment.tokens)[0])))
    is_branch = text != segment.text and fold(text) in ANNOUNCED
    if is_branch or _CODE.search(text):
        return False
    name_digits = sum(c.isdigit() for c in name)
    if name_digits > 0.3 * len(name) or (digits > 0.5 * letters and not COMPANY_FORM.search(text)):
        return False
    if _TITLES.match(text) or is_no_name(name) or text.rstrip().endswith(":"):
        return False
    hits = reader.hits_of.get(id(segment), ())
    if any(h.start == 0 and h.is_closed and not _is_name_word(h.entry.phrase) for h in hits):
        return False
    kinds = {c.kind for c in reader.candidates_of(segment)}
    if kinds & {Kind.EMAIL, Kind.URL} and not COMPANY_FORM.search(name):
        return False
    return not kinds & {Kind.DATE, Kind.IBAN, Kind.TIME} or bool(COMPANY_FORM.search(name))


def _is_name_word(phrase: str) -> bool:
    return phrase in ANNOUNCED
