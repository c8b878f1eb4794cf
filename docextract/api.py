"""The public function: one document and a Pydantic class in, a typed record out.

Knows nothing of runs, stores or exports; the document is opened in a worker all the same.
"""

from __future__ import annotations

import datetime as dt
import os
import pathlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from docextract.core import (
    ANSWER_STAGE,
    Check,
    Document,
    DocumentError,
    EngineError,
    FieldRecord,
    OptionError,
    ReadOptions,
    Reason,
    Record,
    RecordStatus,
    fingerprint,
)
from docextract.documents.discovery.discover import Discovery
from docextract.engine import EngineChoice, load_engine
from docextract.engine.base import Engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.driver import Driver
from docextract.pipeline.worker_task import open_job
from docextract.schema import Schema
from docextract.verify.checks import typed_instance
from docextract.verify.confidence.weights import shipped_calibration
from docextract.workers import Failed, Stop, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")


@dataclass(frozen=True, slots=True)
class Extraction(Generic[Model]):
    """A document's values as an instance of your class, and what is known of each.

    Attributes:
        values: the typed values. Where the document lacks what your class requires, the
            instance is built without validation, what is missing is None, and a failed
            ``schema`` check says so.
        record: the whole record, as a run stores it.
    """

    values: Model
    record: Record

    @property
    def status(self) -> RecordStatus:
        """``ok`` or ``review``."""
        return self.record.status

    @property
    def fields(self) -> Mapping[str, FieldRecord]:
        """By field path: raw text, status, confidence and evidence."""
        return self.record.fields

    @property
    def checks(self) -> tuple[Check, ...]:
        """The cross-field rules and their outcomes."""
        return self.record.checks


def extract(
    path: str | os.PathLike[str],
    model: type[Model],
    *,
    engine: Engine | None = None,
    read: ReadOptions | None = None,
) -> Extraction[Model]:
    """Return what a document says, as an instance of ``model``.

    Args:
        path: a PDF, image or e-invoice XML file.
        model: any Pydantic class; types of ``docextract.schema.types`` say more.
        engine: what answers; the text engine if None.
        read: page selection, renderer, password and limits.

    Raises:
        DocumentError: the document cannot be read; ``reason`` says why.
        EngineError: the engine gave no answer at all; likewise.
        SchemaInvalidError: ``model`` is no Pydantic class, or has no field to fill.
        OptionError: ``path`` is a folder.

    Example:
        >>> from decimal import Decimal
        >>> from pydantic import BaseModel
        >>> from docextract import extract
        >>> class Bill(BaseModel):
        ...     invoice_number: str | None = None
        ...     total: Decimal | None = None
        >>> bill = extract("fixtures/invoices/luminosa.pdf", Bill)
        >>> bill.values.total
        Decimal('4553.95')
        >>> bill.fields["total"].status.value
        'verified'
    """
    schema = Schema.from_model(model)
    options = read or ReadOptions()
    answering = engine or load_engine(EngineChoice("text"))
    calibration = shipped_calibration()
    key = fingerprint(schema.id, options, asdict(answering.info), calibration.id)
    today, split = dt.datetime.now(dt.UTC).date(), options.split
    job = DocumentJob(schema, answering, key, today, split=split)
    record = _read(_find(path, options), options, job)
    if record.status is RecordStatus.FAILED:
        first = record.errors[0]
        kind = EngineError if first.stage == ANSWER_STAGE else DocumentError
        raise kind(Reason(first.reason), first.message, page=first.page, hint=first.hint)
    return Extraction(typed_instance(model, record.values or {}), record)


def _find(path: str | os.PathLike[str], options: ReadOptions) -> Document:
    if pathlib.Path(path).is_dir():
        raise OptionError(f"{os.fspath(path)} is a folder", "Name one file, or use a run.")
    if not os.path.lexists(path):
        raise DocumentError(Reason.VANISHED, f"There is no file {os.fspath(path)}.")
    for found in Discovery([os.fspath(path)], max_bytes=options.max_bytes):
        if found.error:
            error = found.error
            raise DocumentError(Reason(error.reason), error.message, hint=error.hint)
        return found.document
    raise DocumentError(Reason.NOT_A_DOCUMENT, f"{os.fspath(path)} is no document.")


def _read(document: Document, options: ReadOptions, job: DocumentJob) -> Record:
    sink = _One()
    driver = Driver(job.engine, lambda _: Assembly(job), sink, Stop())
    with WorkerPool(1, options) as pool:
        driver.run(pool, [open_job(document, options, with_images=job.engine.needs_images)])
    return sink.records[0]


class _One:
    """Takes the record of the one document, and raises what goes wrong with it."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def page_read(self, owner: Document, page: object) -> None:
        """Nobody counts."""

    def save(self, owner: Document, outcome: Record) -> None:
        self.records.append(outcome)

    def failed(self, event: Failed) -> None:
        hint = event.hint or None
        raise DocumentError(event.reason, event.message, page=event.page, hint=hint)

    def broken(self, owner: Document, error: Exception) -> None:
        raise error

    def tick(self) -> None:
        """Nobody watches."""
