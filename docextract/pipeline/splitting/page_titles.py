"""The titles that a page gives its document, and the kind of document each is of.

Knows nothing of schemas; the titles stand in ``schema/languages``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from statistics import median
from typing import NamedTuple

from docextract.core import Page, Word
from docextract.pipeline.splitting.page_lines import Piece, fold, text_of
from docextract.schema.languages import by_phrase

_UPPER = 0.45
_MAX_PHRASE_WORDS = 4
_MAX_TITLE_WORDS = 6
_LARGE = 1.25
"""Titles are printed so much larger than most words, or nothing stands to their right."""


class Title(NamedTuple):
    """A title in the upper part of a page.

    Attributes:
        kind: of document, such as ``invoice`` or ``reminder``.
        text: the title, folded.
        is_plain: whether it may as well be the label of a value beside it.
    """

    kind: str
    text: str
    is_plain: bool


def titles_of(page: Page, lines: Sequence[Sequence[Piece]]) -> list[Title]:
    """Return the titles of a page from top to bottom.

    Args:
        page: with its words.
        lines: of the page.
    """
    usual = median(word.box.height for word in page.words) if page.words else 0.0
    return [
        Title(kind, text, is_plain=not stands_out or piece[-1].text.endswith(":"))
        for line in lines
        if line[0][0].box.top <= _UPPER
        for piece in line
        for kind, text in _titles_in(piece)
        for stands_out in (piece is line[-1] or _height(piece) > _LARGE * usual,)
    ]


def _height(piece: Piece) -> float:
    return max(word.box.height for word in piece)


def _titles_in(piece: Piece) -> Iterator[tuple[str, str]]:
    """Yield kind and title a piece begins with, if it is no more than a title and a number."""
    known = _kinds()
    for length in range(min(_MAX_PHRASE_WORDS, len(piece)), 0, -1):
        text = fold(text_of(piece[:length]))
        if text in known:
            rest = piece[length:]
            if not rest or (len(piece) <= _MAX_TITLE_WORDS and _has_digit(rest)):
                yield known[text], text
            return


def _has_digit(rest: Sequence[Word]) -> bool:
    return any(char.isdigit() for char in text_of(rest))


@cache
def _kinds() -> dict[str, str]:
    """Return the kind of each title, folded."""
    phrases = by_phrase("document_kinds") | by_phrase("document_titles")
    return {fold(phrase): kind for phrase, kind in phrases.items()}
