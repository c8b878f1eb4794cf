"""The jobs that read a document: its parts for an engine elsewhere, or its record, finished there.

Knows nothing of the run, the store or other documents. Everything untrusted text can do
(a pathological page, an endless pattern) happens in ``record``, under the worker's limits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from docextract.core import Document, Page, ReadOptions, Record
from docextract.documents.opening import open_document
from docextract.documents.pages.page_cache import pack
from docextract.documents.pages.parts import PageRead
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema
from docextract.verify.confidence.weights import load_calibration
from docextract.workers import Job


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every document of a run, small enough to send each time."""

    schema: str
    engine: EngineChoice
    read: ReadOptions
    fingerprint: str
    today: dt.date
    calibration: Path | None = None
    ok_at: float | None = None


def open_job(
    document: Document,
    read: ReadOptions,
    *,
    with_images: bool,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
    key: Any = None,
) -> Job:
    """Return the job that sends a document's parts, for an engine outside of the worker.

    Args:
        document: where it is.
        read: how it is opened.
        with_images: whether pages carry their pixels.
        kept: packed pages of it, by number.
        is_second_try: see ``open_document``.
        key: names it among other jobs; the document if None.
    """
    args = (document, read, with_images, dict(kept), is_second_try)
    return Job("docextract.documents.opening:open_job", args, document if key is None else key)


def record_job(
    document: Document,
    task: Task,
    *,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
    key: Any = None,
) -> Job:
    """Return the job that sends a document's record; see ``open_job``."""
    args = (document, task, dict(kept), is_second_try)
    return Job(f"{__name__}:record", args, document if key is None else key)


def record(
    document: Document, task: Task, kept: Mapping[int, bytes], is_second_try: bool = False
) -> Iterator[PageRead | Record]:
    """Yield a sign of life per page, then the document's record.

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
    calibration = load_calibration(task.calibration, task.ok_at)
    return DocumentJob(schema, engine, task.fingerprint, task.today, calibration)
