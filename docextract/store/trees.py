"""The record of a path, out of what is stored for its bytes.

Knows nothing of SQL or files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from docextract.core import (
    HINTS,
    Document,
    EngineInfo,
    ErrorItem,
    Reason,
    Record,
    RecordStatus,
    Tree,
)


def tree_at(document: Document, stored: str) -> Tree:
    """Return the record of one path, from the stored JSON of the record of its bytes."""
    tree: Tree = json.loads(stored)
    common = {name: tree["document"][name] for name in ("media_type", "num_pages")}
    tree["document"] = document.naming() | common
    return tree


def duplicate_tree(
    document: Document,
    fingerprint: str,
    stored: str | None,
    duplicate_of: str,
    parts: Sequence[Tree] = (),
) -> Tree:
    """Return the skipped record of a path whose bytes another input has too.

    Args:
        document: the path.
        fingerprint: of the record of its bytes.
        stored: JSON of that record; None where the work on it has not ended yet.
        duplicate_of: shown path of the input whose record stands for both.
        parts: the records of the documents in the file, where that was cut.
    """
    error = ErrorItem(
        "discover",
        Reason.DUPLICATE.value,
        f"same bytes as {duplicate_of}",
        HINTS[Reason.DUPLICATE],
    )
    empty = _empty(document, fingerprint, (error,))
    if stored is None:
        return empty | _in_common(empty, parts) if parts else empty
    tree = tree_at(document, stored)
    emptied = (
        "status", "values", "fields", "checks", "repairs", "errors", "pages", "questions", "usage",
        "timings_ms", "confidence", "review_reasons",
    )  # fmt: skip
    return tree | {name: empty[name] for name in emptied}


def _in_common(empty: Tree, parts: Sequence[Tree]) -> Tree:
    """Return what the records of a file's parts say of the file."""
    documents = [part["document"] for part in parts]
    common = {
        "media_type": documents[0]["media_type"],
        "num_pages": sum(document["num_pages"] for document in documents),
    }
    said = {name: parts[0][name] for name in ("schema", "engine")}
    return said | {"document": empty["document"] | common}


def _empty(document: Document, fingerprint: str, errors: tuple[ErrorItem, ...] = ()) -> Tree:
    return Record(
        document=document,
        num_pages=0,
        schema_name="",
        schema_id="",
        status=RecordStatus.SKIPPED,
        values=None,
        fields={},
        checks=(),
        engine=EngineInfo(""),
        errors=errors,
        timings_ms={},
        fingerprint=fingerprint,
    ).to_json()
