"""What one page says of the document it belongs to: its number, titles, codes, totals, head, foot.

Knows nothing of other pages, of schemas or of engines; the words it looks for stand in
``schema/languages``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from docextract.core import CODE_NOTE, Page, Word
from docextract.pipeline.splitting.page_lines import Piece, fold, lines_of, text_of
from docextract.pipeline.splitting.page_titles import titles_of
from docextract.schema.languages import pattern, words
from docextract.schema.vocabulary import labels

_HEAD, _FOOT = 0.18, 0.88
"""Above and below: the letterhead and the small print that all pages of a document share."""
_UPPER = 0.45
"""Above: titles, and the number of the document they belong to."""
_BAND = (0.2, 0.85)
"""Outside: where pages are numbered."""
_MIN_BAND_WORD = 3
_MIN_CODE_DIGITS, _MIN_CODE_LENGTH = 4, 5
_MAX_LABEL_WORDS = 4
_MAX_SEPARATOR_WORDS = 6
_NUMBERS = ("po_number", "receipt_number", "contract_number", "account_number", "invoice_number")
_OWN_NUMBERS = ("receipt_number", "invoice_number")
_TOTALS = ("receipt_total", "amount_due", "gross")
_DATES = ("issue_date", "receipt_date")
_AMOUNT = re.compile(r"(?<![\w.,])-?\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}(?!\w|[.,]\d)")
_DATES_ALONE = re.compile(r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\W*)+")
_NAME, _OF = pattern("pages", "name"), pattern("pages", "of")
_NO_CODE = r"(?:(?<=\w\w)|(?!\d))(?!-\d)"
"""After the word for a page: ``P-26/318`` and ``S22/25`` are numbers of other things."""
_NUMBERED = re.compile(
    rf"(?<!\w)(?:{_NAME}){_NO_CODE}\W{{0,3}}(\d{{1,4}})(?:\s*(?:{_OF}|[-/])\s*(\d{{1,4}}))?(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"\W?(\d{{1,3}})\s*(?:{_OF}|/)\s*(\d{{1,3}})\W?", re.IGNORECASE)


_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


class Code(NamedTuple):
    """A word of digits outside rows of amounts, with its place: a number without a known label.

    Attributes:
        text: folded.
        label: what stands before it on its line, folded; empty where nothing does.
        edges: left, right and top, 0 to 1.
    """

    text: str
    label: str
    edges: tuple[float, float, float]


class Numbering(NamedTuple):
    """The number printed on a page, and of how many; None where that is not said."""

    number: int
    total: int | None


@dataclass(frozen=True, slots=True)
class PageSigns:
    """What one page says of the document it belongs to.

    Attributes:
        number: of the page in the file.
        numberings: what pages it says it is.
        titles: folded titles of business documents in its upper part.
        kind: of document that the first of these names which is no label, or nothing.
        numbers: by label, the numbers of documents it gives in its upper part.
        own: those of them that no two documents share, as they do a customer's or an order's.
        placed: words of digits in its upper part that may be the document's number.
        codes: folded words of many digits, such as numbers of customers, accounts and taxes.
        totals: amounts beside labels of totals.
        is_dated: whether a date of issue is announced.
        is_going_on: whether its first line ends in an amount, as rows and totals do.
        head: words of its letterhead.
        foot: words of its small print.
        is_separator: whether it says that it only parts two documents.
        is_empty: whether it has no words.
        size: its shorter and its longer side, in points or pixels.
    """

    number: int
    numberings: frozenset[Numbering] = frozenset()
    titles: frozenset[str] = frozenset()
    kind: str = ""
    numbers: frozenset[tuple[str, str]] = frozenset()
    own: frozenset[tuple[str, str]] = frozenset()
    placed: tuple[Code, ...] = ()
    codes: frozenset[str] = frozenset()
    totals: frozenset[str] = frozenset()
    is_dated: bool = False
    is_going_on: bool = False
    head: frozenset[str] = frozenset()
    foot: frozenset[str] = frozenset()
    is_separator: bool = False
    is_empty: bool = False
    size: tuple[float, float] = (0.0, 0.0)


def signs_of(page: Page) -> PageSigns:
    """Return what a page says of the document it belongs to."""
    lines = lines_of(page)
    labelled = list(_labelled(lines))
    numberings = frozenset(_numberings(lines, _said_numbers(labelled)))
    titles = titles_of(page, lines)
    return PageSigns(
        page.number,
        numberings=numberings,
        titles=frozenset(title.text for title in titles),
        kind=next((title.kind for title in titles if not title.is_plain), ""),
        numbers=frozenset(_document_numbers(labelled)),
        own=frozenset(_own_numbers(labelled)),
        placed=tuple(_placed(lines, {str(item.number) for item in numberings})),
        codes=frozenset(filter(None, map(_code, page.words))),
        totals=frozenset(_totals(labelled)),
        is_dated=any(role == "date" for role, *_ in labelled),
        is_going_on=bool(lines) and _AMOUNT.fullmatch(lines[0][-1][-1].text) is not None,
        head=_band(word for word in page.words if word.box.bottom < _HEAD),
        foot=_band(word for word in page.words if word.box.top > _FOOT),
        is_separator=_is_separator(page),
        is_empty=not page.words,
        size=(min(page.width, page.height), max(page.width, page.height)),
    )


def numberings_of(page: Page) -> frozenset[Numbering]:
    """Return what pages a page says it is; nothing where no word of it looks like that."""
    lines = lines_of(page)
    found = frozenset(_numberings(lines, frozenset()))
    return frozenset(_numberings(lines, _said_numbers(list(_labelled(lines))))) if found else found


def _said_numbers(labelled: Sequence[tuple[str, str, list[Word]]]) -> frozenset[str]:
    """Return the words that a label calls the number of a document, however few their digits."""
    return frozenset(fold(word.text) for _, word in _words_of_numbers(labelled))


def _numberings(
    lines: Sequence[Sequence[Piece]], said_numbers: frozenset[str]
) -> Iterator[Numbering]:
    """Yield what pages a page says it is; an invoice called P-1001 is not page 1001."""
    for line in lines:
        is_band = line[0][0].box.top < _BAND[0] or line[0][0].box.bottom > _BAND[1]
        for found in _NUMBERED.finditer(" ".join(map(text_of, line))):
            if fold(found[0]) not in said_numbers and (is_band or found[2]):
                yield from _numbering(found)
        for piece in line if is_band else ():
            bare = _BARE.fullmatch(text_of(piece))
            yield from _numbering(bare) if bare else ()


def _numbering(found: re.Match[str]) -> Iterator[Numbering]:
    number, total = int(found[1]), int(found[2]) if found[2] else None
    if number >= 1 and (total is None or number <= total):
        yield Numbering(number, total)


def _labelled(lines: Sequence[Sequence[Piece]]) -> Iterator[tuple[str, str, list[Word]]]:
    """Yield role and concept of each label, and the words behind it on its line."""
    known = _known_labels()
    for line in lines:
        row = [word for piece in line for word in piece]
        folds = [fold(word.text) for word in row]
        at = 0
        while at < len(row):
            lengths = range(min(_MAX_LABEL_WORDS, len(row) - at), 0, -1)
            folded = ((length, "".join(folds[at : at + length])) for length in lengths)
            found = next(((length, known[text]) for length, text in folded if text in known), None)
            if found is None:
                at += 1
                continue
            at += found[0]
            yield *found[1], row[at:]


def _document_numbers(
    labelled: Sequence[tuple[str, str, list[Word]]],
) -> Iterator[tuple[str, str]]:
    for concept, word in _words_of_numbers(labelled):
        text = word.text
        is_number = sum(char.isdigit() for char in text) > 1 and not _AMOUNT.fullmatch(text)
        if is_number:
            yield concept, fold(text)


def _own_numbers(labelled: Sequence[tuple[str, str, list[Word]]]) -> Iterator[tuple[str, str]]:
    """Yield the document's own numbers; in a row that ends in an amount stands another's."""
    heads = [item for item in labelled if not _AMOUNT.search(text_of(item[2]))]
    yield from (item for item in _document_numbers(heads) if item[0] in _OWN_NUMBERS)


def _placed(lines: Sequence[Sequence[Piece]], pages: Set[str]) -> Iterator[Code]:
    """Yield the words of digits above tables, but for days, times and the numbers of pages."""
    for line in lines:
        row = [word for piece in line for word in piece]
        if row[0].box.top >= _UPPER or _AMOUNT.search(text_of(row)):
            continue
        for at, word in enumerate(row):
            text = fold(word.text)
            is_other = _DATES_ALONE.fullmatch(word.text) or _CLOCK.fullmatch(word.text)
            if sum(char.isdigit() for char in text) > 1 and text not in pages and not is_other:
                box, before = word.box, text_of(row[max(0, at - _MAX_LABEL_WORDS) : at])
                yield Code(text, fold(before) or before, (box.left, box.right, box.top))


def _words_of_numbers(
    labelled: Sequence[tuple[str, str, list[Word]]],
) -> Iterator[tuple[str, Word]]:
    """Yield the concept of each label of a number in the upper part, and the word behind it."""
    fillers = _number_words()
    for role, concept, behind in labelled:
        rest = [word for word in behind if fold(word.text) not in fillers][:1]
        if role == "number" and rest and rest[0].box.top < _UPPER:
            yield concept, rest[0]


def _totals(labelled: Sequence[tuple[str, str, list[Word]]]) -> Iterator[str]:
    for role, _, behind in labelled:
        amounts = _AMOUNT.findall(text_of(behind)) if role == "total" else []
        yield from amounts[-1:]


def _code(word: Word) -> str:
    """Return a word of many digits folded, or nothing if it is none.

    Amounts, dates, round numbers and addresses of pages in the web tell no document from another.
    """
    printed = word.text
    if sum(char.isdigit() for char in printed) < _MIN_CODE_DIGITS or "//" in printed:
        return ""
    text = fold(printed)
    is_amount = _AMOUNT.fullmatch(printed.strip(".,")) is not None or text.endswith("00")
    is_other = is_amount or _DATES_ALONE.fullmatch(printed) is not None
    return "" if is_other or len(text) < _MIN_CODE_LENGTH else text


def _band(found: Iterator[Word]) -> frozenset[str]:
    return frozenset(fold(word.text) for word in found if len(word.text) >= _MIN_BAND_WORD) - {""}


def _is_separator(page: Page) -> bool:
    """Whether a page says nothing but that it parts documents, in words or in a QR code."""
    if len(page.words) > _MAX_SEPARATOR_WORDS:
        return False
    known = {fold(phrase) for phrase in words("pages", "separator")}
    codes = (note.removeprefix(CODE_NOTE) for note in page.notes if note.startswith(CODE_NOTE))
    said = {fold(text_of(page.words)), *map(fold, codes)}
    # Such sheets often say it twice, once upside down for either way of feeding.
    return any(phrase * count in said for phrase in known for count in (1, 2))


@cache
def _known_labels() -> dict[str, tuple[str, str]]:
    """Return role and concept of every label, folded."""
    roles = {"date": _DATES, "total": _TOTALS, "number": _NUMBERS}
    return {
        fold(phrase): (role, concept)
        for role, names in roles.items()
        for concept in names
        for phrase in labels(concept).phrases
    }


@cache
def _number_words() -> frozenset[str]:
    return frozenset(map(fold, words("codes", "number"))) | {"n", ""}
