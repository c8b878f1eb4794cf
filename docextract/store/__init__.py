"""What a run has finished, kept on disk so that the next run goes on from there.

Knows nothing of stages, engines or exports; one writer, the run. In flow records, out flow the
same. May import ``core`` alone.
"""

from __future__ import annotations

from docextract.store.database import Store
from docextract.store.lock import OutputLock
from docextract.store.stored_records import Outcome, StoredDocument, StoredRecords, record_key

__all__ = [
    "Outcome",
    "OutputLock",
    "Store",
    "StoredDocument",
    "StoredRecords",
    "record_key",
]
