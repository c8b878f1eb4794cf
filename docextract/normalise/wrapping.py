"""Takes off what surrounds a printed number: sign, brackets, currency, suffixes.

Knows nothing of how the digits inside are read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from docextract.normalise.currencies import WORD, is_currency

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
_BOOKING = re.compile(r"(?:(?<=[\d\s])\s?(CR|DR|Cr|Dr|cr|dr)\.?|(?:(?<=[.,]\d\d)|(?<=\d\s))(S|H))$")
_NO_CENTS = re.compile(r"(?<=\d)([.,])\s?(?:-{1,3}|=)$")
_SCALE = re.compile(
    r"(?<=\d)\s?(k|tsd\.?|thousand|mio\.?|mln\.?|millions?|million(?:en|i)|mn)$", re.IGNORECASE
)
_THOUSANDS = ("k", "tsd", "tsd.", "thousand")


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
        wrapped.scale = 3 if scale[1].lower() in _THOUSANDS else 6
        wrapped.core = core[: scale.start()]
    elif no_cents := _NO_CENTS.search(core):
        wrapped.core = f"{core[: no_cents.start()]}{no_cents[1]}00"


def _peel_sign(wrapped: Wrapped) -> None:
    core = wrapped.core
    if core[:1] in ("-", "+"):
        wrapped.is_negative |= core[0] == "-"
        wrapped.core = core[1:].lstrip()
    elif core[-1:] in ("-", "+") and core[-2:-1].strip(" ").isdigit():
        wrapped.is_negative |= core[-1] == "-"
        wrapped.core = core[:-1].rstrip()
