"""Weighs what stands beside or below a label as a value of the field it announces.

Knows nothing of arithmetic between fields; every option is judged on its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docextract.engine.text.candidates import Candidate
from docextract.engine.text.labels import Hit, Index
from docextract.engine.text.layout import Layout, Line, Segment
from docextract.engine.text.names import NAME_LABELS, looks_like_label, may_name
from docextract.engine.text.reading import pick, whole_code
from docextract.engine.text.tokens import Token, fold
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_MAX_RIGHT = 4
_MAX_BELOW_HEIGHTS = 3.2
_MAX_COLUMN_LINES = 40
_SHORT = 3
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
    for spot in spots:
        found = pick(field, spot.segment, spot.start, spot.end, reader.candidates_of(spot.segment))
        if field.kind is Kind.IDENTIFIER and (hit.is_closed or hit.is_whole):
            dated = any(c.kind is Kind.DATE for c in reader.candidates_of(spot.segment))
            is_cell = spot.end == len(spot.segment.tokens) and not dated
            found = (whole_code(spot.segment.tokens[spot.start :]) if is_cell else []) or found
        if field.kind is Kind.NAME:
            is_open = (
                spot.relation == "same" and hit.segment.tokens[hit.end - 1].text[-1] not in ":#="
            )
            found = [p for p in found if may_name(p.text, is_open)]
        for tokens, text, weight, candidate in found:
            score = label * spot.weight * weight
            if spot.relation == "right" and not field.kind.is_number and _is_carried_on(hit):
                score *= 0.4
            if _is_short(hit) and spot.relation != "same":
                score *= 0.3
            if score >= 0.12:
                yield Option(field.path, tokens, text, score, candidate, hit)
        if found and found[0][2] > 0.7:
            break


def _is_carried_on(hit: Hit) -> bool:
    """Return whether words follow a label in its segment, as in ``Register of Bern``."""
    return any(token.fold.isalpha() for token in hit.segment.tokens[hit.end :])


def _is_short(hit: Hit) -> bool:
    return len(hit.entry.phrase) <= _SHORT and not hit.is_closed


def _label_weight(hit: Hit, field: Field) -> float:
    weight = hit.quality * max(0.7, 1.0 - 0.015 * hit.entry.ranks[field.path])
    if not hit.is_leading:
        weight *= 0.75 if hit.is_closed else 0.45
    elif not hit.is_closed:
        weight *= 0.93
    if _is_short(hit) and field.kind not in (Kind.DATE, Kind.MONEY):
        weight *= 0.5
    if "#" not in hit.entry.phrase and field.kind is Kind.IDENTIFIER:
        weight *= 0.8 if len(hit.entry.phrase) < 8 and not hit.is_closed else 1.0
    return weight


def _spots(reader: Reader, hit: Hit, skip: set[int]) -> Iterator[Spot]:
    segment = hit.segment
    end = _until_next_hit(reader, segment, hit.end)
    if hit.end < end:
        yield Spot(segment, hit.end, end, 1.0, "same")
    words = [t for t in segment.tokens[hit.end :] if t.fold and t.text[0] not in "("]
    is_followed = len(words) > 0 and not hit.is_tiled
    has_right = False
    if not (is_followed and hit.is_closed):
        for spot in _right_spots(reader, hit):
            has_right = True
            spot.weight *= max(0.6, 1.0 - 0.07 * len(words))
            yield spot
    if not is_followed:
        yield from _below_spots(reader, hit, skip, 0.55 if has_right else 0.85)


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
    is_hit = any(
        h.start == 0 and (h.is_closed or h.is_whole) and (h.is_whole or h.entry.phrase != "#")
        for h in hits
    )
    return is_hit or looks_like_label(segment.text)


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
