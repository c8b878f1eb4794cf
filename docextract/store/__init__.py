"""What a run has finished, kept on disk so that the next run goes on from there.

Knows nothing of stages, engines or exports; one writer, the run. In flow records, out flow the
same. May import ``core`` alone.
"""

from __future__ import annotations

from docextract.store.database import FOLDER, Store
from docextract.store.lock import OutputLock
from docextract.store.run_summary import RunSummary, Tally, exit_code_of
from docextract.store.stored_records import (
    Outcome,
    StoredDocument,
    StoredName,
    StoredRecords,
    flat_fields,
    named_fields,
    record_key,
)
from docextract.store.upkeep.versions import Version, num_of_other_schemas, of_other_schemas

__all__ = [
    "FOLDER",
    "Outcome",
    "OutputLock",
    "RunSummary",
    "Store",
    "StoredDocument",
    "StoredName",
    "StoredRecords",
    "Tally",
    "Version",
    "exit_code_of",
    "flat_fields",
    "named_fields",
    "num_of_other_schemas",
    "of_other_schemas",
    "record_key",
]
