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


def count_languages(text: str) -> Counter[str]:
    """Return how many words of the text belong to each language's list.

    A word shared by several languages counts for each of them.
    """
    votes: Counter[str] = Counter()
    for word, count in Counter(_TOKEN.findall(text.lower())).items():
        for language in _LANGUAGES.get(word, ()):
            votes[language] += min(count, 5)
    return votes
