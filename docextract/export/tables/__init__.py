"""Tables as files: CSV, XLSX, Parquet and SQLite, each written record by record.

Knows nothing of stores. In flow records and the schema's fields, out flow files. Inside: a file a
format, ``sheet`` for the cells of XLSX, ``typed`` values, the ``style_file`` of a folder. May
import ``schema`` and ``core``, and of ``export`` what tables are made of.
"""

from __future__ import annotations

from docextract.export.tables.csv_file import CsvFile
from docextract.export.tables.sheet import file_uri
from docextract.export.tables.style_file import keep_style, kept_style
from docextract.export.tables.table_files import FILE_NAMES, check_format, open_tables

__all__ = [
    "FILE_NAMES",
    "CsvFile",
    "check_format",
    "file_uri",
    "keep_style",
    "kept_style",
    "open_tables",
]
