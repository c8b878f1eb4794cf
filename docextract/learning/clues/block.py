"""Lines of text that stand together, such as an address: how far they go on.

Knows nothing of fields or of what is remembered.
"""

from __future__ import annotations

from itertools import pairwise

from docextract.core import Box, Page, Word
from docextract.learning.clues.around import hull, is_close, is_on_line, lines_in

_MAX_LINES = 8
_ALIGNED = 0.01
"""Of the page's width: how far lines of one block may begin apart."""
_LOOSE = 1.3
"""Of the distance between two lines of a block: from here on white space parts them."""
_PITCH = 1.9
"""Of a line's height: the same where a block has one line."""


def ends_at_gap(page: Page, box: Box) -> bool:
    """Whether white space stands below a box, and not a further line of its block."""
    lines = list(lines_in(page, box))
    return bool(lines) and _next(page, lines) is None


def block_at(page: Page, box: Box, *, is_to_gap: bool) -> list[tuple[Word, ...]]:
    """Return the lines of a block that begins where a box does.

    Args:
        page: that they stand on.
        box: about where, as large as another block was there.
        is_to_gap: whether it goes on to the next white space; else it is as high as the box.
    """
    lines = [_whole(page, line) for line in lines_in(page, box)]
    if not is_to_gap or not lines:
        return lines
    for number, (line, after) in enumerate(pairwise(lines), start=1):
        if hull(after).middle - hull(line).middle > _pitch(lines[:number]) * _LOOSE:
            return lines[:number]
    while len(lines) < _MAX_LINES and (further := _next(page, lines)):
        lines.append(further)
    return lines


def _whole(page: Page, line: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return a line with the words close behind it."""
    rest = (w for w in page.words if is_on_line(w.box, line[-1].box))
    for word in sorted(rest, key=lambda word: word.box.left):
        if word.box.left > line[-1].box.left and is_close(page, line[-1], word):
            line = (*line, word)
    return line


def _next(page: Page, lines: list[tuple[Word, ...]]) -> tuple[Word, ...] | None:
    """Return the line that goes on below some lines at their left edge, if there is one."""
    last, left = hull(lines[-1]), hull(lines[0]).left
    most = last.middle + _pitch(lines) * _LOOSE
    below = (
        word for word in page.words
        if last.bottom < word.box.middle <= most and abs(word.box.left - left) <= _ALIGNED
    )  # fmt: skip
    first = min(below, key=lambda word: word.box.middle, default=None)
    return None if first is None else _whole(page, (first,))


def _pitch(lines: list[tuple[Word, ...]]) -> float:
    if len(lines) < 2:
        return _PITCH * hull(lines[0]).height
    return (hull(lines[-1]).middle - hull(lines[0]).middle) / (len(lines) - 1)
