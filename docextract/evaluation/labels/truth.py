"""Reads labels: our truth lines, records of an earlier export, or its edited table.

Knows nothing of schemas: names and values stay as they were written.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docextract.core import MISFITS, RecordStatus, Tree, UsageError, describe_misfit

UNREAD: Final = (RecordStatus.FAILED, RecordStatus.SKIPPED)
_HINT = "docs/evaluation.md shows what a truth file may hold."
_FORMULA_START = "=+-@\t\r\n"


@dataclass(frozen=True, slots=True)
class Labels:
    """What somebody says a document holds.

    Attributes:
        where: file and line, for messages.
        file: path of the document, as long as it was known; ``/`` between parts.
        sha256: hash of its bytes, or empty.
        schema_name: the schema the labels were made for, or empty.
        values: a tree of names to values; None: looked for and not there. A name that is
            missing, or a list that is None, is not known.
        ignored: names that are not to be scored.
        not_printed: names whose value stands in embedded data alone.
    """

    where: str
    file: str
    values: Tree
    sha256: str = ""
    schema_name: str = ""
    ignored: frozenset[str] = frozenset()
    not_printed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not all(isinstance(text, str) for text in (self.file, self.sha256, self.schema_name)):
            raise ValueError("the file, its sha256 and the schema are texts")


def read_truth(path: Path) -> list[Labels]:
    """Return the labels in a file, without documents that nothing is said of.

    Args:
        path: JSON lines, or by its suffix a ``documents.csv`` as exported.

    Raises:
        UsageError: the file cannot be read or holds no labels.
    """
    read = _read_table if path.suffix.lower() == ".csv" else _read_lines
    try:
        labels = list(read(path))
    except UnicodeDecodeError as error:
        raise UsageError(f"--truth {path}: {describe_misfit(error)}", _HINT) from error
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"--truth {path}: {error}", _HINT) from error
    if not labels:
        raise UsageError(f"--truth {path}: there are no labels in it", _HINT)
    return labels


def labels_of(rows: Iterable[Tree], where: str) -> list[Labels]:
    """Return the labels in truth lines that are at hand; see ``read_truth``."""
    found = (_spelling(row)(row, f"{where}:{n}") for n, row in enumerate(rows, start=1))
    return [labels for labels in found if labels is not None]


def _read_lines(path: Path) -> Iterator[Labels]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            where = f"{path.name}:{number}"
            try:
                # An amount stays as it was written: 59.40 as a float is 59.4.
                row = _tree(json.loads(line, parse_float=str))
                labels = _spelling(row)(row, where)
            except MISFITS as error:
                raise ValueError(
                    f"line {number} holds no labels: {describe_misfit(error)}"
                ) from error
            if labels is not None:
                yield labels


def _spelling(row: Tree) -> Callable[[Tree, str], Labels | None]:
    if "document" in row:
        return _from_record
    return _from_tree if "values" in row else _from_names


def _from_record(row: Tree, where: str) -> Labels | None:
    if row["status"] in UNREAD or row["values"] is None:
        return None
    document = row["document"]
    schema = row.get("schema", {}).get("name", "")
    return Labels(where, document["path"], row["values"], document["sha256"], schema)


def _from_tree(row: Tree, where: str) -> Labels | None:
    """Read ``file, schema, values, not_printed``: values in the shape of the schema."""
    if row["values"] is None:
        return None
    not_printed = frozenset(row.get("not_printed") or ())
    sha256, schema = row.get("sha256") or "", row.get("schema") or ""
    return Labels(where, row["file"], _tree(row["values"]), sha256, schema, not_printed=not_printed)


def _from_names(row: Tree, where: str) -> Labels | None:
    """Read ``file, schema, fields, not_printed, ambiguous_fields, conflict, meta``."""
    meta = row.get("meta") or {}
    not_printed = {*(row.get("not_printed") or ()), *(row.get("conflict") or ())}
    num_printed, _, num_lines = str(meta.get("line_totals_printed", "")).partition("/")
    if num_printed != num_lines:
        not_printed.add("line_items")
    return Labels(
        where,
        row["file"],
        _tree(row["fields"]),
        meta.get("sha256") or "",
        row.get("schema") or "",
        frozenset(row.get("ambiguous_fields") or ()),
        frozenset(not_printed),
    )


def _tree(values: Any) -> Tree:
    if not isinstance(values, dict):
        raise ValueError("no object of names and values")
    return values


def _read_table(path: Path) -> Iterator[Labels]:
    """Read one document per row; only fields outside lists have columns."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = file.readline()
        file.seek(0)
        # Spreadsheets of half the world write semicolons.
        rows = csv.DictReader(
            file, delimiter=max(",;\t", key=head.count), restval="", restkey=_SURPLUS
        )
        if "path" not in (rows.fieldnames or ()):
            raise ValueError("it has no column named path")
        for row in rows:
            if row.get("status") not in UNREAD:
                yield _from_row(row, f"{path.name}:{rows.line_num}")


_ABOUT = (
    "path", "status", "reason", "confidence", "confidence_min", "num_checks_failed",
    "review_fields", "review_reasons", "num_pages", "media_type", "sha256", "reviewed", "version",
)  # fmt: skip
_SURPLUS = ""


def _from_row(row: dict[str, str], where: str) -> Labels:
    values = {
        name.removeprefix("values."): _cell(text)
        for name, text in row.items()
        if name not in (_SURPLUS, *_ABOUT)
    }
    return Labels(where, _cell(row["path"]) or "", dict(values), row.get("sha256", ""))


def _cell(text: str) -> str | None:
    """Return a cell without the apostrophe that kept it from being run as a formula."""
    is_kept = text.startswith("'") and text[1:].lstrip()[:1] in _FORMULA_START
    return (text[1:] if is_kept else text) or None


def is_other_schema(made_for: str, scored: str, known: Collection[str]) -> bool:
    """Whether labels belong to another schema; a name nobody knows is no evidence of it."""
    return made_for != scored and made_for in known and scored in known
