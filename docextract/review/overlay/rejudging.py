"""Runs the checks again over values people changed, and tells what follows for the rest.

Knows nothing of labels' files or of pages: what the page said of other values stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from docextract.core import (
    Box,
    Check,
    Evidence,
    FieldStatus,
    Match,
    Outcome,
    Place,
    RecordStatus,
    Tree,
    WordSource,
)
from docextract.normalise import NOTHING
from docextract.review.labels.label import Label
from docextract.schema import Field, Schema, leaves
from docextract.verify.checks import PROOFS, RULES, strict_values, validate
from docextract.verify.checks.view import View
from docextract.verify.confidence.weights import shipped_calibration
from docextract.verify.status.field_status import with_checks
from docextract.verify.status.record_status import assess_record
from docextract.verify.status.stored_findings import findings_of
from docextract.verify.value import FieldValue, FieldValues, Grounded

_OURS = {rule.id for rule in RULES} | {"schema"}
"""Checks that are made of values; others are about pages and stay as they are."""
_NOT_AGAIN = "not checked again: the schema is not at hand"


def judge_again(
    shown: Tree, tree: Tree, said: Mapping[str, Label], schema: Schema | None, *, is_done: bool
) -> Tree:
    """Return a record with its checks, and what follows from them, as of its values now.

    Args:
        shown: the record with people's values in it; it is changed.
        tree: the record as stored.
        said: what people said; the newest moment is the day that dates are held against.
        schema: as it is now; without it, checks on changed values say nothing any more.
        is_done: whether a person said that nothing is left to look at.
    """
    if schema is None:
        shown["checks"] = [_withdrawn(check, shown, tree) for check in tree["checks"]]
    elif shown["values"] is not None:
        _check_values(shown, tree, schema, max(label.at for label in said.values()))
    if shown["status"] != RecordStatus.FAILED:
        _assess_again(shown, schema, is_done=is_done)
    return shown


def _check_values(shown: Tree, tree: Tree, schema: Schema, moment: str) -> None:
    today = dt.datetime.fromisoformat(moment).date()
    strict, complaints = strict_values(shown["values"], schema)
    stated = _stated(shown["values"], shown["fields"], schema)
    ours = (*validate(stated, today), *complaints)
    before = with_checks(
        _stated(tree["values"] or {}, tree["fields"], schema), _checks(tree["checks"]), PROOFS
    )
    after = with_checks(stated, ours, PROOFS)
    others = [check for check in tree["checks"] if check["id"] not in _OURS]
    shown["checks"] = [*map(_check_json, ours), *others]
    shown["values"] = strict
    fields = {
        path: _weighed_again(field, before.get(path), after.get(path))
        for path, field in shown["fields"].items()
    }
    shown["fields"] = _in_order(fields, stated)


def _stated(values: Tree, fields: Tree, schema: Schema) -> FieldValues:
    """Return the values of a record as the checks see them; a person's word is evidence."""
    found = ((path, schema.field_at(path), value) for path, value in leaves(values))
    return FieldValues(
        schema,
        (
            _value(path, field, value, fields.get(path))
            for path, field, value in found
            if field is not None
        ),
    )


def _value(path: str, field: Field, value: Any, known: Tree | None) -> FieldValue:
    known = known or {}
    text = None if value is None else str(value)
    pages = [item["page"] for item in known.get("evidence") or ()]
    pages += [None] * _is_confirmed(known or None)
    quote = known.get("raw") or ""
    seen = (Evidence(page, None, quote, Match.EXACT, WordSource.NONE) for page in pages)
    return FieldValue(
        path,
        field,
        text,
        NOTHING.of(known.get("raw")),
        Place(pages[0], Box(0, 0, 1, 1)) if pages and pages[0] else None,
        grounded=tuple(Grounded(item, 1.0) for item in seen),
    )


def _in_order(fields: Tree, values: FieldValues) -> Tree:
    expand = View(values, dt.date.min).expand
    paths = [path for field in values.schema.fields for path in expand(field.path)]
    return {path: fields[path] for path in paths if path in fields} | fields


def _is_confirmed(field: Tree | None) -> bool:
    return field is not None and field["status"] == FieldStatus.CONFIRMED


def _weighed_again(field: Tree, before: FieldValue | None, after: FieldValue | None) -> Tree:
    """Return what is known of a field when the checks on it have come out otherwise."""
    was, now = _outcome(before), _outcome(after)
    old = FieldStatus(field["status"])
    if was == now or old in (FieldStatus.CONFIRMED, FieldStatus.ABSENT):
        return field
    status = _status_of(old, was, now, has_readings=bool(field.get("readings")))
    field = field | {"status": status.value}
    if not field.get("signals"):
        return field
    signals = field["signals"] | {"contradicted": float(now[0]), "proved": float(now[1])}
    kept = {name: value for name, value in signals.items() if value}
    return field | {
        "confidence": round(shipped_calibration().of_value(kept), 3),
        "signals": kept,
    }


def _outcome(value: FieldValue | None) -> tuple[bool, bool]:
    """Return whether checks contradict a value, and whether one proves it."""
    return (value.is_contradicted, value.is_proved) if value else (False, False)


def _status_of(
    old: FieldStatus, was: tuple[bool, bool], now: tuple[bool, bool], *, has_readings: bool
) -> FieldStatus:
    """Return a status after checks changed; ``was`` and ``now`` say contradicted and proved."""
    is_contradicted, is_proved = now
    supported = FieldStatus.CONSISTENT if is_proved else FieldStatus.UNVERIFIED
    if is_contradicted:
        return FieldStatus.CONFLICT
    if has_readings or old is FieldStatus.VERIFIED:
        return old
    if old is FieldStatus.CONFLICT:
        return supported if was[0] else old
    return supported if was[1] != is_proved else old


def _assess_again(shown: Tree, schema: Schema | None, *, is_done: bool) -> None:
    """Give a record the status, the confidence and the reasons of its values now."""
    if schema is not None:
        verdict = assess_record(findings_of(shown, schema), shipped_calibration())
        shown["confidence"] = verdict.confidence
        shown["status"] = verdict.status.value
        shown["review_reasons"] = [reason.text for reason in verdict.reasons]
    if is_done:
        shown["status"], shown["review_reasons"] = RecordStatus.OK.value, []


def _checks(checks: Iterable[Tree]) -> list[Check]:
    return [
        Check(item["id"], Outcome(item["outcome"]), tuple(item["paths"]), item.get("message", ""))
        for item in checks
    ]


def _check_json(check: Check) -> Tree:
    tree = {**asdict(check), "outcome": check.outcome.value, "paths": list(check.paths)}
    return tree if check.message else {k: v for k, v in tree.items() if k != "message"}


def _withdrawn(check: Tree, shown: Tree, tree: Tree) -> Tree:
    """Return a check that says nothing any more where a value it looked at has changed."""
    changed = any(shown["fields"].get(path) != tree["fields"].get(path) for path in check["paths"])
    if check["id"] not in _OURS or not changed:
        return check
    return {**check, "outcome": Outcome.NOT_APPLICABLE.value, "message": _NOT_AGAIN}
