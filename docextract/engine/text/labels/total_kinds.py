"""Tells totals apart by the words of their label: without tax, with tax, tax itself.

Knows nothing of schemas; it names concepts of the vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from docextract.engine.text.layout import Token, fold_words, pattern

_WITHOUT = fold_words("totals", "without_tax")
_WITH = fold_words("totals", "with_tax")
_ADDED = fold_words("totals", "tax_to_come")
_NONE = fold_words("totals", "no_tax")
SENSE_WORDS = _WITHOUT | _WITH
"""What says with or without, as ``Exclusief`` before ``BTW``."""
_TAX = fold_words("taxes", "names") | fold_words("taxes", "others")
_TAXES = tuple(_TAX)
_TOTALS = tuple(fold_words("totals", "words"))
_DUE = fold_words("totals", "due")
_OF_WHAT = fold_words("totals", "of_what")
_SUBTOTALS = tuple(fold_words("totals", "subtotal_starts"))
_LEAST_WORDS, _CODE = 2, 3
_PARTS = tuple(fold_words("totals", "part_of_it"))
_CARRIED = re.compile(rf"\b(?:{pattern('tables', 'carried')})\b", re.IGNORECASE)


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.fold for token in tokens if token.fold]


def names_total(word: str) -> bool:
    """Return whether a folded word begins or ends as words for totals do."""
    return word.endswith(_TOTALS) or word.startswith(_TOTALS)


def sense(tokens: Sequence[Token]) -> str | None:
    """Return ``net``, ``tax`` or ``gross`` where the label's words settle it.

    Example: ``Total Amount Without VAT`` is net, ``Rechnungssumme Brutto (inkl. USt.)``
    gross, ``incl. 19 % MwSt`` tax; ``Total`` alone settles nothing.
    """
    words = _words(tokens)
    without, with_tax, has_tax = (not known.isdisjoint(words) for known in (_WITHOUT, _WITH, _TAX))
    if is_added(tokens):
        return "net"
    is_total = any(map(names_total, words))
    if not _DUE.isdisjoint(words):
        return None
    if without and any(one in _WITH and other in _TAX for one, other in pairwise(words)):
        return "gross"  # Netto inkl. MwSt
    if without and (is_total or has_tax):
        return "net"
    if with_tax and is_total and words[0] in _TAX and not _adjoins_total(words):
        return "tax"  # GST included in total
    is_of_thing = bool(words) and words[0] not in SENSE_WORDS | _TAX and with_tax and has_tax
    if with_tax and (is_total or (is_of_thing and not _is_part(words))):
        return "gross"
    return "tax" if with_tax and has_tax else None


def is_added(tokens: Sequence[Token]) -> bool:
    """Return whether a bracket says that tax comes on top: ``Total (plus VAT)``, ``(+ VAT)``."""
    start = next((n for n, token in enumerate(tokens) if token.text[0] == "(" and n), len(tokens))
    return is_tax_added(tokens[start:])


def is_tax_added(tokens: Sequence[Token]) -> bool:
    """Return whether words add a tax: ``plus VAT``, ``+ VAT``, ``zzgl. MwSt.``."""
    is_told = any("+" in t.text or t.fold in _ADDED | _WITHOUT for t in tokens)
    return is_told and any(t.fold in _TAX for t in tokens)


def _adjoins_total(words: Sequence[str]) -> bool:
    """Return whether a word such as ``inclusive`` stands right before one such as ``total``."""
    return any(one in _WITH and names_total(other) for one, other in pairwise(words))


def _is_part(words: Sequence[str]) -> bool:
    """Return whether a label tells a share of a total: ``davon inkl. MwSt``."""
    return "".join(words).startswith(_PARTS)


def total_kind(tokens: Sequence[Token]) -> str | None:
    """Return what a label is that is made of words of totals alone, None for any other text.

    Examples: ``Gesamtwert netto EUR`` is net, ``Total of this statement`` gross, ``Total cost now
    payable`` the amount due; ``Total hours`` and ``Subtotal`` are none of them.
    """
    words = [w.fold for w in tokens if w.fold and not w.has_digit and not is_code(w.text)]
    totals = [w for w in words if w not in _TAX and names_total(w)]
    known = {*totals, *SENSE_WORDS, *_TAX, *_DUE, *_OF_WHAT}
    if len(words) < _LEAST_WORDS or not totals or not known.issuperset(words):
        return None
    if any(word.startswith(_SUBTOTALS) for word in words):
        return None
    if not _DUE.isdisjoint(words):
        return "amount_due"
    return sense(tokens) or ("tax" if is_tax(tokens) else "gross")


def is_code(text: str) -> bool:
    """Return whether a word is the code or the sign of a currency, by its form."""
    inner = text.strip("()[]:")
    is_word = len(inner) == _CODE and inner.isupper() and inner.isalpha()
    return is_word or (0 < len(inner) <= _CODE and unicodedata.category(inner[-1]) == "Sc")


def is_tax(tokens: Sequence[Token]) -> bool:
    """Return whether a label names a tax itself: ``Montant TVA``, not ``Total HT hors TVA``."""
    words = _words(tokens)
    return SENSE_WORDS.isdisjoint(words) and any(
        word in _TAX or (word.endswith(_TOTALS) and word.startswith(_TAXES)) for word in words
    )


def is_before_tax(tokens: Sequence[Token]) -> bool:
    """Return whether words before a tax's name make an amount without it.

    Examples: ``Montant hors TVA``, ``Inspection (no VAT)``, ``Fees not subject to VAT``.
    """
    words = _words(tokens)
    is_total = not _WITHOUT.isdisjoint(words) and any(w.endswith(_TOTALS) for w in words[:-1])
    return is_total or (
        len(words) > 1 and (words[-1] in _WITHOUT or not _NONE.isdisjoint(words[1:]))
    )


def is_carried(text: str) -> bool:
    """Return whether a line carries a sum over to another page: ``Übertrag``."""
    return _CARRIED.search(text) is not None
