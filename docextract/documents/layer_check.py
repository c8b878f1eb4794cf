"""Holds the numbers of an invisible text layer against what stands on the picture above it.

Knows nothing of PDF. Nobody sees such a layer, so where it and the picture differ the picture is
right, whether the scanner misread a digit or somebody wants to be paid more.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from docextract.documents.ocr.recognition import ocr_engine
from docextract.documents.ocr.text_lines import Pixels
from docextract.records import Word

MIN_DIGITS = 3
"""Shorter numbers are quantities and page numbers; reading one costs 25 ms of CPU."""

_MIN_LIKENESS = 0.6
"""Scanners that misread a number get most of its digits right: on 14 honest layers with 243
numbers, all 37 that differ from the picture are more alike than this."""

_PICTURE_CONFIDENCE = 0.9


def hold_against(words: Sequence[Word], pixels: Pixels) -> tuple[Word, ...] | None:
    """Return the words with their numbers as the picture has them; None if the layer lies.

    Args:
        words: of the layer.
        pixels: the upright page.

    Raises:
        MissingDependencyError: OCR is not installed.
    """
    numbers = [index for index, word in enumerate(words) if len(digits(word.text)) >= MIN_DIGITS]
    boxes = [words[index].box for index in numbers]
    read = ocr_engine().read_boxes(pixels, boxes) if boxes else []
    shown = dict(zip(numbers, read, strict=True))
    if any(_contradicts(words[index].text, text) for index, text in shown.items()):
        return None
    checked = (_as_shown(word, shown.get(index)) for index, word in enumerate(words))
    return tuple(word for word in checked if word.text)


def digits(text: str) -> str:
    """Return the digits of a text."""
    return "".join(character for character in text if character.isdecimal())


def _as_shown(word: Word, shown: str | None) -> Word:
    if shown is None or digits(shown) == digits(word.text):
        return word
    return word._replace(text="".join(shown.split()), confidence=_PICTURE_CONFIDENCE)


def _contradicts(claimed: str, shown: str) -> bool:
    if len(digits(shown)) < MIN_DIGITS:  # nothing that can be read is no contradiction
        return False
    return SequenceMatcher(None, digits(claimed), digits(shown)).ratio() < _MIN_LIKENESS
