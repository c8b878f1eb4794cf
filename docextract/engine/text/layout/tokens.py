"""Words cut where OCR glued a label to its value, and the folding that compares text.

Knows nothing of lines or of which labels there are; ``schema/languages/sections.toml`` says what
the words of all languages are for.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from docextract.core import Box, Page, Word
from docextract.schema.languages import by_phrase, words

MAX_WORDS_PER_PAGE = 20_000
"""Words beyond this are not read: no business page holds them, hostile ones do."""

_MAX_WORD_LENGTH = 200
_SHORTEST = 4
_KEPT = {ord("°"): "o", ord("º"): "o", ord("ª"): "a", ord("ß"): "ss", ord("№"): "no"}
_DROPPED = re.compile(r"[^\w#%]|_")
_GLUED = re.compile(
    r"(?<=[^\W\d])(?<!http)(?<!https)[:：](?=[^\s:/\\])"  # Total:12.50
    r"|(?<=[°º]):(?=\w)"  # N°:123
    r"|(?<=[^\W\d][^\W\d])\.(?=\d)"  # No.123
    r"|(?<=^[Nn][°º])(?=[A-Z0-9])"  # N°123
    r"|(?<=[^\W\d][^\W\d])#:?(?=[^\s:])"  # Bill#123
    r"|(?<=\d):(?=[^\W\d])"  # 1.00:Change
    r"|(?<=\d)(?=[$£]\d)"  # 1$85.00
    r"|(?<=[^\W\d]{4})/(?=[^\W\d]{4})"  # Buyer/Recipient
    r"|(?<=[^\W\d]{4})-(?=(?:IBAN|BIC)\b)"  # Payee-IBAN
    r"|(?<=[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3])(?=\()"  # 合计(小写)
)
_SIGNS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("￥"): "¥", ord("￡"): "£", ord("￦"): "₩", ord("٬"): ",", ord("٫"): ".",
}  # fmt: skip
"""ASCII for full-width forms, and what Arabic digits are grouped and parted by."""
_RIGHT_TO_LEFT = re.compile(r"[\u05d0-\u05ea\u0620-\u064a\u066e-\u06d3]")
_LABEL_AMOUNT = re.compile(r"[^\W\d]{3,}(?=\d[\d.,]{0,12}[.,]\d\d$)")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return lower case letters, digits, ``#`` and ``%`` without accents or spaces."""
    lowered = text.lower()
    if not lowered.isascii():
        lowered = unicodedata.normalize("NFKD", lowered.translate(_KEPT))
    return _DROPPED.sub("", lowered)


def fold_words(section: str, key: str) -> frozenset[str]:
    """Return the words of a key in all languages, folded as tokens are."""
    return frozenset(fold(phrase) for phrase in words(section, key))


def fold_keys(section: str) -> dict[str, str]:
    """Return the key of every phrase of a section, the phrases folded as tokens are."""
    return {fold(phrase): key for phrase, key in by_phrase(section).items()}


NUMBER_WORDS = fold_words("codes", "number") | {"n", "#"}
"""What stands before a code: ``No``, ``Nummer``, ``#``."""
_LONG = sorted(w for w in words("codes", "number") if len(w) > _SHORTEST and w.isalpha())
_LABEL_CODE = re.compile(rf"[^\W\d_]*(?i:{'|'.join(_LONG)})(?=[A-Z0-9][\w./-]*\d)")
"""A word for number printed right before one: ``numberB7F2``."""


class Token(NamedTuple):
    """A word, or a piece of one that OCR glued; edges in the page's own unit."""

    text: str
    fold: str
    left: float
    top: float
    right: float
    bottom: float
    page: int
    word: int
    box: Box

    @property
    def has_digit(self) -> bool:
        """Whether a digit is printed in it."""
        return any(map(str.isdigit, self.text))

    @property
    def height(self) -> float:
        """Height in the page's unit."""
        return self.bottom - self.top


def num_digits(text: str) -> int:
    """Return how many digits a text has."""
    return sum(map(str.isdigit, text))


def join(tokens: Iterable[Token]) -> str:
    """Return the printed text of tokens: one space between words, none inside."""
    parts: list[str] = []
    last: tuple[int, int] | None = None
    for token in tokens:
        if last is not None and (token.page, token.word) != last:
            parts.append(" ")
        parts.append(token.text)
        last = (token.page, token.word)
    return "".join(parts)


def read_tokens(page: Page, width: float, height: float) -> list[Token]:
    """Return a page's words as tokens; edges in the page's own unit.

    A page written from right to left is mirrored, so that what follows stands to the right
    everywhere; the boxes stay where they are.
    """
    tokens = [
        token
        for index, word in enumerate(page.words[:MAX_WORDS_PER_PAGE])
        for token in _tokens(word, index, page.number, width, height)
    ]
    if not _is_right_to_left(page):
        return tokens
    return [t._replace(left=width - t.right, right=width - t.left) for t in tokens]


def _tokens(word: Word, index: int, page: int, width: float, height: float) -> Iterator[Token]:
    box = word.box
    left, span = box.left * width, (box.right - box.left) * width
    top, bottom = box.top * height, box.bottom * height
    for text, start, end in _pieces(word.text[:_MAX_WORD_LENGTH]):
        edges = left + span * start, top, left + span * end, bottom
        yield Token(text, fold(text), *edges, page, index, box)


def _is_right_to_left(page: Page) -> bool:
    """Return whether most letters of a page are Hebrew or Arabic."""
    text = "".join(word.text for word in page.words[:MAX_WORDS_PER_PAGE])
    if text.isascii():
        return False
    return 2 * len(_RIGHT_TO_LEFT.findall(text)) > sum(map(str.isalpha, text))


def _narrow(text: str) -> str:
    """Return text with full-width forms and the digits of other scripts in ASCII, as long."""
    if text.isascii():
        return text
    signs = text.translate(_SIGNS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in signs)


@lru_cache(maxsize=16384)
def _pieces(printed: str) -> tuple[tuple[str, float, float], ...]:
    """Return a word cut at glued labels, with the share of its width where each piece stands."""
    text = _narrow(printed)
    cuts = [] if text.isalpha() or text.isdigit() else [m.end() for m in _GLUED.finditer(text)]
    glued = _LABEL_AMOUNT.match(text) or _LABEL_CODE.match(text)
    if glued and not cuts:
        cuts = [glued.end()]
    spans = itertools.pairwise([0, *cuts, len(text)])
    return tuple((text[a:b], a / len(text), b / len(text)) for a, b in spans if b > a)
