"""Tells months and weekdays by their names in the languages business papers come in.

Knows nothing of dates; a name goes in, a number comes out.
"""

from __future__ import annotations

import unicodedata

from docextract.schema.languages import numbered


def fold_name(name: str) -> str:
    """Return a name without case and accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_MONTHS = {fold_name(name): place + 1 for name, place in numbered("dates", "months").items()}
_NUMERALS = "I II III IV V VI VII VIII IX X XI XII".split()  # noqa: SIM905
_ROMAN = {name: place + 1 for place, name in enumerate(_NUMERALS)}
_WEEKDAYS = {fold_name(name): day for name, day in numbered("dates", "weekdays").items()}


def month_number(name: str) -> int | None:
    """Return 1 to 12 for a month's name or abbreviation in any known language, or None.

    Case, accents and a closing point do not matter; a longer cut of a name, such as
    ``Septem``, counts where it can mean one month only. Capital Roman numbers are months too.
    """
    if name in _ROMAN:
        return _ROMAN[name]
    folded = fold_name(name.rstrip("."))
    found = _MONTHS.get(folded)
    if found is not None or len(folded) < 4:
        return found
    starts = {number for full, number in _MONTHS.items() if full.startswith(folded)}
    return starts.pop() if len(starts) == 1 else None


def weekday_number(name: str) -> int | None:
    """Return 0 for Monday to 6 for Sunday, or None for what is no weekday.

    Example:
        >>> weekday_number("Mié.")
        2
    """
    return _WEEKDAYS.get(fold_name(name.rstrip(".")))
