"""Prints pages made of words, without pixels, and asks the text engine about them."""

from __future__ import annotations

from dataclasses import dataclass

from docextract.core import Box, Page, Tree, Word, WordSource
from docextract.engine.base import Answer, Question
from docextract.engine.text import TextEngine
from docextract.schema.loading import load_schema

SIZE = 10.0
Printed = tuple[float, float, str] | tuple[float, float, float, str]
"""Left and top in points, perhaps the height of the letters, then the text.

A negative left is a right edge.
"""


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper in points, and how wide its print runs, in heights of a letter."""

    width: float = 600.0
    height: float = 800.0
    character: float = 0.5
    gap: float = 0.5

    def page(
        self,
        *printed: Printed,
        number: int = 1,
        slope: float = 0.0,
        confidence: float = 1.0,
        source: WordSource | None = None,
    ) -> Page:
        """Return a page; text is cut at spaces, and falls by ``slope`` to the right.

        Words of a confidence below 1 come from OCR unless ``source`` says otherwise.
        """
        words = tuple(
            Word(text, box, confidence) for run in printed for text, box in self._words(run, slope)
        )
        read = WordSource.TEXT_LAYER if confidence == 1.0 else WordSource.OCR
        return Page(number, self.width, self.height, words, source or read)

    def _words(self, run: Printed, slope: float) -> list[tuple[str, Box]]:
        left, top, *middle, text = run
        size = float(middle[0]) if middle else SIZE
        x = left if left >= 0 else -left - self.character * size * len(text)
        words = []
        for part in text.split(" "):
            right, y = x + self.character * size * len(part), top + slope * x
            edges = x / self.width, y / self.height, right / self.width, (y + size) / self.height
            words.append((part, Box(*edges)))
            x = right + self.gap * size
        return words


A4 = Paper(595.0, 842.0, gap=0.4)


def ask(schema: str, *pages: Page) -> Answer:
    """Return what the text engine says of one document."""
    return TextEngine().answer([Question("d", pages, load_schema(schema))])[0]


def leaf(values: Tree, path: str) -> object:
    """Return the value at a dotted path."""
    node: object = values
    for part in path.split("."):
        assert isinstance(node, dict)
        node = node[part]
    return node


def ask_printed(schema: str, *printed: Printed, confidence: float = 1.0) -> Answer:
    """Return what the text engine says of one small page."""
    return ask(schema, Paper().page(*printed, confidence=confidence))
