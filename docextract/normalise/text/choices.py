"""Reads a printed word into one of an enumeration's values.

Knows nothing of documents but what the common kinds of them are called.
"""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz.distance import Levenshtein

from docextract.normalise.reading import NOTHING, Reading, certain, refused
from docextract.schema.languages import keys, words

_MIN_SIMILARITY = 0.85

_MOST_TELLING = ("credit_note", "debit_note", "proforma", "correction", "invoice")
"""Most telling first: a ``Proforma Invoice`` is no invoice."""


def parse_choice(text: str, choices: tuple[str, ...]) -> Reading:
    """Return the choice a printed word stands for, or None with the reason.

    A choice counts when it is printed exactly, printed inside a longer text, known by
    another name, or misprinted by a letter.
    """
    folded = _fold(text)
    by_fold = {_fold(choice): choice for choice in choices}
    if folded in by_fold:
        return certain(by_fold[folded])
    found = _synonym(folded, choices) or _contained(folded, by_fold)
    if found:
        return certain(found)
    if folded == "correction" and "invoice" in choices:
        return certain("invoice", "a corrected invoice")
    close = [
        choice
        for name, choice in by_fold.items()
        if Levenshtein.normalized_similarity(name, folded) >= _MIN_SIMILARITY
    ]
    if len(close) == 1:
        return certain(close[0], f"read {text} as {close[0]}")
    return refused(f"{text} is none of {', '.join(choices)}") if folded else NOTHING


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _synonym(folded: str, choices: tuple[str, ...]) -> str | None:
    known = filter(choices.__contains__, _in_order())
    return next((choice for choice in known if _is_named(choice, folded)), None)


@cache
def _in_order() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_MOST_TELLING, *keys("document_types"))))


def _is_named(choice: str, folded: str) -> bool:
    names = (choice, *words("document_types", choice))
    return any(_has_phrase(folded, _fold(name)) for name in names)


def _contained(folded: str, by_fold: dict[str, str]) -> str | None:
    found = [choice for name, choice in by_fold.items() if _has_phrase(folded, name)]
    return found[0] if len(found) == 1 else None


def _has_phrase(folded: str, phrase: str) -> bool:
    return f" {phrase} " in f" {folded} "
