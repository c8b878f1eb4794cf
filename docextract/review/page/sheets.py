"""A record as the page shows it: fields, tables, reasons, and what is to be looked at.

Knows nothing of HTTP; plain JSON out, in which a document's text is only ever a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docextract.core import FieldStatus, Outcome, Tree, part_pages
from docextract.review.queue.doubts import DOCUMENT
from docextract.review.queue.waiting import Waiting
from docextract.schema import Field, Schema, at


def sheet_of(tree: Tree, waiting: Waiting | None, schema: Schema, newest: int) -> Tree:
    """Return a record as the page shows it.

    Args:
        tree: as it stands.
        waiting: what is in doubt about it; None where nothing is.
        schema: of it.
        newest: id of the newest label that is in it.
    """
    document, schema = tree["document"], schema.of(tree)
    return {
        "sha256": document["sha256"],
        "path": document["path"],
        "status": tree["status"],
        "num_pages": document["num_pages"],
        "first_page": (part_pages(document["sha256"]) or (1,))[0],
        "newest": newest,
        "reviewed": tree.get("review"),
        "reasons": [
            {"paths": list(doubt.paths), "text": doubt.text}
            for doubt in (waiting.doubts if waiting else ())
        ],
        "left": list(waiting.left) if waiting else [],
        "skipped": list(waiting.skipped) if waiting else [],
        "fields": [_leaf(tree, field) for field in schema.fields if "[]" not in field.path],
        "tables": list(_tables(tree, schema)),
        "checks": [
            {"id": check["id"], "text": check.get("message", ""), "paths": check["paths"]}
            for check in tree["checks"]
            if check["outcome"] == Outcome.FAILED
        ],
        "document": DOCUMENT,
    }


def _leaf(tree: Tree, field: Field) -> Tree:
    return _cell(tree, field.path) | {
        "path": field.path,
        "kind": field.kind.value,
        "choices": list(field.choices),
        "is_key": field.is_key,
        "help": field.description,
    }


def _cell(tree: Tree, path: str) -> Tree:
    known = tree["fields"].get(path, {})
    spots = [
        {"page": item["page"], "box": item["box"]}
        for item in known.get("evidence", ())
        if item["box"] is not None
    ]
    return {
        "value": at(tree["values"], path),
        "status": known.get("status", FieldStatus.ABSENT.value),
        "confidence": known.get("confidence", 0.0),
        "raw": known.get("raw"),
        "spot": spots[0] if spots else None,
        "readings": list(known.get("readings", ())),
        "note": known.get("note", ""),
        "said": known.get("confirmed"),
    }


def _tables(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """Yield a table for each list, inner ones for each row they stand in."""
    for list_path in schema.list_paths:
        fields = schema.members(list_path)
        for path in _places(tree, list_path):
            rows = at(tree["values"], path)
            num_rows = len(rows) if isinstance(rows, list) else 0
            yield {
                "path": path,
                "unit": path.partition("[")[0],
                "columns": [_column(field, list_path) for field in fields],
                "rows": [_row(tree, f"{path}[{index}]", fields) for index in range(num_rows)],
            }


def _places(tree: Tree, list_path: str) -> list[str]:
    """Return the concrete paths of a list: one, or one for each row of the list it is in."""
    head, bracket, rest = list_path.partition("[]")
    if not bracket:
        return [list_path]
    rows = at(tree["values"], head)
    return [
        path
        for index in range(len(rows) if isinstance(rows, list) else 0)
        for path in _places(tree, f"{head}[{index}]{rest}")
    ]


def _column(field: Field, list_path: str) -> Tree:
    name = field.path.removeprefix(f"{list_path}[]").removeprefix(".")
    return {"name": name, "kind": field.kind.value, "choices": list(field.choices)}


def _row(tree: Tree, path: str, fields: tuple[Field, ...]) -> list[Tree]:
    cells = []
    for field in fields:
        inner = re.sub(r"^.*\[\]", "", field.path)
        cell = _cell(tree, path + inner)
        cells.append({"path": path + inner, **cell})
    return cells


def brief_of(waiting: Waiting) -> dict[str, Any]:
    """Return a document in the queue."""
    return {
        "sha256": waiting.sha256,
        "path": waiting.path,
        "status": waiting.status,
        "left": len(waiting.left),
        "seconds": waiting.seconds,
        "worth": waiting.worth,
        "reason": waiting.doubts[0].text if waiting.doubts else "",
    }
