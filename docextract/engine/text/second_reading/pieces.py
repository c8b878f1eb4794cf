"""Cuts the first page into pieces of print that may be a name, a date or a number.

Knows nothing of labels or fields; which piece is which, others tell.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from typing import NamedTuple

from docextract.engine.text.text_document import Reader, Segment, Token, join
from docextract.schema import Kind

NAME, DATE, CODE = "name", "date", "code"
_JOINTS = frozenset("·|–—•-,")
_ASIDE = frozenset("·|–—•")
"""What parts a company from its address, or a label from what it announces, on one line."""
_LONGEST_NAME, _MOST_WORDS_OF_CODE = 80, 5
_MIN_LETTERS = 2
_MOST_COLUMNS, _MOST_PIECES = 40, 1500
"""No paper of business has more in a line, or on its first page; hostile ones have."""


class Piece(NamedTuple):
    """A run of tokens of one segment, and what it looks like."""

    form: str
    segment: Segment
    tokens: list[Token]

    @property
    def text(self) -> str:
        """It as printed."""
        return join(self.tokens)

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from other pieces of a document."""
        return self.form, id(self.tokens[0]), len(self.tokens)

    @property
    def around(self) -> tuple[list[Token], list[Token]]:
        """The tokens of its segment before and behind it."""
        tokens = self.segment.tokens
        start = next(at for at, token in enumerate(tokens) if token is self.tokens[0])
        return tokens[:start], tokens[start + len(self.tokens) :]


def pieces_of(reader: Reader, skip: Collection[int]) -> Iterator[Piece]:
    """Yield the pieces of the first page with words, 1,500 at most.

    Args:
        reader: the document.
        skip: ids of segments that belong to tables.
    """
    yield from itertools.islice(_pieces(reader, skip), _MOST_PIECES)


def _pieces(reader: Reader, skip: Collection[int]) -> Iterator[Piece]:
    page = reader.layout.lines[0].page
    for segment in reader.layout.segments:
        if segment.page != page:
            return
        if id(segment) in skip or segment.column >= _MOST_COLUMNS:
            continue
        yield from (Piece(NAME, segment, tokens) for tokens in _names(segment))
        yield from (Piece(DATE, segment, date.tokens) for date in reader.dates_of(segment))
        yield from (Piece(CODE, segment, tokens) for tokens in _codes(reader, segment))


def _names(segment: Segment) -> Iterator[list[Token]]:
    tokens = segment.tokens
    runs = {(0, len(tokens))}
    for at, token in enumerate(tokens[:-1]):
        if token.text.endswith(":") or token.text in _ASIDE:
            runs.add((at + 1, len(tokens)))
        if at and token.text in _JOINTS:
            runs.add((0, at))
        elif token.text.endswith(","):
            runs.add((0, at + 1))
    for start, end in sorted(runs):
        text = join(tokens[start:end])
        if len(text) <= _LONGEST_NAME and sum(map(str.isalpha, text)) >= _MIN_LETTERS:
            yield tokens[start:end]


def _codes(reader: Reader, segment: Segment) -> Iterator[list[Token]]:
    others = [c for c in reader.candidates_of(segment) if c.kind is Kind.DATE or c.num_decimals]
    taken = {id(token) for other in others for token in other.tokens}
    codes = [[token] for token in segment.tokens if token.has_digit and id(token) not in taken]
    yield from codes
    if codes and 1 < len(segment.tokens) <= _MOST_WORDS_OF_CODE:
        yield segment.tokens
