"""Writes replies to a file, which takes its place when all are there: JSON lines or CSV.

Knows nothing of how replies came about.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from docextract.ask.replies.reply import FieldsReply, FreeReply, Reply
from docextract.core import OptionError
from docextract.export.atomic import atomic_file, writing_errors
from docextract.export.csv_cells import cell
from docextract.export.csv_tables import DocumentTable, tables
from docextract.export.results import json_line
from docextract.schema import Kind
from docextract.schema.loading import load_schema

SUFFIXES = (".jsonl", ".csv")
_HEADER = (
    "path", "question", "status", "answer", "probability", "page", "quote", "match", "reason",
    "hint", "sha256",
)  # fmt: skip
_BETWEEN = "; "


@contextmanager
def open_writer(out: Path, schema_spec: str | None) -> Iterator[Callable[[Reply], None]]:
    """Yield what writes replies to a file; the file is there, whole, when the block ends well.

    Args:
        out: ends in ``.jsonl`` or ``.csv``.
        schema_spec: the fields that are asked for; None for questions.

    Raises:
        OptionError: the name has another ending, or the fields have rows, which no one table
            holds.
        StoreError: the disk is full, or the folder cannot be written.
    """
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise OptionError(f"--out: {out} ends in neither .jsonl nor .csv")
    table = _table(schema_spec) if suffix == ".csv" else None
    with atomic_file(out) as file:
        if suffix == ".jsonl":
            yield lambda reply: write_json(file, reply)
        else:
            write_row = _row_writer(file, out)
            write_row(_HEADER if table is None else table.header)
            yield lambda reply: write_row(_cells(reply, table))


def write_json(file: BinaryIO, reply: Reply) -> None:
    """Write a reply as one line."""
    file.write(json_line(reply.to_json()))


def _table(schema_spec: str | None) -> DocumentTable | None:
    if schema_spec is None:
        return None
    fields = load_schema(schema_spec).fields
    found = tables([(item.path, item.kind.value) for item in fields])
    if len(found) > 1:
        raise OptionError(
            "--out: rows do not fit into one CSV file",
            "Write .jsonl, or use docextract run, which writes a second file for rows.",
        )
    table = found[0]
    assert isinstance(table, DocumentTable)
    return table


def _row_writer(file: BinaryIO, out: Path) -> Callable[[Sequence[str]], None]:
    def write_row(cells: Sequence[str]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerow(cells)
        with writing_errors(out):
            file.write(text.getvalue().encode())

    return write_row


def _cells(reply: Reply, table: DocumentTable | None) -> Sequence[str]:
    if isinstance(reply, FieldsReply):
        assert table is not None
        (row,) = table.rows(reply.to_json())
        return row
    return _free_cells(reply)


def _free_cells(reply: FreeReply) -> list[str]:
    tree = reply.to_json()
    evidence = tree["evidence"] or {}
    error = tree["errors"][0] if tree["errors"] else {}
    documents = tree["documents"]
    page = evidence.get("page")
    return [
        cell(_BETWEEN.join(document["path"] for document in documents)),
        cell(tree["question"]),
        tree["status"],
        cell(tree["answer"], Kind.DECIMAL),
        cell(tree["probability"]),
        cell(page) if len(documents) == 1 or page is None else cell(f"{evidence['path']}: {page}"),
        cell(evidence.get("quote")),
        cell(evidence.get("match")),
        cell(error.get("reason")),
        cell(error.get("hint")),
        _BETWEEN.join(document["sha256"] for document in documents),
    ]
