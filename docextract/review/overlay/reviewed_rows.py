"""What a record says of the rows of a list that people left as a whole.

Knows nothing of schemas or of fields outside lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docextract.core import FieldStatus, Tree
from docextract.review.labels.label import NOWHERE, Action, Label, Spot
from docextract.schema import at

_KEPT = "kept with the rows a person left"


def rows_shown(fields: Tree, tree: Tree, label: Label) -> Tree:
    """Return the fields of a record with those of one list as a person left it.

    What they gave or confirmed is ``confirmed``. Any other cell is worth what the record says of
    it, where its row still reads the same there, else nothing.

    Args:
        fields: of the record, by path.
        tree: the record as stored.
        label: of the list; its value holds all rows.
    """
    others = {path: it for path, it in fields.items() if not path.startswith(f"{label.path}[")}
    read = at(tree["values"], label.path)
    origins = _origins(label, read if isinstance(read, list) else [])
    for index, row in enumerate(label.value):
        for inner, value in leaves(row):
            cell = f"[{index}]{inner}"
            old = f"{label.path}[{origins[index]}]{inner}"
            if label.action is Action.ACCEPT or cell in label.cells:
                spot = label.cells.get(cell, NOWHERE)
                others[label.path + cell] = confirmed(label, value, spot, tree, old)
            else:
                others[label.path + cell] = _left(tree, old, value)
    return others


def _left(tree: Tree, path: str, value: Any) -> Tree:
    known: Tree | None = tree["fields"].get(path)
    if known is not None and at(tree["values"], path) == value:
        return known
    status = FieldStatus.ABSENT if value is None else FieldStatus.UNVERIFIED
    note = {} if value is None else {"note": _KEPT}
    return {"raw": None, "status": status.value, "confidence": 0.0, "evidence": [], **note}


def _origins(label: Label, read: list[Any]) -> list[int]:
    """Return for each row which row of the record it was; one past the end where none."""
    free = dict(enumerate(read))
    origins = []
    for index, row in enumerate(label.value):
        given = {cell.removeprefix(f"[{index}]") for cell in label.cells}
        left = [(inner, value) for inner, value in leaves(row) if inner not in given]
        order = sorted(free, key=lambda other: (other != index, other))
        found = next((o for o in order if all(at(free[o], p) == v for p, v in left)), len(read))
        free.pop(found, None)
        origins.append(found)
    return origins


def leaves(row: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path from the row, such as ``.net`` or ``.tags[0]``, and value of every leaf in it."""
    if isinstance(row, dict):
        for name, child in row.items():
            yield from leaves(child, f"{path}.{name}")
    elif isinstance(row, list):
        for index, child in enumerate(row):
            yield from leaves(child, f"{path}[{index}]")
    else:
        yield path, row


def confirmed(label: Label, value: Any, spot: Spot, tree: Tree, path: str) -> Tree:
    """Return what a record says of a field that a person spoke of.

    Args:
        label: what they said.
        value: of this field.
        spot: where it stands, if that is known.
        tree: the record as stored.
        path: the field's concrete path in it.
    """
    read, known = at(tree["values"], path), tree["fields"].get(path, {})
    is_as_read = value is not None and read == value
    evidence = known.get("evidence", []) if is_as_read else []
    if not evidence and spot.page is not None and value is not None:
        evidence = [_evidence(spot, value, tree)]
    return {
        "raw": spot.quote or (known.get("raw") if is_as_read else None),
        "status": FieldStatus.CONFIRMED.value,
        "confidence": 1.0,
        "evidence": evidence,
        "confirmed": {
            "by": label.reviewer,
            "at": label.at,
            "action": label.action.value,
            "read": read,
        },
    }


def _evidence(spot: Spot, value: Any, tree: Tree) -> Tree:
    sources = {page.get("page"): page.get("word_source") for page in tree["pages"]}
    return {
        "page": spot.page,
        "box": None if spot.box is None else [round(edge, 5) for edge in spot.box],
        "quote": spot.quote or "",
        "match": "exact" if spot.quote == value else "normalized" if spot.quote else "none",
        "source": sources.get(spot.page) or "none",
    }
