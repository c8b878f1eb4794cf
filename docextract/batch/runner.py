"""One run over many documents: take in, read in workers, record, export, count.

Knows nothing of how a document is read or a value proved. It loses nothing, does nothing
twice, and ends with an exit code that tells the truth.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import BinaryIO

from docextract.batch.claims import Claims, Redo
from docextract.batch.intake import Intake
from docextract.batch.limits import Limits
from docextract.batch.planning.asked import about
from docextract.batch.planning.rereading import (
    Rereading,
    told_of_files,
    told_of_kinds,
    told_of_mixture,
)
from docextract.batch.progress import Reporter
from docextract.batch.recorder import Recorder
from docextract.batch.summary import Results, check_exports, write_figures
from docextract.core import (
    DocextractError,
    Document,
    ExitCode,
    NoDocumentsError,
    RunOptions,
    Scratch,
    SetupError,
    StoreError,
    fingerprint,
    shown_uri,
)
from docextract.documents.discovery.sniff import PDF
from docextract.documents.pages import reading_id
from docextract.documents.pdf import has_poppler
from docextract.engine import Engine, EngineChoice, choose_engine, engine_elsewhere, load_engine
from docextract.learning.memory import FILE_NAME, freeze, load_memory
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.document_bytes import DocumentBytes
from docextract.pipeline.driver import Driver
from docextract.pipeline.kinds.kind_model import weights_id
from docextract.pipeline.unpacking import Unpacking
from docextract.pipeline.worker_task import Task, first_job, open_job, record_job
from docextract.schema import Schema
from docextract.schema.loading import load_schema, trusted_spec
from docextract.storage.given_inputs import Storage
from docextract.store import RunSummary, Store
from docextract.verify.confidence.weights import load_calibration
from docextract.workers import (
    Job,
    Runner,
    Stop,
    WorkerPool,
    noted_signals,
    num_usable_cores,
)
from docextract.workers.cluster import DeskPlan, Freight, RayPool, cluster_with_gpus

NOTHING_READ: Mapping[int, bytes] = MappingProxyType({})
_DESK = "docextract.pipeline.engine_desk:EngineDesk"
"""What actors of a cluster have that load a model; imported there alone."""
_MAX_GATHERING_S = 0.1
"""Putting one record on the disk takes up to 15 ms, as many as come in this time hardly more."""


def run_batch(
    options: RunOptions,
    reporter: Reporter,
    *,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> RunSummary:
    """Bring every input to an end and return how it went.

    Args:
        options: what to do.
        reporter: told of everything as it happens.
        stdin: where ``-`` reads its list of paths.
        stdout: where records go if ``ask_options.out`` is None.

    Raises:
        UsageError: an option or the schema is wrong.
        SetupError: the engine or the workers cannot start, went away, or only fail; what was
            done by then is stored and exported.
        StoreError: the store cannot be read or written; what is stored stays.
        OutputBusyError: another run holds the output folder.
        NoDocumentsError: nothing matched the inputs.
    """
    try:
        summary, lost = _run(options, reporter, stdin, stdout)
    except DocextractError as error:
        with contextlib.suppress(StoreError):
            write_figures(options, error.exit_code, None)
        raise
    if lost is not None and summary.exit_code is lost.exit_code:
        raise lost
    if summary.exit_code is ExitCode.NO_DOCUMENTS:
        raise NoDocumentsError(f"no document in {', '.join(map(shown_uri, options.inputs))}")
    return summary


def _run(
    options: RunOptions, reporter: Reporter, stdin: BinaryIO | None, stdout: BinaryIO | None
) -> tuple[RunSummary, SetupError | None]:
    """Return how a run ended, and what took its engine or its workers from it."""
    limits = Limits(options)
    spec = _trusted(options, reporter)
    schema = load_schema(spec)
    check_exports(options)
    if options.model.url is not None:
        reporter.message("asking the server what it can do")
    choice = choose_engine(options.engine, options.answers, options.model)
    with ExitStack() as stack:
        engine = stack.enter_context(_answering(choice, options.runner))
        reporter.message(f"engine {choice.name}, {choice.why}{_told_of_ask(choice)}")
        out = options.out or stack.enter_context(Scratch()).path
        store = stack.enter_context(Store.open(out))
        storage = stack.enter_context(Storage(options, store.path.parent))
        stop = stack.enter_context(noted_signals())
        run = _Run(options, spec, schema, choice, engine, store, reporter, stop, storage)
        return run.execute(limits, stdin, stdout), run.lost


@contextlib.contextmanager
def _answering(choice: EngineChoice, runner: str) -> Iterator[Engine]:
    """Yield the engine, or what stands for it where actors of a cluster load its weights."""
    with ExitStack() as stack:
        if runner == "local" or choice.weights is None:
            engine = load_engine(choice)
        else:
            engine = engine_elsewhere(choice, stack.enter_context(cluster_with_gpus(runner)))
        stack.callback(engine.close)
        yield engine


def _trusted(options: RunOptions, reporter: Reporter) -> str:
    """Return what is loaded as the schema, here and by workers."""
    spec, passed_over = trusted_spec(options.schema, options.inputs, is_trusted=options.trust_here)
    if passed_over:
        reporter.message(passed_over)
    return spec


def _told_of_ask(choice: EngineChoice) -> str:
    if choice.ask is None:
        return ""
    asked = "everything" if choice.ask == "all" else "what that leaves in doubt"
    return f"; the text engine reads first, and the model is asked {asked} (--ask)"


class _Run:
    """One run: what is put together for it, and its way from the first document to the end.

    Attributes:
        lost: what took its engine or its workers from it, if anything did.
    """

    def __init__(
        self,
        options: RunOptions,
        spec: str,
        schema: Schema,
        choice: EngineChoice,
        engine: Engine,
        store: Store,
        reporter: Reporter,
        stop: Stop,
        storage: Storage,
    ) -> None:
        self.lost: SetupError | None = None
        self._storage = storage
        self._options = options
        self._stop = stop
        # Of no time zone: the same documents give the same records everywhere.
        today = dt.datetime.now(dt.UTC).date()
        calibration = load_calibration(options.calibration, options.ok_at)
        info = replace(engine.info, ask=choice.ask)
        weights = weights_id(calibration.id, len(schema.among))
        mark = fingerprint(schema.id, options.read, asdict(info), weights)
        # Not in the fingerprint: what is read stays read when more is learned; records name it.
        memory = load_memory(store.path.parent / FILE_NAME)
        details = about(options, schema, choice, info, mark) | {"memory": memory.naming()}
        self._recorder = Recorder(
            store=store,
            run_id=store.begin_run(details),
            schema=schema,
            engine=info,
            fingerprint=mark,
            reading=reading_id(options.read),
            reporter=reporter,
            # What a model has taken seconds to answer is not put at risk.
            max_wait_s=0.0 if engine.needs_images else _MAX_GATHERING_S,
            ended=storage.release,
        )
        self._results = Results(self._recorder, options, details, stop)
        self._rereading = Rereading(store, details)
        taught = freeze(store.path.parent, memory)
        first = EngineChoice("text") if choice.ask else choice
        fitted, ok_at = options.calibration, options.ok_at
        task = Task(spec, first, options.read, mark, today, fitted, ok_at, info, taught)
        self._task = None if engine.needs_images and choice.ask is None else task
        is_elsewhere = options.runner != "local" and choice.weights is not None
        self._asked_elsewhere = replace(task, engine=choice) if is_elsewhere else None
        split = options.read.split
        job = DocumentJob(schema, engine, mark, today, calibration, info, memory, split)
        self._driver = Driver(engine, lambda _: Assembly(job), self._recorder, stop)
        self._has_poppler = has_poppler()

    def execute(
        self, limits: Limits, stdin: BinaryIO | None, stdout: BinaryIO | None
    ) -> RunSummary:
        """Run to the end, write the exports and return the summary."""
        self._tell_of_other_schemas()
        options, recorder = self._options, self._recorder
        tell, store = recorder.reporter.message, recorder.store
        for line in self._rereading.told():
            tell(line)
        redo = Redo(options.force, options.retry_failed, options.max_attempts)
        claims = Claims(recorder.store, recorder.fingerprint, redo)
        with (
            recorder.writing_to(options, stdout),
            Unpacking(options.read, recorder.store) as look_inside,
            DocumentBytes(options.read) as bytes_of,
            self._place(bytes_of) as runner,
        ):
            intake = Intake(
                options, claims, limits, recorder, self._stop, look_inside, self._storage
            )
            self._drive(runner, self._jobs(intake, stdin), limits)
        self.lost = self.lost or intake.lost
        summary = self._results.write(
            is_cut=not self._driver.is_idle,
            passed_over=intake.passed_over,
            storage=self._storage.counts,
        )
        for line in (*told_of_files(store), *told_of_mixture(store), *told_of_kinds(store)):
            tell(line)
        try:
            self._upload()
        finally:
            recorder.reporter.summary(summary)
        return summary

    def _upload(self) -> None:
        out, where = self._options.out, self._options.upload
        if out is not None and where is not None and self._stop.reason != "storage":
            num_files = self._storage.put_exports(out)
            told = f"exports are in {shown_uri(where)}, {num_files} of them new or changed"
            self._recorder.reporter.message(told)

    def _place(self, bytes_of: DocumentBytes) -> WorkerPool | RayPool:
        """Return where documents are read; what is sent there is packed before it begins."""
        options, read = self._options, self._options.read
        if options.runner == "local":
            return WorkerPool(options.num_workers or num_usable_cores(), read)
        freight, desk = Freight(), None
        if self._task is not None:
            self._task = self._task.elsewhere(freight.add)
        if self._asked_elsewhere is not None:
            task = self._asked_elsewhere.elsewhere(freight.add)
            desk = DeskPlan(_DESK, (task,), replace(self._recorder.engine, ask=None))
        return RayPool(
            options.runner,
            options.num_workers,
            read,
            freight,
            bytes_of,
            self._recorder.reporter.message,
            desk,
        )

    def _drive(self, runner: Runner, jobs: Iterator[Job | None], limits: Limits) -> None:
        """Go on until all is done, or there is no engine or worker any more."""
        stop = self._stop
        try:
            self._driver.run(runner, jobs)
        except SetupError as error:
            self.lost = error
            stop.reason = stop.reason if stop.is_signal else "engine"
        # What was begun last has ended since a limit was looked at.
        tally = self._recorder.tally
        stop.reason = stop.reason or limits.of_engine(tally)
        if stop.reason == "engine" and self.lost is None:
            failures = tally.engine_failures
            told = f"the engine failed on {len(failures)} documents in a row: {failures[-1]}"
            self.lost = SetupError(told, "Mend it; the same command then goes on from there.")

    def _tell_of_other_schemas(self) -> None:
        own, out = self._recorder.schema.name, self._options.out
        others = [name for name in self._recorder.store.schema_names() if name != own]
        if others:
            self._recorder.reporter.message(
                f"{out} holds {' and '.join(others)} records too; its files now show "
                f"{own} (docextract export {out} --schema NAME shows the others)"
            )

    def _jobs(self, intake: Intake, stdin: BinaryIO | None) -> Iterator[Job | None]:
        for document in intake.documents(stdin):
            yield from self._jobs_of_parts()
            if document is not None:
                yield self._job(document)
                continue
            if self._driver.is_idle:
                self._results.write_so_far()
            yield None
        # What is being read may turn out to be a file of several documents.
        while self._is_cut_first and self._driver.is_reading:
            yield from self._jobs_of_parts()
            yield None
        yield from self._jobs_of_parts()

    def _jobs_of_parts(self) -> Iterator[Job]:
        for document, kept in self._recorder.parts.to_read():
            yield self._job(document, kept)

    @property
    def _is_cut_first(self) -> bool:
        """Whether files are cut before a model is asked, and not where a record is made."""
        return self._task is None or (self._task.info is not None and bool(self._task.info.ask))

    def _job(self, document: Document, read_before: Mapping[int, bytes] = NOTHING_READ) -> Job:
        """Return how a document is read and, where there is one, the other way of reading it."""
        recorder, is_anew = self._recorder, self._options.force
        stored = {} if is_anew else recorder.store.kept_pages(document.sha256, recorder.reading)
        kept = stored | dict(read_before)
        job = self._job_with(document, kept)
        if document.media_type != PDF or not self._has_poppler:
            return job
        return replace(job, otherwise=self._job_with(document, kept, is_second_try=True))

    def _job_with(
        self, document: Document, kept: Mapping[int, bytes], is_second_try: bool = False
    ) -> Job:
        if self._task is None:
            read = self._options.read
            return open_job(
                document,
                read,
                with_images=True,
                kept=kept,
                is_second_try=is_second_try,
                may_be_cut=True,
                fingerprint=self._recorder.fingerprint if self._asked_elsewhere else "",
            )
        if self._task.info is not None and self._task.info.ask is not None:
            return first_job(document, self._task, kept=kept, is_second_try=is_second_try)
        return record_job(document, self._task, kept=kept, is_second_try=is_second_try)
