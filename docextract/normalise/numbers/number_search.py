"""Finds printed numbers in running text, with their sign, currency and brackets.

Knows nothing of what a number is worth; see ``numbers`` for that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from docextract.normalise.numbers.currencies import WORD, is_currency
from docextract.schema.languages import pattern

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
_SPACES = (
    "\t\n\r\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
)
_FULL_WIDTH = "＄￡￥￦％，．（）＋／：＊"
_CHARS = str.maketrans(
    dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_DASHES, "-")
    | dict.fromkeys("’‘`´ʼ′\u066c", "'")
    | dict(zip(_FULL_WIDTH, "$£¥₩%,.()+/:*", strict=True))
    | {"\u066b": ".", "٪": "%"}
)
_LEADING_WORD = re.compile(rf"({WORD})\s?(?=[-+(.,\d])")
_LEADING_BOOKING = re.compile(r"(CR|DR|Cr|Dr|cr|dr)[.:]?\s?(?=\d)")
_LEADING_MARKS = re.compile(r"[\s*=:~#@à]+|\|\s|ca\.\s?")
_TRAILING_WORD = re.compile(rf"(?<![^\W\d_])({WORD})(?:\s?/\s?[^\W\d_]{{1,12}}\.?)?$")
_TRAILING_MARKS = re.compile(
    r"(?:\s*[*=%_:;]+|\s\||(?<=\d)\.|\s[A-G]\*?|\s?/\s?[^\W\d_]{1,12}\.?)$"
)
_BRACKETED_MINUS = "(-)"
"""How Indian bookkeeping prints what is taken off: ``(-)0.30``."""
_BOOKING = re.compile(r"(?:(?<=[\d\s])\s?(CR|DR|Cr|Dr|cr|dr)\.?|(?:(?<=[.,]\d\d)|(?<=\d\s))(S|H))$")
_NO_CENTS = re.compile(r"(?<=\d)([.,])\s?(?:-{1,3}|=)$")
_THOUSAND = pattern("numbers", "thousand")
_SCALE = re.compile(
    rf"(?<=\d)\s?(?:(?P<thousand>{_THOUSAND})|{pattern('numbers', 'million')})$", re.IGNORECASE
)


@dataclass(slots=True)
class Wrapped:
    """A number's digits and what stood around them.

    Attributes:
        core: digits and separators, perhaps with letters an OCR engine mistook.
        is_negative: a minus, a trailing minus, or brackets.
        booking: ``C`` for a credit, ``D`` for a debit, ``H`` or ``S`` for the same in
            German (Haben, Soll), or empty.
        currency: sign, code or word of the currency in lower case, or empty.
        scale: power of ten of a printed ``million`` or ``k``.
        is_percent: whether a per-cent sign stood behind it.
    """

    core: str
    is_negative: bool = False
    booking: str = ""
    scale: int = 0
    is_percent: bool = False
    currency: str = ""


def fold_characters(text: str) -> str:
    """Return stripped text with dashes, spaces, apostrophes and digits in ASCII."""
    return fold_in_place(text).strip()


def fold_in_place(text: str) -> str:
    """Return text as ``fold_characters`` does, every character where it was."""
    folded = text.translate(_CHARS)
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)


def unwrap(text: str) -> Wrapped:
    """Return the inside of a folded number text; what is not understood stays in ``core``."""
    wrapped = Wrapped(text)
    before = None
    while wrapped.core != before:
        before = wrapped.core
        for peel in (_peel_brackets, _peel_front, _peel_back, _peel_suffixes, _peel_sign):
            peel(wrapped)
    return wrapped


def _peel_brackets(wrapped: Wrapped) -> None:
    core = wrapped.core
    if len(core) > 2 and core[0] + core[-1] in ("()", "<>", "[]"):
        wrapped.core = core[1:-1].strip()
        wrapped.is_negative |= core[0] != "["


def _peel_front(wrapped: Wrapped) -> None:
    core = wrapped.core
    word = _LEADING_WORD.match(core)
    if word and is_currency(word[1]):
        wrapped.currency = word[1].lower()
        wrapped.core = core[word.end() :]
        return
    if booking := _LEADING_BOOKING.match(core):
        wrapped.booking = booking[1][0].upper()
        wrapped.core = core[booking.end() :]
        return
    marks = _LEADING_MARKS.match(core)
    if marks:
        wrapped.core = core[marks.end() :]


def _peel_back(wrapped: Wrapped) -> None:
    core = wrapped.core
    word = _TRAILING_WORD.search(core[-24:])
    if word and is_currency(word[1]):
        wrapped.currency = word[1].lower()
        wrapped.core = core[: len(core) - len(word[0])].rstrip()
        return
    marks = _TRAILING_MARKS.search(core[-24:])
    if marks:
        wrapped.is_percent |= "%" in marks[0]
        wrapped.core = core[: len(core) - len(marks[0])]


def _peel_suffixes(wrapped: Wrapped) -> None:
    core = wrapped.core
    if booking := _BOOKING.search(core):
        wrapped.booking = (booking[1] or booking[2])[0].upper()
        wrapped.core = core[: booking.start()].rstrip()
    elif scale := _SCALE.search(core):
        wrapped.scale = 3 if scale["thousand"] else 6
        wrapped.core = core[: scale.start()]
    elif no_cents := _NO_CENTS.search(core):
        wrapped.core = f"{core[: no_cents.start()]}{no_cents[1]}00"


def _peel_sign(wrapped: Wrapped) -> None:
    core = wrapped.core
    if core.startswith(_BRACKETED_MINUS):
        wrapped.is_negative, wrapped.core = True, core[len(_BRACKETED_MINUS) :].lstrip()
    elif core[:1] in ("-", "+"):
        wrapped.is_negative |= core[0] == "-"
        wrapped.core = core[1:].lstrip()
    elif core[-1:] in ("-", "+") and core[-2:-1].strip(" ").isdigit():
        wrapped.is_negative |= core[-1] == "-"
        wrapped.core = core[:-1].rstrip()


LOOKALIKES = "OoQDlI|SBZ"
"""Letters that OCR engines take digits for, see ``numbers``."""
# In running text every quantifier is bounded by the digits it eats: time is linear.
_RUN = re.compile(
    r"[1-9]\d{0,2}(?: \d{3}(?!\d))+(?:[.,]\d+)?"
    r"|\d{1,6}[€$£]\d\d(?![\d.,])"
    r"|\d+(?:[.,']\d+)*"
    r"|(?<![\w.,'/:-])[.,]\d{1,4}(?![\d.,])"
)
_NO_SPACE = re.compile(r"[^ ]+")
_DIGITS = re.compile(r"\d[\d., ']*\d|\d")
_BEFORE = re.compile(
    rf"(?:(?P<outer>{WORD})\s?)?(?P<sign>\(-\)|[-(+])(?:(?P<inner>{WORD})\s?)?$|(?P<word>{WORD})\s?$"
)
_AFTER = re.compile(rf"[.,]-{{1,3}}(?!\d)|-(?![\w-])|\s?%|\s?(?:CR|DR)\b|\s?({WORD})(?!\w)")
# The other part of a number in which an OCR engine took digits for letters (1B.50, 12.S0).
_MISREAD_BEFORE = re.compile(rf"(?<![^\W_])([^\W\d_]*?)[\d{LOOKALIKES}]{{0,9}}[{LOOKALIKES}][.,]$")
_MISREAD_AFTER = re.compile(rf"[.,](?=\d{{0,2}}[{LOOKALIKES}])[\d{LOOKALIKES}]{{1,3}}(?!\w)")


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of every printed number, with its sign and currency.

    Digits that belong to a word, date, time or code are left out. Where a plain space may
    group digits or separate columns (``2 150,00``), the whole and its parts are yielded.
    """
    for start, end, token in find_whole_numbers(text):
        yield start, end, token
        parts = [part for part in _NO_SPACE.finditer(token) if any(map(str.isdigit, part[0]))]
        if len(parts) > 1:
            yield from (_bare(part, start) for part in parts)


def _bare(part: re.Match[str], offset: int) -> tuple[int, int, str]:
    """Return where the digits of a part of a number begin and end, and the digits."""
    found = _DIGITS.search(fold_in_place(part[0]))
    first, last = found.span() if found else (0, 0)
    start = offset + part.start()
    return start + first, start + last, part[0][first:last]


def find_whole_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of numbers, taking spaces that can group digits to do so."""
    folded = fold_in_place(text)
    for run in _RUN.finditer(folded):
        if not _is_free(folded, run.start(), run.end()):
            continue
        start = _extend_left(folded, run.start())
        end = _extend_right(folded, run.end())
        if start is not None and end is not None:
            start, end = _close_brackets(folded, start, end)
            yield start, end, text[start:end]


def _is_free(text: str, start: int, end: int) -> bool:
    """Whether digits are not joined to others by a hyphen, slash, colon or point."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    is_joined_left = len(before) == 2 and before[1] in "-/:.,'_#" and before[0].isdigit()
    is_joined_right = len(after) == 2 and after[0] in "-/:'" and after[1].isalnum()
    if is_joined_left or is_joined_right or _is_fraction(text[end : end + 1]):
        return False
    if before[-1:] in (".", ",") and _is_misread_before(text[max(0, start - 16) : start]):
        return False
    if after[:1] in (".", ",") and _MISREAD_AFTER.match(text, end):
        return False
    # Beside a whole amount a bar is a rule between columns; inside a number it is a 1.
    is_cut = re.search(r"[.,]\d?$", text[max(0, end - 2) : end]) is not None
    is_inside = after[:1] == "|" and (is_cut or bool(after[1:].strip()))
    return not is_inside and re.fullmatch(r"\S\|", before) is None


def _is_misread_before(text: str) -> bool:
    """Whether a text ends in a letter for a digit and a mark, after a currency or nothing."""
    found = _MISREAD_BEFORE.search(text)
    return found is not None and (not found[1] or is_currency(found[1]))


def _is_fraction(char: str) -> bool:
    """Whether a character is a fraction such as ½, which belongs to the digits before it."""
    return char.isnumeric() and not char.isdigit()


def _extend_left(text: str, start: int) -> int | None:
    """Return where sign and currency begin, or None if the digits belong to a word."""
    if text[start - 1 : start] == "|":
        return start - 1
    offset = max(0, start - 10)
    found = _BEFORE.search(text[offset:start])
    if found is None:
        return start
    outer, word = found["outer"], found["word"] or found["inner"]
    if word and not is_currency(word):
        is_glued = text[start - 1].isalpha() or text[start - 1] == "/"
        return None if is_glued else start
    if not found["sign"]:
        return offset + found.start("word")
    if outer and is_currency(outer):
        return offset + found.start("outer")
    is_hyphen = outer is not None and found.end("outer") == found.start("sign")
    return None if is_hyphen else offset + found.start("sign")


def _extend_right(text: str, end: int) -> int | None:
    """Return where suffixes end, or None if the digits run on into a word."""
    for _ in range(2):
        found = _AFTER.match(text, end)
        if found is None:
            break
        if found[1] is not None and not is_currency(found[1]):
            return None if found.start(1) == end and found[1][0].isalpha() else end
        end = found.end()
    return None if text[end : end + 1].isalpha() or text[end : end + 1] == "_" else end


def _close_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the bracket that closes an opened one, or leave out the opening one."""
    opening = text.find("(", start, end)
    if opening < 0 or text.startswith(_BRACKETED_MINUS, opening):
        return start, end
    if text[end : end + 1] == ")":
        return start, end + 1
    return (start + 1, end) if opening == start else (start, end)
