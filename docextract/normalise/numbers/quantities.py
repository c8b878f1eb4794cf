"""Splits a printed quantity from its unit.

Knows nothing of columns; ``5 kg`` in, ``5`` and ``kg`` out.
"""

from __future__ import annotations

import re

from docextract.normalise.numbers.number_search import fold_characters

_QUANTITY = re.compile(r"([-+]?[\d.,' ]{0,20}\d)(?:[.,]-)?\s*([^\d\s.,'+-][^\d]{0,30}\d?)")
_TIMES = re.compile(r"[xX×*@]\s*(?=\d)|(?<=\d)\s*[xX×*@]$")


def split_quantity(text: str) -> tuple[str, str | None]:
    """Return the printed number and unit of ``5 kg`` or ``2x``; no unit is None.

    A text that does not begin with a number comes back whole.
    """
    cleaned = _TIMES.sub("", fold_characters(text)).strip()
    found = _QUANTITY.fullmatch(cleaned)
    if found is None:
        return cleaned, None
    return found[1], found[2].strip(" .,/()[]") or None
