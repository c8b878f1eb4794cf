"""Reads the cells of a table's row as values of the members their columns announce.

Knows nothing of headers or of where a table ends.
"""

from __future__ import annotations

from docextract.engine.text.tables.rows.row_bands import Row
from docextract.engine.text.text_document import Option, Reader, Token, given, join, make_segment
from docextract.engine.text.values.amounts import is_currency
from docextract.engine.text.values.pick import pick
from docextract.schema import Field, Kind
from docextract.schema.equations import WHOLE

_WORDED = (Kind.TEXT, Kind.NAME, Kind.ADDRESS, Kind.UNIT, Kind.COUNTRY)
_MAX_CODE, _MAX_UNIT = 4, 2


def row_options(reader: Reader, row: Row) -> list[Option]:
    """Return one option per filled cell, its path the member's name."""
    members = row.header.members.by_concept
    unit = next((f for f in members.values() if f.kind is Kind.UNIT), None)
    options = _signed(reader, row)
    filled: set[str] = set()
    for index, tokens in sorted(row.cells.items()):
        item = row.header.columns[index].field
        found = _cell(reader, item, tokens) if item is not None and tokens else None
        if item is None or found is None:
            continue
        options.append(found)
        filled.add(item.name)
        if item.kind is Kind.QUANTITY and unit is not None and unit.name not in filled:
            # Behind a quantity in the same cell.
            rest = [t for t in tokens if t not in found.tokens and t.fold]
            if 0 < len(rest) <= _MAX_UNIT:
                options.append(Option(unit.name, rest, join(rest), given("cell.unit")))
    return options


def _signed(reader: Reader, row: Row) -> list[Option]:
    """Return what came in or went out by the sign of the one column of both, if there is one."""
    tokens = row.cells.get(row.header.signed, ()) if row.header.signed is not None else ()
    amounts = [c for c in reader.candidates_at(tokens) if c.kind is Kind.MONEY][-1:]
    return [
        Option(
            row.header.members.by_concept["withdrawal" if found.value < 0 else "deposit"].name,
            found.tokens, found.text.lstrip("-–−"), given("cell.signed"), found,
        )
        for found in amounts
    ]  # fmt: skip


def _cell(reader: Reader, item: Field, tokens: list[Token]) -> Option | None:
    """Return what a cell holds as its member's kind asks, or None."""
    if item.kind in _WORDED:
        text = join(tokens).strip()
        has_word = any(map(str.isalnum, text))
        return Option(item.name, tokens, text, given("cell.text")) if has_word else None
    if item.kind is Kind.IDENTIFIER:
        kept = [t for t in tokens if t.fold][:_MAX_CODE]
        text = join(kept).strip(" :;,")
        return Option(item.name, kept, text, given("cell.text")) if text else None
    # A PDF can say of a word that it has no height.
    height = max(tokens[0].height, 1e-6)
    line = [t for t in tokens if abs(t.top - tokens[0].top) < height]
    picks = pick(item, make_segment(line), 0, len(line), reader.candidates_at(line))
    if picks:
        best = picks[0]
        if item.kind is Kind.PERCENT and best.candidate and best.candidate.value > WHOLE:
            return None  # An amount, in a column that a rate names.
        return Option(item.name, best.tokens, best.text, given("cell.typed"), best.candidate)
    if item.kind is Kind.DATE and any(c.isdigit() for t in line for c in t.text):
        return Option(item.name, line, join(line), given("cell.odd_date"))
    if item.kind is Kind.CURRENCY:
        known = next((t for t in line if is_currency(t.text)), None)
        return known and Option(item.name, [known], known.text, given("cell.plain"))
    return None
