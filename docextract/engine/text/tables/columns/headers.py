"""Finds table headers: lines of labels, stacked into one cell per column.

Knows nothing of what stands below; rows are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf

from docextract.engine.text.tables.columns.column_fields import Scores, assign_labels, score_table
from docextract.engine.text.tables.columns.columns import Column, Header, Members
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

_MAX_LINES = 6
_MARGIN = 6


def find_headers(reader: Reader, list_paths: Sequence[str]) -> list[Header]:
    """Return the headers on all pages, at most one per line, best list first."""
    lists = [Members(reader.index, path) for path in list_paths]
    hits = [_hits_by_line(reader, members) for members in lists]
    headers: list[Header] = []
    for number in sorted(set().union(*hits)):
        if headers and number <= headers[-1].last_line:
            continue
        bands = list(_bands(reader, number))
        found = [
            header
            for members, own in zip(lists, hits, strict=True)
            for band in bands
            if number in own and (header := _header(members, own, band)) is not None
        ]
        if found:
            headers.append(_with_rest(reader, max(found, key=lambda header: header.quality)))
    return headers


def _hits_by_line(reader: Reader, members: Members) -> dict[int, list[Hit]]:
    """Return the labels that announce members of a list, by the number of their line."""
    known = members.fields.keys()
    found: dict[int, list[Hit]] = {}
    for hit in reader.hits:
        if known & hit.entry.ranks.keys():
            found.setdefault(hit.segment.line, []).append(hit)
    return found


def _bands(reader: Reader, number: int) -> Iterator[list[Line]]:
    """Yield the line alone, and stacked with the lines close below it."""
    band = [reader.layout.lines[number]]
    yield band
    for line in reader.layout.lines[number + 1 : number + _MAX_LINES]:
        if not _is_stacked(band, line) or _has_digit(band[0].tokens):
            return
        band = [*band, line]
        yield band


def _is_stacked(band: Sequence[Line], line: Line) -> bool:
    """Return whether a line is printed so close below that it may carry on a header."""
    gap = line.top - max(above.bottom for above in band)
    most = length("near" if len(band) < 3 else "close") * line.height
    return line.page == band[0].page and gap < most and not _has_digit(line.tokens)


def _has_digit(tokens: Sequence[Token]) -> bool:
    return any(token.has_digit for token in tokens)


def _header(
    members: Members, hits_of: Mapping[int, list[Hit]], band: Sequence[Line]
) -> Header | None:
    hits = [hit for line in band for hit in hits_of.get(line.index, ())]
    if len(hits) < 2:
        return None
    parts = [line.segments for line in band]
    columns = _stack([list(_pieces(members, hits, n, parts)) for n in range(len(parts))])
    table = score_table(columns, members)
    total = assign_labels(columns, members, table)
    scores = [s[c.field.path] for s, c in zip(table, columns, strict=True) if c.field]
    if len(scores) < min(2, len(members.fields)) or not _is_convincing(scores):
        return None
    height = band[0].height
    left = _leftmost(columns, table, height)
    beside = [column.right for column in columns if column.right < left]
    columns = [column for column in columns if column.right >= left]
    words = [t for part in parts for s in part if s.right >= left for t in s.tokens]
    # Running text has few labels.
    num_labels = sum(hit.end - hit.start for hit in hits)
    has_text = any(column.is_text for column in columns)
    has_numbers = sum(_has_digit([token]) for token in words) > 1
    has_numbers = has_numbers or (not has_text and _are_totals(members, columns, words))
    if has_numbers or num_labels < level("header_words") * len(words):
        return None
    quality = total_of(
        (("header.named", total), ("header.lines", len(band) - 1), ("header.text", has_text))
    )
    last = columns[-1]
    margin = inf if last.is_text else max(_MARGIN * height, last.right - last.left)
    bound = max(*beside, left - 2 * height) if beside else -inf
    ends = (band[0].index, band[-1].index)
    return Header(members, columns, *ends, quality, bound, last.right + margin)


def _are_totals(members: Members, columns: Sequence[Column], words: Sequence[Token]) -> bool:
    """Return whether labels without any of text are those of totals: ``Net | VAT 19 % | Total``.

    Where items would be told in words, a number beside or behind the labels is one of totals.
    """
    if all(field.kind.is_number for field in members.fields.values()):
        return any(_has_digit(column.label) for column in columns if column.field)
    return _has_digit(words[1:])


def _is_convincing(scores: Sequence[float]) -> bool:
    num_likely = sum(score >= level("column_likely") for score in scores)
    return max(scores) >= level("column_sure") and num_likely >= min(2, len(scores))


def _leftmost(columns: Sequence[Column], table: Scores, height: float) -> float:
    """Return where a table begins: at its first announced column, or at one close to its left."""
    left = min(
        column.left for column, found in zip(columns, table, strict=True)
        if column.field is not None or max(found.values(), default=0) >= level("column_sure")
    )  # fmt: skip
    has_text = any(column.is_text for column in columns)
    for column in reversed([c for c in columns if c.right < left]):
        is_close = left - column.right < length("neighbour") * height
        if is_close or not has_text:
            left = column.left
        if not is_close:
            break
    return left


def _pieces(
    members: Members, hits: Sequence[Hit], number: int, parts: Sequence[list[Segment]]
) -> Iterator[list[Token]]:
    """Yield the segments of a header's line, cut where another cell begins inside one.

    That is where another member's label begins, or where a cell of the lines above and
    below does.
    """
    lefts = [s.left for n, part in enumerate(parts) if n != number for s in part]
    for segment in parts[number]:
        own = [hit for hit in hits if hit.segment is segment]
        cuts = {hit.start for before, hit in pairwise(own) if _begins_cell(before, hit, members)}
        slack = length("cell") * segment.height
        for n, token in enumerate(segment.tokens):
            if any(abs(token.left - left) < slack for left in lefts):
                cuts.add(n)
        edges = [0, *sorted(cuts - {0}), len(segment.tokens)]
        yield from (segment.tokens[a:b] for a, b in pairwise(edges))


def _begins_cell(before: Hit, hit: Hit, members: Members) -> bool:
    """Return whether a label begins a cell of its own rather than carrying on another.

    ``Code Description`` are two cells however close, as neither names a number; of
    ``Net Unit Price`` only a gap wider than one between words makes two.
    """
    one, other = (members.fields.keys() & h.entry.ranks.keys() for h in (before, hit))
    if one & other:
        return False
    last, first = hit.segment.tokens[hit.start - 1 : hit.start + 1]
    is_words = not any(members.fields[path].kind.is_number for path in one | other)
    is_apart = first.left - last.right > length("word") * hit.segment.height
    return not last.text.endswith("/") and (is_words or is_apart)


def _stack(rows: Sequence[list[list[Token]]]) -> list[Column]:
    """Return a column per cell of the fullest line, with what stands above and below it.

    A cell over or under several others names them together and is left out.
    """
    fullest = max(range(len(rows)), key=lambda n: len(rows[n]))
    columns: list[Column] = []
    for number in sorted(range(len(rows)), key=lambda n: abs(n - fullest)):
        for piece in rows[number]:
            left, right = piece[0].left, piece[-1].right
            touched = [c for c in columns if c.left < right and left < c.right]
            if not touched:
                columns.append(Column(left, right, list(piece)))
            elif len(touched) == 1:
                column = touched[0]
                column.label.extend(piece)
                column.left, column.right = min(column.left, left), max(column.right, right)
    for column in columns:
        column.label.sort(key=lambda token: (round(token.top, 1), token.left))
    return sorted(columns, key=lambda column: column.left)


def _with_rest(reader: Reader, header: Header) -> Header:
    """Let a header take the words below it that only carry on its labels.

    Lines of several short cells without digits, all under columns of values: units,
    currencies, ``excl. VAT``. A line of one cell counts where it is no column of text.
    """
    lines = reader.layout.lines
    for line in lines[header.last_line + 1 : header.first_line + _MAX_LINES]:
        band = lines[header.first_line : header.last_line + 1]
        under = [[c for c in header.columns if c.is_over(s)] for s in line.segments]
        is_label = all(len(found) == 1 and not found[0].is_text for found in under)
        gap = line.top - max(above.bottom for above in band)
        if not is_label or not _is_stacked(band, line) or gap > length("close") * line.height:
            break
        for segment, found in zip(line.segments, under, strict=True):
            found[0].label.extend(segment.tokens)
        header.last_line = line.index
    return header
