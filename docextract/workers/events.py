"""Jobs in, events out, and the one loop that hands each event to whoever wants it.

Knows nothing of where jobs run, nor of what a job does: a pool of processes stands behind it
today, and anything else that keeps the promises of ``Runner`` can.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from docextract.core import DocumentError, Reason
from docextract.workers.signals import Interrupted, Stop


@dataclass(frozen=True, slots=True)
class Job:
    """A call that runs in a worker: a generator function named ``package.module:name``.

    Attributes:
        function: what is called; it may yield what its annotation says, and nothing else.
        args: with what.
        key: comes back with every event; it never leaves this process.
        otherwise: what is tried once in its place if it crashes, hangs or runs out of memory;
            its messages then begin anew.
        failed: how the job failed that this one is tried in the place of.
        is_repeated: whether it was interrupted from outside once already.
        doubt: says of a value it yielded what is wrong with it; empty if nothing is. A worker may
            have been taken over by the file it reads.
        trial: fails where this machine lacks what the job needs, and reads no file; a worker that
            says so is believed only if that does. None where no strangers' files are read.
        yields: the function whose annotation tells what comes, where ``function`` passes it on;
            ``function`` itself if empty.
    """

    function: str
    args: tuple[Any, ...]
    key: Any
    otherwise: Job | None = None
    failed: Failed | None = None
    is_repeated: bool = False
    doubt: Callable[[Any], str] | None = None
    trial: Job | None = None
    yields: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One value that a job yielded."""

    key: Any
    payload: Any


@dataclass(frozen=True, slots=True)
class Finished:
    """A job ended well; the last event of its key."""

    key: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """A job ended with an error, a crash or a limit; the last event of its key.

    Attributes:
        key: the job's key.
        reason: why, out of the closed set.
        message: one sentence for people.
        detail: the traceback of an unexpected exception, else empty.
        page: the page it concerns, where known.
        hint: what to do next.
    """

    key: Any
    reason: Reason
    message: str
    detail: str = ""
    page: int | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing happened for a moment; lets the caller look at signals and clocks."""


Event = Message | Finished | Failed | Tick


class Runner(Protocol):
    """Where jobs run: a ``WorkerPool`` on this machine, or a cluster."""

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool]
    ) -> Generator[Event, None, None]:
        """Yield the events of jobs as they happen, and end when all jobs have ended.

        Messages of one job come in order, then its one last event; of several jobs they come
        in any order. Where a job begins anew, so do its messages. Closing the generator ends
        what still runs.

        Args:
            jobs: pulled in the thread that asks for events, when one can begin. None says that
                there is none for now: it is asked again in a moment.
            is_hurried: whether the caller has work to do; it then gets a ``Tick`` at once where
                nothing has happened, else a few times a second.

        Raises:
            SetupError: nothing can run here, or it lacks a dependency.
        """


class EventSink:
    """Is told what comes of jobs; overrides what it wants to hear of."""

    @property
    def is_busy(self) -> bool:
        """Whether there is ``work`` to do while jobs run."""
        return False

    def message(self, key: Any, payload: Any) -> None:
        """Take a value that a job yielded."""

    def finished(self, key: Any) -> None:
        """Take that a job ended well."""

    def failed(self, event: Failed) -> None:
        """Take that a job ended with an error, a crash or a limit."""

    def tick(self) -> None:
        """Take that nothing happened for a moment."""

    def work(self) -> None:
        """Do some work of its own; called after each event."""

    def all_ended(self) -> None:
        """Take that all jobs have ended; not called where a signal cut them."""


def drive(
    runner: Runner, jobs: Iterable[Job | None], sink: EventSink, stop: Stop | None = None
) -> None:
    """Run jobs and hand out their events until all have ended, or a signal comes.

    Args:
        runner: where they run.
        jobs: in their order; see ``Runner``.
        sink: is told, in this thread.
        stop: tells of a signal; what was begun is then left. None where it ends the process.

    Raises:
        SetupError: nothing can run here.
    """
    with suppress(Interrupted), closing(runner.run(jobs, lambda: sink.is_busy)) as events:
        for event in events:
            _hand(event, sink)
            if stop is not None and stop.is_signal:
                return
            sink.work()
        sink.all_ended()


def messages_of(runner: Runner, job: Job) -> Iterator[Any]:
    """Yield what one job sends, and None now and then while it sends nothing.

    Raises:
        DocumentError: the job failed.
        SetupError: nothing can run here.
    """
    with closing(runner.run([job], lambda: False)) as events:
        for event in events:
            match event:
                case Message(_, payload):
                    yield payload
                case Failed():
                    hint = event.hint or None
                    raise DocumentError(event.reason, event.message, page=event.page, hint=hint)
                case Tick():
                    yield None


def _hand(event: Event, sink: EventSink) -> None:
    match event:
        case Message(key, payload):
            sink.message(key, payload)
        case Finished(key):
            sink.finished(key)
        case Failed():
            sink.failed(event)
        case Tick():
            sink.tick()
