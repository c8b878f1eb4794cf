"""Weighs what stands beside or below a label as a value of the field it announces.

Knows nothing of arithmetic between fields; every option is judged on its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from docextract.engine.text.fields.positions import Spot, find_spots, segments_below
from docextract.engine.text.labels.matches import is_prose
from docextract.engine.text.labels.strength import (
    is_carried_on,
    is_continued,
    is_short,
    label_factors,
)
from docextract.engine.text.text_document import (
    Factors,
    Hit,
    Index,
    Option,
    Reader,
    Token,
    level,
)
from docextract.engine.text.values.checkboxes import answer
from docextract.engine.text.values.names import may_name
from docextract.engine.text.values.pick import Pick, pick, whole_code
from docextract.schema import Field, Kind

__all__ = ["field_options", "is_header", "segments_below"]

_WORDED = frozenset({Kind.TEXT, Kind.NAME, Kind.ADDRESS})


def field_options(reader: Reader, skip: set[int]) -> dict[str, list[Option]]:
    """Return options by field path, best first, for fields outside lists.

    Args:
        reader: the document.
        skip: ids of segments in tables; their labels announce columns.
    """
    options: dict[str, list[Option]] = {}
    for hit in reader.hits:
        if id(hit.segment) in skip or not hit.entry.ranks:
            continue
        fields = [reader.index.fields[path] for path in hit.entry.ranks]
        wanted = [f for f in fields if is_header(f, reader.index)]
        if not wanted:
            continue
        spots = list(find_spots(reader, hit, skip))
        for item in wanted:
            for option in _options(reader, hit, item, spots):
                options.setdefault(item.path, []).append(option)
    for path, found in options.items():
        options[path] = sorted(found, key=lambda option: -option.score)
    return options


def is_header(field: Field, index: Index) -> bool:
    """Return whether a field is filled by labels rather than as a table's cell.

    The scalars of an outer list whose rows hold a list themselves (``accounts[].iban``
    beside ``accounts[].transactions[]``) are headers of the one account on the page.
    """
    return field.path in index.headers


def _options(reader: Reader, hit: Hit, field: Field, spots: list[Spot]) -> Iterator[Option]:
    label = tuple(label_factors(hit, field))
    if field.kind is Kind.BOOLEAN:
        said = answer(reader.layout, hit.segment, hit.start, hit.end)
        if said is not None:
            yield Option(field.path, said.tokens, said.text, (*label, *said.factors), None, hit)
        return
    if field.kind in _WORDED and not hit.has_mark and is_prose(hit.segment.tokens):
        return
    for spot in spots:
        if not _may_stand(hit, field, spot):
            continue
        found = _picks(reader, hit, field, spot)
        for tokens, text, reading, candidate in found:
            why = *label, *spot.factors, *reading, *_fit(hit, field, spot, tokens)
            option = Option(field.path, tokens, text, why, candidate, hit)
            if option.score >= level("considered"):
                yield option
        if found and found[0].weight > level("plain_reading"):
            break


def _may_stand(hit: Hit, field: Field, spot: Spot) -> bool:
    """Return whether values of a field are ever printed in such a spot."""
    if spot.relation == "left":
        return field.kind.is_number
    is_rest = spot.relation == "box" or (spot.relation == "same" and is_continued(hit))
    return not (is_rest and field.kind in _WORDED)


def _fit(hit: Hit, field: Field, spot: Spot, tokens: list[Token]) -> Factors:
    """Return what speaks against a value's place and wording for a field."""
    is_apart = spot.relation == "right" and not field.kind.is_number and is_carried_on(hit)
    is_apart = is_apart and hit.segment.tokens[-1].text[-1] not in ":："
    is_open = field.kind in _WORDED and not hit.has_mark and _is_running_text(tokens)
    return (
        ("spot.behind_longer_label", is_apart),
        ("spot.apart_from_short_label", is_short(hit) and spot.relation != "same"),
        ("spot.in_open_text", is_open),
    )


def _picks(reader: Reader, hit: Hit, field: Field, spot: Spot) -> list[Pick]:
    """Return what could be a field's value at a spot, best first."""
    candidates = reader.candidates_of(spot.segment)
    found = pick(field, spot.segment, spot.start, spot.end, candidates)
    if field.kind is Kind.IDENTIFIER and (hit.is_closed or hit.is_whole):
        dated = any(c.kind is Kind.DATE for c in candidates)
        is_cell = spot.end == len(spot.segment.tokens) and not dated
        found = (whole_code(spot.segment.tokens[spot.start :]) if is_cell else []) or found
    if field.kind is Kind.NAME:
        is_open = spot.relation == "same" and not hit.has_mark
        found = [p for p in found if may_name(p.text, is_open) and not is_prose(p.tokens)]
    return found


def _is_running_text(tokens: list[Token]) -> bool:
    """Return whether words are a part of a sentence: long, or without any capital."""
    is_small = len(tokens) > 2 and not any(c.isupper() for t in tokens for c in t.text)
    return is_small or is_prose(tokens)
