"""Cells of CSV files that are safe to open in a spreadsheet.

Knows nothing of columns or files.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from docextract.core import to_json, to_text
from docextract.schema import Kind

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FORMULA_START = frozenset("=+-@")
_AFTER_SEMICOLON = re.compile(r";(?=[^\S\n]*[=+@\uff1d\uff0b\uff20\ufe66\ufe62\ufe6b])")
_GUARDED = re.compile(r";'(?=[^\S\n]*[=+@\uff1d\uff0b\uff20\ufe66\ufe62\ufe6b])")
"""A spreadsheet of a country with decimal commas cuts the lines of any file at semicolons."""
_CONTROL_START = ("\t", "\r", "\n")
_ACTION = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_LINE = re.compile("[\t\n\r]")
_NUMBER_KINDS = frozenset(kind.value for kind in Kind if kind.is_number)


def cell(value: Any, kind: str = Kind.TEXT.value) -> str:
    """Return the text of a cell; what is absent is empty.

    A canonical decimal in a column of numbers stays as it is, negative ones too. Any
    other text that a spreadsheet would run as a formula gets an apostrophe in front
    (CWE-1236), also where white space or full-width forms hide the start. What acts on a
    terminal (escape sequences, bidirectional marks) becomes a visible escape.

    Args:
        value: a leaf of a record's values.
        kind: the ``Kind`` of its column.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return to_json(value)
    text = value if isinstance(value, str) else to_json(value)
    text = to_text(text).replace("\0", "")
    if kind in _NUMBER_KINDS and _NUMBER.fullmatch(text):
        return text
    text = _AFTER_SEMICOLON.sub(";'", text)
    return visible(f"'{text}" if _is_formula(text) else text)


def visible(text: str) -> str:
    """Return text in which what acts on a terminal, or fits into no file, is a visible escape."""
    return _ACTION.sub(_escape, to_text(text).replace("\0", ""))


def without_guard(text: str) -> str:
    """Return a cell without the apostrophes that kept it from being run as a formula."""
    text = text[1:] if text.startswith("'") and _is_formula(text[1:]) else text
    return _GUARDED.sub(";", text)


def path_cell(path: str) -> str:
    """Return the cell of a document's path, on one line; JSON has it as it is."""
    return cell(_LINE.sub(_escape, path))


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _is_formula(text: str) -> bool:
    if text.startswith(_CONTROL_START):
        return True
    start = next((char for char in text if not _is_blank(char)), "")
    return unicodedata.normalize("NFKC", start)[:1] in _FORMULA_START


def _is_blank(char: str) -> bool:
    # Cc, Cf: zero-width characters and byte order marks vanish on import.
    return char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
