"""Records as one Parquet file: values typed and nested as the schema has them, and their proof.

Knows nothing of where the file lies. pyarrow is an extra, imported when it is asked for.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import partial
from typing import Any, BinaryIO

from docextract.core import MissingDependencyError, Tree, to_json
from docextract.export.csv_tables import ANY, COUNT, RATIO, DocumentTable, FieldKind, Fields
from docextract.export.tables.typed import NUMBER_KINDS, first_evidence, typed
from docextract.schema import Kind, at, shape_of

_ROWS_AT_ONCE = 500
_DIGITS, _PLACES = 38, 10
_SMALLEST = Decimal(1).scaleb(-_PLACES)
_LARGEST = Decimal(10) ** (_DIGITS - _PLACES)
_LEFT_OUT = "version"
"""Of no use where nobody edits a row."""


def load_pyarrow() -> Any:
    """Return pyarrow with what reads and writes Parquet.

    Raises:
        MissingDependencyError: it is not installed.
    """
    try:
        pyarrow = importlib.import_module("pyarrow")
        importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingDependencyError(
            f"--format parquet needs pyarrow: {error}",
            "pip install 'docextract[parquet]'; or do without it, and without a "
            "documents.parquet in the output folder.",
        ) from error
    return pyarrow


class ParquetFile:
    """Writes records to a file, some hundred at a time.

    Args:
        file: where to.
        fields: of the schema; of several, the values of each stand under its name.
    """

    def __init__(self, file: BinaryIO, fields: Fields) -> None:
        self._arrow = load_pyarrow()
        self._is_several = isinstance(fields, Mapping)
        fields = _named(fields) if isinstance(fields, Mapping) else fields
        self._shape = shape_of(dict(fields))
        self._kinds = dict(fields)
        self._table = DocumentTable((), schema=ANY if self._is_several else "")
        self._schema = self._arrow.schema(
            self._fields(), metadata={"docextract": to_json({"fields": list(fields)})}
        )
        self._writer = self._arrow.parquet.ParquetWriter(file, self._schema, compression="zstd")
        self._waiting: list[Tree] = []

    def write(self, tree: Tree) -> None:
        """Take a record; it is in the file when so many have come, or at the end."""
        self._waiting.append(self._row(tree))
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._write_waiting()

    def finish(self) -> None:
        """Write what is left, and the end of the file."""
        self._write_waiting()
        self._writer.close()

    def _write_waiting(self) -> None:
        if self._waiting:
            rows = self._arrow.RecordBatch.from_pylist(self._waiting, schema=self._schema)
            self._writer.write_batch(rows)
            self._waiting = []

    def _fields(self) -> list[Any]:
        arrow = self._arrow
        own = [
            arrow.field(column.name, self._type(column.kind))
            for column in self._table.columns
            if column.name != _LEFT_OUT
        ]
        text, place = arrow.string(), arrow.list_(arrow.float32())
        known = {
            "path": text, "value": text, "raw": text, "status": text,
            "confidence": arrow.float32(), "page": arrow.int32(), "box": place, "quote": text,
            "match": text,
        }  # fmt: skip
        values = arrow.field("values", self._nested(self._shape))
        return [*own, values, arrow.field("fields", arrow.list_(arrow.struct(list(known.items()))))]

    def _nested(self, shape: Any) -> Any:
        if isinstance(shape, str):
            return self._type(shape)
        if isinstance(shape, list):
            return self._arrow.list_(self._nested(shape[0]))
        members = [self._arrow.field(name, self._nested(own)) for name, own in shape.items()]
        return self._arrow.struct(members)

    def _type(self, kind: str) -> Any:
        if kind in NUMBER_KINDS:
            return self._arrow.decimal128(_DIGITS, _PLACES)
        others = {
            Kind.DATE: self._arrow.date32,
            Kind.DATETIME: partial(self._arrow.timestamp, "us"),
            Kind.BOOLEAN: self._arrow.bool_,
            COUNT: self._arrow.int32,
            RATIO: self._arrow.float64,
        }
        return others.get(kind, self._arrow.string)()

    def _row(self, tree: Tree) -> Tree:
        (row,) = self._table.typed_rows(tree)
        own = {
            name: _exact(value, kind)
            for (name, kind), value in zip(self._table.columns, row.values, strict=True)
            if name != _LEFT_OUT
        }
        known = [_known(tree, path) for path in tree["fields"]]
        values = tree["values"]
        if self._is_several:
            values = {tree["schema"]["name"]: values}
        return {**own, "values": _values(values, self._shape), "fields": known}


def _named(fields: Mapping[str, Sequence[FieldKind]]) -> list[FieldKind]:
    return [(f"{schema}.{path}", kind) for schema, own in fields.items() for path, kind in own]


def _values(tree: Any, shape: Any) -> Any:
    """Return a tree of values with typed leaves; None where there is nothing."""
    if tree is None:
        return None
    if isinstance(shape, str):
        return _exact(tree, shape)
    if isinstance(shape, list):
        return [_values(item, shape[0]) for item in tree] if isinstance(tree, list) else None
    if not isinstance(tree, dict):
        return None
    return {name: _values(tree.get(name), own) for name, own in shape.items()}


def _exact(value: Any, kind: str) -> Any:
    """Return a value as its column's type; None where it has none, ``fields`` have its text."""
    found = typed(value, kind)
    if kind in NUMBER_KINDS:
        return _decimal(found) if isinstance(found, Decimal) else None
    if kind == Kind.DATE:
        return found if isinstance(found, dt.date) else None
    if kind == Kind.DATETIME:
        return _moment(found) if isinstance(found, dt.date) else None
    if kind == Kind.BOOLEAN:
        return found if isinstance(found, bool) else None
    if kind in (COUNT, RATIO) or found is None:
        return found
    return found if isinstance(found, str) else str(found)


def _moment(value: dt.date) -> dt.datetime:
    """Return a date as the moment it begins; one with its time of day as it is."""
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


def _decimal(value: Decimal) -> Decimal | None:
    try:
        rounded = value.quantize(_SMALLEST, ROUND_HALF_EVEN)
    except InvalidOperation:
        return None
    return rounded if abs(rounded) < _LARGEST else None


def _known(tree: Tree, path: str) -> Tree:
    field = tree["fields"][path]
    found = first_evidence(field)
    value = at(tree["values"], path)
    text = value if isinstance(value, str) or value is None else json.dumps(value)
    return {
        "path": path,
        "value": None if text is None else str(typed(text, Kind.TEXT)),
        "raw": typed(field["raw"], Kind.TEXT),
        "status": field["status"],
        "confidence": field["confidence"],
        "page": found.get("page"),
        "box": found.get("box"),
        "quote": typed(found.get("quote"), Kind.TEXT),
        "match": found.get("match"),
    }
