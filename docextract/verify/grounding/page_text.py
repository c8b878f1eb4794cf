"""A page's words as searchable text: where a text, a number or a date stands among them.

Knows nothing of fields or of what a value is worth.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapidfuzz import fuzz

from docextract.core import Box, Page, Word
from docextract.normalise.dates.dates import find_dates, parse_date
from docextract.normalise.locale.habits import LocaleEvidence
from docextract.normalise.numbers.numbers import find_numbers, parse_number

_DROPPED = re.compile(r"[\W_]")
_MARGIN = 0.15
"""So much of a word's height is left above and below its middle."""
FUZZY_MIN = 88.0
"""rapidfuzz ratio from which OCR slips in long text still count as the same text."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Return text for comparison: no case, accents, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _DROPPED.sub("", decomposed)


def narrowed(words: Iterable[Word], box: Box, text: str) -> Box:
    """Return the middle of the words of a text in a box; the box itself where some are not in it.

    On a tilted page the box around a line holds words of its neighbours, whose middle lies
    above or below.
    """
    wanted = Counter(fold(word) for word in text.split())
    own: list[Word] = []
    for word in words:
        if wanted[fold(word.text)] > 0:
            wanted[fold(word.text)] -= 1
            own.append(word)
    if not own or any(count and word for word, count in wanted.items()):
        return box
    middles = [word.box.middle for word in own]
    edges = [edge for word in own for edge in (word.box.left, word.box.right)]
    margin = _MARGIN * min(word.box.height for word in own)
    return Box(min(edges), min(middles) - margin, max(edges), max(middles) + margin)


@dataclass(frozen=True)
class PageText:
    """One page's words as searchable text.

    Attributes:
        page: the page.
        evidence: the document's locale, by which numbers and dates are read.
    """

    page: Page
    evidence: LocaleEvidence

    @cached_property
    def text(self) -> str:
        """All words joined by single spaces."""
        return " ".join(word.text for word in self.page.words)

    def words_in(self, box: Box) -> list[Word]:
        """Return the words whose centre lies in the box, in reading order."""
        left, top, right, bottom = (2 * edge for edge in box)
        middles, order = self._by_middle
        near = order[bisect_left(middles, top) : bisect_right(middles, bottom)]
        words = (self.page.words[index] for index in sorted(near))
        return [word for word in words if left <= word.box.left + word.box.right <= right]

    def read_box(self, box: Box) -> str:
        """Return what the words inside the box say, joined by single spaces."""
        return " ".join(word.text for word in self.words_in(box))

    def read_span(self, span: tuple[int, int]) -> str:
        """Return the words from first to last, joined by single spaces."""
        return " ".join(word.text for word in self.page.words[span[0] : span[1] + 1])

    @cached_property
    def _by_middle(self) -> tuple[list[float], list[int]]:
        """Top and bottom edge of each word together, in order, and the index of its word."""
        boxes = (word.box for word in self.page.words)
        found = sorted((box.top + box.bottom, index) for index, box in enumerate(boxes))
        return [middle for middle, _ in found], [index for _, index in found]

    @cached_property
    def _starts(self) -> list[int]:
        starts, position = [], 0
        for word in self.page.words:
            starts.append(position)
            position += len(word.text) + 1
        return starts

    @cached_property
    def folded(self) -> tuple[str, list[int]]:
        """Folded text, and for each of its characters the index of its word."""
        pieces, owners = [], []
        for index, word in enumerate(self.page.words):
            piece = fold(word.text)
            pieces.append(piece)
            owners += [index] * len(piece)
        return "".join(pieces), owners

    @cached_property
    def numbers(self) -> dict[str, list[tuple[int, int]]]:
        """Word spans (first, last) of every number, by plain decimal value."""
        return self._by_value(find_numbers(self.text), is_date=False)

    @cached_property
    def dates(self) -> dict[str, list[tuple[int, int]]]:
        """Word spans (first, last) of every date, by ISO value."""
        return self._by_value(find_dates(self.text), is_date=True)

    def _by_value(
        self, found: Iterator[tuple[int, int, str]], *, is_date: bool
    ) -> dict[str, list[tuple[int, int]]]:
        parse = parse_date if is_date else parse_number
        spans: dict[str, list[tuple[int, int]]] = {}
        for start, end, text in found:
            for value in parse(text, self.evidence).readings:
                key = value if is_date else plain(value)
                spans.setdefault(key, []).append(self._span(start, end))
        return spans

    def _span(self, start: int, end: int) -> tuple[int, int]:
        return bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1

    def find_text(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield word spans whose folded text equals that of ``text``."""
        wanted = fold(text)
        folded, owners = self.folded
        position = folded.find(wanted) if wanted else -1
        while position >= 0:
            end = position + len(wanted) - 1
            if _is_whole(owners, position, end):
                yield owners[position], owners[end]
            position = folded.find(wanted, position + 1)

    def find_similar(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the word span most similar to ``text``, if similar enough."""
        wanted = fold(text)
        folded, owners = self.folded
        if len(wanted) < 6 or len(folded) < len(wanted):
            return
        found = fuzz.partial_ratio_alignment(wanted, folded, score_cutoff=FUZZY_MIN)
        if found is not None and found.dest_end > found.dest_start:
            yield owners[found.dest_start], owners[found.dest_end - 1]

    def box(self, span: tuple[int, int]) -> Box:
        """Return the box around the words from first to last."""
        first, last = span
        box = self.page.words[first].box
        for word in self.page.words[first + 1 : last + 1]:
            box = box.union(word.box)
        return box


def _is_whole(owners: Sequence[int], start: int, end: int) -> bool:
    """Whether a match begins and ends at word borders; what does not is not worth reading."""
    starts = start == 0 or owners[start - 1] != owners[start]
    ends = end == len(owners) - 1 or owners[end + 1] != owners[end]
    return starts and ends


def plain(value: str) -> str:
    """Return a decimal without sign or trailing zeros, so that 59.4 equals -59.40."""
    text = value.lstrip("+-")
    return text.rstrip("0").rstrip(".") if "." in text else text
