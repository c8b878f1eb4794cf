"""Lets a schema without rows know a table when it sees one: no cell is taken for a total.

Knows nothing of pages; it adds columns to look for, whose cells are never answered.
"""

from __future__ import annotations

from dataclasses import replace

from docextract.schema import Field, FieldType, Kind, Schema, labels

HIDDEN = "_hidden"
"""How the paths of columns begin that nobody asked for."""

LINES, TAXES = f"{HIDDEN}.lines", f"{HIDDEN}.taxes"

_COLUMNS = {
    f"{LINES}[].line_no": Kind.IDENTIFIER,
    f"{LINES}[].product_code": Kind.IDENTIFIER,
    f"{LINES}[].description": Kind.TEXT,
    f"{LINES}[].quantity": Kind.QUANTITY,
    f"{LINES}[].unit": Kind.UNIT,
    f"{LINES}[].unit_price": Kind.MONEY,
    f"{LINES}[].line_net": Kind.MONEY,
    f"{LINES}[].tax_rate": Kind.PERCENT,
    f"{TAXES}[].tax_rate": Kind.PERCENT,
    f"{TAXES}[].tax_base": Kind.MONEY,
    f"{TAXES}[].tax_amount": Kind.MONEY,
}


def hidden_tables(schema: Schema) -> tuple[str, ...]:
    """Return the tables to look for beside those asked for: what totals stand under or beside."""
    has_taxes = any("tax" in path or "vat" in path for path in schema.list_paths)
    lines = () if schema.list_paths else (LINES,)
    return lines if has_taxes else (*lines, TAXES)


def with_table(schema: Schema) -> Schema:
    """Return the schema with the columns of its hidden tables."""
    hidden = hidden_tables(schema)
    columns = tuple(
        Field(path, kind, FieldType(kind).comparison, labels(path.rpartition(".")[2]).phrases)
        for path, kind in _COLUMNS.items()
        if path.startswith(hidden)
    )
    return replace(schema, fields=(*schema.fields, *columns)) if columns else schema
