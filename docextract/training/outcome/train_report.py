"""Compares readings of the held-out documents: before, after the first stage, after the second.

Knows nothing of engines or weights.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docextract.core import Tree
from docextract.evaluation.reporting.figures import Share
from docextract.training.outcome.held_out import Leaf

_BINS = (0.0, 0.5, 0.8, 0.9, 0.97, 1.0)
_MOST_NAMED = 20


@dataclass(frozen=True)
class TrainReport:
    """Readings of the same questions by name, in order: ``before``, ``align``, ``tune``.

    Attributes:
        readings: judged leaves.
        about: settings, counts and whatever else is told.
    """

    readings: Mapping[str, Sequence[Leaf]]
    about: Tree

    @property
    def is_worse(self) -> bool:
        """Whether the last reading has fewer fields right than the first."""
        if len(self.readings) < 2:
            return False
        first, *_, last = self.readings.values()
        return sum(leaf.is_right for leaf in last) < sum(leaf.is_right for leaf in first)

    def to_json(self) -> Tree:
        """Return all figures."""
        return self.about | {
            "readings": {name: _figures(leaves) for name, leaves in self.readings.items()},
            "documents_worse": self.documents_worse(),
            "is_worse": self.is_worse,
        }

    def documents_worse(self) -> list[Tree]:
        """Return documents of which fewer fields are right at the end, worst first."""
        if len(self.readings) < 2:
            return []
        first, *_, last = (_by_document(leaves) for leaves in self.readings.values())
        rows: list[Tree] = [
            {"document": name, "before": first[name], "after": last.get(name, 0)}
            for name in first
            if last.get(name, 0) < first[name]
        ]
        return sorted(rows, key=lambda row: (row["after"] - row["before"], row["document"]))

    def to_markdown(self) -> str:
        """Return the report for people."""
        return "\n".join([*self._head(), *self._by_field(), *self._calibration(), *self._worse()])

    def _head(self) -> Iterator[str]:
        yield "# What training came to\n"
        if not any(self.readings.values()):
            yield "No held-out document has labels: nothing was read before or after."
            return
        yield "Fields of held-out documents, read by the engine. Intervals are 95 % (Wilson).\n"
        yield "| reading | as printed | same value | interval | fields |"
        yield "|---|---|---|---|---|"
        for name, leaves in self.readings.items():
            exact, right = _exact(leaves), _right(leaves)
            low, high = right.interval
            yield (
                f"| {name} | {_percent(exact)} | {_percent(right)} "
                f"| {low:.1%} to {high:.1%} | {right.num} |"
            )
        if self.is_worse:
            yield "\n**The model reads worse than before.** Do not use the adapter."

    def _by_field(self) -> Iterator[str]:
        names = list(self.readings)
        paths = sorted({_plain(leaf.path) for leaves in self.readings.values() for leaf in leaves})
        if not paths:
            return
        yield "\n| field | " + " | ".join(names) + " | fields |"
        yield "|---|" + "---|" * (len(names) + 1)
        for path in paths:
            shares = [
                _right([leaf for leaf in leaves if _plain(leaf.path) == path])
                for leaves in self.readings.values()
            ]
            yield f"| {path} | " + " | ".join(map(_percent, shares)) + f" | {shares[-1].num} |"

    def _calibration(self) -> Iterator[str]:
        last = list(self.readings.values())[-1] if self.readings else ()
        rows = list(_bins(last))
        if not rows:
            return
        yield "\nThe engine's own probability against what came of it, last reading:\n"
        yield "| probability | fields | right |"
        yield "|---|---|---|"
        for low, high, share in rows:
            yield f"| {low:g} to {high:g} | {share.num} | {_percent(share)} |"

    def _worse(self) -> Iterator[str]:
        rows = self.documents_worse()
        if rows:
            yield "\nDocuments that became worse (fields right before, after):\n"
            for row in rows[:_MOST_NAMED]:
                yield f"- {row['document']}: {row['before']}, {row['after']}"
            if len(rows) > _MOST_NAMED:
                yield f"- and {len(rows) - _MOST_NAMED} more, in report.json"


def _figures(leaves: Sequence[Leaf]) -> Tree:
    by_field: dict[str, list[Leaf]] = defaultdict(list)
    for leaf in leaves:
        by_field[_plain(leaf.path)].append(leaf)
    return {
        "fields": len(leaves),
        "as_printed": _share(_exact(leaves)),
        "same_value": _share(_right(leaves)),
        "by_field": {path: _share(_right(found)) for path, found in sorted(by_field.items())},
        "calibration": [
            {"from": low, "to": high, **_share(share)} for low, high, share in _bins(leaves)
        ],
    }


def _share(share: Share) -> Tree:
    low, high = share.interval
    return {
        "right": share.num_right,
        "of": share.num,
        "share": None if share.value is None else round(share.value, 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def _exact(leaves: Iterable[Leaf]) -> Share:
    found = [leaf.is_exact for leaf in leaves]
    return Share(sum(found), len(found))


def _right(leaves: Iterable[Leaf]) -> Share:
    found = [leaf.is_right for leaf in leaves]
    return Share(sum(found), len(found))


def _bins(leaves: Iterable[Leaf]) -> Iterator[tuple[float, float, Share]]:
    judged = [(leaf.probability, leaf.is_right) for leaf in leaves if leaf.probability is not None]
    for low, high in pairwise(_BINS):
        is_last = high == _BINS[-1]
        found = [it for p, it in judged if low <= p < high or (is_last and p >= high)]
        if found:
            yield low, high, Share(sum(found), len(found))


def _by_document(leaves: Iterable[Leaf]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for leaf in leaves:
        counts[leaf.document] = counts.get(leaf.document, 0) + leaf.is_right
    return counts


def _plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "[]", path)


def _percent(share: Share) -> str:
    return "-" if share.value is None else f"{share.value:.1%}"
