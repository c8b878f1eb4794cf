"""Writes the exports of a store in one pass over its records.

Knows nothing of columns, cells or names; those have files of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from docextract.core import (
    EXIT_MEANING,
    OptionError,
    RecordStatus,
    TableStyle,
    Tree,
    __version__,
    to_json,
)
from docextract.export.atomic import (
    atomic_file,
    remove_leftovers,
    write_atomically,
    writing_errors,
)
from docextract.export.csv_tables import tables
from docextract.export.naming.record_tree import RecordTree
from docextract.export.results import RESULTS_NAME, json_line, shown, values_line
from docextract.export.tables import (
    FILE_NAMES,
    CsvFile,
    check_format,
    file_uri,
    keep_style,
    kept_style,
    open_tables,
)
from docextract.store import RunSummary, Store, StoredDocument

TREE_NAME = "documents"
FAILURES_NAME = "failures.jsonl"
EXPORT_NAMES = {
    "jsonl": RESULTS_NAME,
    "json": TREE_NAME,
    "values": "values.jsonl",
    **FILE_NAMES,
}
"""By format, the file or folder by which one sees that it was written."""
Sink = Callable[[StoredDocument], None]
_STREAMED = ("jsonl", "csv", "values")


def write_exports(
    store: Store, out: Path, formats: Sequence[str], style: TableStyle | None = None
) -> None:
    """Write exports of all records into a folder; each file is replaced as a whole.

    ``failures.jsonl`` is always written.

    Args:
        store: where the records are.
        out: the folder.
        formats: ``jsonl`` for ``results.jsonl``, ``values`` for ``values.jsonl``, ``json`` for a
            file per document below ``documents``, ``csv`` for ``documents.csv`` and a file
            per list, ``xlsx``, ``parquet`` and ``sqlite`` for one file with all of it.
        style: how tables are written; None for the way that those of the store's own folder are.

    Raises:
        MissingDependencyError: a package that a format needs is not installed.
        StoreError: the disk is full or not writable.
    """
    remove_leftovers(out)
    style = _settled(store, out, style)
    with contextlib.ExitStack() as stack:
        sinks = [_failures_sink(stack, store, out)]
        for name in formats:
            sinks += _sinks(stack, name, store, out, style)
        for stored in store.documents():
            for sink in sinks:
                sink(stored)
    if "csv" in formats:
        _remove_tables_of_others(store, out)


def _settled(store: Store, out: Path, style: TableStyle | None) -> TableStyle:
    """Return how tables are written, and keep it where they lie in the store's own folder."""
    if style is None:
        return kept_style(store.path.parent)
    if _is_own(store, out):
        keep_style(store.path.parent, style)
    return style


def _is_own(store: Store, out: Path) -> bool:
    return store.path.parent.parent.resolve() == out.resolve()


def _sinks(
    stack: contextlib.ExitStack, name: str, store: Store, out: Path, style: TableStyle
) -> list[Sink]:
    if name == "json":
        return [_tree_sink(stack, out / TREE_NAME, is_own=_is_own(store, out))]
    if name in FILE_NAMES:
        writers = open_tables(stack, name, out, store.fields(), style)
        return [_table_sink(writer) for writer in writers]
    line = json_line if name == "jsonl" else values_line
    return [_lines_sink(stack.enter_context(atomic_file(out / EXPORT_NAMES[name])), line)]


def _remove_tables_of_others(store: Store, out: Path) -> None:
    """Remove lists of other schemas from the store's own folder, where they would mislead."""
    if not _is_own(store, out):
        return
    own = {table.file_name for table in tables(store.fields())}
    for schema in store.schema_names_ever():
        for table in tables(store.fields(schema)):
            if table.file_name not in own:
                with writing_errors(out / table.file_name):
                    (out / table.file_name).unlink(missing_ok=True)


def stream_export(
    store: Store, stream: BinaryIO, formats: Sequence[str], style: TableStyle | None = None
) -> None:
    """Write one export to a stream: all records, or their values, as lines, or the documents' CSV.

    Raises:
        OptionError: the formats are not one of these.
        BrokenPipeError: the reader has gone.
        StoreError: the disk behind the stream is full.
    """
    if len(formats) != 1 or formats[0] not in _STREAMED:
        raise OptionError(
            "stdout holds one format", "Use --format jsonl, --format values or --format csv."
        )
    style = style or TableStyle()
    with writing_errors(Path("stdout")):
        sink = _stream_sink(store, stream, formats[0], style)
        for stored in store.documents():
            sink(stored)
        stream.flush()


def _stream_sink(store: Store, stream: BinaryIO, name: str, style: TableStyle) -> Sink:
    if name == "csv":
        file = CsvFile(stream, tables(store.fields(), style.extra)[0], style)
        return lambda stored: file.write(stored.tree)
    return _lines_sink(stream, json_line if name == "jsonl" else values_line)


def _lines_sink(file: BinaryIO, line: Callable[[Tree], bytes]) -> Sink:
    def write(stored: StoredDocument) -> None:
        file.write(line(stored.tree))

    return write


def _table_sink(write: Callable[[Tree, str], None]) -> Sink:
    return lambda stored: write(stored.tree, file_uri(stored.raw_path))


def _failures_sink(stack: contextlib.ExitStack, store: Store, out: Path) -> Sink:
    file = stack.enter_context(atomic_file(out / FAILURES_NAME))

    def write(stored: StoredDocument) -> None:
        if stored.tree["status"] == RecordStatus.FAILED:
            file.write(json_line(store.failure(stored)))

    return write


def _tree_sink(stack: contextlib.ExitStack, folder: Path, *, is_own: bool) -> Sink:
    files = stack.enter_context(RecordTree(folder, is_whole=is_own))
    return lambda stored: files.write(shown(stored.tree), stored.relative, stored.raw_path)


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


def formats_there(out: Path) -> list[str]:
    """Return the formats whose files lie in a folder."""
    return [name for name, file_name in EXPORT_NAMES.items() if (out / file_name).exists()]


def check_formats(formats: Sequence[str]) -> None:
    """Check that formats can be written on this machine, before there is anything to write.

    Raises:
        MissingDependencyError: a package that one needs is not installed.
    """
    for name in formats:
        check_format(name)


def are_current(
    store: Store, out: Path, formats: Sequence[str], style: TableStyle | None = None
) -> bool:
    """Return whether writing the exports again would change nothing.

    The tree of JSON files is believed where its uppermost folder has not changed.
    """
    return store.exported() == _mark(store, out, formats, style)


def mark_current(
    store: Store, out: Path, formats: Sequence[str], style: TableStyle | None = None
) -> None:
    """Note that the exports in a folder show everything that is stored.

    Raises:
        StoreError: the disk is full or not writable.
    """
    store.mark_exported(_mark(store, out, formats, style))


def _mark(store: Store, out: Path, formats: Sequence[str], style: TableStyle | None) -> str:
    names = [FAILURES_NAME, *(EXPORT_NAMES[name] for name in formats if name != "csv")]
    names += [table.file_name for table in tables(store.fields())] if "csv" in formats else []
    files = [(name, *_stamp(out / name)) for name in names]
    seen = None if store.lens is None else store.lens.mark
    about = [__version__, str(out.resolve()), store.schema_name(), store.fields(), files]
    about += [] if style in (None, TableStyle()) else [repr(style)]
    return to_json(about if seen is None else [*about, seen])


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
