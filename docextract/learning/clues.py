"""Follows clues on the pages of a document: what they say a field's value is, and where.

Knows nothing of layouts or of who asks. A value that no page prints is never given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from docextract.core import Box, Page, Place, Word
from docextract.learning.around import hull, labels_at, places_of, runs_at, words_by, words_in
from docextract.learning.day_first import in_order, order_of
from docextract.learning.memory import Clue
from docextract.normalise import LocaleEvidence, Reading, normalise
from docextract.schema import Field, Kind
from docextract.verify.value import Grounded

_CONSTANT = frozenset(
    (Kind.NAME, Kind.ADDRESS, Kind.TAX_ID, Kind.IBAN, Kind.BIC, Kind.CURRENCY, Kind.COUNTRY,
     Kind.PHONE, Kind.EMAIL, Kind.URL)
)  # fmt: skip
"""Kinds that a layout's own party has always the same of."""
_SHIFT = 0.1
"""How far a letterhead moves between scans, as a fraction of the page."""
_OTHER_PARTY = ("buyer", "advertiser", "account_holder", "ship_to")


Ground = Callable[[Field, str, str | None], list[Grounded]]
"""See ``Grounder.ground``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a clue led to.

    Attributes:
        reading: the value, and how it is printed.
        place: where.
    """

    reading: Reading
    place: Place | None


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows clues on one document.

    Attributes:
        pages: of it.
        ground: finds where a typed value of a field stands on them.
        locale: how it writes.
    """

    pages: Sequence[Page]
    ground: Ground
    locale: LocaleEvidence

    def follow(self, clue: Clue, field: Field) -> Found | None:
        """Return what a clue leads to; None where it leads nowhere."""
        if clue.constant:
            return self._constant(clue, field)
        return self._by_hand(clue, field) if clue.is_by_hand else self._beside(clue, field)

    def clues(self, field: Field, value: str, place: Place | None) -> Iterator[Clue]:
        """Yield the clues that lead to a value.

        Args:
            field: it belongs to.
            value: typed.
            place: where it stands, if that is known.
        """
        if field.kind in _CONSTANT and field.path.split(".")[0] not in _OTHER_PARTY:
            yield from self._constants(field, value)
        place = place or next(self._places(field, value), None)
        page = next((it for it in self.pages if place and it.number == place.page), None)
        if page is None or place is None or field.kind is Kind.ADDRESS:
            return
        for label in labels_at(page, place.box):
            boxes = [box for it in self.pages for box in places_of(it, label.text)]
            own = [n for n, box in enumerate(reversed(boxes)) if _is_same(box, label.box)]
            left = place.box.left - label.box.left
            right = place.box.right - label.box.left
            down = place.box.middle - label.box.middle
            clue = Clue(label.text, "", left, right, down, own[0] if own else 0)
            found = self._beside(clue, field) if field.kind is Kind.DATE else None
            order = order_of(found.reading.raw or "", value) if found else ""
            yield replace(clue, order=order)

    def _constants(self, field: Field, value: str) -> Iterator[Clue]:
        if field.kind is Kind.CURRENCY:
            yield Clue(constant=value)
            return
        for place in self._places(field, value):
            yield Clue(constant=value, left=place.box.left, down=place.box.middle)
            return

    def _places(self, field: Field, value: str) -> Iterator[Place]:
        for found in self.ground(field, value, None):
            if found.evidence.page is not None and found.evidence.box is not None:
                yield Place(found.evidence.page, found.evidence.box)

    def _constant(self, clue: Clue, field: Field) -> Found | None:
        reading = normalise(clue.constant, field, self.locale)
        if reading.value is None:
            return None
        if field.kind is Kind.CURRENCY:
            return Found(reading, None)
        places = self._places(field, clue.constant)
        near = (it for it in places if clue.is_by_hand or _is_near(it.box, clue))
        place = next(near, None)
        return None if place is None else Found(reading, place)

    def _by_hand(self, clue: Clue, field: Field) -> Found | None:
        """Return what stands by a label or at a place that somebody wrote down."""
        for page in self.pages if clue.label else self.pages[:1]:
            for words in _meant(page, clue):
                found = self._typed(page, words, field)
                # Beside a heading of a table stands another heading.
                if found is not None and _may_be(found.reading, field):
                    return found
        return None

    def _beside(self, clue: Clue, field: Field) -> Found | None:
        places = [(page, box) for page in self.pages for box in places_of(page, clue.label)]
        # The one it was before, then the others: rows above or below may be missing here.
        order = sorted(range(len(places)), key=lambda n: abs(len(places) - 1 - n - clue.nth))
        for number in order:
            page, label = places[number]
            found = self._at(page, _shifted(label, clue), label, field)
            if found is not None:
                return replace(found, reading=in_order(found.reading, clue.order))
        return None

    def _at(self, page: Page, box: Box, label: Box, field: Field) -> Found | None:
        for words in runs_at(page, box, is_whole=field.kind.is_number):
            own = tuple(word for word in words if not _is_inside(word.box, label))
            found = self._typed(page, own, field)
            if found is not None:
                return found
        return None

    def _typed(self, page: Page, words: tuple[Word, ...], field: Field) -> Found | None:
        reading = normalise(" ".join(word.text for word in words), field, self.locale)
        if not words or reading.value is None or _is_cut(reading, field):
            return None
        return Found(reading, Place(page.number, hull(words)))


def _meant(page: Page, clue: Clue) -> Iterator[tuple[Word, ...]]:
    """Yield the words that a hint points at."""
    if clue.label:
        for label in places_of(page, clue.label):
            yield from words_by(page, label)
    else:
        half = clue.height / 2
        yield words_in(page, Box(clue.left, clue.down - half, clue.right, clue.down + half))


def _may_be(reading: Reading, field: Field) -> bool:
    """Whether what stands by a label may be its value: hardly any number is without digits."""
    return field.kind is not Kind.IDENTIFIER or any(map(str.isdigit, reading.raw or ""))


def _is_cut(reading: Reading, field: Field) -> bool:
    """Whether an amount shows no decimals: OCR loses a point more often than prices lack it."""
    return field.kind is Kind.MONEY and not set(reading.raw or "") & set(".,")


def _is_near(box: Box, clue: Clue) -> bool:
    """Whether a constant stands about where it did: the same name may be a customer's elsewhere."""
    return abs(box.left - clue.left) < _SHIFT and abs(box.middle - clue.down) < _SHIFT


def _shifted(label: Box, clue: Clue) -> Box:
    half = label.height / 2
    middle = label.middle + clue.down
    left, right = label.left + clue.left, label.left + clue.right
    return Box(left, middle - half, right, middle + half)


def _is_same(one: Box, other: Box) -> bool:
    return abs(one.middle - other.middle) < other.height / 2 and abs(one.left - other.left) < 0.01


def _is_inside(box: Box, other: Box) -> bool:
    return other.left - 1e-3 <= box.left <= other.right and other.top <= box.middle <= other.bottom
