"""Pairs the rows of two lists so that the pairs together gain the most.

Knows nothing of what a row holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def assign(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) of a one-to-one assignment with the highest total gain.

    The Hungarian method by shortest augmenting paths with potentials, O(rows² · columns):
    Jonker and Volgenant 1987, in the rectangular form of Crouse 2016 ("On implementing 2D
    rectangular assignment algorithms"), which is also what SciPy runs.

    Args:
        gains: one list per row, all of one length.

    Returns:
        As many pairs as the shorter side is long, ordered by row.
    """
    if not gains or not gains[0]:
        return []
    if len(gains) > len(gains[0]):
        turned = [list(column) for column in zip(*gains, strict=True)]
        return sorted((row, column) for column, row in assign(turned))
    paths = _Paths(gains)
    for row in range(len(gains)):
        paths.add(row)
    pairs = ((row, column) for column, row in enumerate(paths.row_of[:-1]) if row is not None)
    return sorted(pairs)


class _Paths:
    """Rows assigned so far, and the potentials that prove them the best so far.

    The last column is not real: it holds the row that is being added.
    """

    def __init__(self, gains: Sequence[Sequence[float]]) -> None:
        self.gains = gains
        self.num_columns = len(gains[0])
        self.row_of: list[int | None] = [None] * (self.num_columns + 1)
        self._row_potential = [0.0] * len(gains)
        self._column_potential = [0.0] * (self.num_columns + 1)

    def add(self, row: int) -> None:
        """Assign one more row, along the path that loses least."""
        column = self.num_columns
        self.row_of[column] = row
        slack, before = [inf] * self.num_columns, [column] * self.num_columns
        is_used = [False] * (self.num_columns + 1)
        while self.row_of[column] is not None:
            is_used[column] = True
            column = self._nearest(column, slack, before, is_used)
        while column != self.num_columns:
            self.row_of[column] = self.row_of[before[column]]
            column = before[column]

    def _nearest(
        self, column: int, slack: list[float], before: list[int], is_used: list[bool]
    ) -> int:
        """Lengthen the path by one column and keep the potentials right."""
        row = self.row_of[column]
        assert row is not None
        base = self._row_potential[row]
        for other in range(self.num_columns):
            cost = -self.gains[row][other] - base - self._column_potential[other]
            if not is_used[other] and cost < slack[other]:
                slack[other], before[other] = cost, column
        free = [other for other in range(self.num_columns) if not is_used[other]]
        nearest = min(free, key=slack.__getitem__)
        step = slack[nearest]
        for other in range(self.num_columns):
            if is_used[other]:
                self._shift(other, step)
            else:
                slack[other] -= step
        self._shift(self.num_columns, step)
        return nearest

    def _shift(self, column: int, step: float) -> None:
        row = self.row_of[column]
        assert row is not None
        self._row_potential[row] += step
        self._column_potential[column] -= step
