"""Tells a document's language by its commonest words.

Knows nothing of grammar; the words are those frequent on business papers.
"""

from __future__ import annotations

import re
from collections import Counter

from docextract.schema.languages import languages, split


def _index() -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for language in languages():
        for word in split(language.get("about", "common_words") or ""):
            owners.setdefault(word, []).append(language.code)
    return {word: tuple(codes) for word, codes in owners.items()}


_LANGUAGES = _index()
_TOKEN = re.compile(r"[^\W\d_]+")
_LAST_LETTER = "\u052f"
"""The last letter of Cyrillic; Hebrew, Arabic and the scripts of Asia come behind."""
_FEW_WORDS, _MANY_WORDS, _KNOWN_SHARE = 30, 300, 0.06


def count_languages(text: str) -> Counter[str]:
    """Return how many words of the text belong to each language's list.

    A word shared by several languages counts for each of them.
    """
    votes: Counter[str] = Counter()
    for word, count in Counter(_TOKEN.findall(text.lower())).items():
        for language in _LANGUAGES.get(word, ()):
            votes[language] += min(count, 5)
    return votes


def may_be_known(text: str) -> bool:
    """Return whether a document may be in a language whose words are known.

    On invoices and orders at least six words in a hundred are; pages of few words, where
    names and numbers outweigh all else, say nothing either way. No language of another
    script than Latin, Greek and Cyrillic has such words.
    """
    letters = [char for char in text if char.isalpha()]
    if 2 * sum(char > _LAST_LETTER for char in letters) > len(letters):
        return False
    num_words = len(text.split())
    votes = max(count_languages(text).values(), default=0)
    return num_words < _FEW_WORDS or votes >= _KNOWN_SHARE * min(num_words, _MANY_WORDS)
