"""The words of all languages as the engine compares them: folded, or as patterns of print.

Knows nothing of pages; ``schema/languages/sections.toml`` says what each key means.
"""

from __future__ import annotations

from docextract.engine.text.layout.tokens import fold
from docextract.schema.languages import by_phrase, pattern, words

__all__ = ["NUMBER_WORDS", "fold_keys", "fold_words", "pattern"]


def fold_words(section: str, key: str) -> frozenset[str]:
    """Return the words of a key in all languages, folded as tokens are."""
    return frozenset(fold(phrase) for phrase in words(section, key))


def fold_keys(section: str) -> dict[str, str]:
    """Return the key of every phrase of a section, the phrases folded as tokens are."""
    return {fold(phrase): key for phrase, key in by_phrase(section).items()}


NUMBER_WORDS = fold_words("codes", "number") | {"n", "#"}
"""What stands before a code: ``No``, ``Nummer``, ``#``."""
