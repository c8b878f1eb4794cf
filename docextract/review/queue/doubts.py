"""Why a record is in doubt: a sentence and the fields it is about, most important first.

Knows nothing of other documents. A record that is ``ok`` has no doubts, whatever its lesser fields
are worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from docextract.core import FieldStatus, Outcome, RecordStatus, Tree
from docextract.schema import Schema, at, unit_of

DOCUMENT = ""
_DOUBTED = (FieldStatus.CONFLICT, FieldStatus.UNVERIFIED)
_LIST_SHARE = 0.1
"""What a wrong cell of a table is worth beside a wrong field of the header."""
_MAX_LISTED = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason to look at a record.

    Attributes:
        paths: what it is about: fields outside lists, lists, or ``DOCUMENT``.
        text: a sentence for people.
        risk: header values that are expected to be wrong because of it.
    """

    paths: tuple[str, ...]
    text: str
    risk: float


def doubts_of(tree: Tree, schema: Schema) -> list[Doubt]:
    """Return why a record needs a person, the greatest risk first.

    Args:
        tree: the record as it stands.
        schema: says which fields must not be missing.
    """
    if tree["status"] not in (RecordStatus.REVIEW, RecordStatus.FAILED):
        return []
    if tree["status"] == RecordStatus.FAILED:
        return list(_of_reading(tree))
    found = [
        *_of_reading(tree),
        *_of_missing(tree, schema),
        *_of_checks(tree),
        *_of_repairs(tree),
        *_of_fields(tree, schema),
        *_of_lists(tree),
    ]
    if not found:
        found = [Doubt((DOCUMENT,), "it holds none of the fields", 1.0)]
    return sorted(found, key=lambda doubt: -doubt.risk)


def doubted_paths(doubts: list[Doubt], tree: Tree, schema: Schema) -> list[str]:
    """Return what is to be looked at, in the schema's order: fields, lists, the document."""
    wanted = {path for doubt in doubts for path in doubt.paths}
    confirmed = {
        path
        for path, field in tree["fields"].items()
        if field["status"] == FieldStatus.CONFIRMED and "[" not in path
    }
    units = dict.fromkeys(unit_of(field.path) for field in schema.fields)
    return [path for path in (*units, DOCUMENT) if path in wanted - confirmed]


def _of_reading(tree: Tree) -> Iterator[Doubt]:
    for error in tree["errors"]:
        page = f"page {error['page']}: " if error["page"] else ""
        risk = 0.1 if tree["status"] == RecordStatus.FAILED else 1.0
        yield Doubt((DOCUMENT,), f"{page}{error['message'].rstrip('.')}", risk)
    for check in tree["checks"]:
        if check["outcome"] == Outcome.WARNING and check["id"] == "suspicious-text":
            yield Doubt((DOCUMENT,), check.get("message", "it gives orders to its reader"), 0.5)


def _of_missing(tree: Tree, schema: Schema) -> Iterator[Doubt]:
    for field in schema.fields:
        if field.is_key and "[]" not in field.path:
            known = tree["fields"].get(field.path)
            if known is None or known["status"] == FieldStatus.ABSENT:
                yield Doubt((field.path,), f"{field.path} was not found", 0.9)


def _of_checks(tree: Tree) -> Iterator[Doubt]:
    for check in tree["checks"]:
        paths = tuple(dict.fromkeys(map(unit_of, check["paths"])))
        if check["outcome"] != Outcome.FAILED or _are_confirmed(check["paths"], tree):
            continue
        names = ", ".join(check["paths"][:_MAX_LISTED])
        more = len(check["paths"]) - _MAX_LISTED
        told = f"{names} and {more} more" if more > 0 else names
        message = check.get("message") or f"check {check['id']} fails"
        risk = _LIST_SHARE if all("[" in path for path in check["paths"]) else 0.7
        yield Doubt(paths or (DOCUMENT,), f"{told}: {message}" if told else message, risk)


def _are_confirmed(paths: list[str], tree: Tree) -> bool:
    known = [tree["fields"].get(path) for path in paths]
    return bool(known) and all(it and it["status"] == FieldStatus.CONFIRMED for it in known)


def _of_repairs(tree: Tree) -> Iterator[Doubt]:
    for repair in tree["repairs"]:
        path = repair["path"]
        if not _are_confirmed([path], tree):
            was = f"{repair['was']} was read" if repair["was"] else "nothing was read"
            text = f"{path}: {was}, {repair['value']} put there as {repair['check']} asks for it"
            yield Doubt((unit_of(path),), text, 0.3)


def _of_fields(tree: Tree, schema: Schema) -> Iterator[Doubt]:
    """Yield the fields outside lists that hold a record up, and lesser ones beside them."""
    keys = {field.path for field in schema.fields if field.is_key}
    for path, field in tree["fields"].items():
        status = field["status"]
        if "[" in path or status not in _DOUBTED:
            continue
        is_open = status == FieldStatus.CONFLICT or field.get("readings")
        if is_open or not keys or path in keys:
            yield Doubt((path,), _sentence(path, field, tree), 1 - field["confidence"])


def _sentence(path: str, field: Tree, tree: Tree) -> str:
    readings = field.get("readings", ())
    if len(readings) > 1:
        return f"{path}: {' or '.join(readings)}?"
    if field["status"] == FieldStatus.CONFLICT:
        return f"{path}: other values speak against {at(tree['values'], path)}"
    if not field["evidence"]:
        return f"{path}: {at(tree['values'], path)} was not found on the page"
    return f"{path}: {at(tree['values'], path)} is not sure ({field['confidence']:.0%})"


def _of_lists(tree: Tree) -> Iterator[Doubt]:
    cells: dict[str, list[tuple[bool, float]]] = {}
    for path, field in tree["fields"].items():
        if "[" in path and field["status"] != FieldStatus.ABSENT:
            is_open = field["status"] == FieldStatus.CONFLICT or bool(field.get("readings"))
            cells.setdefault(unit_of(path), []).append((is_open, field["confidence"]))
    for name, found in cells.items():
        doubted = [confidence for is_open, confidence in found if is_open]
        if doubted:
            risk = _LIST_SHARE * sum(1 - confidence for confidence in doubted)
            text = f"{name}: {len(doubted)} of {len(found)} cells are in conflict or unclear"
            yield Doubt((name,), text, min(risk, 0.8))
