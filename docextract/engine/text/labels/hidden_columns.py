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
    LINES: {
        "line_no": Kind.IDENTIFIER, "product_code": Kind.IDENTIFIER, "description": Kind.TEXT,
        "quantity": Kind.QUANTITY, "unit": Kind.UNIT, "unit_price": Kind.MONEY,
        "line_net": Kind.MONEY, "tax_rate": Kind.PERCENT,
    },
    TAXES: {"tax_rate": Kind.PERCENT, "tax_base": Kind.MONEY, "tax_amount": Kind.MONEY},
}  # fmt: skip


def hidden_tables(schema: Schema) -> tuple[str, ...]:
    """Return the tables to look for beside those asked for: what totals stand under or beside."""
    has_taxes = any("tax" in path or "vat" in path for path in schema.list_paths)
    lines = () if schema.list_paths else (LINES,)
    return lines if has_taxes else (*lines, TAXES)


def with_table(schema: Schema) -> Schema:
    """Return the schema with the columns of its hidden tables."""
    columns = tuple(
        Field(f"{table}[].{name}", kind, FieldType(kind).comparison, labels(name).phrases)
        for table in hidden_tables(schema)
        for name, kind in _COLUMNS[table].items()
    )
    return replace(schema, fields=(*schema.fields, *columns)) if columns else schema
