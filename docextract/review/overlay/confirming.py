"""What a record says of a field that a person spoke of.

Knows nothing of schemas, or of which fields those are.
"""

from __future__ import annotations

from typing import Any

from docextract.core import FieldStatus, Tree
from docextract.review.labels.label import Label, Spot
from docextract.schema import at


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
