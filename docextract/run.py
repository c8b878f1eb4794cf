"""One run over many documents: discover, read in workers, record, store, export, count.

Knows nothing of how a document is read or a value proved. It loses nothing, does nothing
twice, and ends with an exit code that tells the truth.
"""

from __future__ import annotations

import datetime as dt
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from docextract import __version__
from docextract.confidence import load_weights
from docextract.config import RunOptions, fingerprint
from docextract.documents.discover import Discovery, Found
from docextract.documents.kept_pages import MAX_PACKED_BYTES, pack, reading_id
from docextract.documents.parts import OpenedHeader, Part
from docextract.documents.pool import (
    Event,
    Failed,
    Finished,
    Job,
    Tick,
    WorkerPool,
    num_usable_cores,
)
from docextract.engine import EngineChoice, choose_engine, load_engine
from docextract.engine.base import Engine
from docextract.errors import (
    HINTS,
    TRANSIENT,
    DocextractError,
    ExitCode,
    NoDocumentsError,
    Reason,
    describe_bug,
)
from docextract.export import JsonlAppender, StreamWriter, write_exports, write_run_json
from docextract.interrupts import Stop, noted_signals
from docextract.jobs import PageRead, Task
from docextract.outcome import exit_code_of, plain
from docextract.pipeline import Assembly, DocumentJob, failed_record
from docextract.records import Document, ErrorItem, Page, Record, RecordStatus
from docextract.reporting import Reporter, RunSummary, Tally
from docextract.schema.fields import Schema
from docextract.schema.loading import load_schema
from docextract.store import Store, record_key

T = TypeVar("T")


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
        stdout: where records go if ``options.out`` is None.

    Raises:
        UsageError: an option or the schema is wrong.
        SetupError: the engine or the workers cannot start.
        StoreError: the store cannot be read or written; what is stored stays.
        OutputBusyError: another run holds the output folder.
        NoDocumentsError: nothing matched the inputs.
    """
    schema = load_schema(options.schema)
    choice = choose_engine(options.engine, options.answers, options.model)
    engine = load_engine(choice)
    reporter.message(f"engine {choice.name}, {choice.why}")
    with ExitStack() as stack:
        stack.callback(engine.close)
        out = options.out or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(Store.open(out))
        stop = stack.enter_context(noted_signals())
        run = _Run(options, schema, choice, engine, store, reporter, stop)
        return run.execute(stdin, stdout)


class _Run:
    """The state of one run: what was claimed, what is in flight, what is counted."""

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
        self.schema = schema
        self.engine = engine
        self.choice = choice
        self.store = store
        self.reporter = reporter
        self.stop = stop
        self.tally = Tally()
        self.ignored: dict[str, int] = {}
        weights = load_weights(options.calibration)
        answering = asdict(engine.info) | {"weights": weights.id}
        self.fingerprint = fingerprint(schema.id, options.read, answering)
        self.reading = reading_id(options.read)
        self.today = dt.date.today()
        self.run_id = 0
        self._claimed: dict[str, str] = {}
        self._job_of_all = DocumentJob(schema, engine, self.fingerprint, self.today, weights)
        self._assemblies: dict[bytes, Assembly] = {}
        self._num_begun = 0
        self._emit: Callable[[Record], None] = lambda record: None

    def execute(self, stdin: BinaryIO | None, stdout: BinaryIO | None) -> RunSummary:
        """Run to the end, write the exports and return the summary."""
        start = time.monotonic()
        self.run_id = self.store.begin_run(self._about())
        self._tell_of_other_schemas()
        num_workers = self.options.num_workers or num_usable_cores()
        with ExitStack() as stack:
            self._emit = stack.enter_context(self._output(stdout))
            with WorkerPool(num_workers, self.options.read) as pool:
                for event in pool.run(self._jobs(stdin)):
                    self._handle(event)
                    if self.stop.is_signal:
                        break
        return self._finish(time.monotonic() - start)

    @contextmanager
    def _output(self, stdout: BinaryIO | None) -> Iterator[Callable[[Record], None]]:
        if self.options.out is None:
            assert stdout is not None
            yield StreamWriter(stdout).write
        elif "jsonl" in self.options.formats:
            with JsonlAppender(self.options.out / "results.jsonl", self.store) as appender:
                yield appender.append
        else:
            yield lambda record: None

    def _tell_of_other_schemas(self) -> None:
        others = [name for name in self.store.schema_names() if name != self.schema.name]
        if others:
            out = self.options.out
            self.reporter.message(
                f"{out} holds {' and '.join(others)} records too; its files now show "
                f"{self.schema.name} (docextract export {out} --schema NAME shows the others)"
            )

    def _about(self) -> dict[str, Any]:
        options = asdict(self.options)
        options["read"].pop("password")
        return {
            "schema_name": self.schema.name,
            "schema_id": self.schema.id,
            "fields": [(item.path, item.kind.value) for item in self.schema.fields],
            "engine": asdict(self.engine.info),
            "engine_why": self.choice.why,
            "fingerprint": self.fingerprint,
            "options": plain(options),
            "versions": {"docextract": __version__, "python": platform.python_version()},
        }

    def _jobs(self, stdin: BinaryIO | None) -> Iterator[Job]:
        """Discover documents and yield a job for each that needs work."""
        discovery = Discovery(
            self.options.inputs,
            stdin=stdin,
            exclude=self.options.out,
            max_bytes=self.options.read.max_bytes,
        )
        expected = discovery.count_ahead()
        if expected is not None:
            self.reporter.found(expected, True)
        for found in discovery:
            if self._should_stop():
                return
            self.tally.num_found += 1
            if expected is None:
                self.reporter.found(self.tally.num_found, False)
            if self._needs_work(found):
                self._num_begun += 1
                yield self._job(found.document)
        if self.tally.num_found != expected:
            self.reporter.found(self.tally.num_found, True)
        self._tell_what_was_passed_over(discovery)

    def _tell_what_was_passed_over(self, discovery: Discovery) -> None:
        for pattern in discovery.unmatched:
            self.reporter.message(f"{pattern} matched nothing")
        self.ignored = dict(discovery.ignored.most_common())
        if self.ignored:
            kinds = ", ".join(f"{suffix} {number}" for suffix, number in self.ignored.items())
            passed_over = f"passed over {discovery.num_ignored} files that are no documents"
            self.reporter.message(f"{passed_over}: {kinds}")

    def _needs_work(self, found: Found) -> bool:
        """Settle what needs no worker: unreadable, duplicate, finished by an earlier run."""
        document = found.document
        key = record_key(document)
        if not found.error and key in self._claimed:
            self._skip_duplicate(document, self._claimed[key])
            return False
        self._claimed[key] = document.path
        status, reason = self.store.outcome_of(key, self.fingerprint)
        if status is not None and not self._is_redone(status, reason, found):
            self.store.link(self.run_id, document, self.fingerprint)
            self.tally.by_status[status] += 1
            self.tally.num_unchanged += 1
            self.reporter.unchanged(document.path, status)
            return False
        if found.error:
            self._save(self._failed(document, found.error))
            return False
        return True

    def _is_redone(self, status: RecordStatus, reason: str | None, found: Found) -> bool:
        """Whether a finished document is done again."""
        if found.error:
            # Looked at anew each time; only news is worth a row.
            return found.error.reason != reason
        has_failed = status is RecordStatus.FAILED
        is_retried = self.options.retry_failed or reason in TRANSIENT
        return self.options.force or (has_failed and is_retried)

    def _skip_duplicate(self, document: Document, twin: str) -> None:
        self.store.link(self.run_id, document, self.fingerprint, duplicate_of=twin)
        self.tally.by_status[RecordStatus.SKIPPED] += 1
        reason = Reason.DUPLICATE
        error = ErrorItem("discover", reason.value, f"same bytes as {twin}", HINTS[reason])
        self._emit(replace(self._failed(document, error), status=RecordStatus.SKIPPED))
        self.reporter.unchanged(document.path, RecordStatus.SKIPPED)

    def _job(self, document: Document) -> Job:
        kept = {} if self.options.force else self.store.kept_pages(document.sha256, self.reading)
        if self.engine.needs_images:
            target, args = (
                "docextract.documents.opening:open_job",
                (document, self.options.read, True, kept),
            )
            return Job(target, args, document)
        task = Task(
            self.options.schema,
            self.choice,
            self.options.read,
            self.fingerprint,
            self.today,
            self.options.calibration,
        )
        return Job("docextract.jobs:record_job", (document, task, kept), document)

    def _should_stop(self) -> bool:
        """Note and return whether no further document may begin."""
        if self.stop.reason:
            return True
        deadline = self.options.deadline
        if deadline is not None and dt.datetime.now() >= deadline:
            self.stop.reason = "deadline"
        elif self.options.max_failures.is_reached(self.tally.num_failed, self.tally.num_saved):
            self.stop.reason = "max_failures"
        elif self.options.limit is not None and self._num_begun >= self.options.limit:
            self.stop.reason = "limit"
        return bool(self.stop.reason)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Tick):
            self.reporter.tick()
            return
        document: Document = event.key
        if isinstance(event, Failed):
            self._assemblies.pop(document.raw_path, None)
            self._save(self._crashed(document, event))
        elif isinstance(event, Finished):
            assembly = self._assemblies.pop(document.raw_path, None)
            record = self._guarded(document, assembly.record) if assembly else None
            if record is not None:
                self._save(record)
        elif isinstance(event.payload, Record):
            self._save(event.payload)
        elif isinstance(event.payload, PageRead):
            self.tally.num_pages += 1
            self._keep(document, event.payload.number, event.payload.packed)
            self.reporter.tick()
        else:
            self._assemble(document, event.payload)

    def _assemble(self, document: Document, part: Part) -> None:
        """Take a part of a document whose engine lives in this process."""
        if isinstance(part, OpenedHeader):
            self._assemblies[document.raw_path] = Assembly(self._job_of_all)
        if isinstance(part, Page):
            self.tally.num_pages += 1
            self._keep(document, part.number, pack(part))
        assembly = self._assemblies.get(document.raw_path)
        if assembly is not None:
            self._guarded(document, lambda: assembly.add(part))

    def _keep(self, document: Document, number: int, packed: bytes | None) -> None:
        """Keep a page for the next run; what a worker sends is not trusted to be one."""
        is_page = isinstance(packed, bytes) and isinstance(number, int)
        if is_page and packed and len(packed) <= MAX_PACKED_BYTES and 0 < number < 2**31:
            self.store.keep_page(document.sha256, number, self.reading, packed)

    def _guarded(self, document: Document, step: Callable[[], T]) -> T | None:
        """Do one step for one document: a bug there is its failure, not the run's end."""
        try:
            return step()
        except DocextractError:
            raise
        except Exception as error:  # the document boundary of engines in this process
            self._assemblies.pop(document.raw_path, None)
            failed = Failed(document, Reason.INTERNAL, *describe_bug(error))
            self._save(self._crashed(document, failed))
            return None

    def _crashed(self, document: Document, event: Failed) -> Record:
        if event.reason is Reason.INTERNAL and not self.tally.bug:
            self.tally.bug = f"{document.path}: {event.message}\n{event.detail}"
        hint = event.hint or HINTS[event.reason]
        item = ErrorItem("open", event.reason.value, event.message, hint, event.page)
        return self._failed(document, item)

    def _failed(self, document: Document, error: ErrorItem) -> Record:
        return failed_record(document, self.schema, self.engine.info, (error,), self.fingerprint)

    def _save(self, record: Record) -> None:
        self.store.save(self.run_id, record)
        self._emit(record)
        self.tally.num_saved += 1
        self.tally.num_failed += record.status is RecordStatus.FAILED
        self.tally.by_status[record.status] += 1
        self.reporter.finished(record, len(record.pages))

    def _formats(self, out: Path) -> list[str]:
        """Return the formats asked for, and those that lie there and would grow stale."""
        kept = {"jsonl": out / "results.jsonl", "csv": out / "documents.csv"}
        stale = [name for name, path in kept.items() if path.exists()]
        return list(dict.fromkeys([*self.options.formats, *stale]))

    def _finish(self, seconds: float) -> RunSummary:
        summary = RunSummary(
            exit_code=exit_code_of(self.tally, self.stop.reason, self.options.fail_on_review),
            counts=dict(self.tally.by_status),
            num_found=self.tally.num_found,
            num_unchanged=self.tally.num_unchanged,
            num_pages=self.tally.num_pages,
            seconds=seconds,
            stopped_by=self.stop.reason,
            bug=self.tally.bug,
            details=self._about() | {"passed_over": self.ignored},
        )
        self.store.end_run(self.run_id, plain(asdict(summary)))
        if self.options.out is not None:
            write_exports(self.store, self.options.out, self._formats(self.options.out))
            write_run_json(self.options.out, summary)
        self.reporter.summary(summary)
        if summary.exit_code is ExitCode.NO_DOCUMENTS:
            raise NoDocumentsError(f"no document in {', '.join(self.options.inputs)}")
        return summary
