"""Finds a place again by the words about it, each of which says where it should be.

Knows nothing of fields or values. Words are hashes. A generalised Hough transform (Ballard 1981):
where most anchors agree, there the place is; what a scan lost or a table moved is outvoted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docextract.core import Box, Page, Word
from docextract.learning.layout import mark_of

_MAX_ANCHORS = 20
_MIN_VOTES = 3
_MIN_SHARE = 0.25
_DOWN = 3.0
"""How much farther a line away is than the same distance along a line: tables grow downwards."""
_SAME_X = 0.03
"""Of the page's width: how far anchors may differ on where a place begins."""
_SAME_Y = 0.6
"""Of a line's height: how far they may differ on its line."""
_MAX_SAME = 30
"""A word that stands on a page more often says nothing of a place, and would cost its square."""


class Anchor(NamedTuple):
    """A word near a place.

    Attributes:
        mark: hash of the word.
        left: from its left edge to the place's, as a fraction of the page's width.
        down: from its middle to the place's, in the same unit: receipts differ in length.
    """

    mark: str
    left: float
    down: float

    @property
    def weight(self) -> float:
        """How much it counts: the nearer the more."""
        return 1 / (0.1 + abs(self.left) + _DOWN * abs(self.down))


def anchors_at(page: Page, box: Box) -> tuple[Anchor, ...]:
    """Return the words nearest to a box, without those inside."""
    found: dict[str, Anchor] = {}
    for word, mark in _marked(page):
        if not _is_inside(word, box):
            new = _anchor(page, word, mark, box)
            old = found.get(mark)
            found[mark] = new if old is None or old.weight < new.weight else old
    return tuple(sorted(found.values(), key=lambda it: -it.weight)[:_MAX_ANCHORS])


def place_by(page: Page, anchors: Sequence[Anchor]) -> tuple[float, float] | None:
    """Return where a page has the place of some anchors: its left edge and its middle.

    None where too few of them agree.
    """
    said = [(it, *point) for it, point in _said(page, anchors)]
    line = _line_height(page)
    best: tuple[float, float, float] | None = None
    for _, left, middle in said:
        near = [
            (it, x, y) for it, x, y in said
            if abs(x - left) <= _SAME_X and abs(y - middle) <= _SAME_Y * line
        ]  # fmt: skip
        marks = {it.mark: it.weight for it, _, _ in near}
        total = sum(marks.values())
        if len(marks) >= _MIN_VOTES and (best is None or total > best[0]):
            # The nearest one says it most exactly.
            _, x, y = max(near, key=lambda it: it[0].weight)
            best = total, x, y
    if best is None or best[0] < _MIN_SHARE * sum(it.weight for it in anchors):
        return None
    return best[1:]


def agreeing(page: Page, anchors: Sequence[Anchor], box: Box) -> tuple[Anchor, ...]:
    """Return the anchors that lead to a box on a page; all where hardly any would be left."""
    line = _line_height(page)
    kept = {
        it.mark for it, (left, middle) in _said(page, anchors)
        if abs(left - box.left) <= 3 * _SAME_X and abs(middle - box.middle) <= _SAME_Y * line
    }  # fmt: skip
    found = tuple(it for it in anchors if it.mark in kept)
    return found if len(found) > _MIN_VOTES else tuple(anchors)


def _said(page: Page, anchors: Sequence[Anchor]) -> Iterator[tuple[Anchor, tuple[float, float]]]:
    by_mark = {it.mark: it for it in anchors}
    found = [(word, mark) for word, mark in _marked(page) if mark in by_mark]
    times = Counter(mark for _, mark in found)
    for word, mark in found:
        anchor = by_mark[mark]
        if times[mark] <= _MAX_SAME:
            down = anchor.down * page.width / (page.height or 1)
            yield anchor, (word.box.left + anchor.left, word.box.middle + down)


def _anchor(page: Page, word: Word, mark: str, box: Box) -> Anchor:
    ratio = page.height / (page.width or 1)
    left, down = box.left - word.box.left, (box.middle - word.box.middle) * ratio
    return Anchor(mark, round(left, 4), round(down, 4))


def _marked(page: Page) -> Iterator[tuple[Word, str]]:
    for word in page.words:
        mark = mark_of(word.text)
        if mark:
            yield word, mark


def _line_height(page: Page) -> float:
    heights = sorted(word.box.height for word in page.words)
    return heights[len(heights) // 2] if heights else 0.0


def _is_inside(word: Word, box: Box) -> bool:
    middle = (word.box.left + word.box.right) / 2
    return box.left <= middle <= box.right and box.top <= word.box.middle <= box.bottom
