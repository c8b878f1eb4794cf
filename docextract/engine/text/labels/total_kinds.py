"""Tells totals apart by the words of their label: without tax, with tax, tax itself.

Knows nothing of schemas; it names concepts of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.layout import Token

_WITHOUT = frozenset(
    {
        "excl",
        "exclusief",
        "excluding",
        "exclusive",
        "exc",
        "ex",
        "excludinggst",
        "exkl",
        "exklusive",
        "ohne",
        "ht",
        "hors",
        "sin",
        "senza",
        "sem",
        "without",
        "wo",
        "before",
        "untaxed",
        "netto",
        "net",
        "nett",
        "nette",
        "taxable",
        "imponible",
        "imponibile",
        "zzgl",
    }
)
_WITH = frozenset(
    {
        "incl", "inkl", "including", "inclusive", "inc", "ttc", "brutto", "gross", "mit",
        "con", "avec", "with", "incluida", "incluido", "ivato", "inclus",
        "inclusief", "comprises", "toutes", "inclusivegst",
    }
)  # fmt: skip
_TAX = frozenset(
    {
        "mwst",
        "ust",
        "umsatzsteuer",
        "mehrwertsteuer",
        "tva",
        "iva",
        "btw",
        "vat",
        "gst",
        "tax",
        "taxes",
        "moms",
        "hst",
        "igic",
        "steuer",
        "steuern",
        "sst",
        "pst",
        "taxe",
        "impuestos",
        "imposta",
        "imposte",
    }
)
_TOTALS = (
    "total", "summe", "gesamt", "betrag", "amount", "montant", "importe", "importo", "bedrag",
    "totaal", "suma", "totale", "subtotal", "zwischensumme", "wert", "sales",
)  # fmt: skip
_DUE = frozenset(
    {
        "due",
        "payable",
        "pay",
        "payer",
        "zahlen",
        "zahlbetrag",
        "pagar",
        "pagare",
        "betalen",
        "dû",
        "saldo",
        "balance",
    }
)


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


def is_sense_word(token: Token) -> bool:
    """Return whether a word says with or without, as ``Exclusief`` before ``BTW``."""
    return token.fold in _WITHOUT or token.fold in _WITH
