"""Pairs the rows of a list in the truth with those in a record, by the members that agree.

Knows nothing of documents or verdicts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from docextract.evaluation.judging.value_match import is_right
from docextract.evaluation.matching.assignment import assign
from docextract.schema import Field

UNKNOWN: Final = object()
"""Stands where the truth, or the record, says nothing at all: not even that it is absent."""

Members = Mapping[str, Field]
"""The leaves of a row by their path in it; an empty path is the row itself."""


def pair_rows(
    truth: Sequence[Any], given: Sequence[Any], members: Members
) -> dict[int, tuple[int, frozenset[str]]]:
    """Return, for rows of the truth that have a partner, which row it is and what agrees.

    As many members as possible agree over the whole list. Rows of which nothing agrees are
    no pair. A row whose truth says nothing of its members (but perhaps of a list inside it)
    is paired with the row at its place.
    """
    agreed = _agreement(truth, given, members)
    gains = [[_gain(names, members) for names in row] for row in agreed]
    pairs = {t: (g, frozenset(agreed[t][g])) for t, g in assign(gains) if agreed[t][g]}
    taken = {partner for partner, _ in pairs.values()}
    for index, row in enumerate(truth[: len(given)]):
        if not known_members(row, members) and index not in taken:
            pairs[index] = index, frozenset()
    return pairs


def known_members(row: Any, members: Iterable[str]) -> frozenset[str]:
    """Return the members a row has a value for."""
    return frozenset(name for name in members if value_at(row, name) not in (UNKNOWN, None))


def value_at(tree: Any, path: str) -> Any:
    """Return what stands at a path without lists, or ``UNKNOWN``."""
    for name in path.split(".") if path else ():
        tree = tree.get(name, UNKNOWN) if isinstance(tree, dict) else UNKNOWN
    return tree


def _agreement(
    truth: Sequence[Any], given: Sequence[Any], members: Members
) -> list[list[set[str]]]:
    """Return, for each row of the truth and each of the record, the members that agree.

    Every two texts are compared once, however many rows hold them.
    """
    agreed: list[list[set[str]]] = [[set() for _ in given] for _ in truth]
    for name, leaf in members.items():
        found = _rows_by_text(given, name)
        for wanted, indexes in _rows_by_text(truth, name).items():
            for text, others in found.items():
                if is_right(text, wanted, leaf):
                    for index, other in itertools.product(indexes, others):
                        agreed[index][other].add(name)
    return agreed


def _rows_by_text(rows: Sequence[Any], name: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        value = value_at(row, name)
        if value not in (UNKNOWN, None):
            found.setdefault(str(value), []).append(index)
    return found


def _gain(agreed: set[str], members: Iterable[str]) -> float:
    """Return how well two rows fit: members that agree, ties broken by which they are.

    Without the tie-break the counts per member could depend on the order of the rows.
    """
    return sum(1 + index / 1000 for index, name in enumerate(members) if name in agreed)
