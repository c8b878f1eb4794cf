"""The check that a record comes from one document: what looks like several is never ``ok``.

Knows nothing of values; what each page says of its document decides.
"""

from __future__ import annotations

from docextract.core import Check, OpenedDocument, Outcome
from docextract.pipeline.splitting.boundaries import Boundaries, boundaries_of

SEVERAL = "several-documents"


def find_mixture(opened: OpenedDocument, split: str) -> tuple[Check, ...]:
    """Return the failed check of a document that looks like several; nothing of one that does not.

    An e-invoice inside the file says that all of it is one, unless the opposite is certain.

    Args:
        opened: the document, or the part of a file that was cut.
        split: see ``ReadOptions.split``.
    """
    if len(opened.pages) < 2:
        return ()
    boundaries = boundaries_of(opened.pages)
    if split == "none" or opened.embedded is not None:
        boundaries = boundaries.only_sure()
    if not boundaries.found:
        return ()
    return (Check(SEVERAL, Outcome.FAILED, (), _said(boundaries)),)


def _said(boundaries: Boundaries) -> str:
    """Return what people are told: how many documents, on which pages, and why."""
    spans = boundaries.spans()
    ranges = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    why = "; ".join(f"page {item.page}: {item.why}" for item in boundaries.found)
    return f"looks like {len(spans)} documents: pages {ranges} ({why})"
