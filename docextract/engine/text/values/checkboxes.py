"""Reads ticked and empty boxes: ``[x] Yes``, ``☐ Partnership``, a lone ``X`` beside a label.

Knows nothing of schemas; the caller says which label or which choices the boxes belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from docextract.engine.text.layout import Layout, Segment, Token, fold, pattern
from docextract.engine.text.scorer import Factors, given

_BOX = re.compile(
    r"\[ ?(?P<in>[xX✓✔*]?) ?\]|\( ?(?P<round>[xX✓✔]) ?\)|(?P<on>[☒☑✓✔✗✘])|(?P<off>[☐□❏◻])"
    r"|(?<!\S)(?P<lone>[xX])(?!\S)"
)
_YES_OR_NO = re.compile(rf"[\s:]*({pattern('answers', 'beside_box')})(?!\w)", re.IGNORECASE)
_NEAR = 2
_BLANK = " :?._"


class Tick(NamedTuple):
    """A box on a segment: its characters, whether it is ticked, the tokens it is printed in."""

    start: int
    end: int
    is_on: bool
    tokens: list[Token]
    text: str


class Answered(NamedTuple):
    """A yes or no: the tokens and text it stands in, and what says how sure that is."""

    tokens: list[Token]
    text: str
    factors: Factors


def ticks(segment: Segment) -> list[Tick]:
    """Return the boxes printed in a segment, left to right."""
    found = []
    for match in _BOX.finditer(segment.text):
        is_on = bool(match["in"] or match["round"] or match["on"] or match["lone"])
        tokens = segment.tokens_between(*match.span())
        if tokens:
            found.append(Tick(*match.span(), is_on, tokens, match[0]))
    return found


def answer(layout: Layout, segment: Segment, start: int, end: int) -> Answered | None:
    """Return what boxes or words say of a label, tokens ``start`` to ``end`` of a segment.

    A box right before the label counts first, then a box or a yes or no behind it, in its
    segment or in the next one.
    """
    before = _box_before(layout, segment, start)
    if before is not None:
        return Answered(before.tokens, before.text, given("reading.ticked"))
    at = segment.starts[end] if end < len(segment.tokens) else len(segment.text)
    found = _behind(segment, at)
    beside = () if found or segment.text[at:].strip(_BLANK) else layout.beside(segment)[:1]
    return next((a for other in beside if (a := _behind(other, 0))), found)


def boxed(segments: Iterable[Segment], choices: tuple[str, ...]) -> Iterator[tuple[Tick, str]]:
    """Yield the boxes, ticked or empty, that stand before one of some choices, with it."""
    for segment in segments:
        boxes = ticks(segment)
        for number, box in enumerate(boxes):
            end = boxes[number + 1].start if number + 1 < len(boxes) else len(segment.text)
            said = fold(segment.text[box.end : end])
            chosen = [c for c in choices if fold(c) and said.startswith(fold(c.replace("_", " ")))]
            if chosen:
                yield box, max(chosen, key=len)


def _box_before(layout: Layout, segment: Segment, start: int) -> Tick | None:
    """Return the box just before a token, in its segment or alone in the one on the left."""
    at = segment.starts[start]
    own = [t for t in ticks(segment) if t.end <= at and at - t.end <= _NEAR]
    if own or start or not segment.column:
        return own[-1] if own else None
    left = layout.lines[segment.line].segments[segment.column - 1]
    is_near = segment.left - left.right < 2 * segment.height
    return next((t for t in ticks(left) if is_near and t.text == left.text), None)


def _behind(segment: Segment, at: int) -> Answered | None:
    """Return the answer that begins at a character: a word, a box, or of several the ticked one."""
    boxes = [tick for tick in ticks(segment) if tick.start >= at]
    words = [(box, _YES_OR_NO.match(segment.text, box.end)) for box in boxes]
    said = next((word for box, word in words if box.is_on and word), None)
    alone = None if boxes else _YES_OR_NO.match(segment.text, at)
    word = said or alone
    if word is not None:
        why = given("reading.ticked" if said else "reading.said")
        return Answered(segment.tokens_between(*word.span(1)), word[1], why)
    if not boxes or any(word for _, word in words):
        return None
    first = boxes[0]
    around = segment.text[at : first.start].strip(_BLANK) + segment.text[first.end :].strip(" .")
    return None if around else Answered(first.tokens, first.text, given("reading.said"))
