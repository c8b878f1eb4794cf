"""Says in sentences for people why a person should look at a record, the most important first.

Knows nothing of pages, engines or weights. A record without a reason is ``ok``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from docextract.records import (
    Check,
    ErrorItem,
    FieldRecord,
    FieldStatus,
    Outcome,
    Repair,
)
from docextract.schema import Schema
from docextract.verify.confidence.record_signals import header_values
from docextract.verify.value import FieldValue

Fields = Mapping[str, FieldValue] | Mapping[str, FieldRecord]

_TRUSTED = (FieldStatus.VERIFIED, FieldStatus.CONSISTENT)
_MIN_SHARE = 0.5
"""Least share of a schema's header fields that make a result, where it declares no keys."""
_DOUBT = 0.9
"""Values below this confidence are named where a record as a whole is doubted."""
_MAX_NAMED = 3
_WHY = {
    "unknown_language": "its page is in a language that is not known",
    "not_found": "no page shows it",
    "fuzzy": "the page shows it only nearly so",
    "illegible": "its print is hard to read",
    "ambiguous": "it can be read in more than one way",
    "few_labels": "hardly any label of its page is known",
    "partial_address": "a part of the address may be missing",
    "name_starts_with_number": "it looks like an address",
    "name_of_one_word": "a single word is rarely a whole name",
    "name_starts_small": "names rarely start with a small letter",
    "unlabelled_name": "no label stands beside it",
    "unlabelled_date": "no label stands beside it",
    "unlabelled_identifier": "no label stands beside it",
    "unlabelled_address": "no label stands beside it",
    "disputed": "a sum that rests on it does not add up",
    "repaired": "it was misread at first",
}
"""What doubts a value, by the name of its signal, the plainest reason first."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a record is judged by.

    Attributes:
        schema: what was asked for.
        fields: by path.
        checks: the rules and their outcomes.
        errors: of pages and questions.
        repairs: what was put in place of what the engine said.
        orders: what pages say to the program that reads them.
    """

    schema: Schema
    fields: Fields
    checks: Sequence[Check] = ()
    errors: Sequence[ErrorItem] = ()
    repairs: Sequence[Repair] = ()
    orders: Sequence[Check] = ()


def review_reasons(found: Findings, confidence: float, ok_at: float) -> tuple[str, ...]:
    """Return why a person should look at a record, the most important first; empty if nobody need.

    Args:
        found: what it is judged by.
        confidence: the probability that no header value it shows is wrong.
        ok_at: the least that is enough.
    """
    told = [
        *_unread(found),
        *_missing(found),
        *_conflicts(found),
        *_unproved_keys(found),
        *(f"{_name(item.path)} was put right: {_said(item)}" for item in found.repairs),
    ]
    if confidence < ok_at:
        told.append(_doubt(found, confidence))
    return tuple(dict.fromkeys(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in told))


def _unread(found: Findings) -> Iterator[str]:
    for error in found.errors:
        where = f"page {error.page}: " if error.page else ""
        yield f"{where}{error.message}"
    for order in found.orders:
        yield f"a page gives orders to its reader: {order.message}"


def _missing(found: Findings) -> Iterator[str]:
    shown = header_values(found.fields)
    header = [item for item in found.schema.fields if "[" not in item.path]
    keys = [item.path for item in header if item.is_key]
    missing = [path for path in keys if path not in shown]
    if not any(item.status is not FieldStatus.ABSENT for item in found.fields.values()):
        yield "nothing of what was asked for was found"
    elif missing:
        yield f"not found: {_names(missing)}"
    elif not keys and len(shown) < _MIN_SHARE * len(header):
        yield f"only {len(shown)} of {len(header)} fields were found"


def _conflicts(found: Findings) -> Iterator[str]:
    shown = header_values(found.fields)
    told: set[str] = set()
    for check in found.checks:
        if check.outcome is Outcome.FAILED:
            told.update(check.paths)
            yield f"{_names(check.paths)}: {check.message or check.id}"
    for path, item in found.fields.items():
        if path not in shown and item.status is not FieldStatus.CONFLICT and not item.readings:
            continue
        readings = item.readings
        if readings:
            yield f"{_name(path)} could be {' or '.join(readings)}"
        elif item.status is FieldStatus.CONFLICT and path not in told:
            note = item.note
            yield f"{_name(path)} is contradicted{f': {note}' if note else ''}"


def _unproved_keys(found: Findings) -> Iterator[str]:
    """Yield the key fields that nothing proves; of all fields where a schema declares no keys."""
    header = [item for item in found.schema.fields if "[" not in item.path]
    for item in [field for field in header if field.is_key] or header:
        known = found.fields.get(item.path)
        if known is not None and known.status is FieldStatus.UNVERIFIED:
            yield f"{_name(item.path)} is not verified{_because(known.signals)}"


def _doubt(found: Findings, confidence: float) -> str:
    weak = sorted(
        (item.confidence, path)
        for path, item in header_values(found.fields).items()
        if item.confidence < _DOUBT
    )
    whole = f"all values together are right with a probability of {100 * confidence:.0f} % only"
    if not weak:
        return whole
    named = (
        f"{_name(path)} ({100 * sure:.0f} %{_because(found.fields[path].signals)})"
        for sure, path in weak[:_MAX_NAMED]
    )
    return f"{whole}; least sure: {', '.join(named)}"


def _because(signals: Mapping[str, float]) -> str:
    why = next((text for name, text in _WHY.items() if signals.get(name, 0.0) >= _MIN_SHARE), None)
    return f": {why}" if why else ""


def _said(repair: Repair) -> str:
    return f"{repair.was} became {repair.value}" if repair.was else f"{repair.value} was filled in"


def _names(paths: Sequence[str]) -> str:
    return ", ".join(map(_name, paths))


def _name(path: str) -> str:
    """Return a path as people say it: ``seller.tax_id`` is the seller tax id."""
    return path.replace(".", " ").replace("_", " ")
