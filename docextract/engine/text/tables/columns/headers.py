"""Finds table headers: lines of labels, stacked into one cell per column.

Knows nothing of what stands below; rows are read elsewhere.
"""

from __future__ import annotations

import itertools
from math import inf

from docextract.engine.text.tables.columns.column_fields import (
    Scores,
    assign_labels,
    members_of,
    score_table,
)
from docextract.engine.text.tables.columns.columns import Column, Header
from docextract.engine.text.text_document import (
    Hit,
    Line,
    Reader,
    Segment,
    Token,
    length,
    level,
    total_of,
)
from docextract.schema import Field

_MAX_LINES = 6
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
    most = length("near" if len(band) < 3 else "close") * _height(line)
    is_near = line.page == band[0].page and gap < most
    return is_near and not any(c.isdigit() for c in line.text)


def _height(line: Line) -> float:
    return max(segment.height for segment in line.segments)


def _header(reader: Reader, list_path: str, band: list[Line]) -> Header | None:
    members = members_of(reader, list_path)
    if len(band) > 1 and any(c.isdigit() for c in band[0].text):
        return None
    parts = [line.segments for line in band]
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
    height = _height(band[0])
    named_left = _leftmost(columns, table, height)
    beside = [column.right for column in columns if column.right < named_left]
    columns = [column for column in columns if column.right >= named_left]
    words = [t for part in parts for s in part if s.right >= named_left for t in s.tokens]
    # Running text has few labels.
    num_labels = sum(hit.end - hit.start for hit in hits)
    has_numbers = sum(any(c.isdigit() for c in token.text) for token in words) > 1
    if has_numbers or num_labels < level("header_words") * len(words):
        return None
    has_text = any(column.is_text for column in columns)
    quality = total_of(
        (("header.named", total), ("header.lines", len(band) - 1), ("header.text", has_text))
    )
    left = max(max(beside), named_left - 2 * height) if beside else float("-inf")
    right = _right_bound(columns, height)
    return Header(list_path, columns, band[0].index, band[-1].index, quality, left, right)


def _is_convincing(scores: list[float]) -> bool:
    num_likely = sum(score >= level("column_likely") for score in scores)
    return max(scores) >= level("column_sure") and num_likely >= min(2, len(scores))


def _leftmost(columns: list[Column], table: Scores, height: float) -> float:
    """Return where a table begins: at its first announced column, or at one close to its left."""
    named = [
        column for column, found in zip(columns, table, strict=True)
        if column.field is not None or max(found.values(), default=0) >= level("column_sure")
    ]  # fmt: skip
    left = min(column.left for column in named)
    has_text = any(column.is_text for column in columns)
    for column in reversed([c for c in columns if c.right < left]):
        is_close = left - column.right < length("neighbour") * height
        if is_close or not has_text:
            left = column.left
        if not is_close:
            break
    return left


def _member_hits(
    reader: Reader, parts: list[list[Segment]], members: dict[str, Field]
) -> list[Hit]:
    hits = (hit for part in parts for s in part for hit in reader.hits_of.get(id(s), ()))
    return [hit for hit in hits if members.keys() & hit.entry.ranks.keys()]


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
        slack = length("cell") * segment.height
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
    return not is_one and (is_words or gap > length("word") * hit.segment.height)


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
        if not is_label or not _is_stacked(band, line) or gap > length("close") * _height(line):
            break
        for segment, found in zip(line.segments, under, strict=True):
            found[0].label.extend(segment.tokens)
        band, header.last_line = [*band, line], line.index
    return header


def _right_bound(columns: list[Column], height: float) -> float:
    """Return where print right of the table begins."""
    last = columns[-1]
    return inf if last.is_text else last.right + max(6 * height, last.right - last.left)
