"""Weighs how surely a phrase announces a field: alone, marked, or a part of longer words.

Knows nothing of values or of where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator

from docextract.engine.text.labels.matches import Hit, is_box_title, is_prose
from docextract.engine.text.layout import NUMBER_WORDS
from docextract.schema import Field, Kind

_SHORT, _SHORT_FOR_CODE = 3, 8
_MAX_TITLE_REST = 8
_LAST_RANK = 15
"""Labels further down a field's list all weigh the same."""


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


def label_factors(hit: Hit, field: Field) -> Iterator[tuple[str, float]]:
    """Yield what says how surely a phrase announces a field.

    A phrase that begins its segment, ends with a mark and ranks first among the field's labels
    has nothing against it. The account to pay to has a label of its own, accounts in remarks and
    running text stand among other words.
    """
    yield "label.quality", hit.quality
    yield "label.rank", min(_LAST_RANK, hit.entry.ranks[field.path])
    yield "label.before_tax", "tax" in hit.entry.concepts and hit.follows_untaxed
    if not hit.is_leading:
        yield _after_other_words(hit, field), True
    elif not hit.is_closed:
        yield "label.unmarked", True
    else:
        yield "label.not_first", hit.start > 1 and field.kind is Kind.IBAN
    if not field.kind.is_number and _is_part_of_longer(hit):
        is_number = hit.segment.tokens[hit.end - 1].fold in NUMBER_WORDS
        yield "label.part_of_number" if is_number else "label.part_of_longer", True
    is_plain = field.kind not in (Kind.DATE, Kind.DATETIME, Kind.MONEY)
    yield "label.short", is_plain and is_short(hit)
    if field.kind is Kind.IDENTIFIER:
        yield from _code_factors(hit)


def _code_factors(hit: Hit) -> Iterator[tuple[str, float]]:
    """Yield what speaks against a label of codes: short unmarked words often mean other things."""
    phrase = hit.entry.phrase
    is_weak = "#" not in phrase and len(phrase) < _SHORT_FOR_CODE and not hit.is_closed
    yield "label.weak_for_code", is_weak
    yield "label.goes_on_in_words", _goes_on_in_words(hit)


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


def _after_other_words(hit: Hit, field: Field) -> str:
    """Return the factor of a label that other words stand before: ``Alt Order #`` is another."""
    if not hit.is_closed or is_prose(hit.segment.tokens):
        return "label.in_open_text"
    return "label.inside_of_code" if field.kind is Kind.IDENTIFIER else "label.inside"


def is_title(hit: Hit) -> bool:
    """Return whether a label goes on to its segment's end: ``1 Wages, tips, other comp.``."""
    rest = hit.segment.tokens[hit.end :]
    if hit.has_mark or not hit.is_leading or not 0 < len(rest) <= _MAX_TITLE_REST:
        return False
    if any(t.fold.isdigit() for t in rest):
        return False
    return is_box_title(hit.segment) or is_continued(hit)
