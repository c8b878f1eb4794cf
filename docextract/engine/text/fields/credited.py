"""Tells what is said on a credit note of the invoice that it credits.

Knows nothing of what kind of value a label gives.
"""

from __future__ import annotations

from docextract.engine.text.text_document import Option, Reader, Segment, fold, fold_words
from docextract.engine.text.values.names import is_title

_NAMES = tuple(
    fold_words("document_titles", "credit_note") | fold_words("document_types", "credit_note")
)
_MAX_WORDS = 8
_INVOICES = tuple(fold_words("titles", "invoice_stems") - set(_NAMES))


def is_of_credited(reader: Reader, option: Option) -> bool:
    """Return whether a label of invoices gives a value on a credit note: not its own."""
    phrase = option.hit.entry.phrase if option.hit is not None else ""
    is_told = _names_invoice(phrase) or _is_below_invoice(reader, option)
    return is_told and _is_credit_note(reader)


def is_behind_credited(reader: Reader, before: str) -> bool:
    """Return whether words before a number name the invoice that a credit note is about."""
    return _names_invoice(fold(before)) and _is_credit_note(reader)


def _names_invoice(folded: str) -> bool:
    is_of_invoice = any(stem in folded for stem in _INVOICES)
    return is_of_invoice and not any(name in folded for name in _NAMES)


def _is_below_invoice(reader: Reader, option: Option) -> bool:
    """Return whether the line above a label names an invoice: ``Invoice 4711`` over ``issued``."""
    if option.hit is None or not option.hit.segment.line:
        return False
    segment = option.hit.segment
    above = (s for s in reader.layout.lines[segment.line - 1].segments if s.page == segment.page)
    near = (s for s in above if abs(s.left - segment.left) < segment.height)
    return any(s.tokens[0].fold in _INVOICES and s.tokens[-1].has_digit for s in near)


def own_stems(reader: Reader, stems: frozenset[str]) -> frozenset[str]:
    """Return those of the ways that titles end which a document's own title may have."""
    return stems - set(_INVOICES) if _is_credit_note(reader) else stems


def _is_credit_note(reader: Reader) -> bool:
    return any(map(_is_credit_title, reader.layout.segments))


def _is_credit_title(segment: Segment) -> bool:
    is_short = len(segment.tokens) <= _MAX_WORDS
    return is_short and is_title(segment.text) and any(n in fold(segment.text) for n in _NAMES)
