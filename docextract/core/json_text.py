"""Strict JSON text for stored records, log lines and exports.

Knows nothing of files, tables or what the trees mean.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON may hold as it is, but a terminal acts upon: C1 controls, bidirectional marks."""


def to_json(tree: Any, indent: int | None = None, *, is_ascii: bool = False) -> str:
    r"""Return strict JSON (RFC 8259) that always encodes to UTF-8.

    Text stays readable except lone surrogates and what could act on a terminal, which are
    written as escapes; a number that is no number (NaN, infinity) becomes null, as JSON has
    no word for it.

    Args:
        tree: dicts, lists, text, numbers, None.
        indent: spaces per level; None for one line.
        is_ascii: escape all else, for lines that a terminal may show.

    Example:
        >>> to_json({"a": "\ud800 é", "b": float("nan")})
        '{"a": "\\ud800 é", "b": null}'
    """
    try:
        text = json.dumps(tree, ensure_ascii=is_ascii, allow_nan=False, indent=indent)
    except ValueError:
        text = json.dumps(_finite(tree), ensure_ascii=is_ascii, allow_nan=False, indent=indent)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def to_text(text: str) -> str:
    """Return text that encodes to UTF-8, with lone surrogates as visible escapes."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _finite(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _finite(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_finite(value) for value in tree]
    return None if isinstance(tree, float) and not math.isfinite(tree) else tree
