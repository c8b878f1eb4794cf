"""Tells how strange a document's pages are to a schema: its labels, its language, its addresses.

Knows nothing of values; what it finds speaks of all values of the document alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from docextract.core import Page
from docextract.normalise.locale.languages import count_languages
from docextract.schema import Schema
from docextract.schema.languages import languages

_USUAL_LABELS = 8
"""From so many fields with a label on the page, more say nothing."""
_MIN_SHARE = 0.05
"""Least share of words that are the commonest of a language in a text of that language."""
_MAX_CHARS = 400_000
_MIN_DOMAIN_WORD = 4
_START = 8
_DOMAIN = re.compile(r"(?:@|www\.|https?://)([\w.-]{3,60})")


@dataclass(frozen=True)
class Surroundings:
    """What a document's pages look like.

    Attributes:
        signals: what they say for or against every value on them, by name.
        domains: of the web and mail addresses printed on them, letters and digits only.
        spaced: all their words, as ``spaced_words`` gives them.
    """

    signals: Mapping[str, float] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    spaced: str = ""

    def num_times(self, text: str) -> int:
        """Return how often a text is printed on the pages, as whole words."""
        wanted = spaced_words(text).rstrip()
        return len(re.findall(f"{re.escape(wanted)}(?= )", self.spaced)) if wanted else 0

    def has_domain_of(self, name: str) -> bool:
        """Whether a web or mail address holds the start of a name, or one of its longer words."""
        words = [w for w in re.findall(r"\w+", _plain(name)) if len(w) >= _MIN_DOMAIN_WORD]
        start = "".join(re.findall(r"\w+", _plain(name)))[:_START]
        wanted = [*words, *([start] if len(start) >= _MIN_DOMAIN_WORD else [])]
        return any(word in domain for word in wanted for domain in self.domains)


PLAIN = Surroundings()
"""Nothing strange about them, as of data without pages."""


def survey(pages: Sequence[Page], schema: Schema) -> Surroundings:
    """Return what a document's pages look like to a schema."""
    text = " ".join(word.text for page in pages for word in page.words)[:_MAX_CHARS]
    if not text:
        return PLAIN
    spaced = spaced_words(text)
    signals = {
        "few_labels": _lack_of_labels(spaced, schema),
        "unknown_language": float(not _is_known_language(text, spaced)),
    }
    found = map(_plain, _DOMAIN.findall(unicodedata.normalize("NFKC", text.lower())))
    domains = tuple("".join(re.findall(r"\w+", item)) for item in found)
    return Surroundings(signals, domains, spaced)


def _lack_of_labels(spaced: str, schema: Schema) -> float:
    """Return 0 where as many fields as usual have a label on the pages, 1 where none has.

    Of a schema with few fields, missing labels say less than of one with many.
    """
    header = [item.labels for item in schema.fields if "[" not in item.path]
    num_usual = min(_USUAL_LABELS, len(header))
    words = frozenset(spaced.split())
    found = islice((labels for labels in header if _has_label(spaced, words, labels)), num_usual)
    return (num_usual - sum(1 for _ in found)) / _USUAL_LABELS


def _has_label(spaced: str, words: Set[str], labels: Iterable[str]) -> bool:
    """Whether spaced text, made of these words, holds one of some labels as whole words."""
    begun = _by_first_word(tuple(labels))
    return any(label in spaced for word in begun.keys() & words for label in begun[word])


@lru_cache(maxsize=1024)
def _by_first_word(labels: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return labels as spaced text by the word they begin with."""
    begun: dict[str, list[str]] = {}
    for label in map(spaced_words, labels):
        begun.setdefault(label.split()[0] if label.strip() else "", []).append(label)
    return begun


@lru_cache(maxsize=4096)
def spaced_words(text: str) -> str:
    """Return the words of a text in small letters, with a space on either side of each."""
    words = " ".join(re.findall(r"\w+", text.lower()))
    return f" {words} "


def _is_known_language(text: str, spaced: str) -> bool:
    """Whether the pages are in a language whose labels the vocabulary knows."""
    num_words = sum(word.isalpha() for word in spaced.split())
    if not num_words:
        return True
    ((language, votes),) = count_languages(text).most_common(1) or [("", 0)]
    return language in {item.code for item in languages()} and votes >= _MIN_SHARE * num_words


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
