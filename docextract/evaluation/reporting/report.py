"""The whole evaluation as figures, and as JSON.

Knows nothing of how documents were judged, nor of terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from docextract.core import FieldStatus, RecordStatus, Tree
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, Verdict
from docextract.evaluation.reporting.figures import Reliability, RowCounts, Share, Verdicts
from docextract.evaluation.reporting.straight_through import StraightThrough

_VERSION = 1
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
_MISTAKES = (Verdict.WRONG, Verdict.FABRICATED, Verdict.MISSED)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures over scored documents.

    Attributes:
        documents: worst first: most mistakes, then most values that are wrong.
        fields: counts by field path, in the schema's order.
        rows: counts by list path.
        statuses: counts of the values given with each status.
        reliability: of all values given, and by status.
        straight_through: what each threshold of a record's confidence lets through.
    """

    documents: tuple[DocumentScore, ...]
    fields: dict[str, Verdicts]
    rows: dict[str, RowCounts]
    statuses: dict[FieldStatus, Verdicts]
    reliability: dict[str, Reliability]
    straight_through: StraightThrough

    @classmethod
    def of(cls, documents: Sequence[DocumentScore], order: Sequence[str]) -> Report:
        """Return the figures of some documents.

        Args:
            documents: what became of each.
            order: all paths of the schema's fields, as they should be listed.
        """
        values = [item for document in documents for item in document.values]
        rows = [item for document in documents for item in document.rows]
        by_path = _grouped(values, lambda item: item.field_path)
        by_list = _grouped(rows, lambda item: item.list_path)
        claimed = [item for item in values if item.claim is not None]
        by_status = _grouped(claimed, lambda item: item.claim.status if item.claim else None)
        return cls(
            documents=tuple(sorted(documents, key=_badness, reverse=True)),
            fields={path: Verdicts.of(by_path[path]) for path in order if path in by_path},
            rows={path: RowCounts.of(items) for path, items in by_list.items()},
            statuses={s: Verdicts.of(by_status[s]) for s in FieldStatus if s in by_status},
            reliability={"all": Reliability.of(values)}
            | {s.value: Reliability.of(by_status[s]) for s in FieldStatus if s in by_status},
            straight_through=StraightThrough.of(documents),
        )

    @property
    def unread(self) -> list[DocumentScore]:
        """Labelled documents that no run has read; all their values count as missed."""
        return [item for item in self.documents if item.given is None]

    @property
    def failed(self) -> list[DocumentScore]:
        """Documents that were tried and failed."""
        return [
            item
            for item in self.documents
            if item.given is not None and item.given.status is RecordStatus.FAILED
        ]

    def to_json(self) -> Tree:
        """Return all figures and every mistake, with its truth and its value."""
        return {
            "version": _VERSION,
            "num_documents": len(self.documents),
            "unread": [item.path for item in self.unread],
            "failed": [item.path for item in self.failed],
            "fields": {path: _verdicts_json(counts) for path, counts in self.fields.items()},
            "rows": {path: _rows_json(counts) for path, counts in self.rows.items()},
            "statuses": {name.value: _verdicts_json(v) for name, v in self.statuses.items()},
            "reliability": {name: _reliability_json(r) for name, r in self.reliability.items()},
            "straight_through": self.straight_through.to_json(),
            "documents": [_document_json(item) for item in self.documents],
        }


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _badness(document: DocumentScore) -> tuple[int, int]:
    wrong, fabricated, missed = (len(document.with_verdict(verdict)) for verdict in _MISTAKES)
    return wrong + fabricated + missed, wrong + fabricated


def _verdicts_json(counts: Verdicts) -> Tree:
    return {
        **{verdict.value: getattr(counts, verdict.value) for verdict in Verdict},
        "recall": _share_json(counts.recall),
        "precision": _share_json(counts.precision),
        "fabrication": _share_json(counts.fabrication),
    }


def _rows_json(counts: RowCounts) -> Tree:
    return {
        **{name: getattr(counts, name) for name in counts.__slots__},
        "recall": _share_json(counts.recall),
        "precision": _share_json(counts.precision),
        "f1": _rounded(counts.f1),
        "f1_whole": _rounded(counts.f1_whole),
    }


def _share_json(share: Share) -> Tree:
    return {
        "value": _rounded(share.value),
        "num": share.num,
        "interval": [_rounded(end) for end in share.interval] if share.num else None,
    }


def _reliability_json(reliability: Reliability) -> Tree:
    bins = [
        {name: _rounded(value) for name, value in item._asdict().items()}
        for item in reliability.bins
    ]
    return {"num": reliability.num, "error": _rounded(reliability.error), "bins": bins}


def _document_json(document: DocumentScore) -> Tree:
    mistakes = [_mistake_json(item) for item in document.values if item.verdict in _MISTAKES]
    counts = {verdict.value: len(document.with_verdict(verdict)) for verdict in Verdict}
    return {"path": document.path, **counts, "mistakes": mistakes}


def _mistake_json(item: Judgement) -> Tree:
    claim = item.claim
    return {
        "path": item.path,
        "verdict": item.verdict.value,
        "truth": item.truth,
        "value": item.value,
        "status": claim.status.value if claim else None,
        "confidence": claim.confidence if claim else None,
    }


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
