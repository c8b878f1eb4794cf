"""Which tables and columns a schema's fields make, and the rows a record adds to them.

Knows nothing of files, nor of the schema's class: a field is its path and its kind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from docextract.core import FieldStatus, Outcome, Tree, to_json
from docextract.export.csv_cells import cell, path_cell
from docextract.schema import Kind

FieldKind = tuple[str, str]
"""Path of a leaf, such as ``lines[].net``, and its kind."""

Fields = Sequence[FieldKind] | Mapping[str, Sequence[FieldKind]]
"""The leaves of a schema, or of several by their names, of which each document has one."""

ANY = "*"
"""In place of the name of a schema: whichever a document was read with."""

PATH, COUNT, RATIO = "path", "count", "ratio"
"""Kinds of columns that are no field's: a document's path, a whole number, one from 0 to 1."""


class Column(NamedTuple):
    """One column.

    Attributes:
        name: unlike all others of its table.
        kind: a ``Kind``, ``PATH``, ``COUNT`` or ``RATIO``.
    """

    name: str
    kind: str = Kind.TEXT.value


class Row(NamedTuple):
    """One row, with a value and a path for each column.

    Attributes:
        values: as the record has them; None where there is none.
        paths: of the record's field that a value is of, such as ``lines[0].net``; empty where the
            column is no field's.
    """

    values: list[Any]
    paths: list[str]


_HEAD = (Column("path", PATH), Column("status"), Column("reason"))
_KIND = (Column("schema"), Column("kind"), Column("kind_probability", RATIO))
_TAIL = (
    Column("confidence", RATIO),
    Column("confidence_min", RATIO),
    Column("num_checks_failed", COUNT),
    Column("review_fields"),
    Column("review_reasons"),
    Column("num_pages", COUNT),
    Column("media_type"),
    Column("sha256"),
    Column("reviewed"),
    Column("version"),
)
_EXTRA_KINDS = {"confidence": RATIO, "page": COUNT}
_TO_REVIEW = (FieldStatus.CONFLICT, FieldStatus.UNVERIFIED)


@dataclass(frozen=True)
class DocumentTable:
    """One row per document: what became of it, then the schema's leaves outside lists.

    Attributes:
        fields: of the schema, outside lists.
        extra: which of ``EXTRA_COLUMNS`` follow each field.
        schema: which documents it is of, where there are several schemas: the name of theirs, or
            ``ANY`` for all.
    """

    fields: tuple[FieldKind, ...]
    extra: tuple[str, ...] = ()
    schema: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return "documents" if self.schema in ("", ANY) else self.schema

    @property
    def file_name(self) -> str:
        """The CSV file's name."""
        return f"{self.name}.csv"

    @property
    def columns(self) -> list[Column]:
        """Its columns; those of leaves are named by path."""
        head = (*_HEAD, *(_KIND if self.schema else ()))
        taken = [column.name for column in (*head, *_TAIL)]
        return [*head, *_field_columns(self.fields, self.extra, taken), *_TAIL]

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    def typed_rows(self, tree: Tree) -> Iterator[Row]:
        """Yield the one row of a record; none of one that was read with another schema."""
        if not _is_of(tree, self.schema):
            return
        document, errors = tree["document"], tree["errors"]
        own = _field_cells(tree, tree["values"], "", self.fields, self.extra)
        reason = errors[0]["reason"] if errors else None
        head = [document["path"], tree["status"], reason, *(_kind(tree) if self.schema else ())]
        tail = [
            tree.get("confidence"),
            _confidence_min(tree),
            sum(check["outcome"] == Outcome.FAILED for check in tree["checks"]),
            "; ".join(fields_to_review(tree)),
            " ".join(tree.get("review_reasons", ())),
            document["num_pages"],
            document["media_type"],
            document["sha256"],
            _reviewed(tree),
            version_of(tree, self.fields),
        ]
        paths = [*("" for _ in head), *own.paths, *("" for _ in tail)]
        yield Row([*head, *own.values, *tail], paths)

    def rows(self, tree: Tree) -> Iterator[list[str]]:
        """Yield the one row of a record as cells of a CSV file."""
        return _as_text(self.columns, self.typed_rows(tree))


@dataclass(frozen=True)
class ListTable:
    """One row per item of a list, keyed by document and position.

    Attributes:
        list_path: such as ``lines[]`` or ``accounts[].transactions[]``.
        name: what it is called.
        fields: leaves of an item, by path from the item; an empty path is the item itself.
        extra: which of ``EXTRA_COLUMNS`` follow each field.
        schema: see ``DocumentTable``.
    """

    list_path: str
    name: str
    fields: tuple[FieldKind, ...]
    extra: tuple[str, ...] = ()
    schema: str = ""

    @property
    def file_name(self) -> str:
        """The CSV file's name."""
        return f"{self.name}.csv"

    @property
    def _lists(self) -> list[str]:
        return [part for part in self.list_path.replace("[].", "[]").split("[]") if part]

    @property
    def keys(self) -> list[Column]:
        """The columns that together name one row.

        ``index`` counts from 0 as paths in the records do; the position in an outer list
        stands before it, such as ``accounts_index``.
        """
        outer = (Column(f"{name}_index", COUNT) for name in self._lists[:-1])
        return [Column("path", PATH), Column("sha256"), *outer, Column("index", COUNT)]

    @property
    def columns(self) -> list[Column]:
        """The keys, then the leaves by path from the item."""
        named = [(path or "value", kind) for path, kind in self.fields]
        taken = [column.name for column in self.keys]
        return [*self.keys, *_field_columns(named, self.extra, taken)]

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        return [column.name for column in self.columns]

    def typed_rows(self, tree: Tree) -> Iterator[Row]:
        """Yield a row for each item of a record."""
        document = tree["document"]
        found = _items(tree["values"], self._lists) if _is_of(tree, self.schema) else ()
        for indexes, item in found:
            places = zip(self._lists, indexes, strict=True)
            place = ".".join(f"{name}[{index}]" for name, index in places)
            own = _field_cells(tree, item, place, self.fields, self.extra)
            keys = [document["path"], document["sha256"], *indexes]
            yield Row([*keys, *own.values], [*("" for _ in keys), *own.paths])

    def rows(self, tree: Tree) -> Iterator[list[str]]:
        """Yield a row for each item of a record as cells of a CSV file."""
        return _as_text(self.columns, self.typed_rows(tree))


Table = DocumentTable | ListTable


def tables(fields: Fields, extra: Sequence[str] = ()) -> list[Table]:
    """Return the tables of a schema, the documents first.

    The list named ``lines``, or else a schema's only list, is called ``lines``; every other
    list has its own name. Of several schemas each has its own tables, named after it, behind one
    of all documents.

    Args:
        fields: of the schema, or of several.
        extra: which of ``EXTRA_COLUMNS`` follow each field.
    """
    if not isinstance(fields, Mapping):
        return _tables(fields, extra)
    found: list[Table] = [DocumentTable((), tuple(extra), ANY)]
    for schema, own in fields.items():
        for table in _tables(own, extra):
            if isinstance(table, ListTable):
                table = replace(table, name=f"{schema}_{table.name}")
            found.append(replace(table, schema=schema))
    return found


def _tables(fields: Sequence[FieldKind], extra: Sequence[str]) -> list[Table]:
    by_list: dict[str, list[FieldKind]] = {}
    for path, kind in fields:
        head, bracket, tail = path.rpartition("[]")
        by_list.setdefault(head + bracket, []).append((tail.removeprefix("."), kind))
    scalars = by_list.pop("", [])
    names = _names(list(by_list))
    lists = [
        ListTable(path, names[path], tuple(found), tuple(extra)) for path, found in by_list.items()
    ]
    return [DocumentTable(tuple(scalars), tuple(extra)), *lists]


def _names(list_paths: list[str]) -> dict[str, str]:
    if len(list_paths) == 1:
        return {list_paths[0]: "lines"}
    names: dict[str, str] = {}
    used = {"documents"}
    for path in list_paths:
        whole = re.sub(r"[^\w-]+", "_", path.replace("[]", "")).strip("_")[:80] or "list"
        last = re.sub(r"[^\w-]+", "_", path.removesuffix("[]").rpartition(".")[2])[:80]
        choices = [
            last,
            whole,
            *(f"{whole}_{number}" for number in range(2, len(used) + 3)),
        ]
        name = next(choice for choice in choices if choice and choice.lower() not in used)
        used.add(name.lower())
        names[path] = name
    return names


def _field_columns(
    fields: Sequence[FieldKind], extra: Sequence[str], taken: Sequence[str]
) -> Iterator[Column]:
    """Yield a column for each field, each followed by what is known of its values."""
    for path, kind in fields:
        name = f"values.{path}" if path in taken else path
        yield Column(name, kind)
        for about in extra:
            yield Column(f"{name}.{about}", _EXTRA_KINDS.get(about, Kind.TEXT.value))


def _field_cells(
    tree: Tree, item: Any, place: str, fields: Sequence[FieldKind], extra: Sequence[str]
) -> Row:
    """Return what stands in the columns of the fields.

    Args:
        tree: the record.
        item: the tree of values that the fields' paths begin in.
        place: where it stands in the record, such as ``lines[0]``; empty for all of it.
        fields: see ``Table``.
        extra: see ``Table``.
    """
    row = Row([], [])
    for path, _ in fields:
        whole = ".".join(part for part in (place, path) if part)
        known = tree["fields"].get(whole, {}) if extra else {}
        row.values.append(_at(item, path))
        row.paths.append(whole)
        row.values.extend(_about(known, about) for about in extra)
        row.paths.extend("" for _ in extra)
    return row


def _about(field: Tree, name: str) -> Any:
    """Return what is known of a field: its confidence, page or status; None where nothing is."""
    if name == "page":
        return next((one["page"] for one in field.get("evidence", ()) if one["page"]), None)
    is_absent = field.get("status") == FieldStatus.ABSENT
    return None if is_absent and name == "confidence" else field.get(name)


def _as_text(columns: Sequence[Column], rows: Iterator[Row]) -> Iterator[list[str]]:
    for row in rows:
        pairs = zip(row.values, columns, strict=True)
        yield [
            path_cell(value) if kind == PATH else cell(value, kind) for value, (_, kind) in pairs
        ]


def _at(tree: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _items(tree: Any, lists: list[str]) -> Iterator[tuple[list[int], Any]]:
    found = _at(tree, lists[0])
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if len(lists) == 1:
            yield [index], item
        else:
            yield from (([index, *inner], leaf) for inner, leaf in _items(item, lists[1:]))


def _is_of(tree: Tree, schema: str) -> bool:
    return schema in ("", ANY) or tree["schema"]["name"] == schema


def _kind(tree: Tree) -> list[Any]:
    """Return by which schema a record was read, and for what kind of document it was taken."""
    kind = tree.get("kind") or {}
    return [tree["schema"]["name"], kind.get("name"), kind.get("probability")]


def version_of(tree: Tree, fields: Sequence[FieldKind]) -> str:
    """Return what changes whenever a row's values do, so that an edited row tells its origin.

    It begins with a letter: a spreadsheet takes it neither for a number nor for a date.

    Args:
        tree: the record.
        fields: of the table of documents.
    """
    values = [cell(_at(tree["values"], path), kind) for path, kind in fields]
    return f"v{hashlib.sha256(to_json(values).encode()).hexdigest()[:8]}"


def _reviewed(tree: Tree) -> str | None:
    """Return who reviewed a document, and when last."""
    found = tree.get("review")
    return f"{', '.join(found['by'])} {found['at']}" if found else None


def _confidence_min(tree: Tree) -> float | None:
    present = [
        field["confidence"]
        for field in tree["fields"].values()
        if field["status"] != FieldStatus.ABSENT
    ]
    return min(present, default=None)


def fields_to_review(tree: Tree) -> list[str]:
    """Return the paths of a record's fields that are in doubt."""
    return [path for path, field in tree["fields"].items() if field["status"] in _TO_REVIEW]
