"""The check that a document is of the schema's kind: a reminder must not be paid as an invoice.

Knows nothing of values. Only schemas named after a kind are held to it; people who name a schema
know better than the looks of a page, so without a title it takes more to doubt them.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.core import Check, OpenedDocument, Outcome
from docextract.pipeline.kinds.kind_evidence import evidence_of, is_enough
from docextract.pipeline.kinds.kind_model import shipped_kind_model
from docextract.pipeline.kinds.kind_table import ACCEPTED, OTHER

__all__ = ["OTHER_KIND", "a", "find_other_kind", "is_enough", "other_share", "told_of"]

OTHER_KIND = "other-kind"
_TOLERATED = frozenset({"receipt", "invoice"})
"""What only looks like one of these may as well be what it was asked for as."""

_INVOICES_SAY = frozenset({"quote", "delivery_note"})
"""Kinds of which an invoice may say the same: that goods were received, until when a price is."""


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
    is_said = opened.embedded is not None
    if accepted is None or is_said or not any(page.words for page in opened.pages):
        return ()
    evidence = evidence_of(opened.pages)
    found = _other_kind(evidence, accepted)
    if found is None:
        return ()
    told = "no kind that is known" if found == OTHER else a(found)
    verb = "calls itself" if evidence[found].get("headed") else "looks like"
    return (Check(OTHER_KIND, Outcome.FAILED, (), f"it {verb} {told}, not {a(schema)}"),)


def _other_kind(
    evidence: Mapping[str, Mapping[str, float]], accepted: frozenset[str]
) -> str | None:
    """Return the kind that a document is taken for, if that is none the schema takes.

    What a heading or a sentence calls a reminder is one, though it repeats all of the invoice it
    is about; a letter may only say that one is enclosed. What is titled as another kind is that
    where no heading names one of the schema's; what has no title is no invoice if it says that it
    is something else. Behind a cover sheet stands what was asked for.
    """
    reminder = evidence["reminder"]
    if "reminder" not in accepted and (reminder.get("dunned") or reminder.get("said")):
        return "reminder"
    own = [evidence[kind] for kind in accepted]
    if any(signals.get("titled_later") for signals in own):
        return None
    if evidence["letter"].get("said"):
        return "letter"
    model = shipped_kind_model()
    by_kind = model.probabilities(evidence)
    if other_share(by_kind, accepted) >= model.decides_at:
        return max(by_kind.keys() - accepted - _TOLERATED, key=by_kind.__getitem__)
    if any(signals.get("titled") or signals.get("headed_first") for signals in own):
        return None
    found = {kind for kind in by_kind if evidence[kind].get("titled")}
    if accepted == ACCEPTED["invoice"] and not any(map(_is_named, own)):
        is_headed = any(signals.get("head") for signals in own)
        said = {kind for kind in by_kind if evidence[kind].get("said")}
        found |= said - _INVOICES_SAY if is_headed else said
    return max(found, key=by_kind.__getitem__, default=None)


def _is_named(signals: Mapping[str, float]) -> bool:
    """Whether a title or a heading names a kind, though it be no more than a label."""
    return any(signals.get(name) for name in ("title_clear", "title_plain", "headed"))


def other_share(by_kind: Mapping[str, float], accepted: frozenset[str]) -> float:
    """Return the probability that a document is of a kind that a schema does not take."""
    return sum(by_kind[kind] for kind in by_kind if kind not in accepted | _TOLERATED)


def a(kind: str) -> str:
    """Return a kind as people say it: ``an account statement``."""
    noun = kind.replace("_", " ")
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
