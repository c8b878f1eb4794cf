"""The public calls: one document or many, here or awaited, into a class of the caller.

Knows nothing of how documents are read; workers and engine stay warm in a ``Workshop``.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar, cast, overload

from docextract.api.arrivals import Arrival, Arrivals, Source
from docextract.api.extraction import Extraction, Failure, extraction_of
from docextract.api.reading_plan import plan_reading
from docextract.api.workshop import Workshop
from docextract.core import (
    ANSWER_STAGE,
    DocextractError,
    Document,
    DocumentError,
    EngineError,
    ErrorItem,
    ModelOptions,
    ReadOptions,
    Reason,
    Record,
    RecordStatus,
    SetupError,
    check_engine,
    check_working_folder,
    describe_bug,
)
from docextract.engine import Engine, EngineChoice, choose_engine
from docextract.pipeline.record import failed_record
from docextract.schema import Schema
from docextract.schema.loading import load_schema
from docextract.workers import num_usable_cores

if TYPE_CHECKING:
    from pydantic import BaseModel

Model = TypeVar("Model", bound="BaseModel")
_FETCH_TIMEOUT_S = 60.0


class Extractor(Generic[Model]):
    """Reads documents into one class, with workers and an engine that stay warm.

    Use it as a context manager; leaving it ends what is still being read. Any thread may call any
    method, and several may at once. Documents of all of them are read side by side.

    Args:
        schema: a Pydantic class, a schema's name or file, or a line such as
            ``"vendor, total: money"``.
        engine: what answers: a name such as ``"auto"``, what ``choose_engine`` returned, or an
            engine of your own, which stays yours to close.
        workers: worker processes; one per usable core if None.
        read: page selection, renderer, password and limits.
        fetch_timeout_s: seconds that a source with an address may take.

    Raises:
        SchemaNotFoundError: there is no such schema.
        SchemaInvalidError: it is no Pydantic class, or has no field to fill.
        OptionError: there is no such engine.
        SetupError: the engine cannot be loaded.

    Example:
        >>> from docextract import Extractor
        >>> with Extractor("invoice") as extractor:
        ...     for result in extractor.extract_many(["fixtures/invoices/luminosa.pdf"]):
        ...         print(result.status.value)
        ok
    """

    @overload
    def __init__(
        self: Extractor[Model],
        schema: type[Model],
        *,
        engine: str | EngineChoice | Engine = "text",
        workers: int | None = None,
        read: ReadOptions | None = None,
        fetch_timeout_s: float = _FETCH_TIMEOUT_S,
    ) -> None: ...
    @overload
    def __init__(
        self: Extractor[Any],
        schema: str | Schema,
        *,
        engine: str | EngineChoice | Engine = "text",
        workers: int | None = None,
        read: ReadOptions | None = None,
        fetch_timeout_s: float = _FETCH_TIMEOUT_S,
    ) -> None: ...
    def __init__(
        self,
        schema: type[Model] | str | Schema,
        *,
        engine: str | EngineChoice | Engine = "text",
        workers: int | None = None,
        read: ReadOptions | None = None,
        fetch_timeout_s: float = _FETCH_TIMEOUT_S,
    ) -> None:
        check_working_folder()
        self.schema = _schema_of(schema)
        options = read or ReadOptions()
        chosen = _choice(engine)
        self._plan = plan_reading(self.schema, chosen, options)
        self._is_own_engine = isinstance(chosen, EngineChoice)
        num_workers = workers or num_usable_cores()
        self._arrivals = Arrivals(options, fetch_timeout_s)
        self._workshop = Workshop(self._plan, num_workers, self._arrivals.leave)
        self._porters = ThreadPoolExecutor(2 * num_workers, "docextract-porter")
        # A model is only fast with many questions in hand.
        self._is_closed = False
        self._owner_pid = os.getpid()
        self._most_under_way = 64 if self._plan.engine.needs_images else 3 * num_workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, and what is still being read; a second call does nothing."""
        self._is_closed = True
        self._porters.shutdown(wait=False, cancel_futures=True)
        self._workshop.close()
        self._arrivals.close()
        if self._is_own_engine:
            self._plan.engine.close()

    def extract(self, source: Source) -> Extraction[Model]:
        """Return what one document says.

        Args:
            source: a path, an http or https address, bytes, or a file open for reading.

        Raises:
            DocumentError: the document cannot be read; ``reason`` says why.
            EngineError: the engine gave no answer at all; likewise.
            OptionError: the source is a folder, or nothing that can be read.
            SetupError: workers do not start here, or the extractor is closed.
        """
        return self._extraction(self._begun(source).future.result(), source)

    async def aextract(self, source: Source) -> Extraction[Model]:
        """Return what one document says, as ``extract`` does, while the event loop goes on."""
        begun = await asyncio.to_thread(self._begun, source)
        return self._extraction(await asyncio.wrap_future(begun.future), source)

    def extract_many(
        self, sources: Iterable[Source], *, in_order: bool = True
    ) -> Iterator[Extraction[Model] | Failure]:
        """Yield what each document says, or why it does not; one bad document ends nothing.

        Sources are pulled as results are taken: a few per worker are on their way at a time, so
        memory stays flat however many there are.

        Args:
            sources: as for ``extract``.
            in_order: yield results in the order of their sources, else as they come.

        Raises:
            OptionError: a source is a folder, or nothing that can be read.
            SetupError: workers do not start here, or the engine went away.
        """
        under_way: deque[_Begun] = deque()
        try:
            for source in sources:
                under_way.append(self._begun(source))
                if len(under_way) >= self._most_under_way:
                    yield self._result(_taken(under_way, in_order))
            while under_way:
                yield self._result(_taken(under_way, in_order))
        finally:
            for begun in under_way:
                begun.future.cancel()

    def _begun(self, source: Source) -> _Begun:
        """Return where the record of a source will be."""
        if self._is_closed:
            raise _closed()
        if os.getpid() != self._owner_pid:
            told = "the extractor was made in another process, of which this one is a fork"
            raise SetupError(told, "Make one in each process, behind the fork.")
        future: Future[Record] = Future()
        try:
            arrival = self._arrivals.take(source)
        except DocumentError as error:
            future.set_exception(error)
            return _Begun(future, source, "(file)")
        try:
            carrying = self._porters.submit(self._carry, arrival, future)
        except RuntimeError as error:  # which is how an executor says that it was shut down
            arrival.leave()
            raise _closed() from error
        carrying.add_done_callback(partial(_pass_on, future))
        return _Begun(future, source, arrival.name)

    def _carry(self, arrival: Arrival, future: Future[Record]) -> None:
        """Hand in what has arrived; hashing and fetching take a moment."""
        self._workshop.hand_in(self._arrivals.document(arrival), future)

    def _result(self, begun: _Begun) -> Extraction[Model] | Failure:
        bug = begun.future.exception()
        try:
            if isinstance(bug, Exception) and not isinstance(bug, DocextractError):
                raise DocumentError(Reason.INTERNAL, describe_bug(bug)[0]) from bug
            return self._extraction(begun.future.result(), begun.source)
        except DocumentError as error:
            return Failure(error, self._failed_record(begun, error), begun.source)

    def _extraction(self, record: Record, source: Source) -> Extraction[Model]:
        if record.status is RecordStatus.FAILED:
            first = record.errors[0]
            kind = EngineError if first.stage == ANSWER_STAGE else DocumentError
            raise kind(Reason(first.reason), first.message, page=first.page, hint=first.hint)
        model = cast("type[Model]", self.schema.named(record.schema_name).model)
        return extraction_of(record, model, source)

    def _failed_record(self, begun: _Begun, error: DocumentError) -> Record:
        """Return the record of a failure: its own where the document was opened."""
        if begun.future.exception() is None:
            return begun.future.result()
        item = ErrorItem("open", error.reason.value, str(error), error.hint, error.page)
        document, plan = Document(begun.name, os.fsencode(begun.name)), self._plan
        return failed_record(document, plan.schema, plan.info, (item,), plan.fingerprint)


@overload
def extract(
    source: Source,
    schema: type[Model],
    *,
    engine: str | EngineChoice | Engine = "text",
    read: ReadOptions | None = None,
) -> Extraction[Model]: ...
@overload
def extract(
    source: Source,
    schema: str | Schema,
    *,
    engine: str | EngineChoice | Engine = "text",
    read: ReadOptions | None = None,
) -> Extraction[Any]: ...
def extract(
    source: Source,
    schema: type[Model] | str | Schema,
    *,
    engine: str | EngineChoice | Engine = "text",
    read: ReadOptions | None = None,
) -> Extraction[Any]:
    """Return what a document says, as an instance of a class.

    Workers start and end with the call; an ``Extractor`` keeps them for the next document.

    Args:
        source: a path, an http or https address, bytes, or a file open for reading: a PDF, image
            or e-invoice XML.
        schema: any Pydantic class (types of ``docextract.schema.types`` say more), a schema's name
            or file, or a line such as ``"vendor, total: money"``.
        engine: what answers; see ``Extractor``.
        read: page selection, renderer, password and limits.

    Raises:
        DocumentError: the document cannot be read; ``reason`` says why.
        EngineError: the engine gave no answer at all; likewise.
        SchemaInvalidError: ``schema`` is no Pydantic class, or has no field to fill.
        OptionError: ``source`` is a folder, or nothing that can be read.

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
    with Extractor(schema, engine=engine, workers=1, read=read) as extractor:
        return extractor.extract(source)


class _Begun(NamedTuple):
    """A source on its way to its record."""

    future: Future[Record]
    source: Source
    name: str


def _taken(under_way: deque[_Begun], in_order: bool) -> _Begun:
    """Take the first, or the first that is done."""
    if in_order:
        return under_way.popleft()
    done = wait([begun.future for begun in under_way], return_when=FIRST_COMPLETED).done
    first = next(begun for begun in under_way if begun.future in done)
    under_way.remove(first)
    return first


def _pass_on(future: Future[Record], carrying: Future[None]) -> None:
    """Let who waits for a record know that its document never got to a worker."""
    error = _closed() if carrying.cancelled() else carrying.exception()
    if error is not None and not future.done():
        future.set_exception(error)


def _closed() -> SetupError:
    return SetupError("the extractor is closed", "Use it inside its with block.")


def _schema_of(schema: type[BaseModel] | str | Schema) -> Schema:
    if isinstance(schema, str):
        return load_schema(schema)
    return schema if isinstance(schema, Schema) else Schema.from_model(schema)


def _choice(engine: str | EngineChoice | Engine) -> EngineChoice | Engine:
    if not isinstance(engine, str):
        return engine
    check_engine(engine, None, ModelOptions())
    return choose_engine(engine)
