"""The bounds of one answer, and the watch over its strings that finds runaway ones.

Knows nothing of models or grammars; bytes of compact JSON in, positions out.
"""

from __future__ import annotations

from dataclasses import dataclass

_MIN_TURNS = 4
_MAX_PERIOD = 50
_QUOTE, _BACKSLASH, _OBJECT, _NULL = b'"\\{n'


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one answer may go.

    Attributes:
        max_new_tokens: longest answer, None for what the schema may take; what is complete by
            then is kept.
        max_field_tokens: longest value; it catches text whose characters take many tokens.
        max_free_tokens: the same for a question in a person's own words.
        temperatures: tried in turn, only for a value that was caught in a loop. Stepping up
            as olmOCR does (0.1 to 0.8): the first steps stay close to the greedy reading.
        max_retries: values read anew in one answer, over all its loops.
        min_loop_bytes: a value is looping when its last bytes, at least this many, repeat
            one period at least four times.
    """

    max_new_tokens: int | None = None
    max_field_tokens: int = 256
    max_free_tokens: int = 1024
    temperatures: tuple[float, ...] = (0.2, 0.5, 0.8)
    max_retries: int = 6
    min_loop_bytes: int = 32


def is_looping(text: bytes, min_bytes: int) -> bool:
    """Return whether a text ends in the same few bytes again and again."""
    for period in range(1, _MAX_PERIOD + 1):
        length = max(min_bytes, _MIN_TURNS * period)
        if len(text) < length:
            continue
        if text[-length:-period] == text[period - length :]:
            return True
    return False


class StringWatch:
    """Follows compact JSON of strings and nulls byte by byte, and knows the open string.

    Attributes:
        opened_at: index of the token that opened the value being written, or None.
        lead: what that token holds before the opening quote.
        text: the value so far.
        num_leaves: values finished.
    """

    def __init__(self) -> None:
        self.opened_at: int | None = None
        self.lead = b""
        self.text = bytearray()
        self.num_leaves = 0
        self._num_tokens = 0
        self._containers: list[int] = []
        self._is_key_next = False
        self._is_in_string = False
        self._is_escaped = False

    def feed(self, piece: bytes) -> None:
        """Follow the bytes of one more token."""
        for offset, byte in enumerate(piece):
            if self._is_in_string:
                self._read_character(byte)
            elif byte == _QUOTE:
                self._is_in_string = True
                if not self._is_key_next:
                    self.opened_at, self.lead = self._num_tokens, piece[:offset]
                    self.text.clear()
            else:
                self._read_structure(byte)
        self._num_tokens += 1

    def _read_character(self, byte: int) -> None:
        if byte == _QUOTE and not self._is_escaped:
            self._is_in_string = False
            self.num_leaves += self.opened_at is not None
            self.opened_at = None
            return
        self._is_escaped = byte == _BACKSLASH and not self._is_escaped
        if self.opened_at is not None:
            self.text.append(byte)

    def _read_structure(self, byte: int) -> None:
        if byte in b"{[":
            self._containers.append(byte)
        elif byte in b"}]":
            self._containers.pop()
        self.num_leaves += byte == _NULL
        self._is_key_next = byte in b"{," and self._containers[-1] == _OBJECT
