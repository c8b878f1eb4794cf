"""Which tables and columns a schema's fields make, and the rows a record adds to them.

Knows nothing of files, nor of the schema's class: a field is its path and its kind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docextract.core import FieldStatus, Outcome, Tree, to_json
from docextract.export.csv_cells import cell, path_cell
from docextract.schema import Kind

FieldKind = tuple[str, str]
"""Path of a leaf, such as ``lines[].net``, and its kind."""

_DOCUMENT_HEAD = ("path", "status", "reason")
_DOCUMENT_TAIL = (
    "confidence",
    "confidence_min",
    "num_checks_failed",
    "review_fields",
    "review_reasons",
    "num_pages",
    "media_type",
    "sha256",
    "reviewed",
    "version",
)
_TO_REVIEW = (FieldStatus.CONFLICT, FieldStatus.UNVERIFIED)


@dataclass(frozen=True)
class DocumentTable:
    """One row per document: what became of it, then the schema's leaves outside lists."""

    fields: tuple[FieldKind, ...]

    @property
    def file_name(self) -> str:
        """The file's name."""
        return "documents.csv"

    @property
    def header(self) -> list[str]:
        """Column names; leaves are named by path."""
        names = _distinct([path for path, _ in self.fields], _DOCUMENT_HEAD + _DOCUMENT_TAIL)
        return [*_DOCUMENT_HEAD, *names, *_DOCUMENT_TAIL]

    def rows(self, tree: Tree) -> Iterator[list[str]]:
        """Yield the one row of a record."""
        document, errors = tree["document"], tree["errors"]
        values = [cell(_at(tree["values"], path), kind) for path, kind in self.fields]
        reason = errors[0]["reason"] if errors else ""
        yield [
            path_cell(document["path"]),
            tree["status"],
            reason,
            *values,
            _confidence(tree),
            _confidence_min(tree),
            str(sum(check["outcome"] == Outcome.FAILED for check in tree["checks"])),
            cell("; ".join(_review_fields(tree))),
            cell(" ".join(tree.get("review_reasons", ()))),
            str(document["num_pages"]),
            document["media_type"],
            document["sha256"],
            _reviewed(tree),
            version_of(values),
        ]


@dataclass(frozen=True)
class ListTable:
    """One row per item of a list, keyed by document and position.

    Attributes:
        list_path: such as ``lines[]`` or ``accounts[].transactions[]``.
        file_name: the file's name.
        fields: leaves of an item, by path from the item; an empty path is the item itself.
    """

    list_path: str
    file_name: str
    fields: tuple[FieldKind, ...]

    @property
    def _lists(self) -> list[str]:
        return [part for part in self.list_path.replace("[].", "[]").split("[]") if part]

    @property
    def _keys(self) -> list[str]:
        return ["path", "sha256", *(f"{name}_index" for name in self._lists[:-1]), "index"]

    @property
    def header(self) -> list[str]:
        """Column names: the keys, then the leaves by path from the item.

        ``index`` counts from 0 as paths in the records do; the position in an outer list
        stands before it, such as ``accounts_index``.
        """
        names = [path or "value" for path, _ in self.fields]
        return [*self._keys, *_distinct(names, self._keys)]

    def rows(self, tree: Tree) -> Iterator[list[str]]:
        """Yield a row for each item of a record."""
        document = tree["document"]
        keys = [path_cell(document["path"]), document["sha256"]]
        for indexes, item in _items(tree["values"], self._lists):
            values = [cell(_at(item, path), kind) for path, kind in self.fields]
            yield [*keys, *map(str, indexes), *values]


Table = DocumentTable | ListTable


def tables(fields: Sequence[FieldKind]) -> list[Table]:
    """Return the tables of a schema, the documents first.

    The list named ``lines``, or else a schema's only list, is ``lines.csv``; every other
    list has its own name.
    """
    by_list: dict[str, list[FieldKind]] = {}
    for path, kind in fields:
        head, bracket, tail = path.rpartition("[]")
        by_list.setdefault(head + bracket, []).append((tail.removeprefix("."), kind))
    scalars = by_list.pop("", [])
    names = _file_names(list(by_list))
    lists = [ListTable(path, names[path], tuple(found)) for path, found in by_list.items()]
    return [DocumentTable(tuple(scalars)), *lists]


def _file_names(list_paths: list[str]) -> dict[str, str]:
    if len(list_paths) == 1:
        return {list_paths[0]: "lines.csv"}
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
        names[path] = f"{name}.csv"
    return names


def _distinct(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    return [f"values.{name}" if name in taken else name for name in names]


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


def _confidence(tree: Tree) -> str:
    """Return how sure the record as a whole is; empty for one of an older version."""
    found = tree.get("confidence")
    return "" if found is None else cell(found, Kind.DECIMAL)


def version_of(values: Sequence[str]) -> str:
    """Return what changes whenever a row's values do, so that an edited row tells its origin.

    It begins with a letter: a spreadsheet takes it neither for a number nor for a date.
    """
    return f"v{hashlib.sha256(to_json(list(values)).encode()).hexdigest()[:8]}"


def _reviewed(tree: Tree) -> str:
    """Return who reviewed a document, and when last."""
    found = tree.get("review")
    return cell(f"{', '.join(found['by'])} {found['at']}") if found else ""


def _confidence_min(tree: Tree) -> str:
    present = [
        field["confidence"]
        for field in tree["fields"].values()
        if field["status"] != FieldStatus.ABSENT
    ]
    return cell(min(present), Kind.DECIMAL) if present else ""


def _review_fields(tree: Tree) -> list[str]:
    return [path for path, field in tree["fields"].items() if field["status"] in _TO_REVIEW]
