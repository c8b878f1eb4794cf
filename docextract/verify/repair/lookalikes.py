"""Other spellings of an account number whose letters and digits OCR may have confused.

Knows nothing of pages; which spelling is right is for the checksum to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

_CONFUSED = {"O": "0", "I": "1", "S": "5", "B": "8"}
_OTHER = _CONFUSED | {digit: letter for letter, digit in _CONFUSED.items()}
MAX_CHANGES = 2
"""One spelling in 97 has right check digits by chance (ISO 7064 mod 97-10), so few are tried."""

_MAX_PLACES = 12


def lookalikes(code: str) -> Iterator[str]:
    """Yield spellings of a code that differ in O/0, I/1, S/5 or B/8, fewest changes first.

    The whole number is also read with all its letters as digits, as most countries' are, and
    the country code in front as letters.

    Args:
        code: an IBAN without spaces, in upper case.
    """
    head = "".join(_letter(char) for char in code[:2])
    digits = "".join(_CONFUSED.get(char, char) for char in code[2:])
    if head + digits != code:
        yield head + digits
    places = [i for i, char in enumerate(code) if i > 1 and char in _OTHER][:_MAX_PLACES]
    for num_changes in range(1, MAX_CHANGES + 1):
        for changed in combinations(places, num_changes):
            yield head + "".join(
                _OTHER[char] if i in changed else char for i, char in enumerate(code) if i > 1
            )


def _letter(char: str) -> str:
    return char if char.isalpha() else _OTHER.get(char, char)
