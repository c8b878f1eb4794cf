"""Masks payment card numbers among a page's words, also where their groups are words.

Knows nothing of how words are read: what OCR gives passes here before it goes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docextract.core import Word
from docextract.normalise.text.clean_text import mask_cards

_PRINTED_GROUPS = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4)})
"""How issuers group the digits on a card; amounts in a row of a table are grouped otherwise."""

_MAX_GAP = 3.0
"""Groups further apart than this many characters are no one number."""


def mask_words(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return words in the same order and places, with no whole card number among them."""
    masked = [word._replace(text=mask_cards(word.text)) for word in words]
    for start, end in _digit_runs(words):
        groups = [word.text for word in words[start:end]]
        if tuple(map(len, groups)) in _PRINTED_GROUPS:
            digits, position = mask_cards(" ".join(groups)).replace(" ", ""), 0
            for index, group in enumerate(groups, start):
                text = digits[position : position + len(group)]
                masked[index] = masked[index]._replace(text=text)
                position += len(group)
    return tuple(masked)


def _digit_runs(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Yield start and end of each longest run of neighbouring words of digits alone.

    What follows letters and digits (``DE89 3704 0044 ...``) is the rest of another number.
    """
    start = 0
    while start < len(words):
        end = start
        while end < len(words) and _is_digits(words[end]) and _follows(words, end, start):
            end += 1
        is_rest = (
            start > 0 and _is_mixed(words[start - 1]) and _is_near(*words[start - 1 : start + 1])
        )
        if end - start > 1 and not is_rest:
            yield start, end
        start = max(end, start + 1)


def _follows(words: Sequence[Word], index: int, start: int) -> bool:
    return index == start or _is_near(words[index - 1], words[index])


def _is_digits(word: Word) -> bool:
    return word.text.isascii() and word.text.isdigit()


def _is_mixed(word: Word) -> bool:
    return any(map(str.isdigit, word.text)) and any(map(str.isalpha, word.text))


def _is_near(left: Word, right: Word) -> bool:
    pitch = right.box.width / max(1, len(right.text))
    is_level = left.box.top < right.box.bottom and right.box.top < left.box.bottom
    return is_level and abs(right.box.left - left.box.right) <= _MAX_GAP * pitch
