"""Lets a schema without rows know a table when it sees one: no cell is taken for a total.

Knows nothing of pages; it adds columns to look for, whose cells are never answered.
"""

from __future__ import annotations

from dataclasses import replace

from docextract.schema.fields import Field, Schema
from docextract.schema.kinds import FieldType, Kind
from docextract.schema.vocabulary import labels

HIDDEN = "_hidden"
"""How the paths of columns begin that nobody asked for."""

HIDDEN_TABLES = (f"{HIDDEN}.lines", f"{HIDDEN}.taxes")

_COLUMNS = {
    f"{HIDDEN_TABLES[0]}[].line_no": Kind.IDENTIFIER,
    f"{HIDDEN_TABLES[0]}[].product_code": Kind.IDENTIFIER,
    f"{HIDDEN_TABLES[0]}[].description": Kind.TEXT,
    f"{HIDDEN_TABLES[0]}[].quantity": Kind.QUANTITY,
    f"{HIDDEN_TABLES[0]}[].unit": Kind.UNIT,
    f"{HIDDEN_TABLES[0]}[].unit_price": Kind.MONEY,
    f"{HIDDEN_TABLES[0]}[].line_net": Kind.MONEY,
    f"{HIDDEN_TABLES[0]}[].tax_rate": Kind.PERCENT,
    f"{HIDDEN_TABLES[1]}[].tax_rate": Kind.PERCENT,
    f"{HIDDEN_TABLES[1]}[].tax_base": Kind.MONEY,
    f"{HIDDEN_TABLES[1]}[].tax_amount": Kind.MONEY,
}


def with_table(schema: Schema) -> Schema:
    """Return the schema with the columns of common tables, if it asks for no rows itself."""
    if schema.list_paths:
        return schema
    columns = tuple(
        Field(path, kind, FieldType(kind).comparison, labels(path.rpartition(".")[2]).phrases)
        for path, kind in _COLUMNS.items()
    )
    return replace(schema, fields=(*schema.fields, *columns))
