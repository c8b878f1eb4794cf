"""The jobs that read a document: its parts for an engine elsewhere, or its record, finished there.

Knows nothing of the run, the store or other documents. Everything untrusted text can do
(a pathological page, an endless pattern) happens in ``record``, under the worker's limits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from docextract.core import Document, EngineInfo, Page, PageSelection, ReadOptions, Record
from docextract.documents.opening import open_document, trial_job
from docextract.documents.pages import OpenedHeader, PageRead, Part, pack
from docextract.engine import EngineChoice, load_engine
from docextract.learning.memory import load_memory
from docextract.pipeline.document import (
    Assembly,
    DocumentJob,
    FirstReading,
    ShownPage,
    read_first,
)
from docextract.pipeline.splitting.cutting import CutFile, ToBeCut, cut
from docextract.pipeline.splitting.part_reading import open_or_cut
from docextract.pipeline.worker_claims import doubt_of
from docextract.schema.loading import files_of, load_schema
from docextract.schema.packing import unpack_schema
from docextract.verify.confidence.weights import load_calibration
from docextract.workers import Job


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every document of a run, small enough to send each time.

    Attributes:
        schema: what ``--schema`` says, or a schema that was packed.
        info: the model that is asked after ``engine`` has read, as records name it.
    """

    schema: str | bytes
    engine: EngineChoice
    read: ReadOptions
    fingerprint: str
    today: dt.date
    calibration: Path | None = None
    ok_at: float | None = None
    info: EngineInfo | None = None
    memory: Path | None = None

    def elsewhere(self, place: Callable[[Path], Path]) -> Task:
        """Return the task for another machine, where ``place`` says which file lies.

        Weights and adapters are too large to be sent: they lie there under the same path.
        """
        asked, engine = self.schema, self.engine
        found = [] if isinstance(asked, bytes) else files_of(asked)
        names = [more if path is None else f"{place(path)}{more}" for path, more in found]
        adapter = engine.model.adapter and engine.model.adapter.absolute()
        return replace(
            self,
            schema=",".join(names) or asked,
            engine=replace(
                engine,
                answers=engine.answers and place(engine.answers),
                weights=engine.weights and engine.weights.absolute(),
                model=replace(engine.model, adapter=adapter),
            ),
            calibration=self.calibration and place(self.calibration),
            memory=self.memory and place(self.memory),
        )


def open_job(
    document: Document,
    read: ReadOptions,
    *,
    with_images: bool,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
    may_be_cut: bool = False,
    fingerprint: str = "",
    key: Any = None,
) -> Job:
    """Return the job that sends a document's parts, for an engine outside of the worker.

    Args:
        document: where it is.
        read: how it is opened.
        with_images: whether pages carry their pixels.
        kept: packed pages of it, by number.
        is_second_try: see ``open_document``.
        may_be_cut: whether ``ToBeCut`` may come instead.
        fingerprint: of the record that comes instead where an engine stands beside the worker.
        key: names it among other jobs; the document if None.
    """
    args = (document, read, with_images, dict(kept), is_second_try)
    room = "pipeline.splitting.part_reading:open_or_cut"
    target = f"docextract.{room if may_be_cut else 'documents.opening:open_job'}"
    return Job(
        target,
        args,
        document if key is None else key,
        doubt=partial(doubt, document, fingerprint),
        trial=Job("docextract.documents.opening:trial_job", (read,), None),
    )


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
    return _task_job("record", args, document, task, key)


def _task_job(
    name: str, args: tuple[Any, ...], document: Document, task: Task, key: Any = None
) -> Job:
    return Job(
        f"{__name__}:{name}",
        args,
        document if key is None else key,
        doubt=partial(doubt, document, task.fingerprint),
        trial=Job(f"{__name__}:trial", (task,), None),
    )


def doubt(document: Document, fingerprint: str, payload: Any) -> str:
    """Return what is wrong with what a worker sent of a document; see ``doubt_of``."""
    match payload:
        case FirstReading():
            said: Sequence[Any] = payload.parts
        case ShownPage():
            said = (payload.page,)
        case _:
            said = (payload,)
    return next(filter(None, (doubt_of(document, fingerprint, it) for it in said)), "")


def doubt_of_sent(document: Document, fingerprint: str, payload: Any) -> str:
    """Return the same of a document that was sent here, and lay in its worker's own memory.

    Where it lay is the worker's to say: that is put right before anything goes out.
    """
    match payload:
        case OpenedHeader() | Record():
            place = payload.document.spooled
        case ToBeCut() if payload.documents:
            place = payload.documents[0].spooled
        case _:
            place = document.spooled
    return doubt(replace(document, spooled=place), fingerprint, payload)


def trial(task: Task) -> Iterator[None]:
    """Yield nothing; see ``trial_job``.

    Raises:
        SetupError: this machine lacks something that the task needs.
    """
    document_job(task)
    yield from trial_job(task.read)


def record(
    document: Document, task: Task, kept: Mapping[int, bytes], is_second_try: bool = False
) -> Iterator[PageRead | Record | CutFile]:
    """Yield a sign of life per page, then the document's record, or those of all in the file.

    Raises:
        DocumentError: the document as a whole cannot be read.
    """
    parts = list[Part]()
    for part in open_document(document, task.read, kept=kept, is_second_try=is_second_try):
        parts.append(part)
        if isinstance(part, Page):
            yield PageRead(part.number, pack(part))
    records = [_record(task, own) for own in cut(parts, task.read.split)]
    yield records[0] if len(records) == 1 else CutFile(tuple(records))


def _record(task: Task, parts: Iterable[Part]) -> Record:
    assembly = Assembly(document_job(task))
    for part in parts:
        assembly.add(part)
    return assembly.record()


def first_job(
    document: Document,
    task: Task,
    *,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
    key: Any = None,
) -> Job:
    """Return the job that reads a document's words first; see ``first_reading``."""
    args = (document, task, dict(kept), is_second_try)
    return _task_job("first_reading", args, document, task, key)


def first_reading(
    document: Document, task: Task, kept: Mapping[int, bytes], is_second_try: bool = False
) -> Iterator[Part | FirstReading | ShownPage | PageRead | Record | ToBeCut]:
    """Yield what the words of a document say, and what a model must be asked with.

    Of a file that holds several documents it is said that it is to be cut, and nothing else.

    Where it is asked about doubts alone, a document without any is finished here, and pixels are
    made of those pages alone that it is asked about. Where it is asked everything, pages come with
    their pixels as they are read, and the first reading after them.

    Raises:
        DocumentError: the document as a whole cannot be read.
    """
    job = document_job(task)
    is_doubt = job.reader.ask == "doubt"
    parts = list[Part]()
    for part in open_or_cut(document, task.read, not is_doubt, kept, is_second_try):
        if isinstance(part, ToBeCut):
            yield part
            return
        if isinstance(part, Page) and is_doubt:
            yield PageRead(part.number, pack(part))
        elif not is_doubt:
            yield part
        parts.append(replace(part, image=None) if isinstance(part, Page) else part)
    first = read_first(job, parts)
    if not is_doubt:
        yield first
        return
    assembly = Assembly(job)
    assembly.add(replace(first, parts=tuple(parts)))
    assembly.end()
    done = assembly.outcome()
    if done is not None:
        yield done
        return
    asked = (page for question in assembly.questions() for page in question.pages)
    yield from _asked_with(document, task, parts, first, asked, is_second_try)


def _asked_with(
    document: Document,
    task: Task,
    parts: Sequence[Part],
    first: FirstReading,
    asked: Iterable[Page],
    is_second_try: bool,
) -> Iterator[Part | FirstReading | ShownPage]:
    """Yield all parts, and once more with their pixels the pages that are asked about."""
    header = next(part for part in parts if isinstance(part, OpenedHeader))
    yield header
    yield replace(first, parts=tuple(part for part in parts if part is not header))
    pages = {page.number: page for page in asked}
    chosen = PageSelection(tuple((number, number) for number in pages))
    packed = {number: pack(page) for number, page in pages.items()}
    kept = {number: found for number, found in packed.items() if found is not None}
    read = replace(task.read, pages=chosen)
    for part in open_document(document, read, True, kept, is_second_try):
        if isinstance(part, Page):
            yield ShownPage(part)


@lru_cache(maxsize=1)
def document_job(task: Task) -> DocumentJob:
    """Return what is the same for every document of a run, with its engine loaded.

    Raises:
        SetupError: this machine lacks something that the task needs.
    """
    asked, engine = task.schema, load_engine(task.engine)
    schema = unpack_schema(asked) if isinstance(asked, bytes) else load_schema(asked)
    calibration = load_calibration(task.calibration, task.ok_at)
    memory = load_memory(task.memory)
    mark, split = task.fingerprint, task.read.split
    return DocumentJob(schema, engine, mark, task.today, calibration, task.info, memory, split)
