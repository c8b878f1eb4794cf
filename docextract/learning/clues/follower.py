"""Follows clues on the pages of a document: what they say a field's value is, and where.

Knows nothing of layouts or of who asks. A value that no page prints is never given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from docextract.core import Box, Page, Place, Word
from docextract.learning.clues.anchors import agreeing, anchors_at, place_by
from docextract.learning.clues.around import (
    below,
    hull,
    labels_at,
    places_of,
    right_of,
    runs_at,
    words_by,
    words_in,
)
from docextract.learning.clues.block import block_at, ends_at_gap
from docextract.learning.clues.clue import Clue
from docextract.learning.clues.day_first import in_order, is_year_first, order_of
from docextract.learning.clues.shape import WHOLE, common, shape_of
from docextract.learning.clues.suiting import has_decimals, has_shape, is_cut, may_be
from docextract.learning.layout import fold
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
_MARGIN = 0.02
"""How far the same lines stand apart on prints of one program."""
_OTHER_PARTY = ("buyer", "advertiser", "account_holder", "ship_to")
_SHAPED = frozenset((Kind.IDENTIFIER, Kind.TAX_ID))
_NUMBERS = tuple(kind for kind in Kind if kind.is_number)
_WHOLE = frozenset((*_NUMBERS, Kind.NAME, Kind.IBAN, Kind.PHONE))
"""Kinds of several words: what stands close beside the place of one belongs to the next."""
_TOLD_APART = frozenset((Kind.DATE, Kind.IDENTIFIER, Kind.TAX_ID, Kind.IBAN, *_NUMBERS))
"""Kinds whose values are told from the words about them by how they are written."""
_MOVED = 0.75
_STRETCHES = (1.0, 0.75, 1.25)
_NOWHERE = Box(0, 0, 0, 0)


Ground = Callable[[Field, str, str | None, Place | None], list[Grounded]]
"""See ``Grounder.ground``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a clue led to.

    Attributes:
        reading: the value, and how it is printed.
        place: where.
        worth: of what was found where it stood before, 0 to 1: less by a label that has its value
            elsewhere now, and stands on the pages several times.
    """

    reading: Reading
    place: Place | None
    worth: float = 1.0

    @property
    def value(self) -> str:
        """The value, typed."""
        return self.reading.value or ""

    @property
    def printed(self) -> str:
        """The value as printed."""
        return self.reading.raw or ""


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
        found = self._followed(clue, field)
        if found is None or not clue.order:
            return found
        is_iso = is_year_first(found.reading)
        if (self.locale.is_day_second if is_iso else self.locale.day_first) is not None:
            # The document itself shows its order.
            return found
        return replace(found, reading=in_order(found.reading, clue.order))

    def _followed(self, clue: Clue, field: Field) -> Found | None:
        if clue.constant:
            return self._constant(clue, field)
        if clue.is_by_hand:
            return self._by_hand(clue, field)
        if clue.near:
            return self._among(clue, field)
        return self._beside(clue, field) if clue.label else self._fixed(clue, field)

    def clues(self, field: Field, value: str, place: Place | None) -> Iterator[Clue]:
        """Yield the clues that lead to a value.

        Args:
            field: it belongs to.
            value: typed.
            place: where it stands, if that is known.
        """
        if field.kind in _CONSTANT and not is_other_party(field):
            yield self._constant_of(field, value, place)
        places = [place] if place else list(self._places(field, value))
        for it in places if field.kind is not Kind.CURRENCY else ():
            shape = self._shape(field, value, it)
            for clue in self._clues_at(field, value, it):
                yield replace(clue, shape=shape)

    def _shape(self, field: Field, value: str, place: Place) -> str:
        if field.kind in _SHAPED:
            return shape_of(value)
        page = self._page(place)
        if page is None or field.kind is not Kind.MONEY:
            return ""
        printed = " ".join(word.text for word in words_in(page, place.box))
        return WHOLE if any(map(str.isdigit, printed)) and not has_decimals(printed) else ""

    def prints(self, clue: Clue, field: Field) -> bool:
        """Whether the pages print a constant anywhere."""
        return next(self._places_of(clue, field), None) is not None

    def stands_by(self, found: Found, labels: Collection[str]) -> bool:
        """Whether one of some labels is left of what was found, on its line."""
        page = self._page(found.place)
        if page is None or found.place is None:
            return False
        own = next(labels_at(page, found.place.box), None)
        return own is not None and own.is_left_of(found.place.box) and own.is_one_of(labels)

    def refined(self, clue: Clue, found: Found) -> Clue:
        """Return a clue that led to the right place with what this document says of it too."""
        shape = common(clue.shape, shape_of(found.value)) if clue.shape else ""
        page = self._page(found.place)
        if page is None or found.place is None or not clue.near:
            return replace(clue, shape=shape)
        return replace(clue, shape=shape, near=agreeing(page, clue.near, found.place.box))

    def _clues_at(self, field: Field, value: str, place: Place) -> Iterator[Clue]:
        page = self._page(place)
        if page is None:
            return
        box = place.box
        for label in labels_at(page, box) if field.kind is not Kind.ADDRESS else ():
            boxes = [box for it in self.pages for box in places_of(it, label.text)]
            own = [n for n, box in enumerate(reversed(boxes)) if _is_same(box, label.box)]
            left, right = box.left - label.box.left, box.right - label.box.left
            down = box.middle - label.box.middle
            clue = Clue(label.text, "", left, right, down, own[0] if own else 0)
            yield self._ordered(clue, field, value)
        near = anchors_at(page, box)
        is_to_gap = field.kind is Kind.ADDRESS and ends_at_gap(page, box)
        width, height = box.right - box.left, box.height
        clue = Clue(right=width, height=height, near=near, is_to_gap=is_to_gap)
        yield self._ordered(clue, field, value)
        if page is self.pages[0] and field.kind is not Kind.ADDRESS and not field.kind.is_number:
            fixed = Clue("", "", box.left, box.right, box.middle, height=box.height)
            yield self._ordered(fixed, field, value)

    def _ordered(self, clue: Clue, field: Field, value: str) -> Clue:
        found = self.follow(clue, field) if field.kind is Kind.DATE else None
        return replace(clue, order=order_of(found.reading.raw or "", value) if found else "")

    def _page(self, place: Place | None) -> Page | None:
        return next((it for it in self.pages if place and it.number == place.page), None)

    def _constant_of(self, field: Field, value: str, place: Place | None) -> Clue:
        if field.kind is Kind.CURRENCY:
            return Clue(constant=value)
        place = next(self._places(field, value), None) or place
        if place is None:
            return Clue(constant=value, is_unprinted=True)
        box = place.box
        return Clue("", value, box.left, box.right, box.middle, height=box.height)

    def _places_of(self, clue: Clue, field: Field) -> Iterator[Place]:
        """Yield where a constant stands; lines of a column only show where it stood before."""
        found = list(self._places(field, clue.constant))
        if not found and clue.height:
            half = clue.height / 2 + _MARGIN
            box = Box(clue.left - _MARGIN, clue.down - half, clue.right + _MARGIN, clue.down + half)
            hints = (Place(page.number, box) for page in self.pages)
            found = [it for hint in hints for it in self._places(field, clue.constant, hint)]
        yield from found

    def _places(self, field: Field, value: str, hint: Place | None = None) -> Iterator[Place]:
        evidence = [found.evidence for found in self.ground(field, value, None, hint)]
        places = [Place(it.page, it.box) for it in evidence if it.page and it.box]
        if field.kind in _SHAPED and not places:
            # Specks of a scan are read as points behind a number.
            places = [
                Place(page.number, word.box)
                for page in self.pages
                for word in page.words
                if fold(word.text) == fold(value)
            ]
        yield from places

    def _constant(self, clue: Clue, field: Field) -> Found | None:
        reading = normalise(clue.constant, field, self.locale)
        if reading.value is None:
            return None
        if field.kind is Kind.CURRENCY or clue.is_unprinted:
            return Found(reading, None)
        places = self._places_of(clue, field)
        near = (it for it in places if clue.is_by_hand or _is_near(it.box, clue))
        place = next(near, None)
        return None if place is None else Found(reading, place)

    def _fixed(self, clue: Clue, field: Field) -> Found | None:
        """Return what stands where it did on the first page."""
        half = clue.height / 2
        box = Box(clue.left, clue.down - half, clue.right, clue.down + half)
        return self._at(self.pages[0], box, _NOWHERE, clue, field)

    def _among(self, clue: Clue, field: Field) -> Found | None:
        """Return what stands where the words about it say."""
        for page in self.pages:
            point = place_by(page, clue.near)
            if point is None:
                continue
            half = clue.height / 2
            box = Box(point[0], point[1] - half, point[0] + clue.right, point[1] + half)
            if field.kind is Kind.ADDRESS:
                found = self._block(page, box, clue, field)
            else:
                found = self._at(page, box, _NOWHERE, clue, field)
            if found is not None:
                return found
        return None

    def _block(self, page: Page, box: Box, clue: Clue, field: Field) -> Found | None:
        lines = block_at(page, box, is_to_gap=clue.is_to_gap)
        text = ", ".join(" ".join(word.text for word in line) for line in lines)
        reading = normalise(text, field, self.locale)
        if reading.value is None:
            return None
        words = tuple(word for line in lines for word in line)
        return Found(reading, Place(page.number, hull(words)))

    def _by_hand(self, clue: Clue, field: Field) -> Found | None:
        """Return what stands by a label or at a place that somebody wrote down."""
        for page in self.pages if clue.label else self.pages[:1]:
            for words in _meant(page, clue):
                found = self._typed(page, words, field, clue.shape)
                # Beside a heading of a table stands another heading.
                if found is not None and may_be(found.printed, field):
                    return found
        return None

    def _beside(self, clue: Clue, field: Field) -> Found | None:
        places = [(page, box) for page in self.pages for box in places_of(page, clue.label)]
        # The one it was before, then the others: rows above or below may be missing here.
        order = sorted(range(len(places)), key=lambda n: abs(len(places) - 1 - n - clue.nth))
        for number in order:
            page, label = places[number]
            for box in _shifted(label, clue):
                found = self._at(page, box, label, clue, field)
                if found is not None:
                    return found
        return self._along(clue, field, [places[number] for number in order])

    def _along(self, clue: Clue, field: Field, places: list[tuple[Page, Box]]) -> Found | None:
        """Return what stands by a label on the side it was on, nearer or farther than before.

        Another program of the same vendor, or of another paper, prints the same words so. Names
        are left alone, as any words could be one.
        """
        if field.kind not in _TOLD_APART or clue.left < 0:
            return None
        for page, label in places:
            is_below = clue.down > label.height
            for words in below(page, label) if is_below else right_of(page, label):
                found = self._typed(page, words, field, clue.shape)
                if (
                    found is not None
                    and may_be(found.printed, field)
                    and has_shape(found.value, clue.shape, field)
                ):
                    return replace(found, worth=_MOVED / len(places))
        return None

    def _at(self, page: Page, box: Box, label: Box, clue: Clue, field: Field) -> Found | None:
        for words in runs_at(page, box, is_whole=field.kind in _WHOLE):
            own = tuple(word for word in words if not _is_inside(word.box, label))
            found = self._typed(page, own, field, clue.shape)
            if found is not None and has_shape(found.value, clue.shape, field):
                return found
        return None

    def _typed(self, page: Page, words: tuple[Word, ...], field: Field, shape: str) -> Found | None:
        reading = normalise(" ".join(word.text for word in words), field, self.locale)
        if not words or reading.value is None:
            return None
        if is_cut(reading.raw or "", field) and shape != WHOLE:
            return self._pointed(fold(reading.raw or ""), field)
        return Found(reading, Place(page.number, hull(words)))

    def _pointed(self, digits: str, field: Field) -> Found | None:
        """Return the amount of the same digits that the pages print elsewhere with its point."""
        for page in self.pages:
            for word in page.words:
                if len(digits) > 2 and fold(word.text) == digits and has_decimals(word.text):
                    reading = normalise(word.text, field, self.locale)
                    if reading.value is not None:
                        return Found(reading, Place(page.number, word.box))
        return None


def is_other_party(field: Field) -> bool:
    """Whether a field is of the party that a layout is not of."""
    return field.path.split(".")[0] in _OTHER_PARTY


def _meant(page: Page, clue: Clue) -> Iterator[tuple[Word, ...]]:
    """Yield the words that a hint points at."""
    if clue.label:
        for label in places_of(page, clue.label):
            yield from words_by(page, label)
    else:
        half = clue.height / 2
        yield words_in(page, Box(clue.left, clue.down - half, clue.right, clue.down + half))


def _is_near(box: Box, clue: Clue) -> bool:
    """Whether a constant stands about where it did: the same name may be a customer's elsewhere."""
    return abs(box.left - clue.left) < _SHIFT and abs(box.middle - clue.down) < _SHIFT


def _shifted(label: Box, clue: Clue) -> Iterator[Box]:
    """Yield where a value should stand; lines below may stand closer or farther than before."""
    half = label.height / 2
    for stretch in _STRETCHES if abs(clue.down) > label.height else _STRETCHES[:1]:
        middle = label.middle + stretch * clue.down
        left, right = label.left + clue.left, label.left + clue.right
        yield Box(left, middle - half, right, middle + half)


def _is_same(one: Box, other: Box) -> bool:
    return abs(one.middle - other.middle) < other.height / 2 and abs(one.left - other.left) < 0.01


def _is_inside(box: Box, other: Box) -> bool:
    return other.left - 1e-3 <= box.left <= other.right and other.top <= box.middle <= other.bottom
