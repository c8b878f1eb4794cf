"""Printed text to typed values, by the evidence of the document's own habits.

Knows nothing of pages, engines or stores. Inside: ``numbers/``, ``dates/``, ``text/``, the
``locale/`` they depend on, and ``values``, which reads whole answers. In flow print and a kind,
out flow readings. May import ``schema`` and ``core``.
"""

from __future__ import annotations

from docextract.normalise.comparing import MIN_SIMILARITY, same_value
from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence, gather_evidence
from docextract.normalise.reading import NOTHING, Reading
from docextract.normalise.values import normalise, normalise_tree

__all__ = [
    "MIN_SIMILARITY",
    "NOTHING",
    "NO_EVIDENCE",
    "LocaleEvidence",
    "Reading",
    "gather_evidence",
    "normalise",
    "normalise_tree",
    "same_value",
]
