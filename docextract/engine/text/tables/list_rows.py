"""Gives each list of a schema its rows: those of its tables, else those known without a header.

Knows nothing of how either are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docextract.engine.text.tables.headerless import proven_rows, receipt_items, tax_rows
from docextract.engine.text.tables.rows.table_cells import row_options
from docextract.engine.text.tables.table_reader import Table
from docextract.engine.text.text_document import Option, Reader
from docextract.schema import Field, Kind

_ITEMS = frozenset({"line_net", "description"})


def list_rows(
    reader: Reader,
    list_paths: Sequence[str],
    tables: Sequence[Table],
    end: int,
    tax: int | None,
    whole: int | None,
) -> Iterator[Option]:
    """Yield the options of all rows of some lists, those of a row by its path: ``lines[0].net``.

    Args:
        reader: the document.
        list_paths: of the lists.
        tables: of these and other lists.
        end: the line at which items are over.
        tax: all tax in hundredths, where it is known.
        whole: the total in hundredths, where it is known.
    """
    in_tables = {number for table in tables if table.rows for number in table.lines}
    for list_path in list_paths:
        members = [f for f in reader.index.fields.values() if f.list_path == list_path]
        own = [table for table in tables if table.header.members.list_path == list_path]
        found = [row_options(reader, row) for table in own for row in table.rows]
        has_items = any(_concept(reader, f) in _ITEMS for f in members)
        last = end if has_items else len(reader.layout.lines)
        rows = [row for row in found if row and _line(reader, row) < last]
        if not rows:
            bare = proven_rows(reader, members)
            till = receipt_items(reader, members, whole) if not own else []
            found = tax_rows(reader, members, tax, in_tables) or max(bare, till, key=len)
            rows = [row for row in found if _line(reader, row) < last]
        tax_name = next((f.name for f in members if _concept(reader, f) == "tax_amount"), "")
        rows = _without_total(rows, tax_name)
        base = list_path.replace("[]", "[0]")
        for n, row in enumerate(rows):
            yield from (option.at(f"{base}[{n}].{option.path}") for option in row)


def _without_total(rows: list[list[Option]], name: str) -> list[list[Option]]:
    """Return the rows of a break-down without a last one that is the sum of the others."""
    found = [next((o.candidate for o in row if o.path == name), None) for row in rows]
    amounts = [candidate.value for candidate in found if candidate]
    is_sum = len(amounts) == len(rows) > 1 and sum(amounts[:-1]) == amounts[-1] != 0
    rates = [any(o.candidate and o.candidate.kind is Kind.PERCENT for o in row) for row in rows]
    return rows[:-1] if is_sum and not rates[-1] else rows


def _concept(reader: Reader, item: Field) -> str | None:
    return reader.index.concept_of[item.path]


def _line(reader: Reader, row: Sequence[Option]) -> int:
    return min(reader.line_of[id(option.tokens[0])] for option in row)
