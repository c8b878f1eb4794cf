"""Reads a printed word into one of an enumeration's values.

Knows nothing of documents but what the common kinds of them are called.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from docextract.normalise.reading import NOTHING, Reading, certain, refused

_MIN_SIMILARITY = 0.85

_SYNONYMS = {
    "credit_note": "credit memo|gutschrift|stornorechnung|avoir|note de crédit|facture d'avoir"
    "|nota de crédito|factura rectificativa|nota di credito|creditnota|creditfactuur|kreditnota"
    "|hyvityslasku|faktura korygująca|dobropis",
    "debit_note": "debit memo|lastschriftanzeige|belastungsanzeige|note de débit|nota de débito"
    "|nota de cargo|nota di debito|debetnota",
    "proforma": "pro forma|pro-forma|proforma invoice|proformarechnung|facture proforma",
    "correction": "corrected invoice|rechnungskorrektur|korrekturrechnung|facture rectificative",
    "invoice": "rechnung|facture|factura|fattura|factuur|fatura|faktura|lasku|tax invoice|bill",
}
"""Most telling first: a ``Proforma Invoice`` is no invoice."""


def parse_choice(text: str, choices: tuple[str, ...]) -> Reading:
    """Return the choice a printed word stands for, or None with the reason.

    A choice counts when it is printed exactly, printed inside a longer text, known by
    another name, or misprinted by a letter.
    """
    folded = _fold(text)
    by_fold = {_fold(choice): choice for choice in choices}
    if folded in by_fold:
        return certain(by_fold[folded])
    found = _synonym(folded, choices) or _contained(folded, by_fold)
    if found:
        return certain(found)
    if folded == "correction" and "invoice" in choices:
        return certain("invoice", "a corrected invoice")
    close = [
        choice
        for name, choice in by_fold.items()
        if Levenshtein.normalized_similarity(name, folded) >= _MIN_SIMILARITY
    ]
    if len(close) == 1:
        return certain(close[0], f"read {text} as {close[0]}")
    return refused(f"{text} is none of {', '.join(choices)}") if folded else NOTHING


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _synonym(folded: str, choices: tuple[str, ...]) -> str | None:
    for choice, names in _SYNONYMS.items():
        if choice in choices and any(
            _has_phrase(folded, _fold(name)) for name in (choice, *names.split("|"))
        ):
            return choice
    return None


def _contained(folded: str, by_fold: dict[str, str]) -> str | None:
    found = [choice for name, choice in by_fold.items() if _has_phrase(folded, name)]
    return found[0] if len(found) == 1 else None


def _has_phrase(folded: str, phrase: str) -> bool:
    return f" {phrase} " in f" {folded} "
