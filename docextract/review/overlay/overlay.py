"""Lays what people said over records where they are shown: values, statuses, checks, who and when.

Knows nothing of how labels come about; the same record and labels always give the same.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

from docextract.core import RecordStatus, Tree, UsageError
from docextract.normalise import normalise
from docextract.review.labels.label import DOCUMENT, Action, Label, standing
from docextract.review.labels.label_store import LabelStore
from docextract.review.overlay.rejudging import judge_again
from docextract.review.overlay.reviewed_rows import confirmed, rows_shown
from docextract.schema import Schema, put_unit
from docextract.schema.loading import load_schema, trusted_spec
from docextract.store import StoredRecords, named_fields


class Overlay:
    """A lens of the store: see ``docextract.store.stored_records.Lens``.

    Args:
        labels: all rows of one schema.
        schema: as it is now; None where it cannot be had, and checks are then not run again.
        problem: why it cannot be had.
    """

    def __init__(self, labels: Iterable[Label], schema: Schema | None, problem: str = "") -> None:
        self.schema = schema
        self.problem = problem
        by_document: dict[tuple[str, str], list[Label]] = {}
        for label in labels:
            by_document.setdefault((label.sha256, label.schema), []).append(label)
        self._said = {key: standing(rows) for key, rows in by_document.items()}
        newest = max((row.id for rows in by_document.values() for row in rows), default=0)
        self.mark = f"{newest} {schema.id if schema else ''}"
        self.documents = frozenset(sha256 for sha256, _ in self._said)

    def __call__(self, tree: Tree) -> Tree:
        """Return a record as it stands with what people said of it."""
        said = self._said.get((tree["document"]["sha256"], tree["schema"]["name"]))
        if not said or tree["status"] == RecordStatus.SKIPPED:
            return tree
        return lay_over(tree, said, self.schema and self.schema.of(tree))


def labels_of(found: LabelStore, schema: Schema, sha256: str | None = None) -> list[Label]:
    """Return all rows of a schema, or of each of several, oldest first.

    Args:
        found: the labels.
        schema: of whose values.
        sha256: of the one document that is wanted; None for all.
    """
    names = (schema.name, *(item.name for item in schema.among))
    rows = (row for name in names for row in found.labels(name, sha256))
    return sorted(rows, key=lambda row: row.id)


def overlay_of(store: StoredRecords, schema: Schema | None = None) -> Overlay | None:
    """Return what people said of the shown schema's records, or None if nobody said anything.

    Args:
        store: the records.
        schema: the one that is shown, where it is at hand; else it is loaded.

    Raises:
        StoreError: the labels cannot be read.
    """
    names = [store.schema_name(), *named_fields(store.fields())]
    with LabelStore.read_only(store.path.parent) as found:
        labels = [row for name in names for row in found.labels(name)]
    if not labels:
        return None
    return Overlay(labels, *(schema_of(store) if schema is None else (schema, "")))


def schema_of(store: StoredRecords) -> tuple[Schema | None, str]:
    """Return the schema that is shown, as it is now; or None, and why it cannot be had."""
    spec = store.schema_spec()
    if spec is None:
        return None, "no run named one"
    try:
        return load_schema(_trusted(spec, store)), ""
    except UsageError as error:
        return None, str(error)


def _trusted(spec: str, store: StoredRecords) -> str:
    """Return what to load for a spec of the newest run, which read from folders of strangers."""
    run = store.last_run() or {"options": {}}
    asked = run["options"].get("options", {})
    is_trusted = asked.get("trust_here", False)
    return spec if is_trusted else trusted_spec(spec, asked.get("inputs", ()))[0]


def lay_over(tree: Tree, said: Mapping[str, Label], schema: Schema | None) -> Tree:
    """Return a record as it stands with what was said of its fields.

    Args:
        tree: the record as stored; it stays as it is.
        said: by path, what stands.
        schema: as it is now; labels for fields it does not have are left out.
    """
    shown = copy.deepcopy(tree)
    shown["values"] = shown["values"] or {}
    verdicts = {path: label for path, label in said.items() if _applies(label, schema)}
    for path, label in verdicts.items():
        put_unit(shown["values"], path, label.value)
        if isinstance(label.value, list):
            shown["fields"] = rows_shown(shown["fields"], tree, label)
        else:
            shown["fields"][path] = confirmed(label, label.value, label.spot, tree, path)
    if not shown["values"]:
        shown["values"] = tree["values"]
    shown["review"] = _summary(said)
    is_done = DOCUMENT in said and said[DOCUMENT].action is Action.ACCEPT
    return judge_again(shown, tree, said, schema, is_done=is_done)


def _applies(label: Label, schema: Schema | None) -> bool:
    """Whether a label says what a value of the schema is."""
    if not label.is_verdict or label.path == DOCUMENT:
        return False
    if schema is None:
        return True
    if isinstance(label.value, list):
        return label.path in schema.list_paths
    field = schema.field_at(label.path)
    if field is None or label.value is None:
        return field is not None
    return normalise(label.value, field).value is not None


def _summary(said: Mapping[str, Label]) -> Tree:
    labels = sorted(said.values(), key=lambda label: label.id)
    return {
        "by": sorted({label.reviewer for label in labels}),
        "at": labels[-1].at,
        "skipped": [label.path for label in labels if label.action is Action.SKIP],
    }
