"""How each document is read: by which engine, in a worker or here, and by which other way.

Knows nothing of where documents come from, nor of who waits for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import asdict, dataclass, replace

from docextract.core import Document, EngineInfo, ReadOptions, fingerprint
from docextract.documents.discovery.sniff import PDF
from docextract.documents.pdf import has_poppler
from docextract.engine import Engine, EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.kinds.kind_model import weights_id
from docextract.pipeline.worker_task import Task, first_job, open_job, record_job
from docextract.schema import Schema
from docextract.schema.packing import pack_schema
from docextract.verify.confidence.weights import shipped_calibration
from docextract.workers import Job


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What is the same for every document.

    Attributes:
        schema: what is asked.
        engine: answers what is asked in this process.
        read: how documents are opened.
        info: the engine as records name it.
        fingerprint: of all that can change an answer.
        task: what a worker needs to read by itself; None where this process does it all.
        has_poppler: whether there is a second renderer.
    """

    schema: Schema
    engine: Engine
    read: ReadOptions
    info: EngineInfo
    fingerprint: str
    task: Task | None
    has_poppler: bool

    def job(self, document: Document, key: Hashable) -> Job:
        """Return how a document is read and, where there is one, the other way of reading it."""
        job = self._job(document, key, is_second_try=False)
        if document.media_type != PDF or not self.has_poppler:
            return job
        return replace(job, otherwise=self._job(document, key, is_second_try=True))

    def _job(self, document: Document, key: Hashable, is_second_try: bool) -> Job:
        if self.task is None:
            needs = self.engine.needs_images
            return open_job(
                document, self.read, with_images=needs, key=key, is_second_try=is_second_try
            )
        task = replace(self.task, today=_today(), read=self.task.read.uncut())
        make = record_job if self.info.ask is None else first_job
        return make(document, task, key=key, is_second_try=is_second_try)

    def assembly(self) -> Assembly:
        """Return the place where a document is put together that is asked about here."""
        calibration, today = shipped_calibration(), _today()
        mark, split = self.fingerprint, self.read.split
        return Assembly(
            DocumentJob(self.schema, self.engine, mark, today, calibration, self.info, split=split)
        )


def plan_reading(schema: Schema, engine: Engine | EngineChoice, read: ReadOptions) -> ReadingPlan:
    """Return the plan; an engine that is only chosen is loaded.

    The text engine reads in the workers. A class that cannot go there, and an engine that was made
    by the caller, are asked in this process.

    Raises:
        OptionError: the answers of a ``replay`` cannot be read.
        SetupError: weights, dependency or device of the engine are missing.
    """
    loaded = load_engine(engine) if isinstance(engine, EngineChoice) else engine
    packed = pack_schema(schema) if isinstance(engine, EngineChoice) else None
    first, ask = _read_there(engine, loaded) if packed else (None, None)
    info = replace(loaded.info, ask=ask)
    weights = weights_id(shipped_calibration().id, len(schema.among))
    mark = fingerprint(schema.id, read, asdict(info), weights)
    task = Task(packed, first, read, mark, _today(), info=info) if packed and first else None
    return ReadingPlan(schema, loaded, read, info, mark, task, has_poppler())


def _read_there(
    engine: Engine | EngineChoice, loaded: Engine
) -> tuple[EngineChoice | None, str | None]:
    """Return what reads in the workers, if anything does, and what a model is asked after it."""
    if not isinstance(engine, EngineChoice):
        return None, None
    if engine.ask is not None:
        return EngineChoice("text"), engine.ask
    return (None if loaded.needs_images else engine), None


def _today() -> dt.date:
    # Of no time zone: the same documents give the same records everywhere.
    return dt.datetime.now(dt.UTC).date()
