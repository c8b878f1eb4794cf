"""What stands between two pages: the end of a document for certain, perhaps, or nothing.

Knows nothing of schemas or engines, nor of what is made of a boundary. The weights were set by hand
on packets of ``benchmarks/packets.py``; docs/splitting.md has the figures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise, product

from docextract.core import Page
from docextract.pipeline.splitting.page_signs import Code, PageSigns, signs_of

_ALIKE = 0.6
_UNLIKE = 0.3
_MIN_BAND_WORDS = 3
_MAX_SHIFT = 0.004
"""What is filled into a form stands at its place on each page, but for so much of its size."""

_OF_ITS_OWN = frozenset({"reminder", "credit_note", "debit_note"})
"""Kinds that are never a part of the document whose number they repeat."""

_MAX_STRETCH = 0.1
"""Pages of one document differ no more in size, as scanners cut them a little otherwise."""


class Certainty(StrEnum):
    """How certain a boundary is."""

    SURE = "sure"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Boundary:
    """A document that ends before a page.

    Attributes:
        page: number of the first page behind it.
        certainty: how certain it is.
        why: for people.
    """

    page: int
    certainty: Certainty
    why: str


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Where documents end within a file.

    Attributes:
        found: in the order of the pages.
        separators: numbers of the sheets that only part documents; they belong to none.
        numbers: of all pages that were read.
    """

    found: tuple[Boundary, ...]
    separators: frozenset[int]
    numbers: tuple[int, ...]

    def only_sure(self) -> Boundaries:
        """Return the same without what is doubtful."""
        sure = (boundary for boundary in self.found if boundary.certainty is Certainty.SURE)
        return replace(self, found=tuple(sure))

    def spans(self) -> list[tuple[int, int]]:
        """Return first and last page of each document, without sheets that only part them."""
        firsts = [boundary.page for boundary in self.found]
        spans: dict[int, tuple[int, int]] = {}
        for number in self.numbers:
            place = bisect_right(firsts, number)
            if number not in self.separators:
                spans[place] = (spans.get(place, (number, number))[0], number)
        return list(spans.values())


def boundaries_of(pages: Sequence[Page]) -> Boundaries:
    """Return the boundaries between the pages of a file.

    An empty page, such as the back of a sheet, belongs to the page before it.
    """
    signs = [signs_of(page) for page in pages]
    separators = frozenset(item.number for item in signs if item.is_separator)
    told = [item for item in signs if not item.is_empty and not item.is_separator]
    found = (_parted(pair, separators) or between(*pair) for pair in pairwise(told))
    numbers = tuple(item.number for item in signs)
    return Boundaries(tuple(item for item in found if item), separators, numbers)


def _parted(pair: tuple[PageSigns, PageSigns], separators: frozenset[int]) -> Boundary | None:
    """Return the boundary that a sheet between two pages makes, if there is one."""
    before, after = pair
    sheets = [number for number in separators if before.number < number < after.number]
    why = "a sheet that parts documents"
    return Boundary(max(sheets) + 1, Certainty.SURE, why) if sheets else None


def between(before: PageSigns, after: PageSigns) -> Boundary | None:
    """Return the boundary between two pages, if there is any sign of one."""
    gap = _Gap(before, after)
    why = gap.why_sure()
    if why:
        return Boundary(after.number, Certainty.SURE, why)
    why = gap.why_doubtful()
    return Boundary(after.number, Certainty.DOUBTFUL, why) if why else None


@dataclass(frozen=True, slots=True)
class _Gap:
    """Two pages, one behind the other."""

    before: PageSigns
    after: PageSigns

    def why_sure(self) -> str:
        """Return why a document certainly ends here, or nothing."""
        before, after = self.before, self.after
        if self.is_counted_on or self.has_same_number:
            return ""
        is_other = not self.has_shared and (self.is_headed or not self.is_alike)
        if self.is_restart and (self.has_other_number or is_other):
            return "pages are counted from 1 again"
        if not after.titles or not after.numbers or not before.totals:
            return ""
        if self.has_other_number:
            return "a title with another number, behind a total"
        is_new = _share(before.head, after.head) < _UNLIKE and not self.has_shared
        return "another letterhead, a title and a number, behind a total" if is_new else ""

    def why_doubtful(self) -> str:
        """Return why a document may end here, or nothing."""
        before, after = self.before, self.after
        if self.is_counted_on:
            return ""
        if self.is_of_its_own:
            return f"its title is that of a {after.kind.replace('_', ' ')}"
        if self.has_same_number:
            return ""
        if self.has_other_number:
            return "another number of a document"
        if self.is_begun_anew:
            return "the same head again, above another number and a total of its own"
        if self.is_restart and self.is_headed and after.totals != before.totals:
            return "pages are counted from 1 again"
        is_total_again = bool(before.totals and after.totals) and not before.totals & after.totals
        if is_total_again and _share(before.head, after.head) > _ALIKE:
            return "the same head above another total"
        if is_total_again and after.titles:
            return "a title again, and another total"
        if self.has_shared or self.is_alike:
            return ""
        why = (
            (after.titles, "another title"),
            (after.numbers, "the number of a document"),
            (is_total_again and not after.is_going_on, "another total"),
            (self.has_other_size, "another size of page"),
            (self.is_behind_last, "a page behind the last one counted"),
            (self.has_other_codes, "numbers of its own"),
        )
        return next((text for is_so, text in why if is_so), "")

    @property
    def has_shared(self) -> bool:
        """Whether a number of a customer, an account or the like stands on both pages."""
        return bool(self.before.codes & self.after.codes)

    @property
    def is_headed(self) -> bool:
        """Whether the second page begins as documents do."""
        return bool(self.after.titles or self.after.numbers or self.after.totals)

    @property
    def has_other_size(self) -> bool:
        pairs = zip(self.before.size, self.after.size, strict=True)
        return any(abs(one - other) > _MAX_STRETCH * max(one, other) for one, other in pairs)

    @property
    def is_counted_on(self) -> bool:
        """Whether the second page has the number behind that of the first.

        Terms and conditions often print none; the page before then says that one more follows.
        """
        wanted = {(item.number + 1, item.total) for item in self.before.numberings}
        is_expected = any(
            item.total and item.number < item.total for item in self.before.numberings
        )
        is_silent = not (self.after.numberings or self.after.numbers or self.after.totals)
        return bool(wanted & self.after.numberings) or (is_expected and is_silent)

    @property
    def has_other_codes(self) -> bool:
        """Whether the second page has long numbers of its own, and is no more of a table."""
        after = self.after
        return bool(self.before.codes and after.codes) and not (after.is_going_on or after.totals)

    @property
    def is_behind_last(self) -> bool:
        """Whether the first page says that it is the last of so many."""
        return any(item.total and item.number == item.total for item in self.before.numberings)

    @property
    def is_restart(self) -> bool:
        """Whether the second page says that it is the first of so many."""
        return any(item.number == 1 and item.total for item in self.after.numberings)

    @property
    def has_same_number(self) -> bool:
        """Whether a number stands on both pages, and none that is another document's."""
        before, after = self.before, self.after
        is_other = _is_other(before.own, after.own)
        return bool(before.numbers & after.numbers) and not is_other

    @property
    def is_of_its_own(self) -> bool:
        """Whether the second page is titled as what is a document of its own, and the first not."""
        before, after = self.before, self.after
        is_document = bool(before.kind or before.totals)
        return is_document and after.kind in _OF_ITS_OWN and after.kind != before.kind

    @property
    def is_begun_anew(self) -> bool:
        """Whether a form is filled in again: another number at a place, and a total once more."""
        before, after = self.before, self.after
        is_same_form = _share(before.head, after.head) > _ALIKE
        return bool(before.totals and after.totals) and is_same_form and self.has_other_in_place

    @property
    def has_other_in_place(self) -> bool:
        pairs = product(self.before.placed, self.after.placed)
        return any(one.text != other.text and _is_same_place(one, other) for one, other in pairs)

    @property
    def has_other_number(self) -> bool:
        """Whether one label gives two numbers."""
        is_other = _is_other(self.before.numbers, self.after.numbers)
        return not self.has_same_number and (is_other or _is_other(self.before.own, self.after.own))

    @property
    def is_alike(self) -> bool:
        """Whether head or foot of both pages say the same."""
        heads = _share(self.before.head, self.after.head)
        return max(heads, _share(self.before.foot, self.after.foot)) > _ALIKE


def _is_other(before: Set[tuple[str, str]], after: Set[tuple[str, str]]) -> bool:
    """Whether one label gives other numbers, and none is the same."""
    return not before & after and not {it for it, _ in before}.isdisjoint(it for it, _ in after)


def _is_same_place(one: Code, other: Code) -> bool:
    """Whether two words stand behind the same label, or at the same place of their pages."""
    if one.label and one.label == other.label:
        return True
    left, right, top = (abs(a - b) for a, b in zip(one.edges, other.edges, strict=True))
    return top < _MAX_SHIFT and min(left, right) < _MAX_SHIFT


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much of the smaller of two sets of words is in the other; 0 of very few words.

    A foot that says no more than the word for a page is that of any document.
    """
    fewest = min(len(one), len(other))
    return len(one & other) / fewest if fewest >= _MIN_BAND_WORDS else 0.0
