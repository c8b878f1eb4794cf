"""What the headings of a page call its document: large print, subjects of letters, bare titles.

Knows nothing of weights. Titles beside other words count here too, where ``page_titles`` takes
none: ``Mahnung zu Rechnung 17`` is a reminder, as what is named first is what the paper is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest
from statistics import median
from typing import NamedTuple

from docextract.core import Page, Word
from docextract.pipeline.kinds.kind_table import DEMANDS, KINDS, title_phrases
from docextract.pipeline.splitting.page_lines import Piece, fold, text_of
from docextract.schema.languages import words

LARGE, SUBJECT, BARE, TOP = "large", "subject", "bare", "top"

_UPPER = 0.5
_LARGE = 1.25
_TOP_LINES = 3
_MAX_PHRASE = 5
_MAX_SUBJECT = 16
_MAX_PIECES = 3
"""A line of more pieces is the head of a table, and what stands in it a label."""

_MIN_STEM = 5
"""Fewer letters end too many words that are no title."""


def _folded(section: str, key: str) -> frozenset[str]:
    return frozenset(map(fold, words(section, key)))


_AND = _folded("titles", "and")
_SUBJECTS = _folded("titles", "subject")
_SALUTATIONS = _folded("titles", "salutation")
_YOURS = _folded("titles", "yours")
_PRINTED = frozenset(KINDS) - {"purchase_order"}
"""Kinds that are titled as the reader's; ``your order`` stands on what answers one."""


class Heading(NamedTuple):
    """A heading that names a kind of document.

    Attributes:
        kind: what it names.
        how: ``LARGE`` print, the ``SUBJECT`` of a letter, ``BARE``, which is a title and nothing
            else, or ``TOP``, which begins with one in the first lines.
    """

    kind: str
    how: str


def headings_of(page: Page, lines: Sequence[Sequence[Piece]]) -> list[Heading]:
    """Return the headings in the upper part of a page, those of its first lines before others.

    Args:
        page: with words.
        lines: of the page.
    """
    large = _LARGE * median(word.box.height for word in page.words)
    upper = [line for line in lines if line[0][0].box.top <= _UPPER]
    found = [heading for line in upper[:_TOP_LINES] for heading in _on_top(line)]
    for line, below in zip_longest(upper, upper[1:]):
        found += _in_print(line, large)
        if _is_subject(line) or (below is not None and _is_salutation(below)):
            found += _subject(line)
    return found


def _on_top(line: Sequence[Piece]) -> Iterator[Heading]:
    for piece in line:
        kind = _kind_at(list(map(_folded_word, piece[:_MAX_PHRASE])), 0)
        if kind and not _has_label(piece):
            yield Heading(_joined(piece) or kind, TOP)


def _in_print(line: Sequence[Piece], large: float) -> Iterator[Heading]:
    """Yield the headings among the pieces of a line, or the one it is with its letters spaced."""
    whole = [word for piece in line for word in piece]
    is_spaced = len(line) > 1 and fold(text_of(whole)) in _known()
    for piece in (whole,) if is_spaced else line:
        is_large = max(word.box.height for word in piece) > large
        is_open = is_large or is_spaced or piece is line[-1]
        kind = _known().get(fold(text_of(piece)))
        if kind and is_open and len(line) <= _MAX_PIECES and not piece[-1].text.endswith(":"):
            yield Heading(kind, BARE)
        named = (kind or _joined(piece) or _first_kind(piece, _PRINTED)) if is_large else None
        if named:
            yield Heading(named, LARGE)


def _has_label(piece: Piece) -> bool:
    return any(word.text.endswith(":") for word in piece)


def _joined(piece: Piece) -> str | None:
    """Return the invoice that a heading is besides something else: ``Statement & VAT invoice``."""
    folded = list(map(_folded_word, piece))
    joints = [at for at, word in enumerate(folded) if not word or word in _AND]
    for at in joints[:1]:
        kinds = (_kind_at(folded, start) for start in range(at + 1, len(folded)))
        return next((kind for kind in kinds if kind in DEMANDS), None)
    return None


def _subject(line: Sequence[Piece]) -> Iterator[Heading]:
    """Yield what a letter is about, unless that is a paper of the reader's."""
    text = [word for piece in line for word in piece][:_MAX_SUBJECT]
    kind = _first_kind(text)
    if kind:
        yield Heading(kind, SUBJECT)


def _first_kind(text: Sequence[Word], yours: frozenset[str] = frozenset()) -> str | None:
    """Return the kind that a text names first, by the longest title that begins there.

    Args:
        text: a heading.
        yours: kinds of which it may name the reader's: ``your invoice`` is the title of one.
    """
    folded = list(map(_folded_word, text))
    for start, word in enumerate(folded):
        kind = _kind_at(folded, start)
        if not kind and word.endswith(_stems()):
            kind = _known()[max((it for it in _stems() if word.endswith(it)), key=len)]
        if kind:
            is_yours = start > 0 and folded[start - 1] in _YOURS
            return kind if not is_yours or kind in yours else None
    return None


def _kind_at(folded: Sequence[str], start: int) -> str | None:
    """Return the kind of the longest title that begins at a word."""
    for end in range(min(start + _MAX_PHRASE, len(folded)), start, -1):
        kind = _known().get("".join(folded[start:end]))
        if kind:
            return kind
    return None


def _is_subject(line: Sequence[Piece]) -> bool:
    """Whether a line says that it is the subject: ``Betreff: Mahnung``."""
    first = [word for piece in line for word in piece][:2]
    is_label = _folded_word(first[0]) in _SUBJECTS
    return is_label and (first[0].text[-1] in ":." or first[-1].text.startswith(":"))


def _is_salutation(line: Sequence[Piece]) -> bool:
    first = [word for piece in line for word in piece][:2]
    return not _SALUTATIONS.isdisjoint({_folded_word(first[0]), fold(text_of(first))})


def _folded_word(word: Word) -> str:
    return fold(word.text)


@cache
def _known() -> dict[str, str]:
    """Return the kind of each title, folded."""
    return {phrase: kind for kind in KINDS for phrase in title_phrases(kind)}


@cache
def _stems() -> tuple[str, ...]:
    """Return the titles that may end a longer word."""
    return tuple(it for it in _known() if len(it) >= _MIN_STEM)
