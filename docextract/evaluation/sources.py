"""Reads the records of a run: its output folder, or a results.jsonl.

Knows nothing of truth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docextract.core import MISFITS, OptionError, Tree, UsageError, describe_misfit
from docextract.evaluation.judging.given import Given
from docextract.schema import Schema
from docextract.schema.loading import load_schema, trusted_spec
from docextract.store import Store

_RESULTS = "results.jsonl"
_HINT = "Give an output folder or a results.jsonl."


@dataclass(frozen=True, slots=True)
class Source:
    """Records of one schema.

    Attributes:
        records: what each says.
        schema: what they were asked for.
        num_other: records left out, as they are of another schema.
        is_changed: whether the schema is no longer what it was when they were made.
    """

    records: tuple[Given, ...]
    schema: Schema
    num_other: int
    is_changed: bool


def is_results(path: Path) -> bool:
    """Return whether a path is what a run leaves, not what one reads."""
    if path.is_dir():
        return _has_store(path) or (path / _RESULTS).is_file()
    return path.suffix == ".jsonl"


def read_source(path: Path, schema_spec: str | None = None) -> Source:
    """Return the records of a run.

    Args:
        path: an output folder, or a file of records, one JSON object a line.
        schema_spec: what ``--schema`` says; if None, what the run was asked for.

    Raises:
        UsageError: there are no records, of several schemas, or of one that is not found.
        StoreError: the folder's store cannot be read.
    """
    with ExitStack() as stack:
        asked: dict[str, Any] = {}
        records: Iterable[Tree]
        if path.is_dir() and _has_store(path):
            store = stack.enter_context(Store.read_only(path))
            asked, records = _asked_for(store), store.records()
        else:
            records = _read_lines(path / _RESULTS if path.is_dir() else path)
        try:
            given = tuple(Given.from_record(record) for record in records)
        except MISFITS as error:
            told = describe_misfit(error)
            raise UsageError(f"{path} holds what is no record: {told}", _HINT) from error

    def loaded(spec: str) -> Schema:
        is_trusted = bool(asked.get("trust_here", False))
        settled, _ = trusted_spec(spec, asked.get("inputs", ()), is_trusted=is_trusted)
        return load_schema(settled)

    schema = loaded(schema_spec or asked.get("schema") or _only_name(given, path))
    return _source(given, loaded(_only_name(given, path)) if schema.among else schema)


def _has_store(folder: Path) -> bool:
    return (folder / ".docextract" / "store.sqlite").is_file()


def _asked_for(store: Store) -> dict[str, Any]:
    """Return the options of the newest run."""
    about: dict[str, Any] = (store.last_run() or {}).get("options") or {}
    asked: dict[str, Any] = about.get("options", {})
    return asked


def _only_name(given: Iterable[Given], path: Path) -> str:
    names = sorted({item.schema_name for item in given if item.schema_name})
    if len(names) != 1:
        found = f"records of several schemas: {', '.join(names)}" if names else "no records"
        raise OptionError(f"{path} holds {found}", "Name one with --schema.")
    return names[0]


def _source(given: tuple[Given, ...], schema: Schema) -> Source:
    # A duplicate's record has no schema: the record of its twin stands for it.
    own = tuple(item for item in given if item.schema_name in (schema.name, ""))
    names = {item.schema_name for item in given} - {""}
    if names and schema.name not in names:
        raise OptionError(f"these are records of {', '.join(sorted(names))}, not of {schema.name}")
    ids = {item.schema_id for item in own} - {schema.id, ""}
    return Source(own, schema, len(given) - len(own), bool(ids))


def _read_lines(path: Path) -> Iterator[Tree]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            yield from map(json.loads, filter(str.strip, lines))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", _HINT) from error
