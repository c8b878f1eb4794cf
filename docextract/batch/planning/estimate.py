"""What a survey found, added up.

Knows nothing of how it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from docextract.core import Tree


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a run would take.

    Attributes:
        seconds: wall-clock time.
        num_workers: documents that are read side by side.
        seconds_per_page: by media type; a document without pages counts as one.
        num_measured_pages: of earlier runs, on which that was measured.
        guessed: media types of which none was read yet; figures of another machine stand in.
    """

    seconds: float
    num_workers: int
    seconds_per_page: Mapping[str, float]
    num_measured_pages: int
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would find; ``files = to_read + unreadable + duplicates + done``.

    Attributes:
        num_files: documents.
        num_to_read: documents that would be read.
        num_pages: their pages.
        num_duplicates: documents with the bytes of another.
        done: documents an earlier run has finished, by status.
        reasons: documents that cannot be read, by reason.
        ignored: files that are no documents, by extension.
        unmatched: inputs that matched nothing.
        num_counted: documents that were opened to count pages.
        is_sampled: whether pages and reasons were counted on a random part of the
            documents, and are scaled up.
        compared_with: fingerprint by which ``done`` was told; empty where nothing could be.
        estimate: how long it would take.
        by_media_type: documents that need work.
        again: documents to be read that an earlier run has read otherwise, by what has changed.
    """

    num_files: int
    num_to_read: int
    num_pages: int
    num_duplicates: int
    done: Mapping[str, int]
    reasons: Mapping[str, int]
    ignored: Mapping[str, int]
    unmatched: tuple[str, ...]
    num_counted: int
    is_sampled: bool
    compared_with: str
    estimate: Estimate
    by_media_type: Mapping[str, int] = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)

    @property
    def num_unreadable(self) -> int:
        """Documents that cannot be read."""
        return sum(self.reasons.values())

    def to_json(self) -> Tree:
        """Return it as JSON."""
        estimate = self.estimate
        return {
            "files": self.num_files,
            "to_read": self.num_to_read,
            "again": dict(self.again),
            "pages": self.num_pages,
            "unreadable": self.num_unreadable,
            "encrypted": self.reasons.get("encrypted", 0),
            "duplicates": self.num_duplicates,
            "done": dict(self.done),
            "reasons": dict(self.reasons),
            "ignored": dict(self.ignored),
            "unmatched": list(self.unmatched),
            "media_types": dict(self.by_media_type),
            "counted_files": self.num_counted,
            "is_sampled": self.is_sampled,
            "compared_with": self.compared_with or None,
            "estimate": {
                "seconds": round(estimate.seconds, 1),
                "num_workers": estimate.num_workers,
                "seconds_per_page": {
                    name: round(value, 4) for name, value in estimate.seconds_per_page.items()
                },
                "measured_pages": estimate.num_measured_pages,
                "guessed": list(estimate.guessed),
            },
        }
