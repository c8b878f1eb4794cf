"""What a layout is recognised by: the words that its documents share.

Knows nothing of fields. Words of the first page and of the last are marks, as hashes; scans lose
some of them and every document adds its own, so a share of them decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from docextract.core import Page

_MIN_LETTERS = 3
_IDENTIFIER = re.compile(r"(?=(?:\D*\d){6})[A-Z0-9][A-Z0-9./-]{7,}")
_MIN_SHARED = 8
_MIN_SHARE = 0.62
_MIN_SHARE_OF_SAME = 0.4
"""Where an identifier such as a VAT id or an IBAN is the same."""
_IDENTIFIER_SIGN = "#"


def fold(text: str) -> str:
    """Return the letters and digits of a text, without case."""
    return "".join(filter(str.isalnum, text.casefold()))


def marks_of(pages: Sequence[Page]) -> frozenset[str]:
    """Return the marks of a document: hashes of its words and, signed, of its identifiers."""
    return marks_of_text(word.text for page in {*pages[:1], *pages[-1:]} for word in page.words)


def marks_of_text(texts: Iterable[str]) -> frozenset[str]:
    """Return the marks of the words in some texts."""
    return frozenset(mark for text in texts for word in text.split() for mark in _marks(word))


@lru_cache(maxsize=4096)
def mark_of(word: str) -> str:
    """Return the mark of a word of letters; empty where it is too short or has others."""
    folded = fold(word)
    return _hash(folded) if len(folded) >= _MIN_LETTERS and folded.isalpha() else ""


def _marks(word: str) -> list[str]:
    mark = mark_of(word)
    if mark:
        return [mark]
    if _IDENTIFIER.fullmatch(word.strip(",;:()").upper()):
        return [_IDENTIFIER_SIGN + _hash(fold(word))]
    return []


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def likeness(known: frozenset[str], new: frozenset[str]) -> float:
    """Return how much a document is of a layout, 0 to 1; 0 where it is of another."""
    shared = known & new
    words = [mark for mark in shared if not mark.startswith(_IDENTIFIER_SIGN)]
    smaller = min(_num_words(known), _num_words(new))
    share = len(words) / smaller if smaller else 0.0
    least = _MIN_SHARE_OF_SAME if len(words) < len(shared) else _MIN_SHARE
    return share if share >= least and len(words) >= min(_MIN_SHARED, smaller) else 0.0


def _num_words(marks: frozenset[str]) -> int:
    return sum(not mark.startswith(_IDENTIFIER_SIGN) for mark in marks)
