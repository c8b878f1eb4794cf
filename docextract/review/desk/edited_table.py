"""Reads an edited ``documents.csv`` or ``.xlsx``: which cells were changed, which cannot be taken.

Knows nothing of labels' files. A spreadsheet may have written semicolons, decimal commas and dates
its own way: a cell counts as changed only where it means something else.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from pathlib import Path

from docextract.core import (
    OptionError,
    RecordStatus,
    Tree,
    UnclearValueError,
    UsageError,
    describe_misfit,
)
from docextract.export.csv_cells import cell as cell_of
from docextract.export.csv_cells import without_guard
from docextract.export.csv_tables import version_of
from docextract.normalise import LocaleEvidence, gather_evidence, normalise, same_value
from docextract.review.desk.edited_sheet import SUFFIXES, read_sheet
from docextract.review.desk.typed_input import read_typed
from docextract.schema import Comparison, Field, Kind, Schema, at

_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_VALUES = "values."
_Lines = list[tuple[str, int, list[str]]]
"""Of one table: its name, the number of each line and its cells."""
_HINT = (
    "Give a documents.csv or .xlsx that a run wrote, with its columns path, sha256 and version; of"
    " a run with several schemas a table of one of them, such as invoice.csv, or the .xlsx."
)


@dataclass(frozen=True, slots=True)
class EditedRow:
    """What a table says of one document.

    Attributes:
        line: in the file.
        path: of the document, as the table has it.
        sha256: hash of its bytes, or empty.
        version: of the row it was edited from, or empty.
        cells: by field path, as they stand in the file.
        is_bare: whether it is the empty row of a file with another's bytes, or with none that
            could be read.
        schema: name of the one of several schemas that read it; empty where the run had one.
    """

    line: int
    path: str
    sha256: str
    version: str
    cells: Mapping[str, str]
    is_bare: bool = False
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Edits:
    """What an edited row asks for.

    Attributes:
        values: by path, the value a person put there; None where they emptied the cell.
        refused: what was not taken, as sentences.
    """

    values: Mapping[str, str | None]
    refused: tuple[str, ...]


def read_table(path: Path, schema: Schema) -> tuple[list[EditedRow], LocaleEvidence]:
    """Return the rows of a table and how the file writes numbers and dates.

    Raises:
        UsageError: it cannot be read, or is no table of documents.
    """
    names = ("documents", *(one.name for one in schema.among))
    is_sheet = path.suffix.lower() in SUFFIXES
    lines = read_sheet(path, names) if is_sheet else _csv_lines(path)
    rows: list[EditedRow] = []
    texts: list[str] = []
    tables = [list(table) for _, table in groupby(lines, key=lambda line: line[0])]
    for table in tables or [[("", 0, [])]]:
        own = _schema_of(table[0][2], schema)
        found = _rows(path, table, own, schema.name if schema.among else "")
        rows += found
        texts += _numbers_and_dates(found, own)
    habits = gather_evidence(texts)
    return rows, LocaleEvidence(decimal_mark=habits.decimal_mark, day_first=habits.day_first)


def _rows(path: Path, table: _Lines, schema: Schema, set_name: str) -> list[EditedRow]:
    """Return the rows of one table without the bare ones, of which nothing is to be said.

    Args:
        path: of the file.
        table: its lines, the header first.
        schema: of its values.
        set_name: what all schemas together are called where there are several; else empty.
    """
    (_, _, names), *lines = table
    columns = {name: _field_path(name, schema) for name in names}
    # Of several schemas the table of all documents has no values, but says which read them.
    is_told = bool(set_name) and "schema" in names
    if not {"path", "sha256"} & set(names) or not (is_told or any(columns.values())):
        raise UsageError(f"{path} is no table of documents", _HINT)
    rows = (
        _row(dict(zip_longest(names, cells[: len(names)], fillvalue="")), columns, line, set_name)
        for _, line, cells in lines
        # A sheet that goes on in the next has its header again.
        if any(cells) and cells != names
    )
    return [row if is_told else replace(row, schema="") for row in rows if not row.is_bare]


def _schema_of(names: Sequence[str], schema: Schema) -> Schema:
    """Return the one of several schemas that most columns of a table are of."""
    return max(
        schema.among or (schema,),
        key=lambda one: sum(_field_path(name, one) is not None for name in names),
    )


def _csv_lines(path: Path) -> Iterator[tuple[str, int, list[str]]]:
    """Yield an empty name, number and cells of each line of a CSV file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            # Spreadsheets of half the world write semicolons.
            reader = csv.reader(file, delimiter=max(",;\t|:", key=head.count))
            for cells in reader:
                yield "", reader.line_num, cells
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: {describe_misfit(error)}", "Save it as CSV UTF-8.") from error
    except (OSError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read: {error}", _HINT) from error


def _field_path(name: str, schema: Schema) -> str | None:
    """Return the field a column is of; a name that is both is the field's as ``values.name``."""
    path = name.removeprefix(_VALUES)
    is_own = name in ("path", "status", "reason", "sha256", "version", "reviewed")
    return None if is_own or "[" in path or schema.field_at(path) is None else path


def _row(
    row: Mapping[str, str], columns: Mapping[str, str | None], line: int, set_name: str
) -> EditedRow:
    cells = {path: without_guard(row[name] or "") for name, path in columns.items() if path}
    path, sha256, version = (
        without_guard(row.get(name) or "") for name in ("path", "sha256", "version")
    )
    schema, status = row.get("schema") or "", row.get("status")
    is_unread = status == RecordStatus.FAILED and not row.get("sha256", path)
    # Of several schemas, nobody could tell whose it is; one that stands there was put there.
    is_as_written = is_unread and schema in ("", set_name)
    is_bare = not any(cells.values()) and (status == RecordStatus.SKIPPED or is_as_written)
    return EditedRow(line, path, sha256, version, cells, is_bare, schema)


def _numbers_and_dates(rows: list[EditedRow], schema: Schema) -> Iterator[str]:
    """Yield what shows how the file writes them; other texts are the documents' own."""
    for row in rows:
        for path, text in row.cells.items():
            field = schema.field_at(path)
            if field and (field.kind.is_number or field.kind is Kind.DATE):
                yield text


def edits_of(
    row: EditedRow, now: Tree, earlier: Callable[[], Iterator[Tree]], schema: Schema,
    habits: LocaleEvidence,
) -> Edits:  # fmt: skip
    """Return what a person changed in a row.

    What has changed elsewhere since the table was written and differs in it is a conflict, which
    is refused and named.

    Args:
        row: as edited.
        now: the document's record as it stands.
        earlier: yields how it stood before, the newest first.
        schema: of the record.
        habits: how the file writes numbers and dates.
    """
    if row.schema not in ("", now["schema"]["name"]):
        told = f"it was read with {now['schema']['name']}, and a table cannot have it read"
        hint = f"docextract run {row.path} --schema {row.schema} can"
        return Edits({}, (f"{row.path}: {told} with {row.schema}; {hint}",))
    schema = schema.of(now)
    base = _base(row, now, earlier, schema)
    values: dict[str, str | None] = {}
    refused: list[str] = []
    for path, text in row.cells.items():
        field = schema.field_at(path)
        if field is None:
            refused.append(f"{row.path}: it is now read with {schema.name}, which has no {path}")
            continue
        own = at(now["values"], path)
        try:
            if _means(text, own, field, habits):
                continue
            before = own if base is None else at(base["values"], path)
            if base is not None and _means(text, before, field, habits):
                continue  # not touched here, but changed elsewhere since
            if _is_overtaken(row, base, before != own, path, now):
                refused.append(_conflict(row, path, text, own, now))
                continue
            values[path] = read_typed(text, field, habits) if text.strip() else None
        except UnclearValueError as error:
            refused.append(f"{row.path}: {path}: {error}")
    return Edits(values, tuple(refused))


def _base(
    row: EditedRow, now: Tree, earlier: Callable[[], Iterator[Tree]], schema: Schema
) -> Tree | None:
    """Return the record as it stood when the row was written; None where nobody can tell."""
    if not row.version:
        return None
    if _version(now, schema) == row.version:
        return now
    return next((tree for tree in earlier() if _version(tree, schema) == row.version), None)


def _version(tree: Tree, schema: Schema) -> str:
    fields = [(field.path, field.kind.value) for field in schema.fields if "[]" not in field.path]
    return version_of(tree, fields)


def _is_overtaken(
    row: EditedRow, base: Tree | None, has_changed: bool, path: str, now: Tree
) -> bool:
    """Whether a cell that differs may be stale, not edited."""
    if base is not None:
        return has_changed
    # Of a record that is no more, nobody can tell; of a table without versions, what people said.
    return bool(row.version) or "confirmed" in now["fields"].get(path, {})


def _means(text: str, value: object, field: Field, habits: LocaleEvidence) -> bool:
    """Whether a cell still says a value, however a spreadsheet wrote it."""
    shown = cell_of(value, field.kind.value)
    if text.strip() == without_guard(shown).strip():
        return True
    if value is None or not text.strip():
        return False
    if field.comparison is Comparison.IDENTIFIER and _is_mangled(text, shown):
        return True
    exact = replace(field, comparison=Comparison.EQUAL)
    readings = normalise(text, field, habits).readings
    return any(same_value(reading, str(value), exact) for reading in readings)


def _is_mangled(text: str, shown: str) -> bool:
    """Whether a spreadsheet took an identifier for a number and cut it."""
    digits = re.sub(r"\D", "", shown)
    if _SHORTENED.fullmatch(text.strip()) and digits:
        mantissa = re.sub(r"\D", "", re.split("E", text, flags=re.IGNORECASE)[0]).rstrip("0")
        return digits.lstrip("0").startswith(mantissa[:-1])
    return shown.isdigit() and shown.lstrip("0") == text.strip()


def _conflict(row: EditedRow, path: str, text: str, own: object, now: Tree) -> str:
    said = now["fields"].get(path, {}).get("confirmed")
    who = f"{said['by']} changed it to" if said else "it was read anew as"
    return f"{row.path}: {path}: the file has {text or 'nothing'}, but {who} {own or 'nothing'}"


def name_of(row: EditedRow) -> str:
    """Return what a row calls its document.

    Raises:
        OptionError: it does not say.
    """
    if not (row.sha256 or row.path):
        raise OptionError(f"line {row.line} names no document", _HINT)
    return row.sha256 or row.path
