"""Runs jobs in worker processes, one in flight per worker; survives every one of them.

Knows nothing of documents: a job is any generator function by its import path.
``concurrent.futures`` is not used because one dead worker there fails every pending job.
"""

from __future__ import annotations

import math
import socket
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, NamedTuple, Self

from docextract.core import HINTS, ReadOptions, Reason, SetupError, remove_abandoned
from docextract.workers.border.frames import Frame
from docextract.workers.border.leaves import ProtocolError
from docextract.workers.border.statements import Hearing, SetupClaim, is_ready
from docextract.workers.events import Event, Failed, Job, Tick
from docextract.workers.host.watched_clock import WatchedClock
from docextract.workers.processes.process import WorkerProcess
from docextract.workers.processes.time_allowance import SLOW_PAGE, Allowance

_MAX_JOBS_PER_WORKER = 500
"""Native libraries leak; a fresh process every 500 jobs costs under 1 ms a job."""

_MAX_FAILED_STARTS = 3
_WORTH_ANOTHER_WAY = frozenset({Reason.WORKER_CRASH, Reason.TIMEOUT, Reason.OUT_OF_MEMORY})
_MAX_MESSAGES_PER_PAGE = 3
"""A page, an error of it, and once more with its pixels."""
_MORE_MESSAGES = 25_000
"""Twice what the largest container tells of."""
_TICK_S = 0.25
"""How long ``run`` keeps its caller waiting at most."""
_MAX_RINGS = 4096
_MOMENT_S = 0.1
"""Less than this between two events makes no difference to limits of seconds."""


@dataclass(slots=True)
class _Slot:
    """A worker and what it is doing; the times of its allowance are of the pool's clock."""

    process: WorkerProcess
    allowance: Allowance
    job: Job | None = None
    hearing: Hearing | None = None
    num_jobs: int = 0
    is_ready: bool = False


class _Disputed(NamedTuple):
    """Key of the trial of what a worker said about this machine when it did a job."""

    job: Job


class WorkerPool:
    """A fixed number of worker processes under the limits of ``ReadOptions``.

    Use it as a context manager; leaving it kills whatever still runs.

    Args:
        num_workers: processes that run side by side.
        limits: memory, CPU and wall-clock limits.
    """

    def __init__(self, num_workers: int, limits: ReadOptions) -> None:
        self._num_workers = num_workers
        self._limits = limits
        self._slots: list[_Slot] = []
        self._again: deque[Job] = deque()
        self._is_stopped = False
        self._is_fed_up = False
        self._num_failed_starts = 0
        self._clock = WatchedClock()
        self._asked_again_at_s = 0.0
        self._bell, self._bell_cord = socket.socketpair()
        self._bell.setblocking(False)
        self._bell_cord.setblocking(False)

    def __enter__(self) -> Self:
        remove_abandoned()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all workers; a second call does nothing."""
        self._is_stopped = True
        for slot in self._slots:
            slot.process.kill()
        self._slots.clear()
        self._bell.close()
        self._bell_cord.close()

    def wake(self) -> None:
        """Have jobs asked for at once, after there were none; any thread may call it."""
        with suppress(OSError):  # full: it is awake; closed: there is nobody to wake
            self._bell_cord.send(b".")

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool] = lambda: False
    ) -> Generator[Event, None, None]:
        """Yield events as they happen; a job is pulled only when a worker is free for it.

        Messages of one job come in order; jobs end in any order. While the caller is busy between
        two events, a worker that has something to say is not held to its time.

        Args:
            jobs: in their order. None says that there is none for now: it is asked again in a
                moment.
            is_hurried: whether the caller has work to do; it then gets a ``Tick`` at once where
                nothing has happened.

        Raises:
            SetupError: worker processes do not start on this machine, or lack a dependency.
        """
        feed = iter(jobs)
        try:
            self._is_fed_up = False
            self._feed(feed)
            while self._is_going_on():
                for event in self._step(feed, 0.0 if is_hurried() else _TICK_S):
                    left_at_s = self._clock.now_s()
                    yield event
                    self._forgive(self._clock.now_s() - left_at_s)
        finally:
            for slot in [slot for slot in self._slots if slot.job]:
                self._discard(slot)

    def _is_going_on(self) -> bool:
        is_more_to_come = (self._again or not self._is_fed_up) and not self._is_stopped
        return bool(is_more_to_come) or any(slot.job for slot in self._slots)

    def _step(self, feed: Iterator[Job | None], patience_s: float) -> deque[Event]:
        """Wait for the next happening; free workers are fed before the caller sees it."""
        busy = {slot.process.connection: slot for slot in self._slots if slot.job}
        next_deadline = min((slot.allowance.deadline for slot in busy.values()), default=math.inf)
        timeout_s = min(patience_s, max(0.0, next_deadline - self._clock.now_s()))
        readable = wait([*busy, self._bell], timeout_s)
        events: deque[Event] = deque()
        if self._bell in readable:
            readable.remove(self._bell)
            self._bell.recv(_MAX_RINGS)
            self._asked_again_at_s = 0.0
        for connection in readable:
            slot = busy[connection]  # type: ignore[index]
            job = slot.job
            events.extend(event for item in self._read(slot) for event in self._told(item, job))
        late = [slot for it, slot in busy.items() if it not in readable and self._is_late(slot)]
        # Before any of them is ended, which may take so long that the others run again.
        for slot, was_held in [(slot, _is_held(slot)) for slot in late]:
            job = slot.job
            events.extend(self._told(self._time_out(slot, was_held=was_held), job))
        self._feed(feed)
        return events or deque([Tick()])

    def _is_late(self, slot: _Slot) -> bool:
        return slot.allowance.is_used_up(self._clock.now_s(), slot.process.cpu_seconds)

    def _told(self, event: Event, job: Job | None) -> Iterator[Event]:
        """Yield an event, unless it is a failure after which it is tried again, or another way."""
        if job is None:
            yield event
        elif _is_interrupted(event) and not job.is_repeated:
            self._again.append(replace(job, is_repeated=True))
        elif isinstance(job.key, _Disputed):
            yield _refuted(job.key)
        elif not isinstance(event, Failed):
            yield event
        elif job.failed is not None:
            message = f"{job.failed.message} Another way of reading it failed too: {event.message}"
            yield replace(job.failed, message=message)
        elif job.otherwise is not None and event.reason in _WORTH_ANOTHER_WAY:
            self._again.append(replace(job.otherwise, failed=event))
        else:
            yield event

    def _forgive(self, seconds: float) -> None:
        """Give time back to workers that could not go on because nobody listened."""
        if seconds < _MOMENT_S:
            return
        slots = {slot.process.connection: slot for slot in self._slots if slot.job}
        for connection in wait(list(slots), 0):
            slots[connection].allowance.forgive(seconds)  # type: ignore[index]

    def _feed(self, feed: Iterator[Job | None]) -> None:
        while self._again and not self._is_stopped and self._has_room():
            self._start(self._free_slot(), self._again.popleft())
        if self._clock.now_s() < self._asked_again_at_s:
            return
        while not self._is_fed_up and not self._is_stopped and self._has_room():
            try:
                job = next(feed)
            except StopIteration:
                self._is_fed_up = True
                return
            if job is None:
                self._asked_again_at_s = self._clock.now_s() + _TICK_S
                return
            self._start(self._free_slot(), job)

    def _has_room(self) -> bool:
        return sum(slot.job is not None for slot in self._slots) < self._num_workers

    def _free_slot(self) -> _Slot:
        for slot in [slot for slot in self._slots if slot.job is None]:
            if slot.process.is_silent():
                return slot
            self._discard(slot)
        slot = _Slot(WorkerProcess(self._limits), Allowance(self._limits))
        self._slots.append(slot)
        return slot

    def _start(self, slot: _Slot, job: Job) -> None:
        slot.job = job
        slot.hearing = Hearing(
            job, _MAX_MESSAGES_PER_PAGE * self._limits.max_pages + _MORE_MESSAGES
        )
        slot.num_jobs += 1
        # One that was only just asked for may not be there yet.
        cpu_s = slot.process.cpu_seconds() if slot.is_ready else 0.0
        slot.allowance.begin(self._clock.now_s(), cpu_s)
        slot.process.start_job(slot.hearing.token, job.function, job.args)

    def _read(self, slot: _Slot) -> Iterator[Event]:
        """Yield what a worker says; one that says what none would is not listened to any more."""
        try:
            for frame in slot.process.read():
                event = self._event(slot, frame)
                if event is not None:
                    yield event
        except EOFError:
            yield from self._bury(slot)
        except ProtocolError as error:
            yield from self._disown(slot, error)

    def _disown(self, slot: _Slot, error: ProtocolError) -> Iterator[Event]:
        """End a worker that lost its mind; the file it lost it over may be an earlier one."""
        job, is_innocent = slot.job, slot.num_jobs > 1
        self._discard(slot)
        if job is not None and is_innocent:
            self._again.append(job)
        elif job is not None:
            yield _failed(job.key, Reason.WORKER_CRASH, f"The worker lost its mind: {error}.")

    def _event(self, slot: _Slot, frame: Frame) -> Event | None:
        if not slot.is_ready and is_ready(frame):
            slot.is_ready = True
            slot.allowance.hear(self._clock.now_s())
            self._num_failed_starts = 0
            return None
        if slot.hearing is None:
            raise ProtocolError("a worker without a job spoke")
        event = slot.hearing.understand(frame)
        if isinstance(event, SetupClaim):
            return self._put_to_trial(slot, event)
        if not slot.hearing.is_over:
            slot.allowance.hear(self._clock.now_s())
            return event
        is_full = isinstance(event, Failed) and event.reason == Reason.OUT_OF_MEMORY
        self._end_job(slot, must_replace=is_full)
        return event

    def _put_to_trial(self, slot: _Slot, claim: SetupClaim) -> Event | None:
        """See whether another worker, which reads no stranger's file, lacks the same."""
        job = slot.job
        if job is None or job.trial is None:
            raise SetupError(claim.message, claim.hint)
        self._discard(slot)
        self._again.append(replace(job.trial, key=_Disputed(job)))
        return None

    def _end_job(self, slot: _Slot, *, must_replace: bool) -> None:
        slot.job = None
        slot.allowance.end()
        if must_replace or slot.num_jobs >= _MAX_JOBS_PER_WORKER:
            self._discard(slot)

    def _discard(self, slot: _Slot) -> None:
        slot.job = None
        slot.process.kill()
        if slot in self._slots:
            self._slots.remove(slot)

    def _time_out(self, slot: _Slot, *, was_held: bool) -> Event:
        key = slot.job.key if slot.job else None
        self._discard(slot)
        if was_held:
            message = "The worker was stopped by a signal, or never got to start."
            return _failed(key, Reason.INTERRUPTED, message)
        return slot.allowance.failure(key)

    def _bury(self, slot: _Slot) -> Iterator[Event]:
        key = slot.job.key if slot.job else None
        self._discard(slot)
        if not slot.is_ready:
            self._num_failed_starts += 1
            if self._num_failed_starts >= _MAX_FAILED_STARTS:
                raise SetupError(
                    f"worker processes do not start ({slot.process.epitaph})",
                    "Check memory and process limits (ulimit -a).",
                )
        if slot.process.has_used_up_cpu:
            message = f"Over the limit of {self._limits.page_cpu_s} CPU seconds for a page."
            yield Failed(key, Reason.TIMEOUT, message, hint=SLOW_PAGE)
        elif slot.process.has_used_up_memory:
            yield _failed(key, Reason.OUT_OF_MEMORY, "A worker ran out of memory.")
        elif slot.process.was_killed:
            message = f"The worker was killed from outside ({slot.process.epitaph})."
            yield _failed(key, Reason.INTERRUPTED, message)
        else:
            message = f"The worker died ({slot.process.epitaph})."
            yield _failed(key, Reason.WORKER_CRASH, message)


def _failed(key: Any, reason: Reason, message: str) -> Failed:
    return Failed(key, reason, message, hint=HINTS[reason])


def _is_held(slot: _Slot) -> bool:
    """Return whether it is no document's fault that a worker is silent."""
    return slot.process.is_stopped or not slot.is_ready


def _is_interrupted(event: Event) -> bool:
    return isinstance(event, Failed) and event.reason is Reason.INTERRUPTED


def _refuted(key: _Disputed) -> Failed:
    message = "The worker said that this machine lacks something which it does not lack."
    return _failed(key.job.key, Reason.WORKER_CRASH, message)
