"""Makes what a record is judged by out of the record itself, as it is stored.

Knows nothing of pages, or of what people may change. What a person confirmed is settled: no
check and no repair speaks against it any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.core import (
    Check,
    ErrorItem,
    FieldRecord,
    FieldStatus,
    Outcome,
    Repair,
    Tree,
)
from docextract.schema import Schema
from docextract.verify.injection import INJECTION
from docextract.verify.status.review_reasons import Findings


def findings_of(tree: Tree, schema: Schema) -> Findings:
    """Return what a stored record is judged by, without what a person has settled."""
    checks = [_check(item) for item in tree["checks"]]
    return Findings(
        schema,
        {path: _field(field) for path, field in tree["fields"].items()},
        [check for check in checks if not _is_settled(check.paths, tree)],
        [ErrorItem(**error) for error in tree["errors"]],
        [Repair(**item) for item in tree["repairs"] if not _is_settled([item["path"]], tree)],
        [check for check in checks if check.id == INJECTION],
    )


def _is_settled(paths: Sequence[str], tree: Tree) -> bool:
    known = [tree["fields"].get(path) for path in paths]
    return bool(known) and all(it and it["status"] == FieldStatus.CONFIRMED for it in known)


def _field(tree: Tree) -> FieldRecord:
    return FieldRecord(
        tree["raw"],
        FieldStatus(tree["status"]),
        tree["confidence"],
        readings=tuple(tree.get("readings", ())),
        note=tree.get("note"),
        signals=tree.get("signals", {}),
    )


def _check(tree: Tree) -> Check:
    return Check(
        tree["id"], Outcome(tree["outcome"]), tuple(tree["paths"]), tree.get("message", "")
    )
