"""Finds printed numbers in running text, with their sign, currency and brackets.

Knows nothing of what a number is worth; see ``numbers`` for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.normalise.currencies import WORD, is_currency
from docextract.normalise.wrapping import fold_in_place

LOOKALIKES = "OoQDlI|SBZ"
"""Letters that OCR engines take digits for, see ``numbers``."""

# In running text every quantifier is bounded by the digits it eats: time is linear.
_RUN = re.compile(
    r"[1-9]\d{0,2}(?: \d{3}(?!\d))+(?:[.,]\d+)?"
    r"|\d{1,6}[€$£]\d\d(?![\d.,])"
    r"|\d+(?:[.,']\d+)*"
    r"|(?<![\w.,'/:-])[.,]\d{1,4}(?![\d.,])"
)
_NO_SPACE = re.compile(r"[^ ]+")
_DIGITS = re.compile(r"\d[\d., ']*\d|\d")
_BEFORE = re.compile(
    rf"(?:(?P<outer>{WORD})\s?)?(?P<sign>[-(+])(?:(?P<inner>{WORD})\s?)?$|(?P<word>{WORD})\s?$"
)
_AFTER = re.compile(rf"[.,]-{{1,3}}(?!\d)|-(?![\w-])|\s?%|\s?(?:CR|DR)\b|\s?({WORD})(?!\w)")
# The other part of a number in which an OCR engine took digits for letters (1B.50, 12.S0).
_MISREAD_BEFORE = re.compile(rf"(?<![^\W_])([^\W\d_]*?)[\d{LOOKALIKES}]{{0,9}}[{LOOKALIKES}][.,]$")
_MISREAD_AFTER = re.compile(rf"[.,](?=\d{{0,2}}[{LOOKALIKES}])[\d{LOOKALIKES}]{{1,3}}(?!\w)")


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of every printed number, with its sign and currency.

    Digits that belong to a word, date, time or code are left out. Where a plain space may
    group digits or separate columns (``2 150,00``), the whole and its parts are yielded.
    """
    for start, end, token in find_whole_numbers(text):
        yield start, end, token
        parts = [part for part in _NO_SPACE.finditer(token) if any(map(str.isdigit, part[0]))]
        if len(parts) > 1:
            yield from (_bare(part, start) for part in parts)


def _bare(part: re.Match[str], offset: int) -> tuple[int, int, str]:
    """Return where the digits of a part of a number begin and end, and the digits."""
    found = _DIGITS.search(fold_in_place(part[0]))
    first, last = found.span() if found else (0, 0)
    start = offset + part.start()
    return start + first, start + last, part[0][first:last]


def find_whole_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of numbers, taking spaces that can group digits to do so."""
    folded = fold_in_place(text)
    for run in _RUN.finditer(folded):
        if not _is_free(folded, run.start(), run.end()):
            continue
        start = _extend_left(folded, run.start())
        end = _extend_right(folded, run.end())
        if start is not None and end is not None:
            start, end = _close_brackets(folded, start, end)
            yield start, end, text[start:end]


def _is_free(text: str, start: int, end: int) -> bool:
    """Whether digits are not joined to others by a hyphen, slash, colon or point."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    is_joined_left = len(before) == 2 and before[1] in "-/:.,'_#" and before[0].isdigit()
    is_joined_right = len(after) == 2 and after[0] in "-/:'" and after[1].isalnum()
    if is_joined_left or is_joined_right or _is_fraction(text[end : end + 1]):
        return False
    if before[-1:] in (".", ",") and _is_misread_before(text[max(0, start - 16) : start]):
        return False
    if after[:1] in (".", ",") and _MISREAD_AFTER.match(text, end):
        return False
    # Beside a whole amount a bar is a rule between columns; inside a number it is a 1.
    is_cut = re.search(r"[.,]\d?$", text[max(0, end - 2) : end]) is not None
    is_inside = after[:1] == "|" and (is_cut or bool(after[1:].strip()))
    return not is_inside and re.fullmatch(r"\S\|", before) is None


def _is_misread_before(text: str) -> bool:
    """Whether a text ends in a letter for a digit and a mark, after a currency or nothing."""
    found = _MISREAD_BEFORE.search(text)
    return found is not None and (not found[1] or is_currency(found[1]))


def _is_fraction(char: str) -> bool:
    """Whether a character is a fraction such as ½, which belongs to the digits before it."""
    return char.isnumeric() and not char.isdigit()


def _extend_left(text: str, start: int) -> int | None:
    """Return where sign and currency begin, or None if the digits belong to a word."""
    if text[start - 1 : start] == "|":
        return start - 1
    offset = max(0, start - 10)
    found = _BEFORE.search(text[offset:start])
    if found is None:
        return start
    outer, word = found["outer"], found["word"] or found["inner"]
    if word and not is_currency(word):
        is_glued = text[start - 1].isalpha() or text[start - 1] == "/"
        return None if is_glued else start
    if not found["sign"]:
        return offset + found.start("word")
    if outer and is_currency(outer):
        return offset + found.start("outer")
    is_hyphen = outer is not None and found.end("outer") == found.start("sign")
    return None if is_hyphen else offset + found.start("sign")


def _extend_right(text: str, end: int) -> int | None:
    """Return where suffixes end, or None if the digits run on into a word."""
    for _ in range(2):
        found = _AFTER.match(text, end)
        if found is None:
            break
        if found[1] is not None and not is_currency(found[1]):
            return None if found.start(1) == end and found[1][0].isalpha() else end
        end = found.end()
    return None if text[end : end + 1].isalpha() or text[end : end + 1] == "_" else end


def _close_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the bracket that closes an opened one, or leave out the opening one."""
    opening = text.find("(", start, end)
    if opening < 0:
        return start, end
    if text[end : end + 1] == ")":
        return start, end + 1
    return (start + 1, end) if opening == start else (start, end)
