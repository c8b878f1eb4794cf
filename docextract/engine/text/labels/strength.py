"""Weighs how surely a phrase announces a field: alone, marked, or a part of longer words.

Knows nothing of values or of where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from docextract.engine.text.labels.matches import Hit, is_box_title, is_prose
from docextract.engine.text.labels.total_kinds import is_before_tax, is_tax, names_total
from docextract.engine.text.layout import NUMBER_WORDS, Token, fold, fold_words, join, pattern
from docextract.schema import Field, Kind

_REFERRING = fold_words("titles", "referring")
_REGISTERS = fold_words("codes", "registers")
_DISCOUNT = re.compile(pattern("deadlines", "discount"), re.IGNORECASE)
_SHARE = re.compile(r"\d+(?:[.,]\d+)? ?%")
_IF_PAID = fold_words("deadlines", "if_paid")
_PAID_BEFORE = fold_words("deadlines", "paid_before")
_NOT_YET_PAID = fold_words("deadlines", "not_yet_paid")
_TOTALS = frozenset({"gross", "amount_due"})
_SHORT, _SHORT_FOR_CODE = 3, 8
_MAX_TITLE_REST = 8
_LAST_RANK = 8
"""Labels further down a field's list all weigh the same."""


def is_continued(hit: Hit) -> bool:
    """Return whether the words behind a label go on with it: ``Name, address``, ``Term of``."""
    if hit.has_mark or not hit.rest:
        return False
    following = hit.rest[0].text[0]
    return hit.last.text[-1] in ",/" or following in "(/,&" or following.islower()


def is_title(hit: Hit) -> bool:
    """Return whether a label goes on to its segment's end: ``1 Wages, tips, other comp.``."""
    if hit.has_mark or not hit.is_leading or not 0 < len(hit.rest) <= _MAX_TITLE_REST:
        return False
    is_worded = not any(t.fold.isdigit() for t in hit.rest)
    return is_worded and (is_box_title(hit.segment) or is_continued(hit))


def is_short(hit: Hit) -> bool:
    """Return whether a phrase is of so few letters that it needs a mark to be a label."""
    return len(hit.entry.phrase) <= _SHORT and not hit.is_closed


def is_of_register(hit: Hit) -> bool:
    """Return whether a label stands behind a register's name: ``tomo 2211, folio 84``."""
    return any(token.fold in _REGISTERS for token in hit.segment.tokens[: hit.start])


def label_factors(hit: Hit, field: Field) -> Iterator[tuple[str, float]]:
    """Yield what says how surely a phrase announces a field.

    A phrase that begins its segment, ends with a mark and ranks first among the field's labels
    has nothing against it. The account to pay to has a label of its own, accounts in remarks and
    running text stand among other words; short unmarked words often mean other things than codes.
    """
    before, is_code = hit.segment.tokens[: hit.start], field.kind is Kind.IDENTIFIER
    yield "label.quality", hit.quality
    yield "label.rank", min(_LAST_RANK, hit.entry.ranks[field.path])
    is_taxed = is_before_tax(before) or _is_taxed(hit, before)
    yield "label.before_tax", "tax" in hit.entry.concepts and is_taxed
    yield "label.of_discount", _is_offer(hit, before)
    if not hit.is_leading:
        is_open = not hit.is_closed or is_prose(hit.segment.tokens)
        # ``Alt Order #`` is another number.
        inside = "label.inside_of_code" if is_code else "label.inside"
        yield "label.in_open_text" if is_open else inside, True
    elif not hit.is_closed:
        yield "label.unmarked", True
    else:
        yield "label.not_first", hit.start > 1 and field.kind is Kind.IBAN
    if not field.kind.is_number and _is_part_of_longer(hit):
        is_number = hit.last.fold in NUMBER_WORDS
        yield "label.part_of_number" if is_number else "label.part_of_longer", True
    is_in_text = not hit.is_leading and is_prose(hit.segment.tokens)
    is_plain = field.kind in (Kind.DATE, Kind.DATETIME, Kind.MONEY)
    if not is_plain or (is_in_text and not field.kind.is_number):
        yield "label.short", is_short(hit)
    # ``Ref. invoice``, ``following interim invoice`` are another document's.
    is_referred = any(token.fold in _REFERRING for token in before[-2:])
    yield "label.of_another", is_referred and "invoice_number" in hit.entry.concepts
    if is_code and not hit.is_closed:
        phrase = hit.entry.phrase
        yield "label.weak_for_code", "#" not in phrase and len(phrase) < _SHORT_FOR_CODE
        yield "label.goes_on_in_words", _goes_on_in_words(hit)


def _is_taxed(hit: Hit, before: list[Token]) -> bool:
    """Return whether a bracket says of what stands before it that it is taxed: ``(plus VAT)``."""
    opened = join(before)
    is_open = opened.count("(") > opened.count(")") and not any(t.has_digit for t in before)
    own = hit.segment.tokens[hit.start : hit.end]
    is_bracket = is_open or any(token.text.startswith("(") for token in own)
    is_named = is_tax(before) or any(names_total(t.fold) for t in before)
    return is_bracket and bool(before) and not is_named


def _is_offer(hit: Hit, before: list[Token]) -> bool:
    """Return whether what stands before a label makes it that of a sum for who pays early."""
    if "due_date" in hit.entry.concepts:
        return bool(before) and before[-1].fold in _IF_PAID  # ``If paid by 24 May $1,574.20``.
    if "paid" in hit.entry.concepts:
        if not (_IF_PAID | _PAID_BEFORE).isdisjoint(t.fold for t in before):
            return True
        behind = _SHARE.sub("", join(hit.rest))
        words = takewhile(lambda word: not any(map(str.isdigit, word)), behind.split())
        return not _NOT_YET_PAID.isdisjoint(map(fold, words))
    is_total = not _TOTALS.isdisjoint(hit.entry.concepts)
    return is_total and len(before) > 1 and _DISCOUNT.search(join(before)) is not None


def _goes_on_in_words(hit: Hit) -> bool:
    """Return whether an unmarked label is followed by a word: ``Registration Act of 1938``."""
    following = hit.rest[0]
    return following.text.isalpha() and NUMBER_WORDS.isdisjoint((hit.last.fold, following.fold))


def _is_part_of_longer(hit: Hit) -> bool:
    """Return whether more words follow before the colon: ``Invoice date`` in ``... paid:``."""
    ends = next((n for n, t in enumerate(hit.rest[:4], 1) if t.text[-1] in ":："), 0)
    words = [t.fold for t in hit.rest[:ends] if t.fold]
    return not hit.has_mark and bool(words) and all(word.isalpha() for word in words)
