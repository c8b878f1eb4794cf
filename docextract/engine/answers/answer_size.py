"""Derives from a schema how long its answers may get.

Knows nothing of models or servers.
"""

from __future__ import annotations

from docextract.core import Tree

MIN_TOKENS = 2048
"""Invoices of up to five lines take 660 to 930; the rest is for what reads as few characters and
takes many tokens, and for servers that keep to no schema."""
MAX_TOKENS = 16_384
_LEAST_KEPT = 256
_CHARS_PER_TOKEN = 2.5
"""Digits and punctuation take more tokens than words."""
_SHARE = 0.3
"""Of the length that a value may have at most, what values have that are long."""
_MIN_CHARS = 12
_FRAME_CHARS = 6
"""Quotes, colon and comma of a member."""


def max_tokens_of(shape: Tree) -> int:
    """Return how many tokens an answer may take that fills all rows and fields.

    Args:
        shape: what ``answer_schema`` returned.
    """
    return max(MIN_TOKENS, needed_tokens_of(shape))


def needed_tokens_of(shape: Tree) -> int:
    """Return how many tokens to keep free for an answer that fills all rows and fields.

    Args:
        shape: what ``answer_schema`` returned.
    """
    num_tokens = int(_num_chars(shape, 1) / _CHARS_PER_TOKEN)
    return max(_LEAST_KEPT, min(num_tokens, MAX_TOKENS))


def _num_chars(shape: Tree, num_rows: int) -> float:
    """Return the characters of a part that stands in so many rows."""
    if "properties" in shape:
        members = shape["properties"].items()
        names = sum(num_rows * (len(name) + _FRAME_CHARS) for name, _ in members)
        return names + sum(_num_chars(inner, num_rows) for _, inner in members)
    if "items" in shape:
        # Lists in the rows of a list share its rows: no page prints sixty times sixty.
        return _num_chars(shape["items"], int(shape["maxItems"]))
    if "enum" in shape:
        return float(num_rows * max(len(str(choice)) for choice in shape["enum"]))
    return num_rows * max(_MIN_CHARS, _SHARE * float(shape["anyOf"][0]["maxLength"]))
