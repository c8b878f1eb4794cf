"""Writes the exports of a store in one pass over its records.

Knows nothing of columns, cells or names; those have files of their own.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from docextract.core import EXIT_MEANING, OptionError, RecordStatus, Tree, __version__, to_json
from docextract.export.atomic import (
    atomic_file,
    remove_leftovers,
    write_atomically,
    writing_errors,
)
from docextract.export.csv_tables import Table, tables
from docextract.export.mirror import Mirror
from docextract.export.results import RESULTS_NAME, json_line, shown
from docextract.store import RunSummary, Store, StoredDocument

TREE_NAME = "documents"
FAILURES_NAME = "failures.jsonl"
Sink = Callable[[StoredDocument], None]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as the local code page."""


def write_exports(store: Store, out: Path, formats: Sequence[str]) -> None:
    """Write exports of all records into a folder; each file is replaced as a whole.

    ``failures.jsonl`` is always written.

    Args:
        store: where the records are.
        out: the folder.
        formats: ``jsonl`` for ``results.jsonl``, ``csv`` for ``documents.csv`` and a file
            per list, ``json`` for a file per document below ``documents``.

    Raises:
        StoreError: the disk is full or not writable.
    """
    remove_leftovers(out)
    with contextlib.ExitStack() as stack:
        sinks = [_failures_sink(stack, store, out)]
        if "jsonl" in formats:
            sinks.append(_jsonl_sink(stack.enter_context(atomic_file(out / RESULTS_NAME))))
        if "csv" in formats:
            for table in tables(store.fields()):
                file = stack.enter_context(atomic_file(out / table.file_name))
                file.write(_BYTE_ORDER_MARK)
                sinks.append(_csv_sink(file, table))
            _remove_tables_of_others(store, out)
        if "json" in formats:
            sinks.append(_tree_sink(out / TREE_NAME))
        for stored in store.documents():
            for sink in sinks:
                sink(stored)


def _remove_tables_of_others(store: Store, out: Path) -> None:
    """Remove lists of other schemas from the store's own folder, where they would mislead."""
    if store.path.parent.parent.resolve() != out.resolve():
        return
    own = {table.file_name for table in tables(store.fields())}
    for schema in store.schema_names():
        for table in tables(store.fields(schema)):
            if table.file_name not in own:
                with writing_errors(out / table.file_name):
                    (out / table.file_name).unlink(missing_ok=True)


def stream_export(store: Store, stream: BinaryIO, formats: Sequence[str]) -> None:
    """Write one export to a stream: all records as JSON lines, or the documents' CSV.

    Raises:
        OptionError: the formats are not one of these two.
        BrokenPipeError: the reader has gone.
        StoreError: the disk behind the stream is full.
    """
    if tuple(formats) not in (("jsonl",), ("csv",)):
        raise OptionError("stdout holds one format", "Use --format jsonl or --format csv.")
    table = tables(store.fields())[0]
    with writing_errors(Path("stdout")):
        sink = _jsonl_sink(stream) if formats[0] == "jsonl" else _csv_sink(stream, table)
        for stored in store.documents():
            sink(stored)
        stream.flush()


def _jsonl_sink(file: BinaryIO) -> Sink:
    def write(stored: StoredDocument) -> None:
        file.write(json_line(stored.tree))

    return write


def _failures_sink(stack: contextlib.ExitStack, store: Store, out: Path) -> Sink:
    file = stack.enter_context(atomic_file(out / FAILURES_NAME))

    def write(stored: StoredDocument) -> None:
        if stored.tree["status"] == RecordStatus.FAILED:
            file.write(json_line(store.failure(stored)))

    return write


def _csv_sink(file: BinaryIO, table: Table) -> Sink:
    file.write(_csv_lines([table.header]))

    def write(stored: StoredDocument) -> None:
        file.write(_csv_lines(table.rows(stored.tree)))

    return write


def _csv_lines(rows: Iterable[list[str]]) -> bytes:
    """Return rows as RFC 4180 writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _tree_sink(folder: Path) -> Sink:
    mirror = Mirror()

    def write(stored: StoredDocument) -> None:
        text = to_json(shown(stored.tree), indent=2)
        place = str(mirror.place(stored.relative, stored.raw_path))
        # A name is UTF-8 on the disk, also where the locale knows ASCII alone.
        write_atomically(folder / os.fsdecode(place.encode()), f"{text}\n".encode())

    return write


def summary_json(summary: RunSummary) -> Tree:
    """Return a summary as JSON; counts of statuses that did not occur are 0."""
    return {
        "exit_code": int(summary.exit_code),
        "meaning": EXIT_MEANING[summary.exit_code],
        "counts": {status.value: summary.counts.get(status, 0) for status in RecordStatus},
        "num_found": summary.num_found,
        "num_unchanged": summary.num_unchanged,
        "num_pages": summary.num_pages,
        "seconds": round(summary.seconds, 3),
        "stopped_by": summary.stopped_by,
        "bug": summary.bug,
        **summary.details,
    }


def write_run_json(out: Path, summary: RunSummary) -> None:
    """Write ``run.json`` into a folder.

    Raises:
        StoreError: the disk is full or not writable.
    """
    text = to_json(summary_json(summary), indent=2)
    write_atomically(out / "run.json", f"{text}\n".encode())


def are_current(store: Store, out: Path, formats: Sequence[str]) -> bool:
    """Return whether writing the exports again would change nothing.

    The tree of JSON files is believed where its uppermost folder has not changed.
    """
    return store.exported() == _mark(store, out, formats)


def mark_current(store: Store, out: Path, formats: Sequence[str]) -> None:
    """Note that the exports in a folder show everything that is stored.

    Raises:
        StoreError: the disk is full or not writable.
    """
    store.mark_exported(_mark(store, out, formats))


def _mark(store: Store, out: Path, formats: Sequence[str]) -> str:
    names = [FAILURES_NAME]
    names += [RESULTS_NAME] if "jsonl" in formats else []
    names += [TREE_NAME] if "json" in formats else []
    names += [table.file_name for table in tables(store.fields())] if "csv" in formats else []
    files = [(name, *_stamp(out / name)) for name in names]
    seen = None if store.lens is None else store.lens.mark
    about = [__version__, str(out.resolve()), store.schema_name(), store.fields(), files]
    return to_json(about if seen is None else [*about, seen])


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
