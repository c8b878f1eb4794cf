"""One run over many documents: take in, read in workers, record, export, count.

Knows nothing of how a document is read or a value proved. It loses nothing, does nothing
twice, and ends with an exit code that tells the truth.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from docextract.batch.claims import Claims, Redo
from docextract.batch.intake import Intake
from docextract.batch.limits import Limits
from docextract.batch.progress import Reporter
from docextract.batch.recorder import Recorder
from docextract.batch.summary import (
    about,
    plain,
    summarise,
    write_figures,
    write_results,
    write_results_so_far,
)
from docextract.batch.worker_task import PageRead, Task
from docextract.config import RunOptions, fingerprint
from docextract.documents.discovery.sniff import PDF
from docextract.documents.pages.page_cache import pack, reading_id
from docextract.documents.pages.parts import Part
from docextract.documents.pdf.poppler import has_poppler
from docextract.engine import EngineChoice, choose_engine, load_engine
from docextract.engine.base import Engine
from docextract.errors import (
    DocextractError,
    ExitCode,
    NoDocumentsError,
    SetupError,
    StoreError,
)
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.driver import Gathering
from docextract.records import Document, Page, Record
from docextract.schema import Schema
from docextract.schema.loading import load_schema
from docextract.store import Store
from docextract.store.run_summary import RunSummary
from docextract.verify.confidence import load_weights
from docextract.workers import (
    Event,
    Failed,
    Finished,
    Interrupted,
    Job,
    Stop,
    Tick,
    WorkerPool,
    noted_signals,
    num_usable_cores,
)

_MIN_EXPORT_PAUSE_S = 10.0
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
        raise NoDocumentsError(f"no document in {', '.join(options.inputs)}")
    return summary


def _run(
    options: RunOptions, reporter: Reporter, stdin: BinaryIO | None, stdout: BinaryIO | None
) -> tuple[RunSummary, SetupError | None]:
    """Return how a run ended, and what took its engine or its workers from it."""
    limits = Limits(options)
    schema = load_schema(options.schema)
    if options.model.url is not None:
        reporter.message("asking the server what it can do")
    choice = choose_engine(options.engine, options.answers, options.model)
    engine = load_engine(choice)
    reporter.message(f"engine {choice.name}, {choice.why}")
    with ExitStack() as stack:
        stack.callback(engine.close)
        out = options.out or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(Store.open(out))
        stop = stack.enter_context(noted_signals())
        run = _Run(options, schema, choice, engine, store, reporter, stop)
        return run.execute(limits, stdin, stdout), run.lost


class _Run:
    """The state of one run: what is in flight, and where it goes.

    Attributes:
        lost: what took its engine or its workers from it, if anything did.
    """

    def __init__(
        self,
        options: RunOptions,
        schema: Schema,
        choice: EngineChoice,
        engine: Engine,
        store: Store,
        reporter: Reporter,
        stop: Stop,
    ) -> None:
        self.options = options
        self.engine = engine
        self.choice = choice
        self.store = store
        self.reporter = reporter
        self.stop = stop
        self.lost: SetupError | None = None
        # Of no time zone: the same documents give the same records everywhere.
        self.today = dt.datetime.now(dt.UTC).date()
        self._start_s = time.monotonic()
        weights = load_weights(options.calibration)
        mark = fingerprint(schema.id, options.read, asdict(engine.info), weights.id)
        self.about = about(options, schema, choice, engine.info, mark)
        self.recorder = Recorder(
            store=store,
            run_id=store.begin_run(self.about),
            schema=schema,
            engine=engine.info,
            fingerprint=mark,
            reading=reading_id(options.read),
            reporter=reporter,
            # What a model has taken seconds to answer is not put at risk.
            max_wait_s=0.0 if engine.needs_images else _MAX_GATHERING_S,
        )
        job = DocumentJob(schema, engine, mark, self.today, weights)
        self._gathering = Gathering(
            engine,
            lambda document: Assembly(job),
            lambda document, record: self.recorder.save(record),
            self.recorder.broken,
            stop,
        )
        self._num_being_read = 0
        self._has_poppler = has_poppler()
        self._num_exported = 0
        self._exported_s = self._start_s

    def execute(
        self, limits: Limits, stdin: BinaryIO | None, stdout: BinaryIO | None
    ) -> RunSummary:
        """Run to the end, write the exports and return the summary."""
        self._tell_of_other_schemas()
        options, recorder = self.options, self.recorder
        redo = Redo(options.force, options.retry_failed, options.max_attempts)
        claims = Claims(self.store, recorder.fingerprint, redo)
        intake = Intake(options, claims, limits, recorder, self.stop)
        num_workers = options.num_workers or num_usable_cores()
        with (
            recorder.writing_to(options, stdout),
            WorkerPool(num_workers, options.read) as pool,
            contextlib.suppress(Interrupted),
        ):
            self._handle_all(self._gathering.events(pool, self._jobs(intake, stdin)), limits)
        return self._finish(dict(intake.ignored.most_common()))

    def _handle_all(self, events: Iterator[Event], limits: Limits) -> None:
        """Handle what happens until all is done, or there is no engine or worker any more."""
        try:
            for event in events:
                self._handle(event)
        except SetupError as error:
            self.lost = error
            self.stop.reason = self.stop.reason if self.stop.is_signal else "engine"
        # What was begun last has ended since a limit was looked at.
        tally = self.recorder.tally
        self.stop.reason = self.stop.reason or limits.of_engine(tally)
        if self.stop.reason == "engine" and self.lost is None:
            failures = tally.engine_failures
            told = f"the engine failed on {len(failures)} documents in a row: {failures[-1]}"
            self.lost = SetupError(told, "Mend it; the same command then goes on from there.")

    def _tell_of_other_schemas(self) -> None:
        own = self.recorder.schema.name
        others = [name for name in self.store.schema_names() if name != own]
        if others:
            out = self.options.out
            self.reporter.message(
                f"{out} holds {' and '.join(others)} records too; its files now show "
                f"{own} (docextract export {out} --schema NAME shows the others)"
            )

    def _jobs(self, intake: Intake, stdin: BinaryIO | None) -> Iterator[Job | None]:
        for document in intake.documents(stdin):
            if document is None:
                self._write_exports_now_and_then()
                yield None
            else:
                self._num_being_read += 1
                yield self._job(document)

    def _job(self, document: Document) -> Job:
        is_anew = self.options.force
        kept = {} if is_anew else self.store.kept_pages(document.sha256, self.recorder.reading)
        job = self._job_with(document, kept, is_second_try=False)
        if document.media_type != PDF or not self._has_poppler:
            return job
        second = self._job_with(document, kept, is_second_try=True)
        return replace(job, otherwise=second)

    def _job_with(self, document: Document, kept: Mapping[int, bytes], is_second_try: bool) -> Job:
        if self.engine.needs_images:
            target, args = (
                "docextract.documents.opening:open_job",
                (document, self.options.read, True, kept, is_second_try),
            )
            return Job(target, args, document)
        task = Task(
            self.options.schema,
            self.choice,
            self.options.read,
            self.recorder.fingerprint,
            self.today,
            self.options.calibration,
        )
        args = (document, task, kept, is_second_try)
        return Job("docextract.batch.worker_task:record_job", args, document)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Tick):
            self.recorder.flush()
            self.reporter.tick()
            return
        document: Document = event.key
        if isinstance(event, Failed):
            self._num_being_read -= 1
            self._gathering.drop(document)
            self.recorder.crashed(document, event)
        elif isinstance(event, Finished):
            self._num_being_read -= 1
            self._gathering.end(document)
        elif isinstance(event.payload, Record):
            self.recorder.save(event.payload)
        elif isinstance(event.payload, PageRead):
            self.recorder.page_read(document, event.payload.number, event.payload.packed)
            self.reporter.tick()
        else:
            self._take_part(document, event.payload)

    def _take_part(self, document: Document, part: Part) -> None:
        """Take a part of a document whose engine lives in this process."""
        if isinstance(part, Page):
            self.recorder.page_read(document, part.number, pack(part))
        self._gathering.add(document, part)

    def _write_exports_now_and_then(self) -> None:
        """Write what a watched folder has brought, once it is idle."""
        num_saved = self.recorder.tally.num_saved
        now_s = time.monotonic()
        is_time = now_s - self._exported_s >= _MIN_EXPORT_PAUSE_S
        if is_time and not self._num_under_way() and num_saved != self._num_exported:
            self.recorder.flush()
            write_results_so_far(self.store, self.options, self._summary({}))
            self._num_exported, self._exported_s = num_saved, time.monotonic()

    def _num_under_way(self) -> int:
        return self._num_being_read + len(self._gathering)

    def _summary(self, ignored: dict[str, int]) -> RunSummary:
        return summarise(
            self.recorder,
            self.options,
            seconds=time.monotonic() - self._start_s,
            stopped_by=self.stop.reason,
            is_cut=self._num_under_way() > 0,
            details=self.about | {"passed_over": ignored},
        )

    def _finish(self, ignored: dict[str, int]) -> RunSummary:
        summary = self._summary(ignored)
        self.store.end_run(self.recorder.run_id, plain(asdict(summary)))
        write_results(self.store, self.options, summary)
        self.reporter.summary(summary)
        return summary
