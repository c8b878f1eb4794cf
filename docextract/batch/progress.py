"""What a run tells whoever watches: how many there are, how each ended, and the final summary.

Knows nothing of terminals, logs or the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from docextract.core import Record, RecordStatus

if TYPE_CHECKING:
    from docextract.store import RunSummary


class Reporter(Protocol):
    """Watches a run; every call comes from the run's own thread, in order."""

    def message(self, text: str) -> None:
        """Say something people should know, such as which engine was chosen and why."""

    def found(self, num_found: int, is_complete: bool) -> None:
        """Tell how many documents there are.

        Args:
            num_found: documents.
            is_complete: whether that is all of them, by a first count of names or, later,
                exactly; else it is what discovery has found so far.
        """

    def cut(self, path: str, num_documents: int) -> None:
        """Tell that a file holds so many documents, each of which counts as one found."""

    def unchanged(self, path: str, status: RecordStatus) -> None:
        """Tell that an earlier run had finished this document."""

    def finished(self, record: Record, num_pages: int) -> None:
        """Tell that a document has its record."""

    def tick(self) -> None:
        """Called a few times a second while nothing finishes, to keep a display alive."""

    def summary(self, summary: RunSummary) -> None:
        """Tell how the run ended."""
