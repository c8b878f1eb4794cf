"""What a worker process does with one document: open it and, for word engines, finish it.

Knows nothing of the run, the store or other documents. Everything untrusted text can do
(a pathological page, an endless pattern) happens here, under the worker's limits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from docextract.config import ReadOptions
from docextract.documents.opening import open_document
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline import Assembly, DocumentJob
from docextract.records import Document, Page, Record
from docextract.schema.loading import load_schema


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every document of a run, small enough to send each time."""

    schema: str
    engine: EngineChoice
    read: ReadOptions
    fingerprint: str
    today: dt.date


@dataclass(frozen=True, slots=True)
class PageRead:
    """A sign of life: one more page of the document is read."""

    number: int


def record_job(document: Document, task: Task) -> Iterator[PageRead | Record]:
    """Yield a sign of life per page, then the document's record.

    Raises:
        DocumentError: the document as a whole cannot be read.
    """
    assembly = Assembly(_job(task))
    for part in open_document(document, task.read, with_images=False):
        assembly.add(part)
        if isinstance(part, Page):
            yield PageRead(part.number)
    yield assembly.record()


@lru_cache(maxsize=1)
def _job(task: Task) -> DocumentJob:
    schema, engine = load_schema(task.schema), load_engine(task.engine)
    return DocumentJob(schema, engine, task.fingerprint, task.today)
