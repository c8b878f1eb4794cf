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
from docextract.pipeline.kinds.headings import BARE, LARGE, SUBJECT, TOP, Heading, headings_of
from docextract.pipeline.kinds.kind_table import (
    DEMANDS,
    KINDS,
    OTHER,
    concept_phrases,
    conditions,
    kind_sentences,
    label_phrases,
    no_invoice_phrases,
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
_SUMS = ("net", "tax", "gross")
"""Concepts of sums that an invoice has and a letter or a delivery note has not."""

_MIN_ROWS = 2
_AMOUNT = re.compile(r"\d(?:[.,]\d\d|[ .,']\d{3})(?![.,/-]?\d)")
_POINT_IN_NUMBER = re.compile(r"\.(?=\d)|(?<=\d)\.(?= [a-zäöü])")
"""It ends no sentence: ``350.00``, ``14.05. fällig``."""

_SENTENCE_END = re.compile(r"[.!?]\s")
_BEFORE, _BEHIND = 80, 20
"""So many letters around a part of a sentence tell whether it is one of what would be."""

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
    titles = titles_of(read[0], lines[0])
    headings = headings_of(read[0], lines[0])
    behind = [
        it for page, own in zip(read[1:], lines[1:], strict=True) for it in headings_of(page, own)
    ]
    later = {heading.kind for heading in behind if heading.how in (BARE, LARGE)}
    phrases = frozenset(phrase for page in lines for phrase in _phrases(page))
    said = _said(lines)
    is_no_invoice = not no_invoice_phrases().isdisjoint(phrases)
    heads = frozenset(_heads(lines[0]))
    shape = _shape(read[0], lines[0]) | _sums(phrases)
    return {
        kind: _own(kind)
        | _told(kind, titles, heads, phrases)
        | _headed(kind, headings, is_no_invoice, bool(shape["slim"]))
        | {"titled_later": float(kind in later), "said": float(kind in said)}
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
        "head": float(_begins(heads, kind)),
        "named": float(not title_phrases(kind).isdisjoint(phrases)),
        "words": 1 - exp(-num_words / 3),
        "many_words": 1 - exp(-num_words / 12),
        "labels": 1 - exp(-num_labels / 2),
    }


def _headed(kind: str, headings: Sequence[Heading], is_no_invoice: bool, is_slim: bool) -> Signals:
    """Return what headings say for a kind: the ways it is one, and whether it is the first."""
    ways = {heading.how for heading in headings if heading.kind == kind}
    is_till = is_slim and kind in DEMANDS  # A till receipt may be titled as a tax invoice.
    return {
        "headed_large": float(LARGE in ways and not is_till),
        "headed_subject": float(SUBJECT in ways),
        "headed_bare": float(BARE in ways),
        "headed_top": float(TOP in ways),
        "headed_first": float(bool(ways) and headings[0].kind == kind and not is_till),
        "headed": float(bool(ways)),
        "titled": float(not ways.isdisjoint((BARE, LARGE))),
        "dunned": float(bool(ways) and kind == "reminder"),
        "no_invoice": float(is_no_invoice and kind not in DEMANDS),
    }


def _said(pages: Sequence[Lines]) -> frozenset[str]:
    """Return the kinds that sentences of the first page, or labels with values, name outright.

    Behind it stand terms, which say much that is not so. A letter that an invoice comes with has
    no rows of amounts; an invoice may have a greeting.
    """
    text = " ".join(text_of([word for piece in line for word in piece]) for line in pages[0])
    text = _POINT_IN_NUMBER.sub(",", text).lower()
    said = {kind for kind, sentences in kind_sentences().items() if _is_said(text, sentences)}
    num_rows = sum(_is_row(line) for page in pages for line in page)
    return frozenset(said - {"letter"} if num_rows >= _MIN_ROWS else said)


def _is_said(text: str, sentences: re.Pattern[str]) -> bool:
    """Whether a text holds such a sentence, and not as one of what would be."""
    return any(not _is_conditional(text, *found.span()) for found in sentences.finditer(text))


def _is_conditional(text: str, start: int, end: int) -> bool:
    """Whether words in the same sentence make a part of it conditional: ``if it is unpaid``."""
    before = _SENTENCE_END.split(text[max(0, start - _BEFORE) : start])[-1]
    behind = text[end : end + _BEHIND].lstrip(" ,")
    return bool(conditions().search(before) or conditions().match(behind))


def _is_row(line: Sequence[Piece]) -> bool:
    return len(line) > 1 and _AMOUNT.search(text_of(line[-1])) is not None


def _sums(phrases: frozenset[str]) -> Signals:
    """Return which labels of sums that invoices have stand on the pages."""
    return {name: float(not concept_phrases(name).isdisjoint(phrases)) for name in _SUMS}


def _begins(heads: frozenset[str], kind: str) -> bool:
    """Whether a line's head is a title of a kind, or a longer word that ends with one."""
    stems = _stems(kind)
    is_title = not title_phrases(kind).isdisjoint(heads)
    return is_title or any(head.endswith(stems) for head in heads)


@cache
def _stems(*kinds: str) -> tuple[str, ...]:
    titles = (title for kind in kinds for title in title_phrases(kind))
    return tuple(title for title in titles if len(title) >= _MIN_STEM)


@cache
def _short_titles() -> frozenset[str]:
    """Return the titles that are no stems."""
    titles = (title for kind in KINDS for title in title_phrases(kind))
    return frozenset(title for title in titles if len(title) < _MIN_STEM)


def _heads(lines: Lines) -> Iterator[str]:
    """Yield what pieces in the upper part of a page begin with, folded, if it ends with a title."""
    stems, short = _stems(*KINDS), _short_titles()
    for line in lines:
        for piece in line if line[0][0].box.top <= _UPPER else ():
            head = ""
            for word in piece[:_MAX_PHRASE]:
                head += fold(word.text)
                if head in short or head.endswith(stems):
                    yield head


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
