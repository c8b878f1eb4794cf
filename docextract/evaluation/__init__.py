"""Scores records against labelled documents: what is right, and whether confidence is earned.

Knows nothing of how values are read; it sees records and truth.
"""

from __future__ import annotations

from docextract.evaluation.gates import Gate
from docextract.evaluation.mapping import NameMapping
from docextract.evaluation.report import Report
from docextract.evaluation.scoring import Evaluation, evaluate
from docextract.evaluation.sources import Source, is_results, read_source
from docextract.evaluation.tables import Table, tables, to_markdown
from docextract.evaluation.truth import read_truth

__all__ = [
    "Evaluation",
    "Gate",
    "NameMapping",
    "Report",
    "Source",
    "Table",
    "evaluate",
    "is_results",
    "read_source",
    "read_truth",
    "tables",
    "to_markdown",
]
