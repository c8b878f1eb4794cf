"""The words around a value: which label it stands by, and what stands by a label.

Knows nothing of fields or of what is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice, pairwise

from rapidfuzz import fuzz

from docextract.core import Box, Page, Word
from docextract.learning.layout import fold

_MAX_LABEL_WORDS = 4
_MIN_LABEL_LETTERS = 2
_SAME_LABEL = 85.0
"""rapidfuzz ratio from which a label is the same: OCR loses a letter here and there."""
_SAME_LINE = 0.6
"""Of a word's height: how far middles of one line may differ."""
_WORD_GAP, _LABEL_GAP = 0.9, 80.0
"""Of a word's height: between words of one value, and between label and value."""
_ABOVE = 3.0


@dataclass(frozen=True, slots=True)
class Label:
    """Words by which a value stands, folded, and their box."""

    text: str
    box: Box

    def is_left_of(self, box: Box) -> bool:
        """Whether it stands on the line of a box, before it."""
        return is_on_line(self.box, box) and self.box.right <= box.left + 1e-3

    def is_one_of(self, labels: Iterable[str]) -> bool:
        """Whether it is one of some labels, but for letters that OCR lost."""
        return any(fuzz.ratio(self.text, label) >= _SAME_LABEL for label in labels)


def labels_at(page: Page, box: Box) -> Iterator[Label]:
    """Yield the label to the left of a box on its line, and the one above it."""
    for words in (_left_of(page, box), _above(page, box)):
        text = fold("".join(word.text for word in words))
        if sum(map(str.isalpha, text)) >= _MIN_LABEL_LETTERS:
            yield Label(text, _hull(words))


def places_of(page: Page, label: str) -> list[Box]:
    """Return where a label stands on a page, in reading order."""
    found: list[Box] = []
    words = page.words
    for start in range(len(words)):
        for end in range(start + 1, min(start + _MAX_LABEL_WORDS, len(words)) + 1):
            text = fold("".join(word.text for word in words[start:end]))
            is_near = abs(len(text) - len(label)) <= len(label) // _MAX_LABEL_WORDS
            if text and is_near and fuzz.ratio(text, label) >= _SAME_LABEL:
                found.append(_hull(words[start:end]))
                break
    return found


def runs_at(page: Page, box: Box, *, is_whole: bool) -> Iterator[tuple[Word, ...]]:
    """Yield the words that stand about where a box is: several ways to cut them from their line.

    Args:
        page: that they stand on.
        box: about where.
        is_whole: whether words close beside the box come with it first, as in ``4 001,00``.
    """
    line = [word for word in page.words if is_on_line(word.box, box)]
    line.sort(key=lambda word: word.box.left)
    inside = [index for index, word in enumerate(line) if _overlaps(word.box, box)]
    if not inside:
        return
    first, last = inside[0], inside[-1]
    seen = set()
    while first > 0 and _gap(page, line[first - 1], line[first]) < _WORD_GAP:
        if line[first - 1].text.endswith(":"):
            break
        first -= 1
    while last + 1 < len(line) and _gap(page, line[last], line[last + 1]) < _WORD_GAP:
        last += 1
    cuts = [(inside[0], inside[-1]), (first, last)]
    for start, end in (*cuts[:: -1 if is_whole else 1], *((i, i) for i in inside[::-1])):
        if (start, end) not in seen:
            seen.add((start, end))
            yield tuple(line[start : end + 1])


def words_by(page: Page, label: Box) -> Iterator[tuple[Word, ...]]:
    """Yield the words right of a label on its line, then those below it."""
    yield from islice(right_of(page, label), 1)
    yield from below(page, label)


def right_of(page: Page, label: Box) -> Iterator[tuple[Word, ...]]:
    """Yield the words right of a label on its line, run by run."""
    line = [word for word in page.words if is_on_line(word.box, label)]
    line = sorted((w for w in line if w.box.left >= label.right), key=lambda w: w.box.left)
    while line and _space(page, label.right, line[0].box.left, label) <= _LABEL_GAP:
        run = tuple(_run(page, line))
        yield run
        line = line[len(run) :]


def below(page: Page, label: Box) -> Iterator[tuple[Word, ...]]:
    """Yield the words below a label, on the nearest line."""
    most = label.bottom + _ABOVE * label.height
    under = [w for w in page.words if label.bottom < w.box.middle < most]
    under = [word for word in under if _overlaps(word.box, label)]
    if under:
        nearest = min(under, key=lambda word: word.box.middle)
        own = [word for word in page.words if is_on_line(word.box, nearest.box)]
        first = min(w.box.left for w in under if is_on_line(w.box, nearest.box))
        own = sorted((w for w in own if w.box.left >= first), key=lambda word: word.box.left)
        yield tuple(_run(page, own))


def lines_in(page: Page, box: Box) -> Iterator[tuple[Word, ...]]:
    """Yield the words whose middle lies in a box, line by line."""
    left = sorted(words_in(page, box), key=lambda word: word.box.middle)
    while left:
        line = [word for word in left if is_on_line(word.box, left[0].box)]
        yield tuple(sorted(line, key=lambda word: word.box.left))
        left = [word for word in left if word not in line]


def words_in(page: Page, box: Box) -> tuple[Word, ...]:
    """Return the words whose middle lies in a box, in reading order."""
    return tuple(
        word for word in page.words
        if box.left <= (word.box.left + word.box.right) / 2 <= box.right
        and box.top <= word.box.middle <= box.bottom
    )  # fmt: skip


def _run(page: Page, line: list[Word]) -> Iterator[Word]:
    """Yield the first words of a line that stand close together."""
    yield line[0]
    for before, word in pairwise(line):
        if _gap(page, before, word) > _WORD_GAP:
            return
        yield word


def hull(words: tuple[Word, ...]) -> Box:
    """Return the box that holds some words."""
    return _hull(words)


def _left_of(page: Page, box: Box) -> list[Word]:
    line = [w for w in page.words if is_on_line(w.box, box) and w.box.right <= box.left + 1e-3]
    line.sort(key=lambda word: -word.box.right)
    # A sign of currency or a colon may stand between.
    line = list(dropwhile(lambda word: not fold(word.text), line))
    if not line or _space(page, line[0].box.right, box.left, box) > _LABEL_GAP:
        return []
    return _connected(page, line)[::-1]


def _above(page: Page, box: Box) -> list[Word]:
    least = box.top - _ABOVE * box.height
    above = [w for w in page.words if least < w.box.middle < box.top and _overlaps(w.box, box)]
    if not above:
        return []
    nearest = max(above, key=lambda word: word.box.middle)
    line = [word for word in page.words if is_on_line(word.box, nearest.box)]
    left = sorted((w for w in line if w.box.left <= nearest.box.left), key=lambda w: -w.box.right)
    right = sorted((w for w in line if w.box.left >= nearest.box.left), key=lambda w: w.box.left)
    return [*_connected(page, left)[:0:-1], *_connected(page, right)][:_MAX_LABEL_WORDS]


def _connected(page: Page, words: list[Word]) -> list[Word]:
    """Return the first words without digits that stand close together."""
    kept = words[:1]
    for before, word in pairwise(words):
        ordered = sorted((before, word), key=lambda it: it.box.left)
        has_digit = any(map(str.isdigit, word.text))
        if has_digit or len(kept) == _MAX_LABEL_WORDS or _gap(page, *ordered) > _WORD_GAP:
            break
        kept.append(word)
    return kept


def is_close(page: Page, left: Word, right: Word) -> bool:
    """Whether two words of a line belong together."""
    return _gap(page, left, right) <= _WORD_GAP


def _gap(page: Page, left: Word, right: Word) -> float:
    return _space(page, left.box.right, right.box.left, left.box)


def _space(page: Page, start: float, end: float, box: Box) -> float:
    """Return a distance along a line in heights of its words."""
    return (end - start) * page.width / (box.height * page.height or 1.0)


def is_on_line(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one line."""
    height = min(one.height, other.height) or max(one.height, other.height)
    return abs(one.middle - other.middle) <= _SAME_LINE * height


def _overlaps(one: Box, other: Box) -> bool:
    return min(one.right, other.right) > max(one.left, other.left)


def _hull(words: tuple[Word, ...] | list[Word]) -> Box:
    box = Box(0, 0, 0, 0) if not words else words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return box
