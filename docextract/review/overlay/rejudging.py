"""Runs the checks again over values people changed, and tells what follows for the rest.

Knows nothing of labels' files or of pages: what the page said of other values stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from docextract.records import (
    Check,
    ErrorItem,
    FieldRecord,
    FieldStatus,
    Outcome,
    RecordStatus,
    Tree,
)
from docextract.review.labels.label import Label
from docextract.schema import Schema
from docextract.verify.checks import PROOFS, RULES, Print, strict_values, validate
from docextract.verify.checks.view import View
from docextract.verify.confidence import shipped_weights
from docextract.verify.field_status import Verdicts, assess_record
from docextract.verify.injection import INJECTION

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
        status = RecordStatus.OK if is_done else _status(shown, schema)
        shown["status"] = status.value
    return shown


def _check_values(shown: Tree, tree: Tree, schema: Schema, moment: str) -> None:
    today = dt.datetime.fromisoformat(moment).date()
    before = _verdicts(_checks(tree["checks"]), tree["fields"])
    values, complaints = strict_values(shown["values"], schema)
    ours = (*validate(shown["values"], schema, today, _prints(shown["fields"])), *complaints)
    others = [check for check in tree["checks"] if check["id"] not in _OURS]
    shown["checks"] = [*map(_check_json, ours), *others]
    shown["values"] = values
    after = _verdicts(ours, shown["fields"])
    fields = {
        path: _weighed_again(path, field, before, after) for path, field in shown["fields"].items()
    }
    shown["fields"] = _in_order(fields, View(values, schema, today, {}))


def _prints(fields: Tree) -> dict[str, Print]:
    return {
        path: Print(field["raw"], field["evidence"][0]["page"] if field["evidence"] else None)
        for path, field in fields.items()
    }


def _in_order(fields: Tree, view: View) -> Tree:
    paths = [path for field in view.schema.fields for path in view.expand(field.path)]
    known = {path: fields[path] for path in paths if path in fields}
    return known | fields


def _verdicts(checks: Sequence[Check], fields: Tree) -> Verdicts:
    supported = {path for path, it in fields.items() if it["evidence"] or _is_confirmed(it)}
    return Verdicts(checks, PROOFS, frozenset(supported))


def _is_confirmed(field: Tree | None) -> bool:
    return field is not None and field["status"] == FieldStatus.CONFIRMED


def _weighed_again(path: str, field: Tree, before: Verdicts, after: Verdicts) -> Tree:
    """Return what is known of a field when the checks on it have come out otherwise."""
    was = before.is_contradicted(path), before.is_proved(path)
    now = after.is_contradicted(path), after.is_proved(path)
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
        "confidence": round(shipped_weights().score_signals(kept), 3),
        "signals": kept,
    }


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


def _status(shown: Tree, schema: Schema | None) -> RecordStatus:
    if schema is None:
        return RecordStatus(shown["status"])
    fields = shown["fields"]
    open_checks = [
        check
        for check in _checks(shown["checks"])
        if not check.paths or not all(_is_confirmed(fields.get(path)) for path in check.paths)
    ]
    repaired = [item["path"] for item in shown["repairs"]]
    has_orders = any(check["id"] == INJECTION for check in shown["checks"])
    return assess_record(
        schema,
        {path: _field(field) for path, field in fields.items()},
        open_checks,
        [ErrorItem(**error) for error in shown["errors"]],
        is_for_people=has_orders or not all(_is_confirmed(fields.get(p)) for p in repaired),
    )


def _field(field: Tree) -> FieldRecord:
    readings = tuple(field.get("readings", ()))
    return FieldRecord(
        field["raw"], FieldStatus(field["status"]), field["confidence"], readings=readings
    )


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
