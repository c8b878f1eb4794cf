"""The check that a paper is not marked as none to act on: void, a draft, a sample, cancelled.

Knows nothing of kinds or values. A mark stands in print far larger than the rest, on a line of its
own in capitals, also before a dash, in a title (``Invoice CANCELLED``), or behind ``Status:``; in
prose, but for ``This invoice was cancelled``, in a name and in a row of a table it marks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from statistics import median

from docextract.core import Check, OpenedDocument, Outcome, Page
from docextract.pipeline.kinds.kind_table import (
    ACCEPTED,
    KINDS,
    mark_phrases,
    mark_sentences,
    mark_words,
    no_invoice_phrases,
    status_labels,
    title_phrases,
)
from docextract.pipeline.splitting.page_lines import Piece, fold, lines_of, text_of

MARKED = "marked"

_AS = {"draft": "a draft", "sample": "a sample"}
_IN_TITLES = ("draft", "void", "cancelled")
"""``Sample invoice`` is how templates call themselves that people then fill in and send."""

_MAX_PAGES = 5
_UPPER = 0.5
_STAMP, _LARGE = 2.0, 1.25
_MAX_TITLE = 6


def find_mark(opened: OpenedDocument, schema: str) -> tuple[Check, ...]:
    """Return the failed check of a document that is marked as none to act on; nothing of others.

    Args:
        opened: the document.
        schema: name of what was asked for; one of people's own may be about such papers.
    """
    if schema not in ACCEPTED:
        return ()
    pages = (page for page in opened.pages[:_MAX_PAGES] if page.words)
    found = next((mark for page in pages for mark in _marks_on(page)), None)
    if found is None:
        return ()
    return (Check(MARKED, Outcome.FAILED, (), f"it is marked as {_AS.get(found, found)}"),)


def _marks_on(page: Page) -> Iterator[str]:
    """Yield the marks of a page; stamps lie across other words, so they are looked at alone."""
    text = " ".join(word.text for word in page.words).lower()
    yield from (mark for mark, said in mark_sentences().items() if said.search(text))
    if mark_words().isdisjoint(fold(word.text) for word in page.words):
        return
    usual = median(word.box.height for word in page.words)
    large = tuple(word for word in page.words if word.box.height > _STAMP * usual)
    for line in lines_of(replace(page, words=large)) if large else ():
        yield from filter(None, (mark_phrases().get(fold(text_of(piece))) for piece in line))
    for line in lines_of(page):
        yield from _status(line)
        if line[0][0].box.top <= _UPPER:
            yield from _heading(line, _LARGE * usual)


def _status(line: Sequence[Piece]) -> Iterator[str]:
    """Yield the mark behind a label of a status, which stands first on its line or in its piece."""
    for at, piece in enumerate(line):
        beside = line[at + 1] if at + 1 < len(line) else ()
        for text in (fold(text_of(piece)), fold(text_of([*piece, *beside]))):
            labels = (label for label in status_labels() if text.startswith(label))
            yield from filter(
                None, (mark_phrases().get(text.removeprefix(label)) for label in labels)
            )


def _heading(line: Sequence[Piece], large: float) -> Iterator[str]:
    """Yield the mark that is a line of its own, or a part of a title."""
    for piece in line:
        is_large = max(word.box.height for word in piece) > large
        text = text_of(piece)
        mark = mark_phrases().get(fold(text))
        if mark and len(line) == 1 and (is_large or text == text.upper()):
            yield mark
        lead = text_of(_lead(piece))
        if lead == lead.upper() and mark_phrases().get(fold(lead)) in _IN_TITLES:
            yield mark_phrases()[fold(lead)]
        if (is_large or piece is line[-1]) and len(piece) <= _MAX_TITLE:
            yield from _in_title(piece)


def _lead(piece: Piece) -> Piece:
    """Return the words before a dash or a colon (``VOID - see 2026-1201``); none without one."""
    for at, word in enumerate(piece):
        if word.text.endswith(":") or not fold(word.text):
            return piece[: at + word.text.endswith(":")]
    return piece[:0]


def _in_title(piece: Piece) -> Iterator[str]:
    """Yield the mark a title begins or ends with, if all the rest is a title and its number."""
    named = [word for word in piece if not any(char.isdigit() for char in word.text)]
    for at in range(1, len(named)):
        first, rest = fold(text_of(named[:at])), fold(text_of(named[at:]))
        for mark, title in ((first, rest), (rest, first)):
            if mark_phrases().get(mark) in _IN_TITLES and title in _titles():
                yield mark_phrases()[mark]


@cache
def _titles() -> frozenset[str]:
    """Return what may stand beside a mark: titles, and that the paper is no invoice."""
    return no_invoice_phrases().union(*map(title_phrases, KINDS))
