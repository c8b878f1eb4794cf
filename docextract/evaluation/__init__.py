"""Scores records against labelled documents: what is right, and whether confidence is earned.

Knows nothing of how values are read; it sees records and truth. Inside: ``labels/``,
``matching/``, ``judging/`` and ``reporting/``, in that order, and ``fitting`` of the confidence.
May import ``verify`` for the confidence, ``store``, ``normalise`` and ``core``.
"""

from __future__ import annotations

from docextract.evaluation.labels.mapping import NameMapping
from docextract.evaluation.labels.truth import labels_of, read_truth
from docextract.evaluation.reporting.gates import Gate
from docextract.evaluation.reporting.report import Report
from docextract.evaluation.reporting.score_tables import Table, tables, to_markdown
from docextract.evaluation.scoring import Evaluation, evaluate
from docextract.evaluation.sources import Source, is_results, read_source

__all__ = [
    "Evaluation",
    "Gate",
    "NameMapping",
    "Report",
    "Source",
    "Table",
    "evaluate",
    "is_results",
    "labels_of",
    "read_source",
    "read_truth",
    "tables",
    "to_markdown",
]
