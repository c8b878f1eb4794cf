"""Finds table headers: lines of labels, stacked into one cell per column.

Knows nothing of what stands below; rows are read elsewhere.
"""

from __future__ import annotations

import itertools

from docextract.engine.text.tables.columns.column_fields import (
    assign_labels,
    members_of,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column, Header
from docextract.engine.text.text_document import Hit, Line, Reader, Segment, Token
from docextract.schema import Field, Kind

_MAX_LINES = 6
_ALIGNED = 0.1
_WORD_GAP = 0.6
_NEIGHBOUR = 5.0
_SURE, _LIKELY = 0.9, 0.55
_Piece = list[Token]


def find_headers(reader: Reader, list_paths: tuple[str, ...]) -> list[Header]:
    """Return the headers on all pages, at most one per line, best list first."""
    announcing = sorted({hit.segment.line for hit in reader.hits if hit.entry.ranks})
    headers: list[Header] = []
    for number in announcing:
        if headers and number <= headers[-1].last_line:
            continue
        bands = _bands(reader, number)
        found = [
            header
            for path in list_paths
            for band in bands
            if (header := _header(reader, path, band)) is not None
        ]
        if found:
            headers.append(_with_rest(reader, max(found, key=lambda header: header.quality)))
    return headers


def _bands(reader: Reader, number: int) -> list[list[Line]]:
    """Return the line alone, and stacked with the lines close below it."""
    lines = reader.layout.lines
    bands = [[lines[number]]]
    for line in lines[number + 1 : number + _MAX_LINES]:
        if not _is_stacked(bands[-1], line):
            break
        bands.append([*bands[-1], line])
    return bands


def _is_stacked(band: list[Line], line: Line) -> bool:
    """Return whether a line is printed so close below that it may carry on a header."""
    gap = line.top - max(above.bottom for above in band)
    is_near = line.page == band[0].page and gap < (0.9 if len(band) < 3 else 0.5) * _height(line)
    return is_near and not any(c.isdigit() for c in line.text)


def _height(line: Line) -> float:
    return max(segment.height for segment in line.segments)


def _header(reader: Reader, list_path: str, band: list[Line]) -> Header | None:
    members = members_of(reader, list_path)
    if len(band) > 1 and any(c.isdigit() for c in band[0].text):
        return None
    parts = [_before_amounts(reader, line) for line in band]
    hits = _member_hits(reader, parts, members)
    if len(hits) < 2 or not any(hit.segment.line == band[0].index for hit in hits):
        return None
    edges = [[s.left for other in parts if other is not part for s in other] for part in parts]
    columns = _stack(
        [_pieces(reader, p, members, lefts) for p, lefts in zip(parts, edges, strict=True)]
    )
    table = score_table(columns, members, reader.index)
    total = assign_labels(columns, members, table)
    named = [column for column in columns if column.field is not None]
    scores = [s[c.field.path] for s, c in zip(table, columns, strict=True) if c.field]
    if len(named) < min(2, len(members)) or not _is_convincing(scores):
        return None
    named_left = min(
        column.left for column, found in zip(columns, table, strict=True)
        if column.field is not None or max(found.values(), default=0.0) >= _SURE
    )  # fmt: skip
    inside = [s for part in parts for s in part if s.right >= named_left]
    for column in reversed([c for c in columns if c.right < named_left]):
        is_close = named_left - column.right < _NEIGHBOUR * _height(band[0])
        if not is_close and any(c.is_text for c in named):
            break
        named_left = column.left
        if not is_close:
            break
    beside = [column.right for column in columns if column.right < named_left]
    columns = [column for column in columns if column.right >= named_left]
    if sum(any(c.isdigit() for c in t.text) for s in inside for t in s.tokens) > 1:
        return None
    if _label_share(hits, inside) < 0.2:
        return None
    quality = total - 0.15 * (len(band) - 1) + 0.4 * any(c.is_text for c in columns)
    left = max(max(beside), named_left - 2 * _height(band[0])) if beside else float("-inf")
    right = _right_bound(columns, band, parts)
    return Header(list_path, columns, band[0].index, band[-1].index, quality, left, right)


def _is_convincing(scores: list[float]) -> bool:
    return max(scores) >= _SURE and sum(score >= _LIKELY for score in scores) >= min(2, len(scores))


def _label_share(hits: list[Hit], inside: list[Segment]) -> float:
    """Return the share of a header's words that are labels; running text has few."""
    return sum(hit.end - hit.start for hit in hits) / sum(len(s.tokens) for s in inside)


def _member_hits(
    reader: Reader, parts: list[list[Segment]], members: dict[str, Field]
) -> list[Hit]:
    return [
        hit
        for part in parts
        for segment in part
        for hit in reader.hits_of.get(id(segment), ())
        if members.keys() & hit.entry.ranks.keys()
    ]


def _before_amounts(reader: Reader, line: Line) -> list[Segment]:
    """Return a line's segments left of the first amount and of the label announcing it."""
    for position, segment in enumerate(line.segments):
        amounts = [c for c in reader.candidates_of(segment) if c.kind is Kind.MONEY]
        if any(c.num_decimals == 2 or c.currency for c in amounts):
            return line.segments[: max(0, position - 1)]
    return line.segments


def _pieces(
    reader: Reader, part: list[Segment], members: dict[str, Field], lefts: list[float]
) -> list[_Piece]:
    """Cut a header line's segments where another cell begins inside one.

    That is where another member's label begins, or where a cell of the lines above and
    below (``lefts``) does.
    """
    pieces: list[_Piece] = []
    for segment in part:
        hits = _member_hits(reader, [[segment]], members)
        cuts = {
            hit.start for before, hit in itertools.pairwise(hits)
            if hit.start and _begins_cell(before, hit, members)
            and not before.entry.ranks.keys() & hit.entry.ranks.keys() & members.keys()
        }  # fmt: skip
        slack = _ALIGNED * segment.height
        cuts |= {
            n for n, token in enumerate(segment.tokens)
            if n and any(abs(token.left - left) < slack for left in lefts)
        }  # fmt: skip
        edges = [0, *sorted(cuts), len(segment.tokens)]
        pieces += [segment.tokens[a:b] for a, b in itertools.pairwise(edges)]
    return pieces


def _begins_cell(before: Hit, hit: Hit, members: dict[str, Field]) -> bool:
    """Return whether a label begins a cell of its own rather than carrying on another.

    ``Code Description`` are two cells however close, as neither names a number; of
    ``Net Unit Price`` only a gap wider than one between words makes two.
    """
    tokens = hit.segment.tokens
    gap = tokens[hit.start].left - tokens[hit.start - 1].right
    announced = members.keys() & (before.entry.ranks.keys() | hit.entry.ranks.keys())
    is_words = not any(members[path].kind.is_number for path in announced)
    is_one = tokens[hit.start - 1].text.endswith("/")
    return not is_one and (is_words or gap > _WORD_GAP * hit.segment.height)


def _stack(rows: list[list[_Piece]]) -> list[Column]:
    """Return a column per cell of the fullest line, with what stands above and below it.

    A cell over or under several others names them together and is left out.
    """
    fullest = max(range(len(rows)), key=lambda n: len(rows[n]))
    order = sorted(range(len(rows)), key=lambda n: abs(n - fullest))
    columns: list[Column] = []
    for number in order:
        for piece in rows[number]:
            _add_piece(columns, piece)
    for column in columns:
        column.label.sort(key=lambda token: (round(token.top, 1), token.left))
    return sorted(columns, key=lambda column: column.left)


def _add_piece(columns: list[Column], piece: _Piece) -> None:
    left, right = piece[0].left, piece[-1].right
    touched = [c for c in columns if c.left < right and left < c.right]
    if not touched:
        columns.append(Column(left, right, list(piece)))
    elif len(touched) == 1:
        column = touched[0]
        column.label.extend(piece)
        column.left, column.right = min(column.left, left), max(column.right, right)


def _with_rest(reader: Reader, header: Header) -> Header:
    """Let a header take the words below it that only carry on its labels.

    Lines of several short cells without digits, all under columns of values: units,
    currencies, ``excl. VAT``. A line of one cell counts where it is no column of text.
    """
    lines = reader.layout.lines
    band = lines[header.first_line : header.last_line + 1]
    for line in lines[header.last_line + 1 : header.first_line + _MAX_LINES]:
        under = [
            [c for c in header.columns if c.left < s.right and s.left < c.right]
            for s in line.segments
        ]
        is_label = all(len(found) == 1 and not found[0].is_text for found in under)
        gap = line.top - max(above.bottom for above in band)
        if not is_label or not _is_stacked(band, line) or gap > 0.5 * _height(line):
            break
        for segment, found in zip(line.segments, under, strict=True):
            found[0].label.extend(segment.tokens)
        band, header.last_line = [*band, line], line.index
    return header


def _right_bound(columns: list[Column], band: list[Line], parts: list[list[Segment]]) -> float:
    """Return where print right of the table begins."""
    cut = [
        line.segments[len(part)].left - 0.5 * _height(line)
        for line, part in zip(band, parts, strict=True)
        if len(part) < len(line.segments)
    ]
    last = columns[-1]
    if not last.is_text:
        cut.append(last.right + max(6 * _height(band[0]), last.right - last.left))
    return min(cut, default=float("inf"))
