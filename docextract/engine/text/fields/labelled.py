"""Weighs what stands behind, beside or below a label, or in its box, as its field's value.

Knows nothing of arithmetic between fields; every option is judged on its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from docextract.engine.text.labels.matches import is_box_title, is_prose
from docextract.engine.text.labels.strength import (
    is_continued,
    is_of_register,
    is_short,
    is_title,
    label_factors,
)
from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Factors,
    Hit,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    given,
    join,
    level,
)
from docextract.engine.text.values.checkboxes import answer
from docextract.engine.text.values.names import NAME_LABELS, looks_like_label, may_name
from docextract.engine.text.values.names import is_title as is_document_title
from docextract.engine.text.values.pick import Pick, pick, whole_code
from docextract.schema import Field, Kind

_WORDED = frozenset({Kind.TEXT, Kind.NAME, Kind.ADDRESS})
_NAMED_AGAIN = frozenset({Kind.MONEY, Kind.TAX_ID})
_MAX_RIGHT = 4
_MAX_BELOW_HEIGHTS, _MAX_ROW_GAP = 3.2, 2.0
_MAX_COLUMN_LINES = 40
_MAX_BETWEEN = 7
_LARGER, _APART = 1.15, 0.5
"""A value above its caption is so much larger, and what is below so many heights away."""
_OVERLAP = 0.2
"""A value so far beside a label's height stands beside it, also between its two lines."""
_BARE = NUMBER_WORDS | fold_words("codes", "reference") | fold_words("codes", "series")
"""What may stand between a title and its number."""
_MAX_CAPITALS = 4
"""So many capitals may begin a number: ``INV 4711``."""
_TOTAL_WORDS = fold_words("totals", "heads")


class _Spot(NamedTuple):
    """A place where a hit's value may stand: a segment from a token on."""

    segment: Segment
    relation: str
    factors: Factors = ()
    start: int = 0
    end: int | None = None


def field_options(reader: Reader, skip: set[int]) -> dict[str, list[Option]]:
    """Return options by field path, best first, for fields outside lists.

    Args:
        reader: the document.
        skip: ids of segments in tables; their labels announce columns.
    """
    options: dict[str, list[Option]] = {}
    for hit in reader.hits:
        fields = [reader.index.fields[path] for path in hit.entry.ranks]
        wanted = [field for field in fields if reader.index.is_header(field)]
        is_in_table = id(hit.segment) in skip
        if is_in_table:
            wanted = [f for f in wanted if reader.index.concept_of[f.path] == "due_date"]
        if not wanted:
            continue
        spots = list(_below_in_table(reader, hit) if is_in_table else _spots(reader, hit, skip))
        for field in wanted:
            options.setdefault(field.path, []).extend(_options(reader, hit, field, spots))
    return {
        path: sorted(found, key=lambda option: -option.score)
        for path, found in options.items()
        if found
    }


def _options(reader: Reader, hit: Hit, field: Field, spots: list[_Spot]) -> Iterator[Option]:
    if field.kind is Kind.IDENTIFIER and is_of_register(hit):
        return
    label = tuple(label_factors(hit, field))
    if field.kind is Kind.BOOLEAN:
        said = answer(reader.layout, hit.segment, hit.start, hit.end)
        if said is not None:
            yield Option(field.path, said.tokens, said.text, (*label, *said.factors), None, hit)
        return
    if field.kind in _WORDED and not hit.has_mark and is_prose(hit.segment.tokens):
        return
    for spot in spots:
        if not _may_stand(reader, hit, field, spot):
            continue
        found = _picks(reader, hit, field, spot)
        for tokens, text, reading, candidate in found:
            why = *label, *spot.factors, *reading, *_fit(hit, field, spot, tokens)
            option = Option(field.path, tokens, text, why, candidate, hit)
            if option.score >= level("considered"):
                yield option
        if found and found[0].weight > level("plain_reading"):
            break


def _may_stand(reader: Reader, hit: Hit, field: Field, spot: _Spot) -> bool:
    """Return whether values of a field are ever printed in such a spot."""
    if spot.relation == "left":
        return field.kind.is_number
    if spot.relation != "same" and field.kind is Kind.IDENTIFIER:
        if _is_named_again(reader, hit, spot):
            return False
        # A row beside a label in the margin, or the head of the next column.
        is_row = reader.is_row_of_prices(spot.segment.line)
        is_other = is_row or _are_heads(reader, hit.segment, spot.segment)
        return spot.relation != "right" or not is_other
    if spot.relation == "right" and field.kind is Kind.MONEY and _is_named_again(reader, hit, spot):
        return False
    is_rest = spot.relation == "box" or (spot.relation == "same" and is_continued(hit))
    return not (is_rest and field.kind in _WORDED)


def _is_named_again(reader: Reader, hit: Hit, spot: _Spot) -> bool:
    """Return whether a text begins with another label and its value: ``VAT 10 %  Net 580.00``."""
    others = (h for h in reader.hits_in(spot.segment) if not h.start and h.rest)
    named = (h for h in others if not h.entry.concepts & hit.entry.concepts)
    fields = reader.index.fields
    return any(fields[path].kind in _NAMED_AGAIN for h in named for path in h.entry.ranks)


def _are_heads(reader: Reader, *segments: Segment) -> bool:
    """Return whether words without any digit each stand right over some with digits."""
    if any(token.has_digit for segment in segments for token in segment.tokens):
        return False
    below = (next(reader.layout.below(s, num_lines=1), None) for s in segments)
    return all(s is not None and any(token.has_digit for token in s.tokens) for s in below)


def _fit(hit: Hit, field: Field, spot: _Spot, tokens: list[Token]) -> Factors:
    """Return what speaks against a value's place and wording for a field."""
    # Words follow a label in its segment, as in ``Register of Bern``.
    is_carried_on = any(token.fold.isalpha() for token in hit.rest)
    is_apart = spot.relation == "right" and not field.kind.is_number and is_carried_on
    is_apart = is_apart and hit.segment.tokens[-1].text[-1] not in ":："
    is_open = field.kind in _WORDED and not hit.has_mark and _is_running_text(tokens)
    is_rated = field.kind is Kind.MONEY and any(t.text.endswith("%") for t in hit.rest)
    is_far = spot.relation != "same" and is_short(hit) and not is_rated
    return (
        ("spot.behind_longer_label", is_apart),
        ("spot.apart_from_short_label", is_far),
        ("spot.in_open_text", is_open),
    )


def _is_running_text(tokens: list[Token]) -> bool:
    """Return whether words are a part of a sentence: long, or without any capital."""
    is_small = len(tokens) > 2 and not any(c.isupper() for t in tokens for c in t.text)
    return is_small or is_prose(tokens)


def _picks(reader: Reader, hit: Hit, field: Field, spot: _Spot) -> list[Pick]:
    """Return what could be a field's value at a spot, best first."""
    candidates = reader.candidates_of(spot.segment)
    tokens = spot.segment.tokens[spot.start : spot.end]
    found = pick(field, spot.segment, spot.start, spot.end, candidates)
    if field.kind is Kind.IDENTIFIER and (hit.is_closed or hit.is_whole):
        is_cell = tokens[-1] is spot.segment.tokens[-1] and not reader.dates_of(spot.segment)
        found = (whole_code(tokens) if is_cell else []) or found
        if spot.relation in ("below", "box") and is_document_title(hit.segment.text):
            found = [p for p in found if not _is_named(spot.segment, p)]
    if field.kind is Kind.MONEY:
        found = [p for p in found if not _is_aside(hit, p)]
    if "paid" in hit.entry.concepts and spot.relation == "same":
        # ``Deposit £600.00, balance £1,200.00``
        found = sorted(found, key=lambda p: p.tokens[0].left)[:1] if _are_priced(found) else found
    if field.kind is Kind.NAME:
        is_open = spot.relation == "same" and not hit.has_mark
        found = [p for p in found if may_name(p.text, is_open) and not is_prose(p.tokens)]
    return found


def _are_priced(found: list[Pick]) -> bool:
    return all(p.candidate is not None and p.candidate.is_priced for p in found)


def _is_aside(hit: Hit, amount: Pick) -> bool:
    """Return whether an amount ends a bracket of its label: ``Total (incl. VAT £160.00)``."""
    tokens = hit.segment.tokens
    start = next((n for n, t in enumerate(tokens) if t is amount.tokens[0]), 0)
    label = join(tokens[hit.start : start])
    return label.count("(") > label.count(")")


def _is_named(segment: Segment, code: Pick) -> bool:
    """Return whether words name a code as another number than that of a title: ``Ticket 4711``."""
    end = code.tokens[-1].left
    words = (t for t in segment.tokens if t.left < end and t.fold and not t.has_digit)
    bare = (t for t in words if not (t.text.isupper() and len(t.fold) <= _MAX_CAPITALS))
    return any(token.fold not in _BARE for token in bare)


def _spots(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[_Spot]:
    """Yield the places where a hit's value may stand, likeliest first."""
    titled = _captioned(reader, hit)
    if titled is not None:
        yield _Spot(titled, "below", given("spot.below"))
        return
    end = _until_next_hit(reader, hit)
    has_rest = is_title(hit)
    if hit.end < end and not has_rest:
        yield _Spot(hit.segment, "same", (), hit.end, end)
    num_words = sum(bool(t.fold) and t.text[0] != "(" for t in hit.rest)
    is_followed = num_words > 0 and not hit.is_tiled and not has_rest
    right = [] if is_followed and hit.is_closed else list(_right_spots(reader, hit))
    between = ("spot.words_between", min(_MAX_BETWEEN, num_words))
    yield from (spot._replace(factors=(*spot.factors, between)) for spot in right)
    if is_followed:
        return
    where = "spot.below_though_right" if right else "spot.below"
    below = list(_below_spots(reader, hit, skip, (*given(where), ("spot.below_a_title", has_rest))))
    found = below or list(_in_box(reader, hit, skip))
    yield from found or (() if right else _left_spots(reader, hit))


def _captioned(reader: Reader, hit: Hit) -> Segment | None:
    """Return the value right above a label that is its caption: in smaller print, close to it."""
    label = hit.segment
    above = (s for s in reader.layout.above(label) if s.left < label.right and s.right > label.left)
    is_sure = hit.is_whole and not hit.has_mark and not reader.layout.is_ocr  # Of its heights.
    value = next(above, None) if is_sure else None
    if value is None or value.height < _LARGER * label.height or _is_label(reader, value):
        return None
    below = next(reader.layout.below(label, num_lines=2), None)
    gap = label.top - value.bottom
    is_apart = below is None or below.top - label.bottom > max(2 * gap, _APART * label.height)
    has_value = any(token.has_digit for token in value.tokens)
    return value if has_value and gap < label.height and is_apart else None


def _below_in_table(reader: Reader, hit: Hit) -> Iterator[_Spot]:
    """Yield the one day below a label that heads a column: a table of one row says how to pay."""
    below = list(reader.layout.below(hit.segment, hit.left, hit.right, num_lines=2))
    dated = [segment for segment in below if reader.dates_of(segment)]
    if hit.is_whole and len(dated) == 1 and dated == below[:1]:
        yield _Spot(dated[0], "below", given("spot.below"))


def _until_next_hit(reader: Reader, hit: Hit) -> int:
    """Return the index of the next closed label in a hit's segment, or the segment's end."""
    end = len(hit.segment.tokens)
    others = (
        other.start
        for other in reader.hits_in(hit.segment)
        if other.start >= hit.end and other.is_closed and other.end < end
    )
    return next(others, end)


def _right_spots(reader: Reader, hit: Hit) -> Iterator[_Spot]:
    following = reader.layout.beside(hit.segment) or _beside_lower_half(reader, hit)
    if _is_label_row(reader, hit, following):
        return
    for number, segment in enumerate(following[:_MAX_RIGHT]):
        is_name_label = segment.text.endswith(":") and fold(segment.text) in NAME_LABELS
        if _is_label(reader, segment) or (segment.text.endswith(":") and not is_name_label):
            return
        if not is_name_label:
            yield _Spot(segment, "right", (*given("spot.right"), ("spot.further_right", number)))


def _beside_lower_half(reader: Reader, hit: Hit) -> list[Segment]:
    """Return what stands between the heights of a label and of the line below it goes on in."""
    label = hit.segment
    rest = next(reader.layout.below(label, num_lines=2), None)
    is_open = label.text.count("(") > label.text.count(")")
    if rest is None or rest.line != label.line + 2 or not hit.is_whole or is_open:
        return []
    within = (s for s in reader.layout.lines[label.line + 1].segments if s.left > label.right)
    return [s for s in within if label.bottom - s.top > _OVERLAP * label.height][:1]


def _is_label_row(reader: Reader, hit: Hit, following: list[Segment]) -> bool:
    """Return whether labels stand side by side here, over a row of their values."""
    if not hit.is_whole:
        return False
    if following and not _is_label(reader, following[0]) and reader.candidates_of(following[0]):
        return False
    segments = reader.layout.lines[hit.segment.line].segments
    num_labels = sum(_is_label(reader, segment) for segment in segments)
    return num_labels >= max(3, len(segments) - 1)


def _is_label(reader: Reader, segment: Segment) -> bool:
    """Return whether a segment begins with a label rather than being a value."""
    is_hit = any(
        h.is_leading and h.start < 2 and (h.is_whole or (h.is_closed and h.entry.phrase != "#"))
        for h in reader.hits_in(segment)
    )
    return is_hit or looks_like_label(segment.text) or is_box_title(segment)


def _below_spots(reader: Reader, hit: Hit, skip: set[int], why: Factors) -> Iterator[_Spot]:
    segment = hit.segment
    below = next(reader.layout.below(segment, hit.left, hit.right), None)
    is_near = below is not None and below.line == segment.line + 1
    yield from () if is_near else _next_line(reader, hit, skip)
    if below is None or id(below) in skip:
        return
    gap = (below.top - segment.bottom) / max(segment.height, 1e-6)
    is_label = _is_label(reader, below) or below.text.endswith(":")
    if gap > _MAX_BELOW_HEIGHTS or is_label:
        return
    foot = _column_foot(reader, below, hit.left, hit.right)
    if foot is not None:
        yield _Spot(foot, "below", why)
    heads = foot is None and _heads_column(reader, below)
    yield _Spot(below, "below", (*why, ("spot.gap", max(gap, 0.0)), ("spot.heads_column", heads)))


def _next_line(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[_Spot]:
    """Yield the day that begins the line on which a sentence goes on behind a label at its end."""
    segment = hit.segment
    under = next(reader.layout.below(segment, num_lines=1), None)
    if under is None or id(under) in skip or abs(under.left - segment.left) > segment.height:
        return
    is_due = hit.start > 0 and "due_date" in hit.entry.concepts
    if is_due and any(not date.start for date in reader.dates_of(under)):
        yield _Spot(under, "below", given("spot.below"))


def _heads_column(reader: Reader, first: Segment) -> bool:
    """Return whether another price stands right below one: a label over both is no total's."""
    under = next(reader.layout.below(first, num_lines=1), None)
    if under is None or under.top - first.bottom > _MAX_ROW_GAP * first.height:
        return False
    is_aligned = min(abs(under.right - first.right), abs(under.left - first.left)) < first.height
    return is_aligned and all(
        any(c.kind is Kind.MONEY and c.num_decimals for c in reader.candidates_of(s))
        and reader.is_row_of_prices(s.line)
        for s in (first, under)
    )


def _column_foot(reader: Reader, first: Segment, left: float, right: float) -> Segment | None:
    """Return the amount in the row of totals that ends the column of numbers below a label."""
    if not _is_number(reader, first):
        return None
    margin = 0.3 * first.height
    left, right = left - margin, right + margin
    for line in reader.layout.lines[first.line + 1 : first.line + 1 + _MAX_COLUMN_LINES]:
        inside = [s for s in line.segments if s.left < right and s.right > left]
        if line.page != first.page or not inside or not _is_number(reader, inside[0]):
            return None
        if line.tokens[0].fold in _TOTAL_WORDS and len(line.segments) > 1:
            return inside[0]
    return None


def _is_number(reader: Reader, segment: Segment) -> bool:
    return any(c.kind is Kind.MONEY for c in reader.candidates_of(segment))


def _in_box(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[_Spot]:
    """Yield what stands to the lower right of a label, short of the next label beside it.

    Forms print the label in a box's upper left corner and amounts at its right edge.
    """
    segment, beside = hit.segment, reader.layout.beside(hit.segment)
    if not hit.is_leading or (beside and not _is_label(reader, beside[0])):
        return
    width = reader.layout.sizes[segment.page][0]
    right = beside[0].left - segment.height if beside else width
    for below in reader.layout.below(segment, hit.left, right, num_lines=1):
        is_near = below.top - segment.bottom < segment.height
        if is_near and below.right <= right and id(below) not in skip:
            foot = _column_foot(reader, below, below.left, below.right)
            yield _Spot(foot or below, "box", given("spot.box"))


def _left_spots(reader: Reader, hit: Hit) -> Iterator[_Spot]:
    """Yield the amount printed before its label, where nothing follows it: ``12.50  Total``."""
    before = reader.layout.before(hit.segment)
    if before is None or before.column or not hit.is_whole or reader.layout.beside(hit.segment)[1:]:
        return
    amounts = (c for c in reader.candidates_of(before) if c.kind is Kind.MONEY)
    if any(c.tokens == before.tokens for c in amounts):
        yield _Spot(before, "left", given("spot.left"))
