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

    A card number is digits, perhaps in groups, as an issuer gives them (``_ISSUERS``), with a right
    check digit (Luhn, ISO/IEC 7812-1). EN 16931 BR-51 forbids storing more. Other numbers have the
    same check digit, such as a SIRET or an IMEI; they are of no issuer's length. Thirteen digits
    with a right GS1 check digit are an article number, and digits inside an IBAN with a right
    checksum (ISO 13616) are its own.
    """
    return _CARD.sub(_keep_or_mask, text)


def mask_cards_at(path: str, text: str) -> str:
    """Return a field's text with card numbers masked, unless its name says what its number is.

    Args:
        path: of the field: an ``invoice_number`` holds no card, a payment's reference may.
        text: its value or print.
    """
    names = set(re.split(r"[^a-z]+", path.lower()))
    is_named = names & _NUMBERED and not names & _PAID_WITH
    return text if is_named else mask_cards(text)


_NUMBERED = frozenset({"number", "id", "order", "no", "code", "siret", "siren", "imei", "serial"})
_PAID_WITH = frozenset({"card", "pan", "payment", "payments", "account", "reference"})

_ISSUERS = (
    # first digits, from and to, and the lengths they are given with (ISO/IEC 7812-1 registry)
    ("4", "4", (13, 16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("300", "305", (14, 16, 19)),
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("3528", "3589", (16, 17, 18, 19)),
    ("50", "50", (13, 14, 15, 16, 17, 18, 19)),
    ("56", "59", (13, 14, 15, 16, 17, 18, 19)),
    ("60", "69", (16, 17, 18, 19)),
)
"""Visa, Mastercard, American Express, Diners, JCB, Maestro, and those that begin with 6."""

_DINERS = re.compile(r"\d{4}[ -]\d{6}[ -]\d{4}")
"""How a card of 14 digits is printed. A SIRET has 14 too, and always the same check digit."""


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
    if len(digits) == 14 and not _DINERS.fullmatch(printed):
        return printed
    is_article = len(digits) == 13 and _weighted_sum(digits, 3) % 10 == 0
    if is_article or not _is_of_issuer(digits) or len(set(digits)) == 1:
        return printed
    if not _is_luhn(digits):
        return printed
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _is_of_issuer(digits: str) -> bool:
    return any(
        first <= digits[: len(first)] <= last and len(digits) in lengths
        for first, last, lengths in _ISSUERS
    )


def _weighted_sum(digits: str, weight: int) -> int:
    """Return the digit sum where every second digit from the right counts ``weight`` times."""
    return sum(
        int(char) * (weight if index % 2 else 1) for index, char in enumerate(reversed(digits))
    )


def _is_luhn(digits: str) -> bool:
    # A doubled digit above 9 loses 9, that is, its digits are added.
    overflow = sum(9 for char in digits[-2::-2] if int(char) > 4)
    return (_weighted_sum(digits, 2) - overflow) % 10 == 0
