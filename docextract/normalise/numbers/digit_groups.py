"""All ways to read digits and separators as one number: groups, Indian groups, decimals.

Knows nothing of signs, currencies or documents.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<mark>[ '.,])\d{3}(?:(?P=mark)\d{3})*")
_INDIAN = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}")


class Interpretation(NamedTuple):
    """One way to read a run of digits and separators.

    Attributes:
        value: plain decimal with the printed decimals.
        decimal_mark: the separator taken for the decimal mark, or None.
    """

    value: str
    decimal_mark: str | None


def interpret(core: str) -> tuple[Interpretation, ...]:
    """Return every way to read ``core``: none if it is no number, two for ``1.234``.

    Args:
        core: ASCII digits, points, commas, spaces and apostrophes only.
    """
    found = (_read(core, mark) for mark in (".", ",", None))
    return tuple(item for item in found if item is not None)


def _read(core: str, mark: str | None) -> Interpretation | None:
    whole, fraction = core, ""
    if mark is not None:
        whole, separator, fraction = core.partition(mark)
        if not separator or not _is_digits(fraction):
            return None
    plain = "0" if mark and not whole else _ungroup(whole)
    if plain is None:
        return None
    return Interpretation(f"{plain}.{fraction}" if fraction else plain, mark)


def _ungroup(whole: str) -> str | None:
    if _is_digits(whole):
        return whole.lstrip("0") or "0"
    if _GROUPED.fullmatch(whole) or _INDIAN.fullmatch(whole):
        return re.sub(r"\D", "", whole)
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
