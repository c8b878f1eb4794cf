"""Weighs how surely a phrase announces a field: alone, marked, or a part of longer words.

Knows nothing of values or of where they stand.
"""

from __future__ import annotations

from docextract.engine.text.labels.matches import Hit, is_box_title, is_prose
from docextract.engine.text.layout import NUMBER_WORDS
from docextract.schema import Field, Kind

_SHORT = 3
_MAX_TITLE_REST = 8


def is_continued(hit: Hit) -> bool:
    """Return whether the words behind a label go on with it: ``Name, address``, ``Term of``."""
    tokens = hit.segment.tokens
    if hit.has_mark or hit.end >= len(tokens):
        return False
    following = tokens[hit.end].text
    return tokens[hit.end - 1].text[-1] in ",/" or following[0] in "(/,&" or following[0].islower()


def is_carried_on(hit: Hit) -> bool:
    """Return whether words follow a label in its segment, as in ``Register of Bern``."""
    return any(token.fold.isalpha() for token in hit.segment.tokens[hit.end :])


def is_short(hit: Hit) -> bool:
    """Return whether a phrase is of so few letters that it needs a mark to be a label."""
    return len(hit.entry.phrase) <= _SHORT and not hit.is_closed


def label_weight(hit: Hit, field: Field) -> float:
    """Return how surely a phrase announces a field, 0 to 1.

    The factors were set by hand on labelled documents: a phrase that begins its segment,
    ends with a mark and ranks first among the field's labels weighs 1. The account to pay
    to has a label of its own, accounts in remarks and running text stand among other words.
    """
    weight = hit.quality * max(0.7, 1.0 - 0.02 * hit.entry.ranks[field.path])
    if "tax" in hit.entry.concepts and hit.follows_untaxed:
        weight *= 0.2
    if not hit.is_leading:
        weight *= _after_other_words(hit, field)
    elif not hit.is_closed:
        weight *= 0.93
    elif hit.start > 1 and field.kind is Kind.IBAN:
        weight *= 0.95
    if not field.kind.is_number and _is_part_of_longer(hit):
        weight *= 0.7 if hit.segment.tokens[hit.end - 1].fold in NUMBER_WORDS else 0.4
    if is_short(hit) and field.kind not in (Kind.DATE, Kind.DATETIME, Kind.MONEY):
        weight *= 0.5
    return weight * (_code_weight(hit) if field.kind is Kind.IDENTIFIER else 1.0)


def _code_weight(hit: Hit) -> float:
    """Return the weight of a label of codes: short unmarked words often mean something else."""
    is_weak = "#" not in hit.entry.phrase and len(hit.entry.phrase) < 8 and not hit.is_closed
    return (0.8 if is_weak else 1.0) * (0.5 if _goes_on_in_words(hit) else 1.0)


def _goes_on_in_words(hit: Hit) -> bool:
    """Return whether an unmarked label is followed by a word: ``Registration Act of 1938``."""
    last, *rest = hit.segment.tokens[hit.end - 1 :]
    is_open = not hit.is_closed and last.fold not in NUMBER_WORDS
    return is_open and rest[0].text.isalpha() and rest[0].fold not in NUMBER_WORDS


def _is_part_of_longer(hit: Hit) -> bool:
    """Return whether more words follow before the colon: ``Invoice date`` in ``... paid:``."""
    rest = hit.segment.tokens[hit.end : hit.end + 4]
    ends = next((n for n, t in enumerate(rest) if t.text[-1] in ":："), None)
    if hit.has_mark or ends is None:
        return False
    words = [t.fold for t in rest[: ends + 1] if t.fold]
    return bool(words) and all(word.isalpha() for word in words)


def _after_other_words(hit: Hit, field: Field) -> float:
    """Return the weight of a label that other words stand before: ``Alt Order #`` is another."""
    if not hit.is_closed or is_prose(hit.segment.tokens):
        return 0.45
    return 0.3 if field.kind is Kind.IDENTIFIER else 0.75


def is_title(hit: Hit) -> bool:
    """Return whether a label goes on to its segment's end: ``1 Wages, tips, other comp.``."""
    rest = hit.segment.tokens[hit.end :]
    if hit.has_mark or not hit.is_leading or not 0 < len(rest) <= _MAX_TITLE_REST:
        return False
    if any(t.fold.isdigit() for t in rest):
        return False
    return is_box_title(hit.segment) or is_continued(hit)
