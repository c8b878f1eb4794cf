"""Cleans running text: white space, stand-ins for nothing, card numbers, length.

Knows nothing of what the text says.
"""

from __future__ import annotations

import re

from docextract.schema.languages import words

MAX_CHARS = 4000
"""Longest text kept; more is an engine repeating itself."""

_EMPTY = frozenset(phrase.replace(" ", "_") for phrase in words("answers", "absent"))

_CARD = re.compile(
    r"(?<!\w)(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?!\w)"
    r"|(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w]|-\d)"
)


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

    A card number is 13 to 19 digits, perhaps in groups, that begins with an issuer's digit
    and has a right check digit (Luhn, ISO/IEC 7812-1). EN 16931 BR-51 forbids storing more.
    Thirteen digits with a right GS1 check digit are an article number, and digits inside
    an IBAN with a right checksum (ISO 13616) are its own.
    """
    return _CARD.sub(_keep_or_mask, text)


def _keep_or_mask(found: re.Match[str]) -> str:
    iban = found["iban"]
    if iban is None:
        return _mask(found[0])
    compact = iban.replace(" ", "")
    rotated = compact[4:] + compact[:4]
    if int("".join(str(int(char, 36)) for char in rotated)) % 97 == 1:
        return found[0]
    return found[0][:4] + mask_cards(found[0][4:])


def _mask(printed: str) -> str:
    digits = re.sub(r"\D", "", printed)
    is_article = len(digits) == 13 and _weighted_sum(digits, 3) % 10 == 0
    if is_article or not _is_of_issuer(digits) or len(set(digits)) == 1:
        return printed
    if not _is_luhn(digits):
        return printed
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _is_of_issuer(digits: str) -> bool:
    # 2221 to 2720 are Mastercard's since 2017; other numbers that begin with 2 are no cards.
    return digits[0] in "3456" or 2221 <= int(digits[:4]) <= 2720


def _weighted_sum(digits: str, weight: int) -> int:
    """Return the digit sum where every second digit from the right counts ``weight`` times."""
    return sum(
        int(char) * (weight if index % 2 else 1) for index, char in enumerate(reversed(digits))
    )


def _is_luhn(digits: str) -> bool:
    # A doubled digit above 9 loses 9, that is, its digits are added.
    overflow = sum(9 for char in digits[-2::-2] if int(char) > 4)
    return (_weighted_sum(digits, 2) - overflow) % 10 == 0
