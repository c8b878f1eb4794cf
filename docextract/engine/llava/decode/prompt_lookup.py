"""Guesses how a value goes on: as the words of its page do where they begin like it.

Knows nothing of tokens, grammars or models. What is printed is copied by a model token by token;
a guess that is right saves a pass for each (prompt lookup decoding, Saxena, 2023), and a wrong one
is never taken.
"""

from __future__ import annotations

import json

_LEAST_BEGUN = 2
"""Characters of a value from which the place it was copied from is looked for."""
_MOST_CHARS = 60


class Printed:
    """The words of a question's pages in reading order, as they stand in JSON.

    Args:
        text: lines of words; empty where none are known.
    """

    def __init__(self, text: str = "") -> None:
        # Escaped as in an answer, but for the ends of lines, which values have as blanks.
        self._text = f" {json.dumps(text.replace(chr(10), ' '), ensure_ascii=False)[1:-1]} "
        self._last = 0

    def after(self, begun: str) -> str:
        """Return what follows a value so far where the page prints it, empty if nowhere.

        The next place behind the last one found counts, as fields come in reading order.
        """
        if len(begun) < _LEAST_BEGUN:
            return ""
        found = self._find(begun, self._last)
        if found < 0:
            found = self._find(begun, 0)
        if found < 0:
            return ""
        self._last = found
        end = found + len(begun)
        return self._text[end : end + _MOST_CHARS].partition('\\"')[0].rstrip()

    def _find(self, begun: str, start: int) -> int:
        """Return where a word begins so, from a character on; -1 if nowhere."""
        while (found := self._text.find(begun, start)) >= 0:
            if not self._text[found - 1].isalnum():
                return found
            start = found + 1
        return -1
