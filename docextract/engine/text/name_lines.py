"""Tells which lines of a page may hold the issuer's name: no titles, labels or codes.

Knows nothing of which of them is the likeliest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.engine.text.blocks import split_sender_line
from docextract.engine.text.evidence import Reader
from docextract.engine.text.layout import Segment, make_segment
from docextract.engine.text.names import COMPANY_FORM, is_no_name
from docextract.engine.text.tokens import join
from docextract.schema.kinds import Kind

_TITLES = re.compile(
    r"^(?:(?:tax|sales|simplified|commercial|pro ?forma|cash|original|official|customer|vat"
    r"|credit|guest|your|"
    r"final|duplicate|gst|copy|the|order|payment|gift|till|kunden|kassen|haendler|händler)[ -]*)*"
    r"(?:invoice|receipt|bill|note|memo|order|statement|check|copy|cheque|rechnung|beleg"
    r"|bon|quittung|gutschrift|"
    r"facture|avoir|reçu|ticket|commande|factura|recibo|fattura|ricevuta|scontrino|factuur"
    r"|creditnota|fatura|"
    r"bestellung|kontoauszug|lieferschein|mahnung|angebot|page|seite|resit|purchase|slip|"
    r"bestelling|sale|bon de commande|relev[ée].*|estratto.*|extracto.*|documento.*)s?\b.{0,12}$",
    re.IGNORECASE,
)
GREETINGS = re.compile(
    r"\b(?:welcome|willkommen|for shopping|thanks?|danke|merci|gracias|grazie|bedankt|bienvenue"
    r"|visit|please|open daily|"
    r"opening|hours|öffnungszeiten|es bediente|table|tisch|server|cashier|served|survey|tel"
    r"|phone|fax|gst|vat|"
    r"tax|reg|date|www|http|no reprint|copy|sincerely|cher|dear|sehr geehrte|visualisierung"
    r"|powered by|cust|"
    r"page|seite|find us|follow us|since|established|original|duplicate|reprint)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r" ?\([\d-]{5,}-? ?[A-Z]?\)?$")
"""A register's number behind a company's name, as printed in Malaysia and Singapore."""

_PHONE = re.compile(r"\s(?:tel|telephone|telefon|phone|ph|fax)\b[.:#]*\s*[+(\d]", re.IGNORECASE)
_WELCOME = re.compile(
    r"(?:welco[mn]e|willkommen|bienvenue|bienvenidos?|benvenuti|welkom|välkommen|selamat datang)"
    r" (?:to|at|bei|im|in|à|au|chez|a|da|bij|til|till|ke) (?=\w{3})",
    re.IGNORECASE,
)


def name_segments(reader: Reader, page: int, skip: set[int]) -> Iterator[Segment]:
    """Yield segments that may hold the issuer's name, from top to bottom."""
    for segment in reader.layout.segments:
        if segment.page != page:
            return
        segment = _trimmed(segment)
        if id(segment) in skip or not _may_be_name(reader, segment):
            continue
        yield segment


def _trimmed(segment: Segment) -> Segment:
    """Return ``Corner Shop`` of ``Welcome to Corner Shop Tel 555 0100``."""
    greeting = _WELCOME.match(segment.text)
    phone = _PHONE.search(segment.text, 1)
    if greeting is None and phone is None:
        return segment
    start = greeting.end() if greeting else 0
    end = phone.start() if phone and phone.start() > start else len(segment.text)
    rest = make_segment(segment.tokens_between(start, end))
    rest.line, rest.column = segment.line, segment.column
    return rest


def _may_be_name(reader: Reader, segment: Segment) -> bool:
    text = segment.text
    letters = sum(c.isalpha() for c in text)
    digits = sum(c.isdigit() for c in text)
    if letters < (2 if "&" in text else 3) or len(text) > 160:
        return False
    name = _NUMBER.sub("", join(split_sender_line(segment.tokens)[0]))
    name_digits = sum(c.isdigit() for c in name)
    if name_digits > 0.3 * len(name) or (digits > 0.5 * letters and not COMPANY_FORM.search(text)):
        return False
    if _TITLES.match(text) or is_no_name(name) or text.rstrip().endswith(":"):
        return False
    hits = reader.hits_of.get(id(segment), ())
    if any(h.start == 0 and h.is_closed and not _is_name_word(h.entry.phrase) for h in hits):
        return False
    kinds = {c.kind for c in reader.candidates_of(segment)}
    if kinds & {Kind.EMAIL, Kind.URL} and not COMPANY_FORM.search(name):
        return False
    return not kinds & {Kind.DATE, Kind.IBAN, Kind.TIME} or bool(COMPANY_FORM.search(name))


def _is_name_word(phrase: str) -> bool:
    return phrase in ("service", "bank", "banque", "shop", "store", "company")
