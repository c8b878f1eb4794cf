"""The dataset folder (format 1): questions with printed answers, and what was left out.

In flow items and pages, out flow the same bytes for the same input. May import ``schema``, the
engine's seam, ``export`` for whole files and the floor; no model is touched here.
"""

from __future__ import annotations

from docextract.training.dataset.asked_schema import with_fields
from docextract.training.dataset.dataset_folder import (
    Dataset,
    KeptPages,
    read_dataset,
    write_dataset,
)
from docextract.training.dataset.item import Item, ItemKind, Split
from docextract.training.dataset.left_out import LeftOut, Why, reasons

__all__ = [
    "Dataset",
    "Item",
    "ItemKind",
    "KeptPages",
    "LeftOut",
    "Split",
    "Why",
    "read_dataset",
    "reasons",
    "with_fields",
    "write_dataset",
]
