"""Finds table headers by column labels and gives every token of a row its column.

Knows nothing of rows: where a table ends is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.engine.text.evidence import Reader
from docextract.engine.text.labels import Hit
from docextract.engine.text.layout import Line, Segment
from docextract.engine.text.tokens import Token
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
    left_bound: float = float("-inf")
    right_bound: float = float("inf")

    @property
    def num_named(self) -> int:
        """How many columns announce a member."""
        return sum(column.field is not None for column in self.columns)

    def is_named(self, segment: Segment) -> bool:
        """Return whether a segment stands in a column that announces a member."""
        return self.columns[_column_index(self, segment.tokens)].field is not None

    def segments(self, line: Line) -> list[Segment]:
        """Return a line's segments that can belong to the table, not to its neighbours."""
        return [s for s in line.segments if s.right > self.left_bound and s.left < self.right_bound]

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
        item.path: item for item in reader.index.fields.values() if item.list_path == list_path
    }
    parts = [_before_amounts(reader, line) for line in lines]
    hits = [
        hit
        for part in parts
        for segment in part
        for hit in reader.hits_of.get(id(segment), ())
        if members.keys() & hit.entry.ranks.keys()
    ]
    if len(hits) < 2 or not any(hit.segment.line == lines[0].index for hit in hits):
        return None
    assigned = _assign(hits, members)
    if len(assigned) < min(2, len(members)):
        return None
    columns = [Column(hit.left, hit.right, item) for hit, item in assigned]
    named_left = min(column.left for column in columns)
    others = _other_columns(parts, hits, columns)
    beside = [column.right for column in others if column.right < named_left]
    columns += [column for column in others if column.right >= named_left]
    columns.sort(key=lambda column: column.left)
    inside = [s for part in parts for s in part if s.right >= named_left]
    num_words = sum(len(segment.tokens) for segment in inside)
    if sum(any(c.isdigit() for c in t.text) for s in inside for t in s.tokens) > 1:
        return None
    num_labels = sum(hit.end - hit.start for hit, _ in assigned)
    if num_labels < 0.3 * num_words:
        return None
    quality = len(assigned) + 0.5 * num_labels / num_words - 0.3 * (len(lines) - 1)
    quality += 0.4 * any(column.is_text for column in columns)
    right = _right_bound(columns, lines, parts)
    left = max(max(beside), named_left - 2 * _height(lines[0])) if beside else float("-inf")
    return Header(list_path, columns, lines[0].index, lines[-1].index, quality, left, right)


def _before_amounts(reader: Reader, line: Line) -> list[Segment]:
    """Return a line's segments left of the first amount and of the label announcing it."""
    for position, segment in enumerate(line.segments):
        amounts = [c for c in reader.candidates_of(segment) if c.kind is Kind.MONEY]
        if any(c.num_decimals == 2 or c.currency for c in amounts):
            return line.segments[: max(0, position - 1)]
    return line.segments


def _right_bound(columns: list[Column], lines: list[Line], parts: list[list[Segment]]) -> float:
    """Return where print right of the table begins."""
    cut = [
        line.segments[len(part)].left - 0.5 * _height(line)
        for line, part in zip(lines, parts, strict=True)
        if len(part) < len(line.segments)
    ]
    last = columns[-1]
    height = _height(lines[0])
    if not last.is_text:
        cut.append(last.right + max(6 * height, last.right - last.left))
    return min(cut, default=float("inf"))


def _assign(hits: list[Hit], members: dict[str, Field]) -> list[tuple[Hit, Field]]:
    """Give each hit one member: those with no choice first, then the best ranks."""
    pairs = sorted(
        (
            (
                len(members.keys() & hit.entry.ranks.keys()) > 1,
                hit.entry.ranks[path] - 0.8 * len(hit.entry.phrase),
                -hit.left,
                n,
                path,
            )
            for n, hit in enumerate(hits)
            for path in members.keys() & hit.entry.ranks.keys()
        ),
    )
    used_hits: set[int] = set()
    used_paths: set[str] = set()
    assigned = []
    for *_, n, path in pairs:
        if n in used_hits or path in used_paths:
            continue
        used_hits.add(n)
        used_paths.add(path)
        assigned.append((hits[n], members[path]))
    return assigned


def _other_columns(
    parts: list[list[Segment]], hits: list[Hit], columns: list[Column]
) -> list[Column]:
    """Return columns for header cells that announce nothing the schema asks for."""
    named = {id(hit.segment) for hit in hits if any(c.left == hit.left for c in columns)}
    others = []
    for part in parts:
        for segment in part:
            overlaps = any(c.left < segment.right and segment.left < c.right for c in columns)
            if id(segment) not in named and not overlaps:
                others.append(Column(segment.left, segment.right, None))
    return others


def place_row(header: Header, line: Line) -> dict[int, list[Token]]:
    """Return the tokens of a line by the index of their column."""
    cells: dict[int, list[Token]] = {}
    for segment in header.segments(line):
        for tokens in _chunks(header, segment):
            index = _column_index(header, tokens)
            cells.setdefault(index, []).extend(tokens)
    return cells


def _chunks(header: Header, segment: Segment) -> list[list[Token]]:
    """Cut a segment that reaches over several columns where the column changes."""
    touched = [c for c in header.columns if c.left < segment.right and segment.left < c.right]
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
