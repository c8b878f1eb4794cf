"""Tells the payer's own account from the one to pay to: ``We debit your account DE02 ...``.

Knows nothing of labels, nor of what becomes of an account that is the payer's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from docextract.engine.text.text_document import Option, Reader, fold, pattern
from docextract.schema import Kind

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
        path: [option for option in found if not is_payers(reader, option, chosen)]
        if reader.index.fields[path].kind is Kind.IBAN
        else found
        for path, found in options.items()
    }


def is_payers(reader: Reader, option: Option, chosen: Mapping[str, Option]) -> bool:
    """Return whether the words around an account, or the name beside it, make it the payer's."""
    own = option.candidate.segment.text if option.candidate else ""
    text = f"{option.hit.segment.text} {own}" if option.hit is not None else own
    names = {fold(chosen[path].text) for path in reader.index.paths_of("buyer") if path in chosen}
    is_named = any(len(name) >= _MIN_NAME and name in fold(text) for name in names)
    return is_named or _PAYER.search(text) is not None
