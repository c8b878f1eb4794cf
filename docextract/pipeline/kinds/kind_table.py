"""The kinds of document that are told apart, and the words of each in every language.

Knows nothing of pages; what a kind is called and says stands in ``schema/languages``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from docextract.pipeline.splitting.page_lines import fold
from docextract.schema import labels
from docextract.schema.languages import by_phrase, keys, pattern, words

OTHER = "other"
"""Kind of what none of the others is."""

_INVOICES = ("invoice", "credit_note", "debit_note", "proforma")
_ORDERS = ("purchase_order", "order_confirmation")
_STATEMENTS = ("bank_statement", "account_statement")

ACCEPTED: Mapping[str, frozenset[str]] = {
    "invoice": frozenset(_INVOICES),
    "receipt": frozenset({*_INVOICES, "receipt"}),
    "purchase_order": frozenset(_ORDERS),
    "bank_statement": frozenset(_STATEMENTS),
}
"""By schema, the kinds of document it takes; a credit note is an invoice of its own type."""

KINDS = (
    *_INVOICES, "receipt", *_ORDERS, *_STATEMENTS, "reminder", "delivery_note", "quote",
    "contract", "payslip", "remittance_advice", "expense_claim", "letter", "form", OTHER,
)  # fmt: skip

DEMANDS = frozenset({"invoice", "credit_note", "debit_note"})
"""Kinds that no paper is which says that it is no invoice."""

_LIKE = dict.fromkeys(_INVOICES, "invoice")
"""Kinds whose words are those of another."""


def schema_of_kind(kind: str) -> str:
    """Return the name of the schema made for a kind: its own name, if it is of no other's."""
    found = (name for name, kinds in ACCEPTED.items() if kind in kinds)
    return next(found, kind) if kind != "account_statement" else kind


@cache
def title_phrases(kind: str) -> frozenset[str]:
    """Return the titles of a kind, folded."""
    phrases = (*words("document_kinds", kind), *words("document_titles", kind))
    return frozenset(map(fold, phrases))


@cache
def typical_phrases(kind: str) -> frozenset[str]:
    """Return what documents of a kind say and others rarely do, folded."""
    return frozenset(map(fold, words("kind_words", _LIKE.get(kind, kind))))


@cache
def label_phrases(kind: str) -> tuple[frozenset[str], ...]:
    """Return the labels of each concept that documents of a kind have, folded."""
    return tuple(map(concept_phrases, words("kind_labels", _LIKE.get(kind, kind))))


@cache
def concept_phrases(concept: str) -> frozenset[str]:
    """Return the labels of a concept, folded."""
    return frozenset(map(fold, labels(concept).phrases))


@cache
def no_invoice_phrases() -> frozenset[str]:
    """Return the words by which a paper says that it is no invoice, folded."""
    return frozenset(map(fold, words("titles", "no_invoice")))


@cache
def mark_phrases() -> Mapping[str, str]:
    """Return by each mark of a paper that nobody is to act on, folded, what it means."""
    return {fold(phrase): mark for phrase, mark in by_phrase("marks").items()}


@cache
def mark_words() -> frozenset[str]:
    """Return the longest word of each mark, folded: without any of them a page has no mark."""
    return frozenset(fold(max(phrase.split(), key=len)) for phrase in by_phrase("marks"))


@cache
def status_labels() -> frozenset[str]:
    """Return the labels of a paper's status, folded."""
    return frozenset(map(fold, words("titles", "status")))


@cache
def kind_sentences() -> Mapping[str, re.Pattern[str]]:
    """Return by kind the sentences, in lower case, by which a document says that it is of it."""
    found = ((kind, pattern("kind_sentences", kind)) for kind in keys("kind_sentences"))
    return {kind: re.compile(rf"\b(?:{text})") for kind, text in found}


@cache
def mark_sentences() -> Mapping[str, re.Pattern[str]]:
    """Return by mark the sentences, in lower case, by which a paper says that it is one."""
    found = ((mark, pattern("mark_sentences", mark)) for mark in keys("mark_sentences"))
    return {mark: re.compile(rf"\b(?:{text})") for mark, text in found}


@cache
def conditions() -> re.Pattern[str]:
    """Return the words before such a sentence that make it one of what would be."""
    return re.compile(rf"\b(?:{pattern('titles', 'conditional')})\b")
