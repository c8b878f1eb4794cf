"""Label words that people's values stood by and that a schema does not know yet.

Knows nothing of documents. A memory holds words folded; so are they given.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from docextract.learning.layout import fold
from docextract.learning.memory import Memory
from docextract.schema import Schema


class NewWord(NamedTuple):
    """A suggestion.

    Attributes:
        path: of the field.
        label: folded: letters and digits alone, in lower case.
        num_layouts: in which it led to the right value.
        num_documents: confirmed ones of those layouts in which it did.
    """

    path: str
    label: str
    num_layouts: int
    num_documents: int


def new_words(memory: Memory, schema: Schema) -> list[NewWord]:
    """Return the labels that led to right values more often than to wrong ones, likeliest first."""
    found: dict[tuple[str, str], list[int]] = {}
    for path, label, num_right in _labels(memory, schema.name):
        field = schema.field_at(path)
        if field is not None and label not in set(map(fold, field.labels)):
            found.setdefault((path, label), []).append(num_right)
    words = [NewWord(*key, len(numbers), sum(numbers)) for key, numbers in found.items()]
    return sorted(words, key=lambda word: (-word.num_layouts, -word.num_documents, word.path))


def _labels(memory: Memory, schema: str) -> Iterator[tuple[str, str, int]]:
    for layout in memory.layouts:
        for path, clues in layout.clues.items() if layout.schema == schema else ():
            for clue in clues:
                if clue.label and not clue.is_by_hand and clue.num_right > clue.num_wrong:
                    yield path, clue.label, clue.num_right
