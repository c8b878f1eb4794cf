"""The smallest values that cross the border, each checked for its kind and its size.

Knows nothing of how they are put together, nor of where they come from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

Buffers = Sequence[bytes]
Plan = Callable[[Any, Buffers], Any]
"""Makes a value of one type out of JSON and buffers."""

_MAX_DEPTH = 64
_MAX_DECIMAL_DIGITS = 10_000
LEAVES: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    bool: (bool,),
    float: (float, int),
    type(None): (type(None),),
}
"""Which classes of JSON's values stand for a type; a page's width may be a whole number."""


class ProtocolError(Exception):
    """The other side sent something that is no acceptable statement."""


def leaf(kind: type) -> Plan:
    """Return the plan of text, a number, a truth value or nothing."""
    classes = LEAVES[kind]

    def read(value: Any, buffers: Buffers) -> Any:
        del buffers
        if type(value) not in classes:
            raise unlike(kind, value)
        return value

    return read


def free(value: Any, buffers: Buffers) -> Any:
    """Return any tree of JSON that is not nested too deeply."""
    del buffers
    level, depth = [value], 0
    while level := [it for item in level for it in _children(item)]:
        depth += 1
        if depth > _MAX_DEPTH:
            raise ProtocolError("a worker sent a tree that is nested too deeply")
    return value


def _children(item: Any) -> Sequence[Any]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else ()


def member(kind: type[Enum]) -> Plan:
    """Return the plan of a closed set of words."""
    members = {member.value: member for member in kind}

    def read(value: Any, buffers: Buffers) -> Enum:
        del buffers
        if type(value) is not str or value not in members:
            raise unlike(kind, value)
        return members[value]

    return read


def _bytes(value: Any, buffers: Buffers) -> bytes:
    if type(value) is not int or not 0 <= value < len(buffers):
        raise unlike("number of a buffer", value)
    return buffers[value]


def _decimal(value: Any, buffers: Buffers) -> Decimal:
    del buffers
    try:
        number = Decimal(value) if type(value) is str else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise unlike(Decimal, value)
    # 1E+999999999 is short to say, and fills the memory when it is written out.
    if max(len(value), abs(number.adjusted())) > _MAX_DECIMAL_DIGITS:
        raise ProtocolError("a worker sent a number without end")
    return number


def _date(value: Any, buffers: Buffers) -> dt.date:
    del buffers
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise unlike(dt.date, value) from error


SPECIAL: dict[Any, Plan] = {bytes: _bytes, Decimal: _decimal, dt.date: _date}
"""The plans of classes that JSON has no word for."""


def unlike(kind: Any, value: Any) -> ProtocolError:
    """Return the error of a value that is not what was announced; it tells no text of either."""
    name = kind if isinstance(kind, str) else kind.__name__
    return ProtocolError(f"a worker sent {type(value).__name__} for {name}")
