"""The lines of a page and the pieces of text in them, as people see them.

Knows nothing of what the text says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from docextract.core import Page, Word

Piece = Sequence[Word]
"""Words of a line with no gap between them that is wider than a space or two."""

_DROPPED = re.compile(r"[\W_]")
_MAX_GAP = 1.6
"""Widest gap within a piece, in heights of a word."""

_MAX_SHIFT = 0.5
"""Words of a line stand no higher or lower than so much of a word's height."""


def lines_of(page: Page) -> list[list[Piece]]:
    """Return the lines of a page from top to bottom, each as its pieces from left to right."""
    rows: list[list[Word]] = []
    middles = 0.0
    for word in sorted(page.words, key=lambda word: (word.box.middle, word.box.left)):
        if rows and _is_beside(word, rows[-1], middles / len(rows[-1])):
            rows[-1].append(word)
            middles += word.box.middle
        else:
            rows.append([word])
            middles = word.box.middle
    aspect = page.height / page.width if page.width else 1.0
    return [_pieces(sorted(row, key=lambda word: word.box.left), aspect) for row in rows]


def _is_beside(word: Word, row: Sequence[Word], middle: float) -> bool:
    height = max(min(word.box.height, row[-1].box.height), 1e-4)
    return abs(word.box.middle - middle) < _MAX_SHIFT * height


def _pieces(row: Sequence[Word], aspect: float) -> list[Piece]:
    pieces = [[row[0]]]
    for word in row[1:]:
        gap = word.box.left - pieces[-1][-1].box.right
        if gap > _MAX_GAP * word.box.height * aspect:
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return list(pieces)


def text_of(words: Sequence[Word]) -> str:
    """Return words with single spaces between them."""
    return " ".join(word.text for word in words)


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return text for comparison: no case, accents, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _DROPPED.sub("", decomposed)
