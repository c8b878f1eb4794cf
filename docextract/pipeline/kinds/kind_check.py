"""The check that a document is of the schema's kind: a reminder must not be paid as an invoice.

Knows nothing of values. Only schemas named after a kind are held to it; people who name a schema
know better than the looks of a page, so without a title it takes more to doubt them.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.core import Check, OpenedDocument, Outcome
from docextract.pipeline.kinds.kind_evidence import evidence_of, is_enough
from docextract.pipeline.kinds.kind_model import shipped_kind_model
from docextract.pipeline.kinds.kind_table import ACCEPTED, KINDS, OTHER

__all__ = ["OTHER_KIND", "a", "find_other_kind", "is_enough", "told_of"]

OTHER_KIND = "other-kind"
_OF_NO_SCHEMA = frozenset(KINDS) - {OTHER}.union(*ACCEPTED.values())
_LOOKS_AT = 0.9
"""Probability from which a document without a title is held to be of a kind no schema takes."""


def told_of(opened: OpenedDocument) -> Mapping[str, float]:
    """Return the probability of each kind of document; an e-invoice inside says it outright."""
    if opened.embedded is not None:
        kind = opened.embedded.values.get("document_type")
        return {kind if kind in ACCEPTED["invoice"] else "invoice": 1.0}
    return shipped_kind_model().probabilities(evidence_of(opened.pages))


def find_other_kind(opened: OpenedDocument, schema: str) -> tuple[Check, ...]:
    """Return the failed check of a document that calls itself another kind; nothing of others.

    Args:
        opened: the document.
        schema: name of what was asked for.
    """
    accepted = ACCEPTED.get(schema)
    if accepted is None or not opened.pages or opened.embedded is not None:
        return ()
    evidence = evidence_of(opened.pages)
    by_kind = shipped_kind_model().probabilities(evidence)
    named = _named_otherwise(evidence, accepted)
    looks = {kind for kind in by_kind if kind in _OF_NO_SCHEMA and by_kind[kind] >= _LOOKS_AT}
    found = max(named or looks, key=by_kind.__getitem__, default=None)
    if found is None:
        return ()
    verb = "calls itself" if named else "looks like"
    return (Check(OTHER_KIND, Outcome.FAILED, (), f"it {verb} {a(found)}, not {a(schema)}"),)


def _named_otherwise(
    evidence: Mapping[str, Mapping[str, float]], accepted: frozenset[str]
) -> set[str]:
    """Return the other kinds that a page calls its document.

    One that has a title of the schema's kind too may name other documents; a reminder always
    names the invoice it is about.
    """
    clear = {kind for kind, signals in evidence.items() if signals.get("title_clear")}
    if "reminder" in clear - accepted:
        return {"reminder"}
    own = (evidence[kind] for kind in accepted)
    is_own = any(it.get("title_clear") or it.get("title_plain") for it in own)
    return set() if is_own else clear - accepted


def a(kind: str) -> str:
    """Return a kind as people say it: ``an account statement``."""
    noun = kind.replace("_", " ")
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
