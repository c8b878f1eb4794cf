"""Gives each field its option: what is sure first, a printed value to one field, doubts last.

Knows nothing of where options come from, nor of amounts, parties and rows, chosen elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from docextract.engine.text.text_document import Option, Reader, level
from docextract.schema import Kind

MAX_ALTERNATIVES = 4
_WITH_ALTERNATIVES = (Kind.MONEY, Kind.DATE, Kind.IBAN)
_WORDED = frozenset(
    {Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.CURRENCY, Kind.COUNTRY, Kind.ENUM, Kind.BOOLEAN}
)
_MIN_WORDS = 40
_MIN_TYPED, _USUAL_SHARE = 5, 0.08


def choose_rest(options: Mapping[str, list[Option]], chosen: dict[str, Option]) -> None:
    """Give the fields without a value their best option; a printed value serves one field."""
    taken = {option.key: option for option in chosen.values()}
    rest = (o for path, found in options.items() if path not in chosen for o in found)
    for option in sorted(rest, key=lambda o: -o.score):
        holder = taken.get(option.key)
        is_free = holder is None or (holder.hit is not None and holder.hit is option.hit)
        if is_free and option.path not in chosen and option.score >= level("kept"):
            chosen[option.path] = taken[option.key] = option


def doubted(
    reader: Reader, options: Mapping[str, list[Option]], chosen: Mapping[str, Option]
) -> dict[str, Option]:
    """Return what was chosen with what other evidence speaks against it, less what is too weak.

    No label announces it and the document is not what the schema describes; or another number
    begins with it: of ``4711`` and ``4711-2`` either may be meant, unless the field's own words,
    which it does not share with other fields, settle it.
    """
    kinship = _kinship(reader, options)
    words = {token.text for segment in reader.layout.segments for token in segment.tokens}
    weighed = {}
    for path, option in chosen.items():
        hit, is_code = option.hit, reader.index.fields[path].kind is Kind.IDENTIFIER
        if hit is None:
            option = option.also("document.kinship", kinship)
        elif is_code and hit.entry.ranks.get(path, 0):
            option = option.also("doubt.beginning_of_other", _is_begun(option.text, words))
        if option.score >= level("kept"):
            weighed[path] = option
    return weighed


def _is_begun(text: str, words: Collection[str]) -> bool:
    longer = (f"{text}-", f"{text}/")
    return any(word.startswith(longer) for word in words)


def _kinship(reader: Reader, options: Mapping[str, list[Option]]) -> float:
    """Return how far a document looks like what its schema describes, as a weight.

    It does where labels of the schema announce values of the right kind. Where hardly any does,
    what stands on top of the page is no seller, and no date an invoice's. A schema of few such
    fields or a page of few words tells nothing.
    """
    index = reader.index
    typed = [path for path in index.headers if index.fields[path].kind not in _WORDED]
    num_words = sum(len(segment.tokens) for segment in reader.layout.segments)
    if len(typed) < _MIN_TYPED or num_words < _MIN_WORDS:
        return 1.0
    found = sum(bool(options.get(p)) and options[p][0].score >= level("sure_label") for p in typed)
    return max(level("stranger"), min(1.0, found / len(typed) / _USUAL_SHARE))


def remaining_options(
    reader: Reader, options: Mapping[str, list[Option]], chosen: Mapping[str, Option]
) -> dict[str, list[Option]]:
    """Return by field path up to ``MAX_ALTERNATIVES`` other printed values, best first.

    Only amounts, dates and account numbers have any, be it that nothing was taken.
    """
    remaining = {}
    for path, found in options.items():
        if reader.index.fields[path].kind in _WITH_ALTERNATIVES:
            taken, best = chosen.get(path), dict[str, Option]()
            for option in sorted(found, key=lambda o: -o.score):
                if taken is None or option.text != taken.text:
                    best.setdefault(option.text, option)
            remaining[path] = list(best.values())[:MAX_ALTERNATIVES]
    return {path: others for path, others in remaining.items() if others}
