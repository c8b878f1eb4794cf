"""Weighs what stands beside or below a label as a value of the field it announces.

Knows nothing of arithmetic between fields; every option is judged on its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docextract.engine.text.candidates import Candidate
from docextract.engine.text.labels import Hit, is_box_title, is_prose
from docextract.engine.text.layout import Layout, Line, Segment
from docextract.engine.text.names import NAME_LABELS, looks_like_label, may_name
from docextract.engine.text.phrases import Index
from docextract.engine.text.reading import NUMBER_WORDS, Pick, pick, whole_code
from docextract.engine.text.tokens import Token, fold
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_MAX_RIGHT = 4
_MAX_BELOW_HEIGHTS = 3.2
_MAX_COLUMN_LINES = 40
_SHORT = 3
_MAX_TITLE_REST = 8
_WORDED = frozenset({Kind.TEXT, Kind.NAME, Kind.ADDRESS})
_TOTAL_WORDS = frozenset({"total", "totals", "gesamt", "summe", "totale", "totaal"})


@dataclass(eq=False, slots=True)
class Option:
    """One possible value of a field, and how well its place supports it (0 to 1)."""

    path: str
    tokens: list[Token]
    text: str
    score: float
    candidate: Candidate | None = None
    hit: Hit | None = None

    @property
    def key(self) -> tuple[int, int, float]:
        """What identifies the printed thing, whoever proposes it."""
        return (self.tokens[0].page, self.tokens[0].word, self.tokens[0].left)


@dataclass(slots=True)
class Reader:
    """What the steps share: the layout, its candidates, hits and the schema's index."""

    layout: Layout
    index: Index
    candidates: dict[int, list[Candidate]]
    hits: list[Hit]
    hits_of: dict[int, list[Hit]]

    at: dict[int, list[Candidate]] = field(default_factory=dict)

    line_of: dict[int, int] = field(default_factory=dict)

    def hits_at(self, token: Token) -> list[Hit]:
        """Return the hits on the line's segments that begin at a token."""
        line = self.line_of.get(id(token))
        if line is None:
            return []
        return [
            hit
            for segment in self.layout.lines[line].segments
            for hit in self.hits_of.get(id(segment), ())
            if segment.tokens[hit.start] is token
        ]

    def candidates_at(self, tokens: Iterable[Token]) -> list[Candidate]:
        """Return the candidates that begin at one of some tokens."""
        return [c for token in tokens for c in self.at.get(id(token), ())]

    def candidates_of(self, segment: Segment) -> list[Candidate]:
        """Return the candidates standing in a segment, left to right."""
        return self.candidates.get(id(segment), [])


@dataclass(slots=True)
class Spot:
    """A place where a hit's value may stand: a segment from a token on."""

    segment: Segment
    start: int
    end: int
    weight: float
    relation: str


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
        spots = list(_spots(reader, hit, skip))
        for item in wanted:
            for option in _options(reader, hit, item, spots):
                options.setdefault(item.path, []).append(option)
    for path, found in options.items():
        if reader.index.fields[path].kind is Kind.NAME:
            _prefer_own(found)
        found.sort(key=lambda option: -option.score)
    return options


def _prefer_own(found: list[Option]) -> None:
    """Weigh labels a name merely shares with others less where its best label is printed."""
    ranks = [o.hit.entry.ranks[o.path] if o.hit else 0 for o in found]
    if any(rank == 0 and o.score > 0.3 for o, rank in zip(found, ranks, strict=True)):
        for option, rank in zip(found, ranks, strict=True):
            option.score *= 0.7 if rank else 1.0


def is_header(field: Field, index: Index) -> bool:
    """Return whether a field is filled by labels rather than as a table's cell.

    The scalars of an outer list whose rows hold a list themselves (``accounts[].iban``
    beside ``accounts[].transactions[]``) are headers of the one account on the page.
    """
    if field.list_path is None:
        return True
    inner = field.list_path + "[]."
    return any(
        other.list_path != field.list_path and other.path.startswith(inner)
        for other in index.fields.values()
        if other.list_path
    )


def _options(reader: Reader, hit: Hit, field: Field, spots: list[Spot]) -> Iterator[Option]:
    label = _label_weight(hit, field)
    is_worded = field.kind in _WORDED
    if is_worded and not hit.has_mark and is_prose(hit.segment.tokens):
        return
    for spot in spots:
        found = _picks(reader, hit, field, spot)
        if is_worded and (spot.relation == "box" or _goes_on(hit, spot)):
            continue
        for tokens, text, weight, candidate in found:
            score = label * spot.weight * weight
            if spot.relation == "right" and not field.kind.is_number and _is_carried_on(hit):
                score *= 0.4
            if _is_short(hit) and spot.relation != "same":
                score *= 0.3
            if is_worded and not hit.has_mark and _is_running_text(tokens):
                score *= 0.4
            if score >= 0.12:
                yield Option(field.path, tokens, text, score, candidate, hit)
        if found and found[0][2] > 0.7:
            break


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


def _goes_on(hit: Hit, spot: Spot) -> bool:
    return spot.relation == "same" and _is_continued(hit)


def _is_continued(hit: Hit) -> bool:
    """Return whether the words behind a label go on with it: ``Name, address``, ``Term of``."""
    tokens = hit.segment.tokens
    if hit.has_mark or hit.end >= len(tokens):
        return False
    following = tokens[hit.end].text
    return tokens[hit.end - 1].text[-1] in ",/" or following[0] in "(/,&" or following[0].islower()


def _is_carried_on(hit: Hit) -> bool:
    """Return whether words follow a label in its segment, as in ``Register of Bern``."""
    return any(token.fold.isalpha() for token in hit.segment.tokens[hit.end :])


def _is_short(hit: Hit) -> bool:
    return len(hit.entry.phrase) <= _SHORT and not hit.is_closed


def _label_weight(hit: Hit, field: Field) -> float:
    weight = hit.quality * max(0.7, 1.0 - 0.02 * hit.entry.ranks[field.path])
    if not hit.is_leading:
        weight *= _after_other_words(hit, field)
    elif not hit.is_closed:
        weight *= 0.93
    if not field.kind.is_number and _is_part_of_longer(hit):
        weight *= 0.7 if hit.segment.tokens[hit.end - 1].fold in NUMBER_WORDS else 0.4
    if _is_short(hit) and field.kind not in (Kind.DATE, Kind.MONEY):
        weight *= 0.5
    if "#" not in hit.entry.phrase and field.kind is Kind.IDENTIFIER:
        weight *= 0.8 if len(hit.entry.phrase) < 8 and not hit.is_closed else 1.0
    return weight


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


def _spots(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[Spot]:
    segment = hit.segment
    end = _until_next_hit(reader, segment, hit.end)
    is_title = _is_title(hit)
    if hit.end < end and not is_title:
        yield Spot(segment, hit.end, end, 1.0, "same")
    words = [t for t in segment.tokens[hit.end :] if t.fold and t.text[0] not in "("]
    is_followed = len(words) > 0 and not hit.is_tiled and not is_title
    has_right = False
    if not (is_followed and hit.is_closed):
        for spot in _right_spots(reader, hit):
            has_right = True
            spot.weight *= max(0.6, 1.0 - 0.07 * len(words))
            yield spot
    if not is_followed:
        weight = 0.55 if has_right else 0.85
        below = list(_below_spots(reader, hit, skip, weight * (0.85 if is_title else 1.0)))
        yield from below or _in_box(reader, hit, skip)


def _is_title(hit: Hit) -> bool:
    """Return whether a label goes on to its segment's end: ``1 Wages, tips, other comp.``."""
    rest = hit.segment.tokens[hit.end :]
    if hit.has_mark or not hit.is_leading or not 0 < len(rest) <= _MAX_TITLE_REST:
        return False
    if any(c.isdigit() for t in rest for c in t.text):
        return False
    return is_box_title(hit.segment) or _is_continued(hit)


def _in_box(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[Spot]:
    """Yield what stands to the lower right of a label, short of the next label beside it.

    Forms print the label in a box's upper left corner and amounts at its right edge.
    """
    line = reader.layout.lines[hit.segment.line]
    beside = line.segments[hit.segment.column + 1 :]
    if not hit.is_leading or (beside and not _is_label(reader, beside[0])):
        return
    right = beside[0].left - hit.segment.height if beside else reader.layout.sizes[line.page][0]
    for below in segments_below(reader.layout, hit.segment, hit.left, right, num_lines=1):
        is_near = below.top - hit.segment.bottom < hit.segment.height
        if is_near and below.right <= right and id(below) not in skip:
            yield Spot(below, 0, len(below.tokens), 0.6, "box")


def _until_next_hit(reader: Reader, segment: Segment, start: int) -> int:
    """Return the index of the next closed label in a segment, or the segment's end."""
    for other in reader.hits_of.get(id(segment), ()):
        if other.start >= start and (other.is_closed and other.end < len(segment.tokens)):
            return other.start
    return len(segment.tokens)


def _right_spots(reader: Reader, hit: Hit) -> Iterator[Spot]:
    line = reader.layout.lines[hit.segment.line]
    weight = 0.97
    if _is_label_row(reader, line, hit):
        return
    following = line.segments[hit.segment.column + 1 :]
    for segment in following[:_MAX_RIGHT]:
        if _is_label(reader, segment):
            return
        if segment.text.endswith(":"):
            if fold(segment.text) in NAME_LABELS:
                continue
            return
        yield Spot(segment, 0, len(segment.tokens), weight, "right")
        weight *= 0.93


def _is_label_row(reader: Reader, line: Line, hit: Hit) -> bool:
    """Return whether labels stand side by side here, over a row of their values."""
    following = line.segments[hit.segment.column + 1 : hit.segment.column + 2]
    if following and not _is_label(reader, following[0]) and reader.candidates_of(following[0]):
        return False
    labels = [s for s in line.segments if _is_label(reader, s)]
    if len(labels) < 3 or not hit.is_whole:
        return False
    return len(labels) >= len(line.segments) - 1


def _is_label(reader: Reader, segment: Segment) -> bool:
    """Return whether a segment begins with a label rather than being a value."""
    hits = reader.hits_of.get(id(segment), ())
    is_hit = any(h.is_leading and h.start < 2 and (h.is_closed or h.is_whole) for h in hits)
    return is_hit or looks_like_label(segment.text) or is_box_title(segment)


def _below_spots(reader: Reader, hit: Hit, skip: set[int], weight: float) -> Iterator[Spot]:
    segment = hit.segment
    height = max(segment.height, 1e-6)
    for below in segments_below(reader.layout, segment, hit.left, hit.right):
        gap = (below.top - segment.bottom) / height
        if gap > _MAX_BELOW_HEIGHTS or id(below) in skip:
            return
        if _is_label(reader, below) or below.text.endswith(":"):
            return
        near = weight * (1.0 - 0.06 * max(gap, 0.0))
        foot = _column_foot(reader, hit, below)
        if foot is not None:
            yield Spot(foot, 0, len(foot.tokens), weight, "below")
        yield Spot(below, 0, len(below.tokens), near, "below")
        return


def _column_foot(reader: Reader, hit: Hit, first: Segment) -> Segment | None:
    """Return the amount in the row of totals that ends the column of numbers below a label."""
    if not _is_number(reader, first):
        return None
    margin = 0.3 * hit.segment.height
    for line in reader.layout.lines[first.line + 1 : first.line + 1 + _MAX_COLUMN_LINES]:
        inside = [
            s for s in line.segments if s.left < hit.right + margin and s.right > hit.left - margin
        ]
        if line.page != first.page or not inside or not _is_number(reader, inside[0]):
            return None
        if line.segments[0].tokens[0].fold in _TOTAL_WORDS and len(line.segments) > 1:
            return inside[0]
    return None


def _is_number(reader: Reader, segment: Segment) -> bool:
    return any(c.kind is Kind.MONEY for c in reader.candidates_of(segment))


def segments_below(
    layout: Layout, segment: Segment, left: float, right: float, num_lines: int = 6
) -> Iterator[Segment]:
    """Yield segments of the next lines that overlap a horizontal range, nearest first."""
    margin = segment.height
    for line in layout.lines[segment.line + 1 : segment.line + 1 + num_lines]:
        if line.page != segment.page:
            return
        for below in line.segments:
            if below.left < right + margin * 0.3 and below.right > left - margin * 0.3:
                yield below
                break
