"""Reads the cells of a table's row as values of the members their columns announce.

Knows nothing of headers or of where a table ends.
"""

from __future__ import annotations

from docextract.engine.text.tables.rows.row_bands import Row
from docextract.engine.text.text_document import (
    Option,
    Reader,
    Token,
    fold,
    given,
    join,
    make_segment,
)
from docextract.engine.text.values.amounts import is_currency
from docextract.engine.text.values.pick import pick
from docextract.schema import Field, Kind


def row_options(reader: Reader, row: Row, base: str) -> list[Option]:
    """Return one option per filled cell; ``base`` is the row's path, ``lines[0]``."""
    columns = row.header.columns
    options: list[Option] = []
    filled: set[str] = set()
    members = {
        f.name: f for f in reader.index.fields.values()
        if f.list_path == row.header.list_path
    }  # fmt: skip
    options += _signed(reader, row, base)
    for index, tokens in sorted(row.cells.items()):
        item = columns[index].field if index < len(columns) else None
        if item is None or not tokens:
            continue
        found = _cell(reader, item, tokens)
        if found is None:
            continue
        options.append(found.at(f"{base}.{item.name}"))
        filled.add(item.name)
        if item.kind is Kind.QUANTITY:
            unit = _unit(members, filled, tokens, found)
            if unit is not None:
                options.append(unit.at(f"{base}.{unit.path}"))
    return options


def _signed(reader: Reader, row: Row, base: str) -> list[Option]:
    """Return what came in or went out by the sign of the one column of both.

    Nothing where a column is announced for either, or where no row has a sign (``signed``).
    """
    tokens = row.cells.get(row.header.signed) if row.header.signed is not None else None
    amounts = [c for c in reader.candidates_at(tokens or ()) if c.kind is Kind.MONEY]
    if not amounts:
        return []
    concept = "withdrawal" if amounts[-1].value < 0 else "deposit"
    fields = (f for f in reader.index.fields.values() if f.list_path == row.header.list_path)
    item = next(f for f in fields if reader.index.concept_of[f.path] == concept)
    text = amounts[-1].text.lstrip("-–−")
    path = f"{base}.{item.name}"
    return [Option(path, amounts[-1].tokens, text, given("cell.signed"), amounts[-1])]


def _unit(
    members: dict[str, Field], filled: set[str], tokens: list[Token], found: Option
) -> Option | None:
    """Return the unit printed behind a quantity in the same cell."""
    item = next((f for f in members.values() if f.kind is Kind.UNIT), None)
    used = {id(token) for token in found.tokens}
    rest = [t for t in tokens if id(t) not in used and fold(t.text)]
    if item is None or item.name in filled or not rest or len(rest) > 2:
        return None
    return Option(item.name, rest, join(rest), given("cell.unit"))


def _cell(reader: Reader, item: Field, tokens: list[Token]) -> Option | None:
    # A PDF can say of a word that it has no height.
    height = max(tokens[0].height, 1e-6)
    one_line = [t for t in tokens if abs(t.top - tokens[0].top) < height]
    if item.kind in (Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.UNIT, Kind.COUNTRY):
        text = join(tokens).strip()
        return (
            Option(item.path, tokens, text, given("cell.text"))
            if any(c.isalnum() for c in text)
            else None
        )
    if item.kind is Kind.IDENTIFIER:
        kept = [t for t in tokens if t.fold][:4]
        text = join(kept).strip(" :;,")
        return Option(item.path, kept, text, given("cell.text")) if text else None
    segment = make_segment(one_line)
    found = reader.candidates_at(one_line)
    picks = pick(item, segment, 0, len(one_line), found)
    if picks:
        best = picks[0]
        return Option(item.path, best.tokens, best.text, given("cell.typed"), best.candidate)
    if item.kind is Kind.DATE:
        text = join(one_line)
        return (
            Option(item.path, one_line, text, given("cell.odd_date"))
            if any(c.isdigit() for c in text)
            else None
        )
    if item.kind is Kind.CURRENCY:
        known = [t for t in one_line if is_currency(t.text)]
        return Option(item.path, known[:1], known[0].text, given("cell.plain")) if known else None
    return None
