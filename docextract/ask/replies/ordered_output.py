"""Gives out what ends in any order in the order in which it began.

Knows nothing of what that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class InOrder(Generic[T]):
    """Holds results back until all before them are there.

    Args:
        deliver: takes each result.
    """

    def __init__(self, deliver: Callable[[T], None]) -> None:
        self._deliver = deliver
        self._held: dict[int, T] = {}
        self._next = 0

    def put(self, index: int, result: T) -> None:
        """Take the result of number ``index``, counted from 0."""
        self._held[index] = result
        while self._next in self._held:
            self._deliver(self._held.pop(self._next))
            self._next += 1

    def end(self) -> None:
        """Give out what is held back, though something before it will never come."""
        for index in sorted(self._held):
            self._deliver(self._held.pop(index))
