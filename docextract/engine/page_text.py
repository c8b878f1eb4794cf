"""Turns a page's words back into the lines they stood in, as text for a prompt.

Knows nothing of tokens or models.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docextract.records import Word


def text_lines(words: Iterable[Word]) -> Iterator[str]:
    """Yield the lines of words that come in reading order.

    A word goes on with a line while it stands right of the last one and their heights overlap.
    """
    line: list[Word] = []
    for word in words:
        if line and not _goes_on(line[-1], word):
            yield _text(line)
            line = []
        line.append(word)
    if line:
        yield _text(line)


def _goes_on(last: Word, word: Word) -> bool:
    is_level = last.box.top < word.box.middle < last.box.bottom or (
        word.box.top < last.box.middle < word.box.bottom
    )
    return is_level and word.box.left >= last.box.left


def _text(line: Iterable[Word]) -> str:
    return " ".join(word.text for word in line)
