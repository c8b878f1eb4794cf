"""Names what speaks for and against a whole record: that no header value it shows is wrong.

Knows nothing of pages or checks, and of a value no more than a record keeps; so a record that
was stored can be weighed again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from math import inf
from typing import Protocol

from docextract.core import FieldStatus

_MOST, _LEAST = 0.995, 0.02
"""A value's probability is cut to these: no value is surer, none weighs more than all others."""
_FAIR = 0.9
"""Values that nothing but their own print vouches for count against a record below this alone."""
_FULL = 15
"""From so many header values, or all of the schema, more of them say nothing."""

_AMOUNTS = frozenset({"kind_number", "kind_currency"})

RECORD_FOR = frozenset({"weakest"})
RECORD_AGAINST = frozenset(
    {"few_labels", "unknown_language", "few_values", "no_proof", "doubtful_rest"}
)


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

    One wrong value makes a record wrong, so the least sure tells the most, of those that sums or a
    second reading vouch for; of others, such as addresses, only what is in doubt. That many values
    were found, and that sums of them close, tells that the page was understood.
    """
    shown = header_values(fields)
    if not shown:
        return {"bias": 1.0, "few_values": 1.0}
    doubted = {p: it for p, it in shown.items() if it.status is not FieldStatus.CONFIRMED} or shown
    main = [it for it in doubted.values() if _is_vouched(it)]
    rest = [it for it in doubted.values() if not _is_vouched(it)] if main else []
    weakest = min(map(_log_odds, main or doubted.values()))
    lowest = min(map(_log_odds, rest), default=inf)
    num_wanted = min(_FULL, sum("[" not in path for path in fields))
    signals = {
        "bias": 1.0,
        "weakest": weakest,
        "doubtful_rest": max(0.0, _log_odds_of(_FAIR) - lowest),
        "few_values": max(0.0, 1 - len(shown) / num_wanted),
        "no_proof": float(not any(map(_is_proved, shown.values()))),
    }
    for name in ("few_labels", "unknown_language"):
        signals[name] = max(item.signals.get(name, 0.0) for item in doubted.values())
    return {name: weight for name, weight in signals.items() if weight}


def _is_proved(item: Assessed) -> bool:
    """Whether a sum or a checksum agrees; data inside the file and people need no proof."""
    return "proved" in item.signals or not item.signals


def _is_vouched(item: Assessed) -> bool:
    """Whether sums, or a reading of another kind, can speak for or against a value."""
    return any(name in _AMOUNTS or name.startswith("second_") for name in item.signals)


def _log_odds(item: Assessed) -> float:
    return _log_odds_of(min(max(item.confidence, _LEAST), _MOST))


def _log_odds_of(probability: float) -> float:
    return math.log(probability / (1 - probability))
