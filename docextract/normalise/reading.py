"""The outcome of reading one printed text: the chosen value and every other plausible one.

Knows nothing of how any kind of value is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Reading:
    """What a printed text means.

    Attributes:
        value: the chosen value in canonical text (plain decimal, ISO 8601 date, ...), or
            None where the text means nothing of its kind.
        readings: every plausible value, the chosen one first; empty without a value.
        is_ambiguous: whether the document gave no evidence to choose by.
        note: what was assumed or repaired on the way, for people.
        raw: the text as printed, or None where there was none.
        is_repaired: whether characters an OCR engine confused were put right; ``note`` says
            which.
        source_path: where in the engine's answer it stood, if rows were dropped.
    """

    value: str | None
    readings: tuple[str, ...] = ()
    is_ambiguous: bool = False
    note: str | None = None
    raw: str | None = None
    source_path: str | None = None
    is_repaired: bool = False

    def of(self, raw: str | None) -> Reading:
        """Return the same reading with the printed text it came from."""
        return replace(self, raw=raw)


NOTHING = Reading(None)


def certain(value: str, note: str | None = None) -> Reading:
    """Return a reading that leaves no doubt."""
    return Reading(value, (value,), note=note)


def refused(note: str) -> Reading:
    """Return a reading without a value, with the reason."""
    return Reading(None, note=note)


def doubtful(values: tuple[str, ...], note: str) -> Reading:
    """Return an ambiguous reading; the first value is the chosen one."""
    return Reading(values[0], values, is_ambiguous=len(values) > 1, note=note)
