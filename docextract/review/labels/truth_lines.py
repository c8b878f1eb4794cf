"""What people said as truth lines: what ``eval``, its calibration and training read.

Knows nothing of records. A list is told only where people know all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from docextract.core import Tree
from docextract.review.labels.label import DOCUMENT, Action, Label, standing
from docextract.schema import put_unit


def truth_lines(labels: Iterable[Label], paths: Mapping[str, str]) -> Iterator[Tree]:
    """Yield a line per document of which anything is known, as ``docs/evaluation.md`` has it.

    Args:
        labels: of one schema.
        paths: by hash of the bytes, what a document is called now.
    """
    by_document: dict[str, list[Label]] = {}
    for label in labels:
        by_document.setdefault(label.sha256, []).append(label)
    for sha256, rows in by_document.items():
        said = standing(rows)
        values: Tree = {}
        for path, label in said.items():
            if path != DOCUMENT and label.is_verdict and _is_whole(label):
                put_unit(values, path, label.value)
        if values:
            yield {
                "file": paths.get(sha256, sha256),
                "sha256": sha256,
                "schema": rows[-1].schema,
                "values": values,
                "reviewers": sorted({label.reviewer for label in said.values()}),
            }


def _is_whole(label: Label) -> bool:
    """Whether a person vouches for all of a value; of a table, for every cell that is filled."""
    if not isinstance(label.value, list) or label.action is not Action.CORRECT:
        return True
    filled = (f"[{i}]{inner}" for i, row in enumerate(label.value) for inner in _filled(row, ""))
    return all(cell in label.cells for cell in filled)


def _filled(row: Any, path: str) -> Iterator[str]:
    if isinstance(row, dict):
        for name, child in row.items():
            yield from _filled(child, f"{path}.{name}")
    elif isinstance(row, list):
        for index, child in enumerate(row):
            yield from _filled(child, f"{path}[{index}]")
    elif row is not None:
        yield path
