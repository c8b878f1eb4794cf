"""Describes a piece of print by its words, its place, and the words and labels around it.

Knows nothing of what any of it weighs, nor which fields there are.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from statistics import median

from docextract.engine.text.text_document import Hit, Reader, Segment, Token

Feature = tuple[str, str]
"""Where something stands, from the piece, and what: ``("A0", "Bill")``, ``("y", "3")``."""

_MOST_WORDS = 8
_NEAR_LINES, _NEAR = 4, 5.0
"""Print further off, in lines and in heights of a line, is not beside a piece."""
_ACROSS, _DOWN, _SIZES = 6, 10, 2
"""Steps of a place across and down its page, and of its size against that of most print."""
_LABEL = 2
"""A label ends so many words before what it announces."""
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_WORDS = frozenset({"t", "L", "A0", "A1", "B0", "B1", "B2"})
_MARGIN = 0.3


class PrintFeatures:
    """Describes the pieces of one document.

    Args:
        reader: the document.
        kind: of document; issuers stand elsewhere on an invoice, a receipt and an order.
    """

    def __init__(self, reader: Reader, kind: str) -> None:
        self._reader, self._kind = reader, kind
        page = reader.layout.lines[0].page
        heights = [s.height for s in reader.layout.segments if s.page == page]
        self._size = max(median(heights), 1e-6)

    def around(self, segment: Segment) -> list[Feature]:
        """Return what all pieces of a segment share: its place, and the print above and below."""
        layout = self._reader.layout
        found = list(self._place(segment))
        for number, other in enumerate(self._above(segment)):
            found += _said(f"A{number}", other.tokens)
            found += _announced(f"A{number}", self._hits(other))
        below = layout.below(segment, num_lines=_NEAR_LINES)
        for number, other in zip(range(3), below, strict=False):
            found += _said(f"B{number}", other.tokens)
        return found

    def of(self, form: str, segment: Segment, tokens: Sequence[Token]) -> list[Feature]:
        """Return what a piece looks like, and what stands to its left.

        Args:
            form: what it looks like: a name, a date or a number.
            segment: where it stands.
            tokens: it.
        """
        start = next(i for i, token in enumerate(segment.tokens) if token is tokens[0])
        end = start + len(tokens)
        own = [hit for hit in self._hits(segment) if hit.start < end and hit.end > start]
        shapes = ["^", *(_shape(token.text) for token in tokens[: 2 * _MOST_WORDS]), "$"]
        return [
            *(("t", token.text) for token in tokens[: 2 * _MOST_WORDS]),
            *(("t2", one + other) for one, other in itertools.pairwise(shapes)),
            ("t#", "".join(shapes[1 : _MOST_WORDS + 1])),
            ("t*", str(min(len(tokens), _MOST_WORDS))),
            *(("t@", name) for name in _concepts(own)),
            *self._left(segment, start),
            ("form", form),
            ("kind", self._kind),
            ("in", str(min(start, 4))),
            ("behind", str(min(len(segment.tokens) - end, 3))),
        ]

    def _left(self, segment: Segment, start: int) -> Iterator[Feature]:
        """Yield what stands before a piece: in its segment, else in the one to the left."""
        before = segment.tokens[:start]
        hits = [hit for hit in self._hits(segment) if start - _LABEL <= hit.end <= start]
        if not before and segment.column:
            other = self._reader.layout.lines[segment.line].segments[segment.column - 1]
            before, hits = other.tokens, self._hits(other)
        yield from _said("L", before[-_MOST_WORDS:])
        yield from (("L@", name) for name in _concepts(_longest(hits)))

    def _place(self, segment: Segment) -> Iterator[Feature]:
        layout = self._reader.layout
        width, height = layout.sizes[segment.page]
        across, down = int(segment.left / width * _ACROSS), int(segment.top / height * _DOWN)
        row = layout.lines[segment.line].segments
        size = min(int(segment.height / self._size * _SIZES), 6)
        places = (
            ("x", str(across)),
            ("y", str(down)),
            ("xy", f"{across // 2}.{down}"),
            ("size", str(size)),
            ("line", str(min(segment.line, 9))),
            ("column", f"{min(segment.column, 3)}.{min(len(row), 4)}"),
        )
        yield from places
        yield from ((f"{self._kind}:{name}", value) for name, value in places)

    def _above(self, segment: Segment) -> list[Segment]:
        margin, found = _MARGIN * segment.height, list[Segment]()
        lines = self._reader.layout.lines[max(0, segment.line - _NEAR_LINES) : segment.line]
        for line in reversed(lines):
            if line.page != segment.page or segment.top - line.bottom > _NEAR * segment.height:
                break
            over = (
                s
                for s in line.segments
                if s.left < segment.right + margin and s.right > segment.left - margin
            )
            found += list(over)[:1]
        return found[:2]

    def _hits(self, segment: Segment) -> list[Hit]:
        return self._reader.hits_of.get(id(segment), [])


def names_of(feature: Feature) -> tuple[str, ...]:
    """Return the names under which a feature is weighed: a text has several words."""
    place, text = feature
    if place not in _WORDS:
        return (place + text,)
    found = [f"{place}={word}" for word in _words(text)]
    return (*found, *(f"{name[0]}{name[2:]}" for name in found if place[0] in "AB"))


def _said(place: str, tokens: Sequence[Token]) -> list[Feature]:
    texts = [token.text for token in tokens[:_MOST_WORDS]]
    return [*((place, text) for text in texts), (f"{place}#", "".join(map(_shape, texts)))]


def _announced(place: str, hits: Sequence[Hit]) -> Iterator[Feature]:
    """Yield what labels stand for, those of no value beside them apart from the others."""
    yield from ((f"{place}@", name) for name in _concepts([h for h in hits if h.is_whole]))
    yield from ((f"{place}+", name) for name in _concepts([h for h in hits if not h.is_whole]))


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    """Return the label that ends last: ``Due date``, and not the ``date`` at its end."""
    last = max((hit.end for hit in hits), default=0)
    first = min((hit.start for hit in hits if hit.end == last), default=0)
    return [hit for hit in hits if (hit.start, hit.end) == (first, last)]


def _concepts(hits: Sequence[Hit]) -> frozenset[str]:
    return frozenset().union(*(hit.entry.concepts for hit in hits))


def _words(text: str) -> tuple[str, ...]:
    found = _WORD.findall(text.lower())
    return tuple(f"{len(word)}d" if word.isdigit() else word for word in found)


@lru_cache(maxsize=16384)
def _shape(text: str) -> str:
    """Return what a word looks like: ``4`` for four digits, ``X`` of ``Acme``, ``m`` of ``A1``."""
    num_letters = sum(map(str.isalpha, text))
    if text.isdigit():
        return str(min(len(text), 5))
    if any(map(str.isdigit, text)):
        return "m" if num_letters else "d"
    if not num_letters:
        return text[:1]
    if text.isupper():
        return "A" if len(text) > 1 else "I"
    return "X" if text[:1].isupper() else "a"
