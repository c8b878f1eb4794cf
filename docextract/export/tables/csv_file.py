"""A table as a CSV file, as RFC 4180 has it or as a spreadsheet of another country wants it.

Knows nothing of records.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from docextract.core import TableStyle, Tree
from docextract.export.csv_tables import RATIO, Table
from docextract.export.tables.typed import NUMBER_KINDS

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the local code page."""


class CsvFile:
    """Writes a table's header and, one by one, the rows of records.

    Args:
        file: where to.
        table: its columns and rows.
        style: its marks.
    """

    def __init__(self, file: BinaryIO, table: Table, style: TableStyle) -> None:
        self._file = file
        self._table = table
        self._style = style
        self._numbers = [
            column.kind in NUMBER_KINDS or column.kind == RATIO for column in table.columns
        ]
        self._write([table.header])

    def write(self, tree: Tree) -> None:
        """Write the rows of a record."""
        self._write(map(self._marked, self._table.rows(tree)))

    def _marked(self, row: Sequence[str]) -> Sequence[str]:
        """Return a row with the style's decimal mark; text that is no number stays as it is."""
        if self._style.decimal == ".":
            return row
        pairs = zip(row, self._numbers, strict=True)
        return [
            cell.replace(".", self._style.decimal)
            if is_number and not cell.startswith("'")
            else cell
            for cell, is_number in pairs
        ]

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._style.delimiter, lineterminator="\r\n").writerows(rows)
        self._file.write(text.getvalue().encode())
