"""Holds the words of a text layer against the drawn page: what is seen there is what counts.

Knows nothing of PDF but shapes of glyphs, and nothing of which word is an amount or a name.

A font, or ``/ActualText``, may say anything of what is drawn. A word is proved if each of its
characters has a shape that was read as that character somewhere; the fewest words that show
all new shapes are read by OCR, and where one is not what it is said to be, so are all others
that hold it. What a font says nothing of is read as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.ocr.recognition import ocr_engine
from docextract.documents.pdf.layer.letters import bare, is_latin, says
from docextract.documents.pdf.layer.outlines import Outlines, Shape, proved_shapes, remember
from docextract.documents.pdf.layer.text_layer import MIN_DIGITS, SeenWord, digits

_MAX_READ = 80
"""As many words of a page are read at most; the rest is left out where shapes are doubtful."""
_MAX_NAMES = 8
"""As many words without digits are read of a page at most, and as many again where one of them
is refuted: all letters of a new font would cost a second."""

_PICTURE_CONFIDENCE = 0.9
_UNREADABLE_CONFIDENCE = 0.3
"""Of a number that neither its shapes nor OCR bear out: it stays, yet is never `verified`."""
_TOUCHING = 0.3
_MIN_LETTERS = 3
"""Shorter words are read too badly to refute what a font says of them."""

_MAX_REACH = 1.0
"""Words as near as a number is high are read with it at a second look."""


@dataclass(frozen=True, slots=True)
class Proved:
    """The words of a page as its pixels have them.

    Attributes:
        words: in the same order.
        num_refuted: how many the page does not show as the layer says.
    """

    words: tuple[Word, ...]
    num_refuted: int = 0


def prove(
    seen: Sequence[SeenWord], fonts: Mapping[int, Any], draw: Callable[[], NDArray[np.uint8]]
) -> Proved:
    """Return the words of a layer, those that the page does not show as it shows them.

    Args:
        seen: words that people can see.
        fonts: the page's, as PDFium's handles by address.
        draw: returns the upright page; called only where something must be read.

    Raises:
        MissingDependencyError: OCR is needed and not installed.
    """
    trial = _Trial(seen, Outlines(fonts), draw)
    trial.read_new_shapes()
    return trial.verdict()


@dataclass(slots=True)
class _Trial:
    """One page's words, their shapes, and what was read of them."""

    seen: Sequence[SeenWord]
    outlines: Outlines
    draw: Callable[[], NDArray[np.uint8]]
    shapes: dict[int, frozenset[Shape | None]] = field(default_factory=dict)
    letters: dict[int, frozenset[Shape | None]] = field(default_factory=dict)
    read: dict[int, str] = field(default_factory=dict)
    signs: list[Box] = field(default_factory=list)
    pixels: NDArray[np.uint8] | None = None

    def read_new_shapes(self) -> None:
        """Read as few words as show all shapes that nothing has proved yet."""
        pieces = (piece for item in self.seen if item.is_said for piece in item.source.pieces)
        if all(self.outlines.are_proved(piece.font, piece.inks) for piece in pieces):
            return  # So it is with most pages, and this is quick.
        words = [index for index, item in enumerate(self.seen) if item.is_said and _is_latin(item)]
        self.letters = {index: self._shapes(self.seen[index], str.isalnum) for index in words}
        codes = {i: own for i, own in self.letters.items() if _num_digits(self.seen[i]) > 1}
        names = {i: own for i, own in self.letters.items() if i not in codes}
        self.shapes = {
            index: self._shapes(item, str.isdecimal)
            for index, item in enumerate(self.seen)
            if _num_digits(item)
        }
        numbers = {i: own for i, own in self.shapes.items() if _is_long(self.seen[i])}
        self._read(list(_covering(numbers, _unproved(numbers))))
        # Then short ones: a day may be the only number that holds a digit, or end an account.
        self._read(list(_covering(self.shapes, _unproved(self.shapes))))
        self._read(list(_holding(self.shapes, _unproved(self.shapes))))
        self._read(list(_covering(codes, _unproved(codes))))
        self._read(list(_holding(codes, _unproved(codes))))
        self._read_names(names)

    def _read_names(self, names: Mapping[int, frozenset[Shape | None]]) -> None:
        """Read some words that show new letters, and more where one is not what it is said."""
        first = list(islice(_covering(names, _unproved(names)), _MAX_NAMES))
        self._read(first)
        refuted = _unproved({index: names[index] for index in first})
        self._read(list(islice(_holding(names, refuted), _MAX_NAMES)))

    def verdict(self) -> Proved:
        """Return each word as it was read where its shapes stay unproved."""
        letters = _holding(self.letters, _unproved(self.letters))
        numbers = _holding(self.shapes, _unproved(self.shapes))
        judged = {index: self._judged_letters(index) for index in letters if index in self.read}
        judged |= {index: self._judged(index) for index in numbers}
        wrong = [index for index, word in judged.items() if word.text != self.seen[index].word.text]
        unsaid = list(self._read_unsaid())
        words = [
            _doubted(item.word) if self._touches_a_sign(item) else judged.get(index, item.word)
            for index, item in enumerate(self.seen)
            if item.is_said
        ]
        words += unsaid
        replaced = list(self._read_replaced())
        said = [item.word.text for item in self.seen if item.source.is_replaced]
        num_replaced = int([word.text for word in replaced] != said)
        kept = tuple(word for word in (*words, *replaced) if word.text)
        return Proved(kept, len(wrong) + num_replaced)

    def _judged(self, index: int) -> Word:
        """Return a word whose shapes nothing proves: as the layer or as the page has it.

        OCR alone misreads one short number of a hundred, so the layer is refuted only if the
        number is not read among the words beside it either.
        """
        word, read = self.seen[index].word, self.read.get(index, "")
        if _agrees(word.text, read):
            return word
        (beside,) = self._texts([self._with_neighbours(word.box)])
        if digits(word.text) in digits(beside):
            return word
        is_unreadable = not digits(read) and not digits(beside)
        if is_unreadable or not _can_be_read(word.text):
            return _doubted(word)
        return _shown(word, read)

    def _judged_letters(self, index: int) -> Word:
        """Return a word whose letters nothing proves: refuted where two readings agree on it."""
        word, read = self.seen[index].word, self.read[index]
        if _says(read, word.text):
            return word
        (beside,) = self._texts([self._with_neighbours(word.box)])
        if says(beside, word.text, is_part=True):
            return word
        # Of two equal letters side by side OCR reads one now and then.
        num = len(bare(read))
        is_one_for_one = num >= _MIN_LETTERS and num == len(bare(word.text))
        is_refuted = is_one_for_one and says(beside, read, is_part=True)
        return _shown(word, read) if is_refuted else _doubted(word)

    def _with_neighbours(self, box: Box) -> Box:
        """Return a box grown over the words to its left and right."""
        near = _grown(box, _MAX_REACH)
        beside = (item.word.box for item in self.seen if _is_beside(item.word.box, near))
        return reduce(Box.union, beside, box)

    def _shapes(self, item: SeenWord, is_wanted: Callable[[str], bool]) -> frozenset[Shape | None]:
        return frozenset(
            self.outlines.shape(piece.font, text, (ink.right - ink.left) / (ink.top - ink.bottom))
            for piece in item.source.pieces
            for text, ink in piece.inks
            if is_wanted(text)
        )

    def _read(self, indices: Sequence[int]) -> None:
        """Read words; the shapes of those that say what the layer says are proved."""
        asked = [index for index in indices if index not in self.read]
        asked = asked[: max(0, _MAX_READ - len(self.read))]
        texts = self._texts([self.seen[index].word.box for index in asked])
        for index, text in zip(asked, texts, strict=True):
            self.read[index] = text
            said = self.seen[index].word.text
            if _agrees(said, text):
                remember(self.shapes.get(index, frozenset()))
            if _says(text, said):
                remember(self.letters.get(index, frozenset()))

    def _texts(self, boxes: Sequence[Box]) -> list[str]:
        if not boxes:
            return []
        if self.pixels is None:
            self.pixels = self.draw()
        return ocr_engine().read_boxes(self.pixels, boxes)

    def _read_unsaid(self) -> Iterator[Word]:
        """Yield what is drawn where a font says nothing of its glyphs, object by object."""
        for group in _by_object(item for item in self.seen if not item.source.is_replaced):
            if all(item.is_said for item in group):
                continue
            if _is_sign(group):
                self.signs.append(group[0].word.box)
                continue
            words = [item.word for item in group]
            line = self._texts([reduce(Box.union, (word.box for word in words))])[0]
            shown = list(_shared_out("".join(line.split()), words))
            shown = shown or self._texts([word.box for word in words])
            for item, text in zip(group, shown, strict=True):
                if not item.is_said:
                    yield _shown(item.word, text)

    def _touches_a_sign(self, item: SeenWord) -> bool:
        """Whether a glyph that stands for nothing may be a part of a word, and is no bullet."""
        return any(_is_beside(item.word.box, _grown(sign, _TOUCHING)) for sign in self.signs)

    def _read_replaced(self) -> Iterator[Word]:
        """Yield what is drawn where the file says another text, object by object."""
        for group in _by_object(item for item in self.seen if item.source.is_replaced):
            words = [item.word for item in group]
            box = reduce(Box.union, (word.box for word in words))
            text = self._texts([box])[0]
            is_same = text.split() == [word.text for word in words]
            yield from words if is_same else _spread(text, box)


def _unproved(shapes: Mapping[int, frozenset[Shape | None]]) -> set[Shape | None]:
    every = set[Shape | None]().union(*shapes.values())
    return {shape for shape in every if shape is None or shape not in proved_shapes()}


def _holding(
    shapes: Mapping[int, frozenset[Shape | None]], suspect: set[Shape | None]
) -> Iterator[int]:
    """Yield the words that hold a shape that nothing proves."""
    return (index for index, own in shapes.items() if own & suspect)


def _is_latin(item: SeenWord) -> bool:
    return any(map(is_latin, item.word.text))


def _grown(box: Box, reach: float) -> Box:
    """Return a box that is wider by some of its own heights on both sides."""
    more = reach * min(box.height, box.width)
    return Box(box.left - more, box.top, box.right + more, box.bottom)


def _can_be_read(number: str) -> bool:
    """Whether OCR knows the digits of a number: those of ASCII, narrow or of full width."""
    plain = unicodedata.normalize("NFKC", number)
    return all(sign.isascii() for sign in plain if sign.isdecimal())


def _is_beside(box: Box, near: Box) -> bool:
    middle = (box.top + box.bottom) / 2
    return near.top <= middle <= near.bottom and box.left < near.right and box.right > near.left


def _is_long(item: SeenWord) -> bool:
    return _num_digits(item) >= MIN_DIGITS


def _num_digits(item: SeenWord) -> int:
    return len(digits(item.word.text)) if item.is_said else 0


def _covering(
    shapes: Mapping[int, frozenset[Shape | None]], wanted: set[Shape | None]
) -> Iterator[int]:
    """Yield words that hold all wanted shapes, those with most first; all without a shape."""
    left = set(wanted)
    for index, own in sorted(shapes.items(), key=lambda item: -len(item[1] & wanted)):
        if own & left:
            left -= own - {None}
            yield index


def _says(read: str, said: str) -> bool:
    return _agrees(said, read) and says(read, said)


def _doubted(word: Word) -> Word:
    return word._replace(confidence=_UNREADABLE_CONFIDENCE)


def _agrees(said: str, shown: str) -> bool:
    return digits(said) == digits(shown)


def _by_object(items: Iterable[SeenWord]) -> Iterator[list[SeenWord]]:
    """Yield words that one text object draws; they follow each other."""
    for _, group in groupby(items, lambda item: item.source.pieces[0].part):
        yield list(group)


def _is_sign(group: Sequence[SeenWord]) -> bool:
    """Whether a text object is a single glyph, such as a bullet: OCR reads those badly."""
    return sum(len(item.word.text) for item in group) == 1


def _shared_out(line: str, words: Sequence[Word]) -> Iterator[str]:
    """Yield the text of each word in a line as read, if that has as many characters."""
    if len(line) != sum(len(word.text) for word in words):
        return
    start = 0
    for word in words:
        yield line[start : start + len(word.text)]
        start += len(word.text)


def _shown(word: Word, text: str) -> Word:
    return word._replace(text="".join(text.split()), confidence=_PICTURE_CONFIDENCE)


def _spread(text: str, box: Box) -> Iterator[Word]:
    """Yield the words of a line that fills a box."""
    start, length = 0, max(1, len(text))
    for part in text.split(" "):
        end = start + len(part)
        left, right = (box.left + box.width * place / length for place in (start, end))
        if part.strip():
            yield Word(part, Box(left, box.top, right, box.bottom), _PICTURE_CONFIDENCE)
        start = end + 1
