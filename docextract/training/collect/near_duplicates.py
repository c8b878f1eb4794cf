"""Finds pages that say nearly the same, so that no held-out document is one that was taught.

Knows nothing of splits or files. Candidates come from equal bands of min-hashes (Broder 1997;
Leskovec et al., Mining of Massive Datasets, section 3.4), and count only where the words agree.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from docextract.core import Page

_MIN_AGREED = 0.9
"""Share of word pairs in common from which two documents count as one."""
_NUM_BANDS, _BAND = 6, 2
_MIN_SHINGLES = 4


def near_duplicates(documents: Mapping[str, Sequence[Page]]) -> Iterator[tuple[str, str]]:
    """Yield pairs of documents whose words are nearly the same.

    Args:
        documents: pages with their words, by any key.
    """
    shingles = {key: _shingles(pages) for key, pages in documents.items()}
    for first, second in sorted(_candidates(shingles)):
        own, other = shingles[first], shingles[second]
        if len(own & other) >= _MIN_AGREED * len(own | other):
            yield first, second


def _shingles(pages: Iterable[Page]) -> frozenset[int]:
    """Return hashes of every two words that follow each other."""
    words = [word.text.casefold() for page in pages for word in page.words]
    return frozenset(_hash(f"{a} {b}") for a, b in pairwise(words))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _candidates(shingles: Mapping[str, frozenset[int]]) -> set[tuple[str, str]]:
    buckets: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for key, own in shingles.items():
        if len(own) >= _MIN_SHINGLES:
            for bucket in _bands(own):
                buckets[bucket].append(key)
    pairs = set()
    for keys in buckets.values():
        # Of many that are all alike, each is compared with the first.
        pairs |= {(keys[0], key) for key in keys[1:]}
    return pairs


def _bands(shingles: frozenset[int]) -> Iterator[tuple[int, ...]]:
    for band in range(_NUM_BANDS):
        salts = range(band * _BAND, (band + 1) * _BAND)
        yield band, *(min(_mixed(value, salt) for value in shingles) for salt in salts)


def _mixed(value: int, salt: int) -> int:
    """Return another 64-bit hash of a hash (splitmix64's finaliser)."""
    value = (value + salt * 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


_MASK = (1 << 64) - 1
