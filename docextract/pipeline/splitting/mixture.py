"""The checks that a record comes from one whole document: several, or a part, are never ``ok``.

Knows nothing of values; what each page says of its document decides.
"""

from __future__ import annotations

from docextract.core import Check, OpenedDocument, Outcome
from docextract.pipeline.splitting.boundaries import Boundaries, boundaries_of
from docextract.pipeline.splitting.page_signs import numberings_of

SEVERAL, MISSING = "several-documents", "missing-pages"


def find_faults(opened: OpenedDocument, split: str) -> tuple[Check, ...]:
    """Return the failed checks of a document that looks like several, or like a part of one.

    Args:
        opened: the document, or the part of a file that was cut.
        split: see ``ReadOptions.split``.
    """
    return (*find_mixture(opened, split), *find_missing_pages(opened))


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


def find_missing_pages(opened: OpenedDocument) -> tuple[Check, ...]:
    """Return the failed check of a document that says it has more pages than are there, or nothing.

    What a first page carries over would pass for its total. Pages that nobody asked for are there.
    """
    if not opened.pages:
        return ()
    said = {n.total for page in opened.pages for n in numberings_of(page) if n.total}
    least = min(said, default=0)
    if least <= opened.num_pages:
        return ()
    there = "only one is" if opened.num_pages == 1 else f"only {opened.num_pages} are"
    return (Check(MISSING, Outcome.FAILED, (), f"it says it has {least} pages, {there} there"),)


def _said(boundaries: Boundaries) -> str:
    """Return what people are told: how many documents, on which pages, and why."""
    spans = boundaries.spans()
    ranges = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    why = "; ".join(f"page {item.page}: {item.why}" for item in boundaries.found)
    return f"looks like {len(spans)} documents: pages {ranges} ({why})"
