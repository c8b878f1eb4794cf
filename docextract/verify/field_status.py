"""Gives every field its status and confidence, and every record its status, from evidence.

Knows nothing of pages, engines or files; it weighs what other stages found. No model is
asked how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docextract.core import (
    Check,
    ErrorItem,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    RecordStatus,
    Repair,
    Tree,
    WordSource,
)
from docextract.engine.base import Answer
from docextract.schema import Schema
from docextract.verify.confidence import Weights, signals_of
from docextract.verify.value import Disagreement, FieldValue, FieldValues

MIN_VERIFIED = 0.9
"""Confidence from which a value found at a fitting place counts as verified; chosen so that
at least 98 of 100 such values are right on documents kept aside (``docs/accuracy.md``).
"""
_EMBEDDED = 0.99
"""Embedded XML is the document's own data; what speaks against it is a conflict."""
_EMBEDDED_UNSEEN = 0.85
"""What people pay by and no page shows; set by hand: of invoices kept aside few lack any of it."""
_UNSEEN = 0.10
_UNSEEN_BUT_PROVED = 0.85
"""Most that a value without any evidence on the page may be trusted, set by hand: words
on a page always have some, so labelled documents do not tell.
"""


def with_checks(
    values: FieldValues, checks: Sequence[Check], proofs: frozenset[str]
) -> FieldValues:
    """Return grounded values with what the checks say of each.

    A proof speaks for a value without evidence only if all others it rests on have some: three
    invented amounts may well add up, and an invented IBAN may pass its checksum.

    Args:
        values: with their evidence.
        checks: the rules and their outcomes.
        proofs: ids of the rules that, when passed, speak for a value.
    """
    supported = frozenset(path for path, value in values.items() if value.is_supported)
    concerning = _by_path(checks)

    def checked(value: FieldValue) -> FieldValue:
        own = concerning.get(value.path, ()) if value.value is not None else ()
        is_proved = any(
            check.outcome is Outcome.PASSED
            and check.id in proofs
            and _rests_on_evidence(value.path, check, supported)
            for check in own
        )
        return replace(value, checks=tuple(own), is_proved=is_proved) if own else value

    return values.map(checked)


def _by_path(checks: Sequence[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        for path in dict.fromkeys(check.paths):
            found.setdefault(path, []).append(check)
    return found


def _rests_on_evidence(path: str, check: Check, supported: frozenset[str]) -> bool:
    others = [other for other in check.paths if other != path]
    return path in supported or (bool(others) and supported.issuperset(others))


def assess_fields(values: FieldValues, weights: Weights) -> FieldValues:
    """Return values that were grounded and checked with their status and confidence."""
    return values.map(lambda value: value if value.value is None else _assessed(value, weights))


def _assessed(value: FieldValue, weights: Weights) -> FieldValue:
    signals = signals_of(value)
    confidence = _confidence(value, signals, weights)
    return replace(
        value,
        status=_status(value, confidence),
        confidence=round(confidence, 3),
        signals={} if value.quote is not None else signals,
    )


def _confidence(value: FieldValue, signals: Mapping[str, float], weights: Weights) -> float:
    if value.quote is not None and not value.has_disagreement:
        return _EMBEDDED_UNSEEN if value.is_unseen else _EMBEDDED
    score = weights.score(signals)
    if value.is_supported:
        return score
    return min(score, _UNSEEN_BUT_PROVED if value.is_proved else _UNSEEN)


def _status(value: FieldValue, confidence: float) -> FieldStatus:
    if value.has_disagreement or value.is_contradicted:
        return FieldStatus.CONFLICT
    if value.is_implausible and not _is_exact(value):
        return FieldStatus.CONFLICT
    if value.reading.is_ambiguous and not value.is_proved:
        return FieldStatus.UNVERIFIED
    if value.repair is not None:
        # Chosen because the check passes, so the check is half its evidence: never verified.
        is_earned = value.is_found_in_place and value.is_proved
        return FieldStatus.CONSISTENT if is_earned else FieldStatus.UNVERIFIED
    if value.quote is not None:
        return FieldStatus.UNVERIFIED if value.is_unseen else FieldStatus.VERIFIED
    if confidence >= MIN_VERIFIED and value.is_found_in_place and not value.is_disputed:
        return FieldStatus.VERIFIED
    return FieldStatus.CONSISTENT if value.is_proved else FieldStatus.UNVERIFIED


def _is_exact(value: FieldValue) -> bool:
    """Whether no misreading is possible: then a failed checksum is the document's own."""
    sources = (WordSource.TEXT_LAYER, WordSource.EMBEDDED_XML)
    return any(item.match is Match.EXACT and item.source in sources for item in value.evidence)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer is worth.

    Attributes:
        answer: raw values, all pages together.
        disagreements: between pages.
        values: typed and repaired, as the schema's class gives them back.
        fields: what is known of each leaf.
        checks: the cross-field rules and their outcomes.
        repairs: what was put in place of what the engine said, in the order made.
    """

    answer: Answer
    disagreements: tuple[Disagreement, ...]
    values: Tree
    fields: FieldValues
    checks: tuple[Check, ...]
    repairs: tuple[Repair, ...]


def assess_record(
    schema: Schema,
    fields: Mapping[str, FieldValue | FieldRecord],
    checks: Sequence[Check],
    errors: Sequence[ErrorItem],
    *,
    is_read: bool = True,
    is_for_people: bool = False,
) -> RecordStatus:
    """Return ``failed`` if nothing was read, ``ok`` if nothing is in doubt, else ``review``.

    Args:
        schema: says which fields must be trusted.
        fields: by path.
        checks: the cross-field rules and their outcomes.
        errors: of pages and questions.
        is_read: whether there was a page and an answer about it; where there was not, data
            embedded in the file may still have given values.
        is_for_people: whether a person should look in any case, as at what the engine did not
            say itself, or at a page that gives orders to its reader.
    """
    has_value = any(item.status is not FieldStatus.ABSENT for item in fields.values())
    if errors and not is_read and not has_value:
        return RecordStatus.FAILED
    keys = _keys(schema, fields)
    trusted = (FieldStatus.VERIFIED, FieldStatus.CONSISTENT, FieldStatus.CONFIRMED)
    is_doubtful = (
        bool(errors)
        or is_for_people
        or not has_value
        or any(check.outcome is Outcome.FAILED for check in checks)
        or any(item.status is FieldStatus.CONFLICT or item.readings for item in fields.values())
        or any(path not in fields or fields[path].status not in trusted for path in keys)
    )
    return RecordStatus.REVIEW if is_doubtful else RecordStatus.OK


def _keys(schema: Schema, fields: Mapping[str, FieldValue | FieldRecord]) -> list[str]:
    """Return the fields that must be trusted: the schema's key fields, else all that are there."""
    keys = [item.path for item in schema.fields if item.is_key and "[]" not in item.path]
    present = [path for path, item in fields.items() if item.status is not FieldStatus.ABSENT]
    return keys or [path for path in present if "[" not in path]
