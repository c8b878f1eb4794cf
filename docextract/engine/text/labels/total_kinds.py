"""Tells totals apart by the words of their label: without tax, with tax, tax itself.

Knows nothing of schemas; it names concepts of the vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from docextract.engine.text.layout import Token, fold_words, pattern

_WITHOUT = fold_words("totals", "without_tax")
_WITH = fold_words("totals", "with_tax")
_TAX = fold_words("taxes", "names") | fold_words("taxes", "others")
_TOTALS = tuple(fold_words("totals", "words"))
_DUE = fold_words("totals", "due")
_CARRIED = re.compile(rf"\b(?:{pattern('tables', 'carried')})\b", re.IGNORECASE)


def sense(tokens: Sequence[Token]) -> str | None:
    """Return ``net``, ``tax`` or ``gross`` where the label's words settle it.

    Example: ``Total Amount Without VAT`` is net, ``Rechnungssumme Brutto (inkl. USt.)``
    gross, ``incl. 19 % MwSt`` tax; ``Total`` alone settles nothing.
    """
    words = [token.fold for token in tokens if token.fold]
    without = any(word in _WITHOUT for word in words)
    with_tax = any(word in _WITH for word in words)
    is_total = any(word.endswith(_TOTALS) or word.startswith(_TOTALS) for word in words)
    has_tax = any(word in _TAX for word in words)
    if any(word in _DUE for word in words):
        return None
    if any(one in _WITH and other in _TAX for one, other in pairwise(words)) and without:
        return "gross"  # Netto inkl. MwSt
    if without and (is_total or has_tax):
        return "net"
    if with_tax and is_total:
        return "gross"
    if with_tax and has_tax:
        return "tax"
    return None


def is_tax(tokens: Sequence[Token]) -> bool:
    """Return whether a label names a tax itself: ``Montant TVA``, not ``Total HT hors TVA``."""
    words = [token.fold for token in tokens if token.fold]
    if any(word in _WITHOUT or word in _WITH for word in words):
        return False
    return any(
        word in _TAX or (word.endswith(_TOTALS) and word.startswith(tuple(_TAX))) for word in words
    )


def is_before_tax(words: Sequence[Token]) -> bool:
    """Return whether words before a tax's name make an amount without it: ``Montant hors TVA``."""
    folded = [token.fold for token in words if token.fold]
    has_total = any(word.endswith(_TOTALS) for word in folded[:-1])
    return len(folded) > 1 and has_total and any(word in _WITHOUT for word in folded)


def is_sense_word(token: Token) -> bool:
    """Return whether a word says with or without, as ``Exclusief`` before ``BTW``."""
    return token.fold in _WITHOUT or token.fold in _WITH


def is_carried(text: str) -> bool:
    """Return whether a line carries a sum over to another page: ``Übertrag``."""
    return _CARRIED.search(text) is not None
