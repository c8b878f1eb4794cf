"""Tells what labels give of another paper: of an invoice credited, a line of an order, a row.

Knows nothing of how labels give values, nor of days but that one is a credited invoice's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise, takewhile

from docextract.engine.text.text_document import (
    Line,
    Option,
    Reader,
    Segment,
    fold,
    fold_words,
    is_prose,
    join,
    level,
    pattern,
)
from docextract.engine.text.values.names import is_title

STEMS = {
    "invoice_number": fold_words("titles", "invoice_stems"),
    "po_number": fold_words("titles", "order_stems"),
}
"""How titles end whose document a number is of, by what the number stands for."""
HEAD = 0.5
"""The upper part of the first page, where a document says what it is."""
THEIRS = re.compile(rf"\b(?:{pattern('parties', 'addressee')})\b", re.IGNORECASE)
"""What makes a number or a day the addressee's: ``Your order no.``, ``Ihre Bestellung vom``."""
_REORDER = re.compile(rf"\b(?:{pattern('titles', 'reorder')})", re.IGNORECASE)
_OURS = re.compile(rf"\b(?:{pattern('parties', 'issuer')})\b", re.IGNORECASE)
_OTHER_INVOICE = re.compile(rf"\b(?:{pattern('titles', 'other_invoice')})", re.IGNORECASE)
_NAMES = tuple(
    fold_words("document_titles", "credit_note") | fold_words("document_types", "credit_note")
)
_MAX_WORDS, _MIN_THING = 8, 3
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")
"""A number as counts are printed, where a thing follows: ``12 500 Stück``."""
_INVOICES = tuple(STEMS["invoice_number"] - set(_NAMES))
_LINE_OF = re.compile(
    rf"(?:{pattern('codes', 'line_of')})[. ]*(?:nr|no|n[°o]|#)?[.: ]*\d{{1,5}}\W*$", re.IGNORECASE
)


def weighed_numbers(reader: Reader, options: list[Option]) -> list[Option]:
    """Return a field's numbers without those of lines, and those that one label repeats weakened.

    A document has one order number; where ``Order no.`` stands below several positions, each
    with another number, none of them is the document's. The head of the first page is exempt.
    A number that names a line of an order (``Order no. 4711 line 3``) is never the document's, one
    in a row of prices hardly ever. Of orders, an invoice's is none that its issuer calls its own.
    """
    found = [o for o in options if not (_is_line_of(o) or _is_counted(reader, o))]
    found = [o for o in found if _has_digit(reader, o) and not _is_ours(reader, o)]
    found = [o for o in found if o.hit is None or not tells_of_other(o.hit.segment)]
    has_theirs = any(map(_is_theirs, found))
    values: defaultdict[str, set[str]] = defaultdict(set)
    weighed = []
    for option in found:
        is_order = reader.index.concept_of[option.path] == "purchase_order"
        option = option.also("number.in_row", _is_in_row(reader, option))
        option = option.also("number.of_credited", is_of_credited(reader, option))
        # An order's number on an invoice is its issuer's where theirs stands beside it.
        is_issuers = is_order and has_theirs and not _is_theirs(option)
        option = option.also("number.of_issuer", is_issuers)
        weighed.append(option)
        if option.hit is not None and option.score > level("fair"):
            values[option.hit.entry.phrase].add(fold(option.text))
    return [
        option.also("number.repeated", len(values[option.hit.entry.phrase]) > 1)
        if option.hit and not reader.layout.is_on_top(option.tokens[0], HEAD)
        else option
        for option in weighed
    ]


def _is_counted(reader: Reader, option: Option) -> bool:
    """Return whether a number is a share or a count: ``40 % bei Bestellung``, ``5 000 labels``."""
    last = option.tokens[-1]
    tokens = reader.layout.lines[reader.line_of[id(last)]].tokens
    after = next((t for before, t in pairwise(tokens) if before is last), None)
    is_share = last.text[-1] == "%" or (after is not None and after.text[0] == "%")
    is_counted = after is not None and after.text.isalpha() and len(after.text) > _MIN_THING
    return is_share or (is_counted and _THOUSANDS.fullmatch(option.text) is not None)


def _is_theirs(option: Option) -> bool:
    """Return whether a label says that a number is the addressee's: ``Your order no.``."""
    label = option.hit.segment.tokens[option.hit.start : option.hit.end] if option.hit else []
    return THEIRS.search(join(label)) is not None


def _is_ours(reader: Reader, option: Option) -> bool:
    """Return whether an order is its issuer's: ``Unsere Bestell-Nr.``, ``Order ref (ours)``."""
    hit = option.hit
    if hit is None or reader.index.concept_of[option.path] != "purchase_order":
        return False
    if _REORDER.search(hit.segment.text):
        return True
    behind = takewhile(lambda token: not token.has_digit, hit.rest)
    label = [*hit.segment.tokens[max(0, hit.start - 1) : hit.end], *behind]
    return _OURS.search(join(label)) is not None


def _has_digit(reader: Reader, option: Option) -> bool:
    """Return whether a number has a digit, as all numbers of documents do."""
    is_own = reader.index.concept_of[option.path] in STEMS
    return not is_own or any(c.isdigit() for c in option.text)


def _is_in_row(reader: Reader, option: Option) -> bool:
    """Return whether a label ends the text of a row with its prices: ``Birthday cake, order``."""
    hit = option.hit
    return hit is not None and hit.start > 0 and reader.is_row_of_prices(hit.segment.line)


def _is_line_of(option: Option) -> bool:
    if option.hit is None:
        return False
    code, rest = join(option.tokens), join(option.hit.rest)
    return is_line_of(code, rest.partition(code)[2])


def is_line_of(code: str, after: str) -> bool:
    """Return whether a code and what follows name a line of an order: ``4711 line 3``."""
    glued = _LINE_OF.search(code)
    is_glued = glued is not None and glued.start() > 2
    return is_glued or _LINE_OF.fullmatch(after.strip(" ,;/-(")) is not None


def tells_of_other(segment: Segment) -> bool:
    """Return whether a sentence is about another invoice: ``replaces invoice no. 4401``."""
    return _OTHER_INVOICE.search(segment.text) is not None


def apart_from_sentences(reader: Reader, options: list[Option]) -> list[Option]:
    """Return a field's numbers without those that sentences tell, where a label gives another.

    Examples: ``Our invoice no. 4402 of 3 March is awaiting payment`` below ``Invoice no. 4418``.
    """
    fair = level("fair")
    said = {line.index for o in options if _goes_on(line := _line_of(reader, o), o)}
    given = (o for o in options if o.hit is not None and o.score >= fair)
    is_given = any(not is_prose(_line_of(reader, o).tokens) for o in given)
    kept = [o for o in options if _line_of(reader, o).index not in said]
    return kept if said and is_given and kept else options


def _line_of(reader: Reader, option: Option) -> Line:
    return reader.layout.lines[reader.line_of[id(option.tokens[-1])]]


def _goes_on(line: Line, option: Option) -> bool:
    """Return whether words of a sentence follow a number on its line."""
    behind = (t.text for t in line.tokens if t.left > option.tokens[-1].left)
    return sum(word.isalpha() and word.islower() for word in behind) >= _MIN_THING


def is_of_credited(reader: Reader, option: Option) -> bool:
    """Return whether a label of invoices gives a value on a credit note: not its own."""
    phrase = option.hit.entry.phrase if option.hit is not None else ""
    is_told = _names_invoice(phrase) or _is_below_invoice(reader, option)
    return is_told and _is_credit_note(reader)


def is_behind_credited(reader: Reader, before: str) -> bool:
    """Return whether words before a number name the invoice that a credit note is about."""
    return _names_invoice(fold(before)) and _is_credit_note(reader)


def own_stems(reader: Reader, concept: str) -> frozenset[str]:
    """Return how the title of a document may end whose number stands for a concept."""
    stems = STEMS[concept]
    return stems - set(_INVOICES) if _is_credit_note(reader) else stems


def _names_invoice(folded: str) -> bool:
    is_of_invoice = any(stem in folded for stem in _INVOICES)
    return is_of_invoice and not any(name in folded for name in _NAMES)


def _is_below_invoice(reader: Reader, option: Option) -> bool:
    """Return whether the line above a label names an invoice: ``Invoice 4711`` over ``issued``."""
    label = option.hit.segment if option.hit is not None else None
    return label is not None and any(
        abs(above.left - label.left) < label.height
        and above.tokens[0].fold in _INVOICES
        and above.tokens[-1].has_digit
        for above in reader.layout.above(label)
    )


def _is_credit_note(reader: Reader) -> bool:
    return any(map(_is_credit_title, reader.layout.segments))


def _is_credit_title(segment: Segment) -> bool:
    is_short = len(segment.tokens) <= _MAX_WORDS
    return is_short and is_title(segment.text) and any(n in fold(segment.text) for n in _NAMES)
