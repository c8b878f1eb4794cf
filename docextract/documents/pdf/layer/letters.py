"""Compares what is said to be printed with what was read off a picture of it, letter by letter.

Knows nothing of pages or fonts. Case, accents and signs between letters do not count, nor which
of ``0 O`` or ``1 l I`` it is: OCR mixes them up, and so do people.
"""

from __future__ import annotations

import re
import unicodedata

_ALIKE = str.maketrans({"0": "o", "1": "i", "l": "i", "|": "i"})
_LAST_LATIN = 0x024F


def is_latin(character: str) -> bool:
    """Return whether a character is a letter of the Latin script."""
    return character.isalpha() and ord(character) <= _LAST_LATIN


def bare(text: str) -> str:
    """Return the letters and digits of a text without what does not count."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(character for character in plain if character.isalnum())


def says(read: str, said: str, *, is_part: bool = False) -> bool:
    """Return whether what was read is what is said, or holds it (``is_part``).

    Letters without a base letter of ASCII (``ß``, ``ø``) may have been read as anything.
    """
    # Nothing but letters and dots stands in the pattern, so it takes time in proportion.
    pattern = "".join(part if part.isascii() else ".{0,2}" for part in bare(said))
    match = re.search if is_part else re.fullmatch
    return match(pattern, bare(read)) is not None
