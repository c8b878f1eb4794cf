"""Decides whether a page's text layer can be used or its pixels must be read instead.

Knows nothing of PDF or OCR: it is given words, what is painted, and a small grey image.

Scanners put an invisible layer of their own OCR under the picture. On 42 labelled receipts
such layers could not be told apart by their words once they looked half right, so they are
used only if nothing at all is odd about them; everything else is read again.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from docextract.core import Box, Word
from docextract.documents.ocr.recognition import ocr_engine
from docextract.documents.pdf.layer.letters import says
from docextract.documents.pdf.layer.text_layer import MIN_DIGITS, SeenWord, TextLayer, digits

MIN_COVERING_SHARE = 0.5
"""An image over half the page is taken for a scan."""
_FEW_WORDS = 20
"""Fewer words than this on a scan are a stamp, a page number or a note about the file."""
_MAX_UNREADABLE_SHARE = 0.1
_MIN_PLAUSIBLE_SHARE = 0.75
_MIN_INKED_SHARE = 0.9
_MIN_AGREEING_SHARE = 0.5
_MIN_ECHO = 0.5
"""Equal words that share as much of their boxes are one word to people."""

_MIN_CONTRAST = 30
"""Grey levels of 255 between the darkest and lightest pixel where something is printed."""
_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH", "HALFWIDTH", "BOPOMOFO"})
_MAIN_SCRIPT_SHARE = 0.3
# Nothing taken is given back, so a word of any length takes time in proportion.
_PLAUSIBLE = re.compile(
    r"[(\"'#*]*+(?:"
    r"[^\W\d_]{2,}+(?:['’.\-/&@][^\W\d_]++)*+"  # a word, also with inner marks
    r"|(?:[.,:/\-+%€$£#*x]*+\d)++[.,:/\-+%€$£]*+"  # a number, amount, date or time
    r")[)\"':.,;!?%*]*+"
)
_CID = re.compile(r"\(cid:\d+\)")


class Verdict(StrEnum):
    """What is to be done with a page."""

    USE_TEXT = "use_text"
    READ_PIXELS = "read_pixels"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be done with a page.

    Attributes:
        verdict: how it is read.
        words: to use if it is ``USE_TEXT``.
        num_hidden: words left out because nobody can see them.
        claimed: what an invisible layer says of a page whose pixels are to be read.
        seen: those words with what they are made of, where they are not such a layer's.
        unseen: words that people cannot see.
        is_claim: whether ``words`` are such a layer's, to be held against the pixels.
    """

    verdict: Verdict
    words: tuple[Word, ...]
    num_hidden: int = 0
    claimed: tuple[Word, ...] = ()
    seen: tuple[SeenWord, ...] = ()
    unseen: tuple[Word, ...] = ()
    is_claim: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is on the page, each measured only when asked for.

    Attributes:
        shown: each word of the layer as people see it; None where they cannot.
        covering_share: largest share of the page that one image covers.
        has_objects: whether anything is painted at all.
        grey: a small rendering of the upright page, (height, width).
    """

    shown: Callable[[], list[Word | None]]
    covering_share: Callable[[], float]
    has_objects: Callable[[], bool]
    grey: Callable[[], NDArray[np.uint8]]


def judge(layer: TextLayer, page: Surroundings) -> Judged:
    """Return whether to use the text layer, and which of its words people can see."""
    if not layer.words:
        return _without_words(page, layer.num_hidden)
    if _is_junk(layer):
        return Judged(Verdict.READ_PIXELS, ())
    pairs = list(zip(layer.words, page.shown(), strict=True))
    seen = tuple(_once(SeenWord(word, item) for item, word in pairs if word is not None))
    visible = tuple(item.word for item in seen)
    unseen = tuple(item.word for item, word in pairs if word is None)
    num_hidden = layer.num_hidden + sum(word != item.word for item, word in pairs)
    is_scan = (unseen or len(visible) < _FEW_WORDS) and (
        page.covering_share() >= MIN_COVERING_SHARE
    )
    if not is_scan or (len(visible) >= _FEW_WORDS and len(visible) > len(unseen)):
        if not visible:
            return _without_words(page, num_hidden)
        return Judged(Verdict.USE_TEXT, visible, num_hidden, seen=seen, unseen=unseen)
    if is_plausible(unseen) and _inked_share(unseen, page.grey()) >= (_MIN_INKED_SHARE):
        words = tuple(item.word for item in layer.words)
        return Judged(Verdict.USE_TEXT, words, is_claim=True)
    return Judged(Verdict.READ_PIXELS, (), layer.num_hidden, claimed=unseen)


def _once(words: Iterable[SeenWord]) -> Iterator[SeenWord]:
    """Yield words without those drawn a second time, for weight or as a shadow."""
    boxes: dict[str, list[Box]] = {}
    for item in words:
        same = boxes.setdefault(item.word.text, [])
        if not any(_is_echo(item.word.box, box) for box in same):
            same.append(item.word.box)
            yield item


def _is_echo(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return across >= _MIN_ECHO * one.width and down >= _MIN_ECHO * one.height


def disagrees(claimed: Sequence[Word], read: Sequence[Word]) -> bool:
    """Return whether an invisible layer speaks of numbers that are not on the page.

    A scanner's own OCR that failed is no attempt to deceive: only a layer that reads well is
    held against what is seen.

    Args:
        claimed: the layer's words.
        read: what OCR read off the page.
    """
    numbers = [digits(word.text) for word in claimed if len(digits(word.text)) >= MIN_DIGITS]
    if not numbers or _plausible_share(claimed) < _MIN_PLAUSIBLE_SHARE:
        return False
    shown = "".join(digits(word.text) for word in read)
    num_shown = sum(number in shown for number in numbers)
    return num_shown < _MIN_AGREEING_SHARE * len(numbers)


def _without_words(page: Surroundings, num_hidden: int) -> Judged:
    verdict = Verdict.READ_PIXELS if page.has_objects() else Verdict.BLANK
    return Judged(verdict, (), num_hidden)


def is_plausible(words: Sequence[Word]) -> bool:
    """Return whether a scanner's own OCR shows no sign of having failed."""
    if len(words) < _FEW_WORDS:
        return False
    text = "".join(word.text for word in words)
    return _plausible_share(words) >= _MIN_PLAUSIBLE_SHARE and not _has_foreign_letters(text)


def _plausible_share(words: Sequence[Word]) -> float:
    return sum(_PLAUSIBLE.fullmatch(word.text) is not None for word in words) / len(words)


def _is_junk(layer: TextLayer) -> bool:
    """Return whether the fonts do not say which characters they draw."""
    text = "".join(item.word.text for item in layer.words)
    num_unreadable = sum(map(_is_unreadable, text))
    num_unreadable += sum(len(found[0]) for found in _CID.finditer(text))
    num_characters = max(1, layer.num_characters)
    return (
        max(num_unreadable / max(1, len(text)), layer.num_unsaid / num_characters)
        > _MAX_UNREADABLE_SHARE
    )


def _is_unreadable(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in {"Co", "Cn", "Cc", "Cs"}


def _has_foreign_letters(text: str) -> bool:
    """Return whether there are letters neither Latin nor of the page's main script."""
    scripts: Counter[str] = Counter(_script(letter) for letter in text if letter.isalpha())
    return any(
        script != "LATIN" and num < _MAIN_SCRIPT_SHARE * scripts.total()
        for script, num in scripts.items()
    )


def _script(letter: str) -> str:
    if letter.isascii():
        return "LATIN"
    first = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return "ASIAN" if first in _ASIAN else first


def _inked_share(words: Sequence[Word], grey: NDArray[np.uint8]) -> float:
    return sum(_has_ink(grey, word.box) for word in words) / len(words)


def _has_ink(grey: NDArray[np.uint8], box: Box) -> bool:
    height, width = grey.shape
    rows = slice(int(box.top * height), max(int(box.top * height) + 1, round(box.bottom * height)))
    columns = slice(int(box.left * width), max(int(box.left * width) + 1, round(box.right * width)))
    part = grey[rows, columns]
    return bool(part.size) and int(part.max()) - int(part.min()) >= _MIN_CONTRAST


_MIN_LIKENESS = 0.6
"""Scanners that misread a number get most of its digits right: on 14 honest layers with 243
numbers, all 37 that differ from the picture are more alike than this."""
_PICTURE_CONFIDENCE = 0.9


_MAX_LETTERS = 160
"""As many words without a long number are read of such a layer; a hundred cost a second."""
_UNREAD_CONFIDENCE = 0.3
"""Of words that were not read, or read as other letters: they stay, yet are never `verified`."""
_CURRENCY = re.compile(r"[A-Z]{3}\W?|.?[$€£¥].?")


def hold_against(words: Sequence[Word], pixels: NDArray[np.uint8]) -> tuple[Word, ...] | None:
    """Return the words with their numbers as the picture has them; None if the layer lies.

    Of other words those are read that matter most; the rest is doubted.

    Args:
        words: of the layer.
        pixels: the upright page.

    Raises:
        MissingDependencyError: OCR is not installed.
    """
    numbers = [index for index, word in enumerate(words) if _is_long_number(word)]
    others = [index for index, word in enumerate(words) if not _is_long_number(word)]
    asked = [*numbers, *sorted(others, key=lambda index: _weight(words[index]))[:_MAX_LETTERS]]
    boxes = [words[index].box for index in asked]
    read = ocr_engine().read_boxes(pixels, boxes) if boxes else []
    shown = dict(zip(asked, read, strict=True))
    if any(_contradicts(words[index].text, shown[index]) for index in numbers):
        return None
    checked = (_as_shown(word, shown.get(index)) for index, word in enumerate(words))
    return tuple(word for word in checked if word.text)


def _is_long_number(word: Word) -> bool:
    return len(digits(word.text)) >= MIN_DIGITS


def _weight(word: Word) -> tuple[bool, bool, float]:
    """Order words by what a lie about them would change: digits, currencies, then large type."""
    return not digits(word.text), _CURRENCY.fullmatch(word.text) is None, -word.box.height


def _as_shown(word: Word, shown: str | None) -> Word:
    if shown is None:
        return word._replace(confidence=_UNREAD_CONFIDENCE)
    if digits(shown) != digits(word.text) and _is_long_number(word):
        return word._replace(text="".join(shown.split()), confidence=_PICTURE_CONFIDENCE)
    is_said = digits(shown) == digits(word.text) and says(shown, word.text)
    has_sign = _is_sign_kept(word.text, shown)
    return word if is_said and has_sign else word._replace(confidence=_UNREAD_CONFIDENCE)


def _is_sign_kept(said: str, shown: str) -> bool:
    """Whether the signs of currencies are those that were read."""
    return all(
        said.count(sign) <= shown.count(sign)
        for sign in set(said)
        if unicodedata.category(sign) == "Sc"
    )


def _contradicts(claimed: str, shown: str) -> bool:
    if len(digits(shown)) < MIN_DIGITS:  # nothing that can be read is no contradiction
        return False
    return SequenceMatcher(None, digits(claimed), digits(shown)).ratio() < _MIN_LIKENESS
