"""Names what speaks for and against a whole record: that no header value it shows is wrong.

Knows nothing of pages or checks, and of a value no more than a record keeps; so a record that
was stored can be weighed again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from docextract.core import FieldStatus

_MOST, _LEAST = 0.995, 0.02
"""A value's probability is cut to these: no value is surer, none weighs more than all others."""
_FULL = 6
"""From so many header values, more of them say nothing."""

RECORD_FOR = frozenset({"weakest"})
RECORD_AGAINST = frozenset(
    {"doubt_of_names", "doubt_of_addresses", "doubt_of_others", "few_labels", "unknown_language",
     "few_values"}
)  # fmt: skip


class Assessed(Protocol):
    """What is known of one value: a ``FieldValue``, or what a record keeps of it."""

    @property
    def status(self) -> FieldStatus:
        """What it has earned."""

    @property
    def confidence(self) -> float:
        """The probability that it is right."""

    @property
    def signals(self) -> Mapping[str, float]:
        """What that was weighed from."""


def header_values(fields: Mapping[str, Assessed]) -> dict[str, Assessed]:
    """Return the values outside lists that a record shows, by path."""
    return {
        path: item
        for path, item in fields.items()
        if "[" not in path and item.status is not FieldStatus.ABSENT
    }


def record_signals(fields: Mapping[str, Assessed]) -> dict[str, float]:
    """Return what speaks for and against a record, by name; what is 0 is left out.

    A doubt is the negative logarithm of a probability, so that the doubts of independent values
    add up to that of all of them.
    """
    shown = header_values(fields)
    if not shown:
        return {"bias": 1.0, "few_values": 1.0}
    doubted = {p: it for p, it in shown.items() if it.status is not FieldStatus.CONFIRMED} or shown
    signals = {
        "bias": 1.0,
        "doubt_of_names": 0.0,
        "doubt_of_addresses": 0.0,
        "doubt_of_others": 0.0,
    }
    for item in doubted.values():
        signals[f"doubt_of_{_group(item)}"] -= math.log(_cut(item.confidence))
    weakest = min(_cut(item.confidence) for item in doubted.values())
    signals["weakest"] = math.log(weakest / (1 - weakest))
    signals["few_values"] = max(0.0, 1 - len(shown) / _FULL)
    for name in ("few_labels", "unknown_language"):
        signals[name] = max(item.signals.get(name, 0.0) for item in doubted.values())
    return {name: weight for name, weight in signals.items() if weight}


def _group(item: Assessed) -> str:
    if item.signals.get("kind_name"):
        return "names"
    return "addresses" if item.signals.get("kind_address") else "others"


def _cut(probability: float) -> float:
    return min(max(probability, _LEAST), _MOST)
