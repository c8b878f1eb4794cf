"""Finds the account numbers that pages print, whoever they belong to.

Knows nothing of fields or values; a number counts where its check digits are right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.normalise.text.identifiers import is_valid_iban

_MAY_BEGIN = re.compile(r"(?<![A-Z0-9])[A-Z]{2} ?\d{2}(?: ?[A-Z0-9]){11,30}", re.I)
_LENGTHS = range(15, 35)
"""Characters of an IBAN: from Norway's 15 to the norm's 34 (ISO 13616-1)."""


def printed_ibans(text: str) -> Iterator[str]:
    """Yield the IBANs in a text, compact and in upper case."""
    # Words of an alphabet may stand before and after without a mark between.
    position = 0
    while found := _MAY_BEGIN.search(text, position):
        iban = _first_valid(found[0])
        if iban is not None:
            yield iban
        position = found.start() + 2


def _first_valid(text: str) -> str | None:
    compact = "".join(text.split()).upper()
    starts = (compact[:length] for length in _LENGTHS if length <= len(compact))
    return next((item for item in starts if is_valid_iban(item)), None)
