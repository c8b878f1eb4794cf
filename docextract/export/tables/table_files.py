"""Opens the files of a format and writes records to them; each takes its place when it is whole.

Knows nothing of how a format is made.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from docextract.core import TableStyle, Tree
from docextract.export.atomic import atomic_file, atomic_path
from docextract.export.csv_tables import Fields, tables
from docextract.export.tables.csv_file import BYTE_ORDER_MARK, CsvFile
from docextract.export.tables.parquet_file import ParquetFile, load_pyarrow
from docextract.export.tables.sheet import open_book
from docextract.export.tables.sqlite_file import open_database
from docextract.export.tables.workbook import RecordBook

Writer = Callable[[Tree, str], None]
"""Takes a record and the link to its file."""

FILE_NAMES = {
    "csv": "documents.csv",
    "xlsx": "documents.xlsx",
    "parquet": "documents.parquet",
    "sqlite": "documents.sqlite",
}


def open_tables(
    stack: ExitStack, name: str, out: Path, fields: Fields, style: TableStyle
) -> list[Writer]:
    """Return what writes records to the files of a format.

    Args:
        stack: when it is left, the files are whole, or as they were if it is by an error.
        name: of the format, one of ``FILE_NAMES``.
        out: the folder.
        fields: of the schema, or of several.
        style: how tables are written.

    Raises:
        MissingDependencyError: a package that the format needs is not installed.
        StoreError: here or when the stack is left, the disk is full or not writable.
    """
    path = out / FILE_NAMES[name]
    match name:
        case "csv":
            return _csv(stack, out, fields, style)
        case "xlsx":
            return [_xlsx(stack, path, fields, style)]
        case "parquet":
            return [_parquet(stack, path, fields)]
        case _:
            free = stack.enter_context(atomic_path(path))
            database = stack.enter_context(open_database(free, tables(fields, style.extra)))
            return [_without_link(database.write)]


def check_format(name: str) -> None:
    """Check that a format can be written here, before there is anything to write.

    Raises:
        MissingDependencyError: a package that it needs is not installed.
    """
    if name == "parquet":
        load_pyarrow()


def _csv(stack: ExitStack, out: Path, fields: Fields, style: TableStyle) -> list[Writer]:
    writers: list[Writer] = []
    for table in tables(fields, style.extra):
        file = stack.enter_context(atomic_file(out / table.file_name))
        file.write(BYTE_ORDER_MARK)
        writers.append(_without_link(CsvFile(file, table, style).write))
    return writers


def _without_link(write: Callable[[Tree], None]) -> Writer:
    return lambda tree, _: write(tree)


def _xlsx(stack: ExitStack, path: Path, fields: Fields, style: TableStyle) -> Writer:
    file = stack.enter_context(atomic_file(path))
    book = stack.enter_context(open_book(file, path.parent))
    records = RecordBook(book, tables(fields, style.extra))
    stack.callback(records.finish)
    return records.write


def _parquet(stack: ExitStack, path: Path, fields: Fields) -> Writer:
    load_pyarrow()
    file = stack.enter_context(atomic_file(path))
    records = ParquetFile(file, fields)
    stack.callback(records.finish)
    return _without_link(records.write)
