"""Cleans running text: white space, stand-ins for nothing, card numbers, length.

Knows nothing of what the text says.
"""

from __future__ import annotations

import re

MAX_CHARS = 4000
"""Longest text kept; more is an engine repeating itself."""

_STAND_INS = (
    "n/a na n.a. n.a - -- --- – — . .. ... … none null nil nan unknown undefined k.a. k.a "
    "not_available not_applicable not_found not_specified not_provided not_present "
    "missing entfällt keine_angabe sans_objet néant n.c. n/c s/o _ __ ? tbd"
)
_EMPTY = frozenset(_STAND_INS.split())

_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w]|-\d)")


def clean_text(text: str | None) -> str | None:
    """Return text with white space collapsed, or None where it says nothing."""
    if text is None:
        return None
    cleaned = " ".join(str(text).replace("\x00", "").split())
    if not cleaned or cleaned.lower().replace(" ", "_") in _EMPTY:
        return None
    return cleaned


def cap(text: str) -> str:
    """Return at most ``MAX_CHARS`` characters."""
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS].rstrip()


def mask_cards(text: str) -> str:
    """Return text whose payment card numbers keep six first and four last digits at most.

    A card number is 13 to 19 digits, perhaps in groups, with a right check digit (Luhn,
    ISO/IEC 7812-1). EN 16931 BR-51 forbids storing more.
    """
    return _CARD.sub(lambda found: _mask(found[0]), text)


def _mask(printed: str) -> str:
    digits = re.sub(r"\D", "", printed)
    if not _is_luhn(digits) or digits[0] not in "3456" or len(set(digits)) == 1:
        return printed
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _is_luhn(digits: str) -> bool:
    total = 0
    for index, char in enumerate(reversed(digits)):
        doubled = int(char) * (1 + index % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
