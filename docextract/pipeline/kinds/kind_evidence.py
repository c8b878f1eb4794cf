"""What the pages of a document say of its kind: titles, typical words, labels and shape.

Knows nothing of weights. Signals are 0 to 1; the first pages alone are looked at, as they name
the document, so that nobody waits for the last of many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import exp

from docextract.core import Page
from docextract.pipeline.kinds.kind_table import (
    KINDS,
    OTHER,
    label_phrases,
    title_phrases,
    typical_phrases,
)
from docextract.pipeline.splitting.page_lines import Piece, fold, lines_of, text_of
from docextract.pipeline.splitting.page_titles import Title, titles_of

Signals = dict[str, float]
Lines = Sequence[Sequence[Piece]]

_NUM_PAGES, _MAX_PAGES = 2, 5
"""So many pages with words are looked at, and no page behind so many."""

_MAX_PHRASE = 5
_UPPER = 0.45
_MIN_STEM = 5
_FEW_WORDS = 120
_LONG_LINE = 90
_SLIM = 0.6
_CLOCK = re.compile(r"\b([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?\b")
_DATED = re.compile(r"\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})([-/. ]\d{2,4})?\b|[A-Za-z]{3} \d{1,2}\b")


def evidence_of(pages: Sequence[Page]) -> Mapping[str, Signals]:
    """Return the signals that speak for each kind, by the kind and the signal's name.

    Args:
        pages: of the document, those without words too.
    """
    read = _looked_at(pages)
    if not read:
        return {kind: _own(kind) for kind in KINDS}
    lines = [lines_of(page) for page in read]
    titles = titles_of(read[0])
    phrases = frozenset(phrase for page in lines for phrase in _phrases(page))
    heads = frozenset(_heads(lines[0]))
    shape = _shape(read[0], lines[0])
    return {
        kind: _own(kind)
        | _told(kind, titles, heads, phrases)
        | {f"{n}_{kind}": v for n, v in shape.items()}
        for kind in KINDS
    }


def is_enough(pages: Sequence[Page]) -> bool:
    """Whether further pages would add nothing to the evidence of these."""
    return len(pages) >= _MAX_PAGES or len(_looked_at(pages)) >= _NUM_PAGES


def _looked_at(pages: Sequence[Page]) -> list[Page]:
    return [page for page in pages[:_MAX_PAGES] if page.words][:_NUM_PAGES]


def _own(kind: str) -> Signals:
    return {f"kind_{kind}": 1.0}


def _told(
    kind: str, titles: Sequence[Title], heads: frozenset[str], phrases: frozenset[str]
) -> Signals:
    """Return what titles and words say for a kind."""
    if kind == OTHER:
        return {}
    clear = [title.kind for title in titles if not title.is_plain]
    plain = [title.kind for title in titles if title.is_plain]
    num_words = len(typical_phrases(kind) & phrases)
    num_labels = sum(1 for concept in label_phrases(kind) if concept & phrases)
    return {
        "title_first": float(clear[:1] == [kind]),
        "title_clear": float(kind in clear),
        "title_plain": float(kind in plain),
        "dunned": float(kind == "reminder" and kind in clear),
        "head": float(_begins(heads, kind)),
        "named": float(not title_phrases(kind).isdisjoint(phrases)),
        "words": 1 - exp(-num_words / 3),
        "labels": 1 - exp(-num_labels / 2),
    }


def _begins(heads: frozenset[str], kind: str) -> bool:
    """Whether a line's head is a title of a kind, or a longer word that ends with one."""
    stems = _stems(kind)
    is_title = not title_phrases(kind).isdisjoint(heads)
    return is_title or any(head.endswith(stems) for head in heads)


@cache
def _stems(kind: str) -> tuple[str, ...]:
    return tuple(title for title in title_phrases(kind) if len(title) >= _MIN_STEM)


def _heads(lines: Lines) -> Iterator[str]:
    """Yield the first words of each piece in the upper part of a page, folded, one by one more."""
    for line in lines:
        for piece in line if line[0][0].box.top <= _UPPER else ():
            for length in range(1, min(_MAX_PHRASE, len(piece)) + 1):
                yield fold(text_of(piece[:length]))


def _phrases(lines: Lines) -> Iterator[str]:
    """Yield all runs of up to five words of a line, folded."""
    for line in lines:
        folded = [fold(word.text) for piece in line for word in piece]
        for start in range(len(folded)):
            run = ""
            for text in folded[start : start + _MAX_PHRASE]:
                run += text
                yield run


def _shape(page: Page, rows: Lines) -> Signals:
    """Return what a page looks like, whatever its words mean."""
    lines = [text_of([word for piece in line for word in piece]) for line in rows]
    texts = [word.text for word in page.words]
    prose = sum(text[:1].islower() and text.isalpha() for text in texts) / len(texts)
    num_dated = sum(1 for line in lines if _DATED.match(line))
    longest = sorted(map(len, lines))[int(0.9 * (len(lines) - 1))]
    return {
        "prose": min(1.0, 2 * prose),
        "long_lines": min(1.0, longest / _LONG_LINE),
        "slim": float(page.width < _SLIM * page.height),
        "few_words": float(len(texts) < _FEW_WORDS),
        "clock": float(any(_CLOCK.search(line) for line in lines)),
        "dated": 1 - exp(-num_dated / 4),
    }
