"""Gives every field its status and confidence, from evidence.

Knows nothing of pages, engines or files; it weighs what other stages found. No model is
asked how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from docextract.core import (
    Check,
    FieldStatus,
    Match,
    Outcome,
    Repair,
    Tree,
    WordSource,
)
from docextract.engine.base import Answer
from docextract.schema import Kind
from docextract.verify.confidence.surroundings import PLAIN, Surroundings
from docextract.verify.confidence.value_signals import signals_of
from docextract.verify.confidence.weights import Calibration
from docextract.verify.value import Disagreement, FieldValue, FieldValues

MIN_VERIFIED = 0.85
"""Confidence from which a value found at a fitting place counts as verified; of such values
99 in 100 are right on papers of authors left out of the fit (``docs/accuracy.md``).
"""
_MIN_OUT_OF_PLACE = 0.95
"""The same where the place merely does not speak against it; such values were right as often."""
_EMBEDDED = 0.99
"""Embedded XML is the document's own data; what speaks against it is a conflict."""
_EMBEDDED_UNSEEN = 0.85
"""What people pay by and no page shows; set by hand: of invoices kept aside few lack any of it."""


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


def assess_fields(
    values: FieldValues, calibration: Calibration, surroundings: Surroundings = PLAIN
) -> FieldValues:
    """Return values that were grounded and checked with their status and confidence.

    Args:
        values: with their evidence and their checks.
        calibration: what signals weigh.
        surroundings: what the document's pages look like.
    """

    def assessed(value: FieldValue) -> FieldValue:
        signals = signals_of(value, surroundings)
        confidence = _confidence(value, signals, calibration)
        return replace(
            value,
            status=_status(value, confidence),
            confidence=round(confidence, 3),
            signals={} if value.quote is not None else signals,
        )

    return values.map(lambda value: value if value.value is None else assessed(value))


def _confidence(value: FieldValue, signals: Mapping[str, float], calibration: Calibration) -> float:
    if value.quote is not None and not value.has_disagreement:
        return _EMBEDDED_UNSEEN if value.is_unseen else _EMBEDDED
    return calibration.of_value(signals)


def _status(value: FieldValue, confidence: float) -> FieldStatus:
    if value.has_disagreement or value.is_contradicted:
        return FieldStatus.CONFLICT
    if value.is_implausible and not _is_exact(value):
        return FieldStatus.CONFLICT
    if value.is_implausible and value.is_account:
        return FieldStatus.UNVERIFIED  # Printed so or cut short: no account has this number.
    if value.reading.is_ambiguous and not value.is_proved:
        return FieldStatus.UNVERIFIED
    if value.repair is not None:
        # Chosen because the check passes, so the check is half its evidence: never verified.
        is_earned = value.is_found_in_place and value.is_proved
        return FieldStatus.CONSISTENT if is_earned else FieldStatus.UNVERIFIED
    if value.quote is not None:
        return FieldStatus.UNVERIFIED if value.is_unseen else FieldStatus.VERIFIED
    if confidence >= _least_of(value) and value.is_found and not value.is_disputed:
        return FieldStatus.VERIFIED
    return FieldStatus.CONSISTENT if value.is_proved else FieldStatus.UNVERIFIED


def _least_of(value: FieldValue) -> float:
    """Return the confidence from which a value that a page shows is verified.

    Out of place, a name of one word may as well be what its bearer deals in, and large print of
    a photograph, a name above all, is misread by a sure OCR.
    """
    if value.is_found_in_place:
        return MIN_VERIFIED
    is_misread = value.best is not None and value.best.evidence.source is WordSource.OCR
    is_bare_word = value.field.kind is Kind.NAME and " " not in (value.value or "")
    return inf if is_misread or is_bare_word or not value.second_odds else _MIN_OUT_OF_PLACE


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
