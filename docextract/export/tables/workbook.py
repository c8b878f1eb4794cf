"""Records as one XLSX file: documents, a sheet per list, and what is to be reviewed.

Knows nothing of cells' looks or of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docextract.core import Outcome, RecordStatus, Tree
from docextract.export.csv_tables import (
    COUNT,
    PATH,
    RATIO,
    Column,
    Row,
    Table,
    fields_to_review,
)
from docextract.export.tables.sheet import Book, Cell, Sheet
from docextract.export.tables.typed import first_evidence, typed
from docextract.schema import Kind, at

REVIEW = "review"
_SEEN = frozenset((RecordStatus.REVIEW.value, RecordStatus.FAILED.value))
_REVIEW_COLUMNS = (
    Column("path", PATH), Column("document status"), Column("field"), Column("value"),
    Column("status"), Column("confidence", RATIO), Column("page", COUNT),
    Column("printed as"), Column("why"),
)  # fmt: skip
_WIDTHS = {
    PATH: 40, COUNT: 8, RATIO: 11, Kind.NAME: 28, Kind.ADDRESS: 40, Kind.IBAN: 28, Kind.DATE: 12,
    Kind.IDENTIFIER: 20, Kind.MONEY: 13, Kind.DECIMAL: 11, Kind.PERCENT: 9, Kind.QUANTITY: 10,
}  # fmt: skip
_WIDTH, _MAX_HEAD = 18, 22
_BY_NAME = {
    "sha256": 12,
    "version": 12,
    "status": 11,
    "document status": 17,
    "field": 26,
    "why": 90,
}


class RecordBook:
    """Writes records to a book, each to its sheets.

    Args:
        book: where.
        tables: of the schema, the documents first.
    """

    def __init__(self, book: Book, tables: Sequence[Table]) -> None:
        names = ["documents", *(_name(table) for table in tables[1:])]
        self._tables = [
            (table, table.columns, Sheet(book, name, _widths(table.columns)))
            for table, name in zip(tables, names, strict=True)
        ]
        self._review = Sheet(book, REVIEW, _widths(_REVIEW_COLUMNS))

    def write(self, tree: Tree, link: str) -> None:
        """Write a record.

        Args:
            tree: the record.
            link: to the document's file; empty for none.
        """
        place = self._write_review(tree, link)
        for table, columns, sheet in self._tables:
            for row in table.typed_rows(tree):
                sheet.add(list(_cells(tree, row, columns, link, place)))

    def finish(self) -> None:
        """Put the last touch to each sheet."""
        for sheet in (*(sheet for _, _, sheet in self._tables), self._review):
            sheet.finish()

    def _write_review(self, tree: Tree, link: str) -> str:
        """Write what is to be looked at, and return the place of its first row."""
        if tree["status"] not in _SEEN:
            return ""
        path, status = tree["document"]["path"], tree["status"]
        head = [Cell(path, "link" if link else "", link), Cell(status, status)]
        places = [self._review.add([*head, *cells]) for cells in _doubts(tree)]
        return next(iter(places), "")


def _name(table: Table) -> str:
    # The sheet of that name says what is in doubt.
    return "review_list" if table.name.lower() == REVIEW else table.name


def _widths(columns: Sequence[Column]) -> list[tuple[str, int]]:
    return [(name, _width(name, kind)) for name, kind in columns]


def _width(name: str, kind: str) -> int:
    if name in _BY_NAME:
        return _BY_NAME[name]
    return max(_WIDTHS.get(kind, _WIDTH), min(len(name) + 3, _MAX_HEAD))


def _cells(
    tree: Tree, row: Row, columns: Sequence[Column], link: str, review: str
) -> Iterator[Cell]:
    """Yield the cells of a row: a field's has the colour of its status."""
    for column, value, path in zip(columns, row.values, row.paths, strict=True):
        name, kind = column
        if path:
            status = tree["fields"].get(path, {}).get("status", "")
            yield Cell(typed(value, kind), status, is_money=kind == Kind.MONEY)
        elif kind == PATH:
            yield Cell(value, "link" if link else "", link)
        elif name == "status":
            yield Cell(value, value, review)
        else:
            yield Cell(typed(value, kind))


def _doubts(tree: Tree) -> Iterator[list[Cell]]:
    """Yield field, value, status, confidence, page, print and reason of all that is in doubt."""
    for error in tree["errors"]:
        why = f"{error['reason']}: {error['message']} {error['hint']}"
        yield _about_document(error.get("page"), why)
    for reason in tree.get("review_reasons", ()):
        yield _about_document(None, reason)
    for check in tree["checks"]:
        if check["outcome"] == Outcome.FAILED:
            why = f"{check['id']}: {check.get('message') or 'the check failed'}"
            yield [Cell(", ".join(check["paths"])), *[Cell(None)] * 5, Cell(why)]
    for path in fields_to_review(tree):
        yield _about_field(tree, path)


def _about_document(page: int | None, why: str) -> list[Cell]:
    return [*[Cell(None)] * 4, Cell(page), Cell(None), Cell(why)]


def _about_field(tree: Tree, path: str) -> list[Cell]:
    field = tree["fields"][path]
    status = field["status"]
    readings = field.get("readings", ())
    told = [field.get("note") or "", f"could be {' or '.join(readings)}" if readings else ""]
    return [
        Cell(path),
        Cell(at(tree["values"], path), status),
        Cell(status, status),
        Cell(field["confidence"]),
        Cell(first_evidence(field).get("page")),
        Cell(field["raw"]),
        Cell("; ".join(filter(None, told)) or None),
    ]
