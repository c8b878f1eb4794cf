"""Replaces one value by another printed one where that alone makes the checks pass.

Knows nothing of engines or of how rules are evaluated. What is not printed is never filled in,
what another check proves or embedded data gave is never touched, and the change is recorded.
A repaired value is at best ``consistent``: the check that passes was what it was chosen by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docextract.normalise.reading import NOTHING, Reading
from docextract.records import Check, Repair, Tree
from docextract.verify.repair.printed_candidates import Sources
from docextract.verify.repair.search import Change, Rules, search
from docextract.verify.repair.target import Candidate, Target

__all__ = ["Candidate", "Change", "Repaired", "Rules", "Sources", "Target", "repair", "search"]


@dataclass(frozen=True, slots=True)
class Repaired:
    """The values after repairs, and by path what was put where.

    Attributes:
        values: typed text in the schema's shape.
        candidates: the printed value that was put in place.
        repairs: what stands in the record of it.
    """

    values: Tree
    candidates: Mapping[str, Candidate]
    repairs: Mapping[str, Repair]


def repair(
    values: Tree,
    sources: Sources,
    judge: Callable[[Tree], tuple[Check, ...]],
    repairable: frozenset[str],
    proofs: frozenset[str],
    upward: frozenset[str] = frozenset(),
) -> Repaired:
    """Return a document's values with every clear repair made.

    Args:
        values: typed text in the schema's shape; not changed.
        sources: what else the page prints.
        judge: the outcome of every rule for a tree of values.
        repairable: ids of the rules whose failure may be repaired.
        proofs: ids of the rules whose passing protects the values they touch.
        upward: ids of the rules that only ever say that an amount is too small.
    """
    targets = sources.targets(values)
    repaired, changes = search(values, targets, Rules(judge, repairable, proofs, upward))
    return Repaired(
        repaired,
        {change.path: change.candidate for change in changes},
        {change.path: _trace(change, targets, sources.readings) for change in changes},
    )


def _trace(
    change: Change, targets: Mapping[str, Target], readings: Mapping[str, Reading]
) -> Repair:
    was = targets[change.path].value
    was_raw = readings.get(change.path, NOTHING).raw if was is not None else None
    return Repair(change.path, change.rule, was, was_raw, change.candidate.value)
