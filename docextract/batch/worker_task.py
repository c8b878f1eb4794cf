"""What a worker process does with one document: open it and, for word engines, finish it.

Knows nothing of the run, the store or other documents. Everything untrusted text can do
(a pathological page, an endless pattern) happens here, under the worker's limits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from docextract.config import ReadOptions
from docextract.documents.opening import open_document
from docextract.documents.pages.page_cache import pack
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.records import Document, Page, Record
from docextract.schema.loading import load_schema
from docextract.verify.confidence import load_weights


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every document of a run, small enough to send each time."""

    schema: str
    engine: EngineChoice
    read: ReadOptions
    fingerprint: str
    today: dt.date
    calibration: Path | None = None


@dataclass(frozen=True, slots=True)
class PageRead:
    """A sign of life: one more page of the document is read.

    Attributes:
        number: from 1.
        packed: the page, where it is worth keeping.
    """

    number: int
    packed: bytes | None = None


def record_job(
    document: Document, task: Task, kept: Mapping[int, bytes], is_second_try: bool = False
) -> Iterator[PageRead | Record]:
    """Yield a sign of life per page, then the document's record.

    Args:
        document: where it is.
        task: what to do with it.
        kept: packed pages of it, by number.
        is_second_try: see ``open_document``.

    Raises:
        DocumentError: the document as a whole cannot be read.
    """
    assembly = Assembly(_job(task))
    parts = open_document(document, task.read, kept=kept, is_second_try=is_second_try)
    for part in parts:
        assembly.add(part)
        if isinstance(part, Page):
            yield PageRead(part.number, pack(part))
    yield assembly.record()


@lru_cache(maxsize=1)
def _job(task: Task) -> DocumentJob:
    schema, engine = load_schema(task.schema), load_engine(task.engine)
    weights = load_weights(task.calibration)
    return DocumentJob(schema, engine, task.fingerprint, task.today, weights)
