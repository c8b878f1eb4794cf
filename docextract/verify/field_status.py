"""Gives every field its status and confidence, and every record its status, from evidence.

Knows nothing of pages, engines or files; it weighs what other stages found. No model is
asked how sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from docextract.normalise.values import Reading
from docextract.records import (
    Check,
    ErrorItem,
    Evidence,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    RecordStatus,
    Repair,
    WordSource,
)
from docextract.schema import Field, Schema
from docextract.verify.confidence import Support, Weights
from docextract.verify.grounding import Grounded
from docextract.verify.merging import Disagreement

MIN_FIT = 0.6
"""How well a place must suit a field before its value counts as verified there."""

MIN_VERIFIED = 0.9
"""Confidence from which a value found at a fitting place counts as verified; chosen so that
at least 98 of 100 such values are right on documents kept aside (``docs/accuracy.md``).
"""
_EMBEDDED = 0.99
"""Embedded XML is the document's own data; what speaks against it is a conflict."""
_UNSEEN = 0.10
_UNSEEN_BUT_PROVED = 0.85
"""Most that a value without any evidence on the page may be trusted, set by hand: words
on a page always have some, so labelled documents do not tell.
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """All that is known of one leaf before it is judged.

    ``is_unprinted`` says that embedded data give a value that its page, which would print
    it, does not.
    """

    path: str
    field: Field
    value: str | None
    reading: Reading | None
    grounded: Sequence[Grounded]
    probability: float | None = None
    disagreement: Disagreement | None = None
    xml_quote: str | None = None
    repair: Repair | None = None
    is_unprinted: bool = False

    @property
    def is_supported(self) -> bool:
        """Whether the page or embedded data show the value somewhere."""
        return bool(self.grounded) or self.xml_quote is not None


class Verdicts:
    """What the checks say about each path.

    Args:
        checks: the rules and their outcomes.
        proofs: ids of the rules that, when passed, speak for a value.
        supported: paths with evidence on the page or in embedded data. A proof speaks for
            a value without evidence only if all others it rests on have some: three
            invented amounts may well add up, and an invented IBAN may pass its checksum.
    """

    def __init__(
        self, checks: Sequence[Check], proofs: frozenset[str], supported: frozenset[str]
    ) -> None:
        failed = [check for check in checks if check.outcome is Outcome.FAILED]
        self._contradicted = {p for check in failed if len(check.paths) > 1 for p in check.paths}
        self._implausible = {p for check in failed if len(check.paths) == 1 for p in check.paths}
        self._proved = {
            path
            for check in checks
            if check.outcome is Outcome.PASSED and check.id in proofs
            for path in check.paths
            if _rests_on_evidence(path, check, supported)
        }

    def is_proved(self, path: str) -> bool:
        """Whether arithmetic or a checksum agrees with the value."""
        return path in self._proved

    def is_contradicted(self, path: str) -> bool:
        """Whether other values contradict this one and no proof speaks for it."""
        return path in self._contradicted and path not in self._proved

    def is_disputed(self, path: str) -> bool:
        """Whether one sum proves the value and another contradicts it."""
        return path in self._contradicted and path in self._proved

    def is_implausible(self, path: str) -> bool:
        """Whether the value alone fails a rule, such as a checksum or a plausible date."""
        return path in self._implausible


def _rests_on_evidence(path: str, check: Check, supported: frozenset[str]) -> bool:
    others = [other for other in check.paths if other != path]
    return path in supported or (bool(others) and supported.issuperset(others))


def assess_field(finding: Finding, verdicts: Verdicts, weights: Weights) -> FieldRecord:
    """Return the field's record: status, confidence, evidence and all readings."""
    if finding.value is None:
        return FieldRecord(None, FieldStatus.ABSENT, 0.0)
    support = _support(finding, verdicts)
    confidence = _confidence(finding, support, weights)
    return FieldRecord(
        raw=finding.xml_quote or _raw(finding),
        status=_status(finding, verdicts, confidence),
        confidence=round(confidence, 3),
        evidence=_evidence(finding),
        readings=_readings(finding),
        note=_note(finding),
        signals={} if finding.xml_quote is not None else support.signals(),
    )


def _note(finding: Finding) -> str | None:
    if finding.is_unprinted:
        return "embedded data say so; no page prints it"
    if finding.repair is None:
        return finding.reading.note if finding.reading else None
    was, check = finding.repair.was, finding.repair.check
    return f"repaired: was {was}, {check}" if was is not None else f"filled: {check}"


def _support(finding: Finding, verdicts: Verdicts) -> Support:
    best = finding.grounded[0] if finding.grounded else None
    assert finding.value is not None
    return Support(
        kind=finding.field.kind,
        length=len(finding.value),
        is_in_list="[" in finding.path,
        probability=_belief(finding, best),
        match=best.evidence.match if best else Match.NONE,
        source=best.evidence.source if best else None,
        legibility=best.legibility if best else 1.0,
        is_proved=verdicts.is_proved(finding.path),
        is_contradicted=verdicts.is_contradicted(finding.path),
        is_implausible=verdicts.is_implausible(finding.path),
        is_disputed=verdicts.is_disputed(finding.path),
        is_repaired=finding.repair is not None or _is_misread(finding),
        is_ambiguous=finding.reading is not None and finding.reading.is_ambiguous,
        has_disagreement=finding.disagreement is not None or finding.is_unprinted,
    )


def _belief(finding: Finding, best: Grounded | None) -> float | None:
    """Return how sure the engine is, but no surer than the place suits the field."""
    known = [finding.probability, best.fit if best else None]
    return min((item for item in known if item is not None), default=None)


def _is_misread(finding: Finding) -> bool:
    return finding.reading is not None and finding.reading.is_repaired


def _confidence(finding: Finding, support: Support, weights: Weights) -> float:
    if finding.xml_quote is not None and not support.has_disagreement:
        return _EMBEDDED
    score = weights.score(support)
    if finding.grounded or finding.xml_quote is not None:
        return score
    return min(score, _UNSEEN_BUT_PROVED if support.is_proved else _UNSEEN)


def _raw(finding: Finding) -> str | None:
    return finding.reading.raw if finding.reading else None


def _status(finding: Finding, verdicts: Verdicts, confidence: float) -> FieldStatus:
    is_ambiguous = finding.reading is not None and finding.reading.is_ambiguous
    is_disagreed = finding.disagreement is not None or finding.is_unprinted
    if is_disagreed or verdicts.is_contradicted(finding.path):
        return FieldStatus.CONFLICT
    if verdicts.is_implausible(finding.path) and not _is_exact(finding):
        return FieldStatus.CONFLICT
    if is_ambiguous and not verdicts.is_proved(finding.path):
        return FieldStatus.UNVERIFIED
    if finding.repair is not None:
        # Chosen because the check passes, so the check is half its evidence: never verified.
        is_supported = _is_found_in_place(finding) and verdicts.is_proved(finding.path)
        return FieldStatus.CONSISTENT if is_supported else FieldStatus.UNVERIFIED
    if finding.xml_quote is not None:
        return FieldStatus.VERIFIED
    is_sure = confidence >= MIN_VERIFIED and not verdicts.is_disputed(finding.path)
    if is_sure and _is_found_in_place(finding):
        return FieldStatus.VERIFIED
    if verdicts.is_proved(finding.path):
        return FieldStatus.CONSISTENT
    return FieldStatus.UNVERIFIED


def _is_exact(finding: Finding) -> bool:
    """Whether no misreading is possible: then a failed checksum is the document's own."""
    sources = (WordSource.TEXT_LAYER, WordSource.EMBEDDED_XML)
    return any(item.match is Match.EXACT and item.source in sources for item in _evidence(finding))


def _is_found_in_place(finding: Finding) -> bool:
    best = finding.grounded[0] if finding.grounded else None
    return best is not None and best.fit >= MIN_FIT and best.evidence.match is not Match.FUZZY


def _evidence(finding: Finding) -> tuple[Evidence, ...]:
    printed = tuple(item.evidence for item in finding.grounded[:1])
    if finding.xml_quote is None:
        return printed
    xml = Evidence(None, None, finding.xml_quote, Match.EXACT, WordSource.EMBEDDED_XML)
    return (xml, *printed)


def _readings(finding: Finding) -> tuple[str, ...]:
    if finding.repair is not None and finding.repair.was is not None:
        return (finding.repair.value, finding.repair.was)
    if finding.disagreement:
        return (finding.disagreement.chosen, finding.disagreement.other)
    if finding.reading and finding.reading.is_ambiguous:
        return finding.reading.readings
    return ()


def assess_record(
    schema: Schema,
    fields: Mapping[str, FieldRecord],
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


def _keys(schema: Schema, fields: Mapping[str, FieldRecord]) -> list[str]:
    """Return the fields that must be trusted: the schema's key fields, else all that are there."""
    keys = [item.path for item in schema.fields if item.is_key and "[]" not in item.path]
    present = [path for path, item in fields.items() if item.status is not FieldStatus.ABSENT]
    return keys or [path for path in present if "[" not in path]
