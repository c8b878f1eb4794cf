"""Finds table headers by column labels and gives every token of a row its column.

Knows nothing of rows: where a table ends is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.engine.text.evidence import Reader
from docextract.engine.text.labels import Hit
from docextract.engine.text.layout import Line, Segment, Token
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_TEXT_KINDS = (Kind.TEXT, Kind.NAME, Kind.ADDRESS)


@dataclass(eq=False, slots=True)
class Column:
    """A header cell and the member it announces (None for one the schema lacks)."""

    left: float
    right: float
    field: Field | None

    @property
    def is_text(self) -> bool:
        """Whether free text stands in it."""
        return self.field is not None and self.field.kind in _TEXT_KINDS


@dataclass(eq=False, slots=True)
class Header:
    """A table's header: its columns left to right, and the lines it takes."""

    list_path: str
    columns: list[Column]
    first_line: int
    last_line: int
    quality: float

    def column_of(self, kinds: tuple[Kind, ...], is_last: bool = False) -> Column | None:
        """Return the first or last column of some kinds."""
        found = [c for c in self.columns if c.field and c.field.kind in kinds]
        return (found[-1] if is_last else found[0]) if found else None


def find_headers(reader: Reader, list_paths: tuple[str, ...]) -> list[Header]:
    """Return the headers on all pages, at most one per line, best list first."""
    hits_by_line: dict[int, list[Hit]] = {}
    for hit in reader.hits:
        if hit.entry.ranks:
            hits_by_line.setdefault(hit.segment.line, []).append(hit)
    headers: list[Header] = []
    for number in sorted(hits_by_line):
        if headers and number <= headers[-1].last_line:
            continue
        lines = _header_lines(reader, number, hits_by_line)
        found = [
            header
            for path in list_paths
            for chosen in lines
            if (header := _header(reader, path, chosen)) is not None
        ]
        if found:
            headers.append(max(found, key=lambda header: header.quality))
    return headers


def _header_lines(
    reader: Reader, number: int, hits_by_line: dict[int, list[Hit]]
) -> list[list[Line]]:
    """Return the line alone, and stacked with the one or two lines below it."""
    lines = reader.layout.lines
    options = [[lines[number]]]
    for more in (1, 2):
        stacked = lines[number : number + more + 1]
        last = stacked[-1]
        is_near = (
            len(stacked) == more + 1
            and last.page == lines[number].page
            and last.top - lines[number].bottom < (0.9 + 0.6 * (more - 1)) * _height(last)
            and not any(c.isdigit() for c in last.text)
        )
        if not is_near:
            break
        options.append(stacked)
    return options


def _height(line: Line) -> float:
    return max(segment.height for segment in line.segments)


def _header(reader: Reader, list_path: str, lines: list[Line]) -> Header | None:
    members = {
        item.path: item
        for item in reader.index.fields.values()
        if item.list_path == list_path
    }
    hits = [
        hit
        for line in lines
        for segment in line.segments
        for hit in reader.hits_of.get(id(segment), ())
        if members.keys() & hit.entry.ranks.keys()
    ]
    if len(hits) < 2 or any(_has_amount(line) for line in lines):
        return None
    assigned = _assign(hits, members)
    if len(assigned) < min(2, len(members)):
        return None
    columns = [Column(hit.left, hit.right, item) for hit, item in assigned]
    columns += _other_columns(lines, hits, columns)
    columns.sort(key=lambda column: column.left)
    num_words = sum(len(line.tokens) for line in lines)
    num_labels = sum(hit.end - hit.start for hit, _ in assigned)
    if num_labels < 0.3 * num_words:
        return None
    quality = len(assigned) + 0.5 * num_labels / num_words - 0.3 * (len(lines) - 1)
    quality += 0.4 * any(column.is_text for column in columns)
    return Header(list_path, columns, lines[0].index, lines[-1].index, quality)


def _has_amount(line: Line) -> bool:
    return sum(any(c.isdigit() for c in token.text) for token in line.tokens) > 1


def _assign(hits: list[Hit], members: dict[str, Field]) -> list[tuple[Hit, Field]]:
    """Give each hit one member: best ranks first; of equals, numbers further right."""
    pairs = sorted(
        (
            (hit.entry.ranks[path] - 0.8 * len(hit.entry.phrase), -hit.left, n, path)
            for n, hit in enumerate(hits)
            for path in members.keys() & hit.entry.ranks.keys()
        ),
    )
    used_hits: set[int] = set()
    used_paths: set[str] = set()
    assigned = []
    for _, _, n, path in pairs:
        if n in used_hits or path in used_paths:
            continue
        used_hits.add(n)
        used_paths.add(path)
        assigned.append((hits[n], members[path]))
    return assigned


def _other_columns(
    lines: list[Line], hits: list[Hit], columns: list[Column]
) -> list[Column]:
    """Return columns for header cells that announce nothing the schema asks for."""
    named = {id(hit.segment) for hit in hits}
    others = []
    for line in lines:
        for segment in line.segments:
            overlaps = any(
                c.left < segment.right and segment.left < c.right for c in columns
            )
            if id(segment) not in named and not overlaps:
                others.append(Column(segment.left, segment.right, None))
    return others


def place_row(header: Header, line: Line) -> dict[int, list[Token]]:
    """Return the tokens of a line by the index of their column."""
    cells: dict[int, list[Token]] = {}
    for segment in line.segments:
        for tokens in _chunks(header, segment):
            index = _column_index(header, tokens)
            cells.setdefault(index, []).extend(tokens)
    return cells


def _chunks(header: Header, segment: Segment) -> list[list[Token]]:
    """Cut a segment that reaches over several columns where the column changes."""
    touched = [
        c for c in header.columns if c.left < segment.right and segment.left < c.right
    ]
    has_mix = any(_is_numeric(t) for t in segment.tokens) and len(segment.tokens) > 1
    if len(touched) < 2 or not has_mix:
        return [segment.tokens]
    chunks: list[list[Token]] = [[segment.tokens[0]]]
    for token in segment.tokens[1:]:
        before = chunks[-1][-1]
        same = _column_index(header, [token]) == _column_index(header, [before])
        if same or (token.word == before.word):
            chunks[-1].append(token)
        else:
            chunks.append([token])
    return chunks


def _is_numeric(token: Token) -> bool:
    return any(c.isdigit() for c in token.text)


def _column_index(header: Header, tokens: list[Token]) -> int:
    """Return the column that overlaps most, or whose edge or centre is nearest."""
    left, right = tokens[0].left, tokens[-1].right
    columns = header.columns
    is_text = not any(_is_numeric(token) for token in tokens)
    best, best_cost = 0, float("inf")
    for index, column in enumerate(columns):
        overlap = min(right, column.right) - max(left, column.left)
        edges = [abs(left - column.left), abs(right - column.right)]
        edges.append(abs(left + right - column.left - column.right) / 2)
        cost = min(edges) - (2.0 * overlap if overlap > 0 else 0.0)
        if column.is_text:
            limit = columns[index + 1].left if index + 1 < len(columns) else float("inf")
            if column.left - tokens[0].height <= left < limit and (is_text or overlap > 0):
                cost = min(cost, -(right - left))
        if cost < best_cost:
            best, best_cost = index, cost
    return best
