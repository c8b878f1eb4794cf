"""Finds the record that each labelled document has.

Knows nothing of values.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from docextract.core import RecordStatus
from docextract.evaluation.judging.given import Given
from docextract.evaluation.labels.truth import Labels


@dataclass(frozen=True, slots=True)
class Pairing:
    """Labels with their records.

    Attributes:
        pairs: labels in their order, each with its record or None.
        unlabelled: records that nothing is known of; duplicates are left out.
    """

    pairs: tuple[tuple[Labels, Given | None], ...]
    unlabelled: tuple[Given, ...]


def pair(labels: Sequence[Labels], records: Iterable[Given]) -> Pairing:
    """Return each document's labels with its record.

    Equal bytes come first where the labels have a hash, then a path that ends in ``file``,
    then a file name that stands once on either side. A record whose hash contradicts the
    labels' is another document. A duplicate is represented by the record of its twin.
    """
    index = _Index(records, labels)
    pairs = tuple((item, index.find(item)) for item in labels)
    used = {id(found) for _, found in pairs}
    rest = (item for item in index.records if id(item) not in used)
    unlabelled = (item for item in rest if item.status is not RecordStatus.SKIPPED)
    return Pairing(pairs, tuple(unlabelled))


class _Index:
    """Records by hash and by file name."""

    def __init__(self, records: Iterable[Given], labels: Iterable[Labels]) -> None:
        self.records = tuple(records)
        self._by_hash: dict[str, Given] = {}
        self._by_name: dict[str, list[Given]] = defaultdict(list)
        for record in self.records:
            self._by_name[_parts(record.path)[-1]].append(record)
            if record.sha256 and record.status is not RecordStatus.SKIPPED:
                self._by_hash.setdefault(record.sha256, record)
        self._label_names = Counter(_parts(item.file)[-1] for item in labels)

    def find(self, labels: Labels) -> Given | None:
        if labels.sha256 in self._by_hash:
            return self._by_hash[labels.sha256]
        found = self._by_path(labels)
        if found is None or (labels.sha256 and found.sha256 not in ("", labels.sha256)):
            return None
        return self._by_hash.get(found.sha256, found)

    def _by_path(self, labels: Labels) -> Given | None:
        parts = _parts(labels.file)
        named = self._by_name[parts[-1]]
        below = [item for item in named if _parts(item.path)[-len(parts) :] == parts]
        if len(below) == 1:
            return below[0]
        is_only = len(named) == 1 and self._label_names[parts[-1]] == 1
        return named[0] if is_only else None


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return tuple(part for part in parts if part != ".") or ("",)
