"""Why a record is in doubt: its own review reasons, the fields they are about, and their risk.

Knows nothing of other documents, nor of how reasons come about. A record that is ``ok`` has no
doubts, whatever its lesser fields are worth.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.core import FieldStatus, RecordStatus, Tree
from docextract.schema import Schema, unit_of
from docextract.verify.status.review_reasons import ReviewReason, review_reasons
from docextract.verify.status.stored_findings import findings_of

DOCUMENT = ""
_LIST_SHARE = 0.1
"""What a wrong cell of a table is worth beside a wrong field of the header."""
_MISSING, _CONTRADICTED, _UNREAD, _FAILED = 0.9, 0.7, 1.0, 0.1


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
    """Return why a record needs a person, in the order of its review reasons.

    Args:
        tree: the record as it stands.
        schema: says which fields must not be missing.
    """
    if tree["status"] not in (RecordStatus.REVIEW, RecordStatus.FAILED):
        return []
    # The sentences are the record's; what they are about is found as they were.
    found = review_reasons(findings_of(tree, schema.of(tree)), tree.get("confidence") or 0.0, _ALL)
    by_text = {reason.text: reason for reason in found}
    told = tree.get("review_reasons") or [it.text for it in found if _is_told(it, found, tree)]
    return [_doubt(by_text.get(text, ReviewReason(text)), tree) for text in told]


_ALL = 2.0
"""More than any confidence: the doubt of the whole record is among the reasons then."""


def _is_told(reason: ReviewReason, found: tuple[ReviewReason, ...], tree: Tree) -> bool:
    """Whether a record without reasons of its own would give one: it failed, or is older."""
    if tree["status"] == RecordStatus.FAILED:
        return reason in found[: len(tree["errors"])]
    return reason is not found[-1] or len(found) == 1


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


def _doubt(reason: ReviewReason, tree: Tree) -> Doubt:
    paths = tuple(dict.fromkeys(map(unit_of, reason.paths))) or (DOCUMENT,)
    if not reason.paths:
        risk = _FAILED if tree["status"] == RecordStatus.FAILED else _UNREAD
    else:
        risk = max(_risk(path, tree) for path in reason.paths)
    return Doubt(paths, reason.text, risk)


def _risk(path: str, tree: Tree) -> float:
    """Return how probable it is that a value is wrong, less for a cell of a table."""
    known = tree["fields"].get(path)
    if known is None or known["status"] == FieldStatus.ABSENT:
        risk = _MISSING
    elif known["status"] == FieldStatus.CONFLICT:
        risk = max(_CONTRADICTED, 1 - known["confidence"])
    else:
        risk = 1 - known["confidence"]
    return float(risk * _LIST_SHARE if "[" in path else risk)
