"""Words become tokens, tokens segments, segments lines.

In flow pages, out flow lines. May import the floor and the words of ``schema/languages``.
"""

from __future__ import annotations

from docextract.engine.text.layout.lines import Layout, Line, Segment, make_segment, read_layout
from docextract.engine.text.layout.tokens import (
    NUMBER_WORDS,
    Token,
    fold,
    fold_keys,
    fold_words,
    join,
    num_digits,
)
from docextract.schema.languages import pattern

__all__ = [
    "NUMBER_WORDS", "Layout", "Line", "Segment", "Token", "fold", "fold_keys", "fold_words",
    "join", "make_segment", "num_digits", "pattern", "read_layout",
]  # fmt: skip
