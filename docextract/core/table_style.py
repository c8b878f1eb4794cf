"""How tables are written where a reader has a choice: marks of CSV, and columns beside the values.

Knows nothing of tables or files.
"""

from __future__ import annotations

from dataclasses import dataclass

EXTRA_COLUMNS = ("confidence", "page", "status")
"""What can stand beside each value of a table."""


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How tables are written.

    Attributes:
        delimiter: of the cells of a CSV file.
        decimal: mark in the numbers of a CSV file.
        extra: which of ``EXTRA_COLUMNS`` follow each field's column, in every kind of table.
    """

    delimiter: str = ","
    decimal: str = "."
    extra: tuple[str, ...] = ()


DIALECTS = {
    "excel": TableStyle(),
    "excel-de": TableStyle(";", ","),
    "excel-tab": TableStyle("\t"),
}
"""Marks that go together: Excel in English, in most of Europe, and what pasting gives."""
