"""Tells accounts to pay to from that of the payer, and finds the one that no label announces.

Knows nothing of labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from docextract.engine.text.text_document import Option, Reader, fold, pattern
from docextract.normalise.text.printed_shapes import IBAN_LENGTHS
from docextract.schema import Field, Kind

_PAYER = re.compile(rf"\b(?:{pattern('banks', 'payer')})", re.IGNORECASE)
_MIN_NAME = 5
"""Shorter names are parts of words."""


def without_payers(
    reader: Reader, options: dict[str, list[Option]], chosen: Mapping[str, Option]
) -> dict[str, list[Option]]:
    """Return options by path without accounts of whoever pays.

    Args:
        reader: the document.
        options: by field path.
        chosen: options that were chosen, among them the buyer's name.
    """
    return {
        path: [option for option in found if not _is_payers(reader, option, chosen)]
        if reader.index.fields[path].kind is Kind.IBAN
        else found
        for path, found in options.items()
    }


def sole_iban(reader: Reader, item: Field, chosen: Mapping[str, Option]) -> Option | None:
    """Return the account number no label announces: its shape tells it from all else.

    Only whole ones count, by the length ISO 13616 gives each country; of several the
    first is taken, with a score that leaves it unverified.
    """
    whole = (
        Option.of(item.path, c, "number.sole_iban")
        for c in reader.all_of(Kind.IBAN)
        if IBAN_LENGTHS.get(c.text[:2]) == sum(map(str.isalnum, c.text))
    )
    found = [option for option in whole if not _is_payers(reader, option, chosen)]
    is_one_of_many = len({fold(option.text) for option in found}) > 1
    return found[0].also("doubt.several_ibans", is_one_of_many) if found else None


def _is_payers(reader: Reader, option: Option, chosen: Mapping[str, Option]) -> bool:
    """Return whether the words around an account, or the name beside it, make it the payer's.

    As in ``We debit your account DE02 ...``.
    """
    own = option.candidate.segment.text if option.candidate else ""
    text = f"{option.hit.segment.text} {own}" if option.hit is not None else own
    names = {fold(chosen[path].text) for path in reader.index.paths_of("buyer") if path in chosen}
    is_named = any(len(name) >= _MIN_NAME and name in fold(text) for name in names)
    return is_named or _PAYER.search(text) is not None
