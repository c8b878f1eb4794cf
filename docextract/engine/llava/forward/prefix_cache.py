"""Keeps the keys and values of pages read lately, for the next question about the same page.

Knows nothing of models or pages: keys and tensors only. The least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from docextract.engine.llava.forward.kv_cache import Prefix


class PrefixStore:
    """Prefixes by page, bounded in bytes.

    Attributes:
        max_bytes: most to hold from now on.
        num_bytes: held.
    """

    def __init__(self, max_bytes: int) -> None:
        """Hold at most ``max_bytes``; with 0 nothing is kept."""
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._kept: OrderedDict[str, Prefix] = OrderedDict()

    def find(self, page_keys: Sequence[str]) -> tuple[int, Prefix | None]:
        """Return the longest beginning that is kept, and note that it was of use.

        Args:
            page_keys: of beginnings, each a part of the next.

        Returns:
            How many of the keys it covers, and what is kept; 0 and None where nothing is.
        """
        for num_known in range(len(page_keys), 0, -1):
            key = page_keys[num_known - 1]
            if key in self._kept:
                self._kept.move_to_end(key)
                return num_known, self._kept[key]
        return 0, None

    def has_room_for(self, num_bytes: int) -> bool:
        """Return whether a prefix of this size is kept at all."""
        return num_bytes <= self.max_bytes

    def keep(self, page_key: str, prefix: Prefix) -> None:
        """Keep a page's prefix; older ones make room."""
        self._kept[page_key] = prefix
        self.num_bytes += _num_bytes(prefix)
        while self.num_bytes > self.max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.num_bytes -= _num_bytes(oldest)

    def clear(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self.num_bytes = 0


def _num_bytes(prefix: Prefix) -> int:
    return sum(int(key.nbytes) + int(value.nbytes) for key, value in prefix)
