"""Sends jobs to actors on the machines of a Ray cluster, and takes what they have to say.

Knows nothing of what a job does, nor of the sandbox an actor runs it in. Machines come and go: a
job is done again where one was lost, and its events come from one machine alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from docextract.core import (
    HINTS,
    Document,
    DocumentError,
    ReadOptions,
    Reason,
    SetupError,
    __version__,
)
from docextract.workers.cluster.actor import (
    DeskPlan,
    Greeting,
    JobActor,
    Refusal,
    Said,
    opened,
)
from docextract.workers.cluster.freight import Freight, loaded
from docextract.workers.cluster.placing import Sent, Shape, Slot, shape_of
from docextract.workers.cluster.ray_session import connected
from docextract.workers.events import Event, Failed, Job, Message, Tick

_MAX_LOSSES = 3
_MAX_IN_FLIGHT = 2
"""Jobs an actor without a desk holds: one runs, and the next is there when it ends."""
_MAX_FAILED_STARTS = 3
"""Rounds of actors that die before they can do anything."""
_TICK_S = 0.25
_LONG_WAIT_S = 10.0
_WAITING = (
    "no machine of the cluster is free{loading}; waiting for one (Ctrl-C ends the run, and the "
    "same command goes on from there)"
)
_LOST = "The machine it was read on was lost three times."


class RayPool:
    """Places on a cluster where jobs run; see ``events.Runner``. Use it as a context manager.

    Args:
        address: see ``ray_session.connected``.
        num_actors: places where jobs run, each on one core, or on one GPU where they have a
            desk; None for what fills the cluster as it is when the run begins. What finds no
            machine waits for one.
        limits: memory, CPU and wall-clock limits of each.
        freight: files that jobs read, beside their documents.
        read: returns the bytes of a document; raises ``DocumentError``.
        tell: told what people should know.
        desk: what each actor has beside its workers; it needs GPUs where there are some.
    """

    def __init__(
        self,
        address: str,
        num_actors: int | None,
        limits: ReadOptions,
        freight: Freight,
        read: Callable[[Document], bytes],
        tell: Callable[[str], None] = lambda message: None,
        desk: DeskPlan | None = None,
    ) -> None:
        self._address = address
        self._num_actors = num_actors
        self._limits = limits
        self._freight = freight
        self._read = read
        self._tell = tell
        self._desk = desk
        self._max_in_flight = _MAX_IN_FLIGHT if desk is None else desk.num_jobs
        self._slots: list[Slot] = []
        self._again: deque[Sent] = deque()
        self._is_fed_up = False
        self._num_failed_starts = 0
        self._asked_again_at_s = 0.0
        self._waits_since_s: float | None = None
        self._stack = ExitStack()
        self._ray: Any = None
        self._make: Callable[[], Any]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._ray = stack.enter_context(connected(self._address))
            shape = shape_of(self._ray.nodes(), has_model=self._desk is not None)
            self._make = self._made_of(shape)
            stack.callback(self._kill_all)
            num_actors = self._num_actors or shape.num_actors
            if self._desk is not None:
                self._tell(f"actors load the model, each on {shape}: {num_actors}")
            for _ in range(num_actors):
                self._slots.append(self._new_slot())
            self._stack = stack.pop_all()
        return self

    def _made_of(self, shape: Shape) -> Callable[[], Any]:
        """Return what makes an actor; it is not restarted by Ray, which knows less of its work."""
        files = self._ray.put(self._freight.files)
        remote = self._ray.remote(
            num_cpus=shape.num_cores,
            num_gpus=shape.num_gpus,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=1 if self._desk is None else self._desk.num_jobs,
        )(JobActor)
        return lambda: remote.remote(self._limits, files, shape.num_cores, self._desk)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool] = lambda: False
    ) -> Generator[Event, None, None]:
        """Yield events, all of a job together when it has ended.

        Raises:
            SetupError: nothing can run in the cluster, or it lacks a dependency.
        """
        feed = iter(jobs)
        self._is_fed_up = False
        try:
            while True:
                yield from self._send(feed)
                if self._is_done():
                    return
                yield from self._step(0.0 if is_hurried() else _TICK_S)
        finally:
            for slot in [slot for slot in self._slots if slot.work]:
                self._replace(slot)

    def _is_done(self) -> bool:
        return self._is_fed_up and not self._again and not any(slot.work for slot in self._slots)

    def _send(self, feed: Iterator[Job | None]) -> Iterator[Event]:
        """Give work to actors that have room, those with the least first; yield what has none."""
        while (slot := self._free_slot()) is not None:
            sent = self._next(feed)
            if sent is None:
                return
            try:
                job = loaded(sent.job, self._read)
            except DocumentError as error:
                yield Failed(
                    sent.job.key, error.reason, str(error), "", error.page, error.hint or ""
                )
                continue
            slot.work[slot.actor.run.remote(job)] = sent

    def _free_slot(self) -> Slot | None:
        """Return where the next job goes; one that is done again goes where nothing else is."""
        free = [slot for slot in self._slots if slot.has_room and not (self._again and slot.work)]
        return min(free, key=lambda slot: len(slot.work), default=None)

    def _next(self, feed: Iterator[Job | None]) -> Sent | None:
        if self._again:
            return self._again.popleft()
        if self._is_fed_up or time.monotonic() < self._asked_again_at_s:
            return None
        try:
            job = next(feed)
        except StopIteration:
            self._is_fed_up = True
            return None
        if job is None:
            self._asked_again_at_s = time.monotonic() + _TICK_S
            return None
        return Sent(job)

    def _step(self, patience_s: float) -> Iterator[Event]:
        """Wait for the next happening and yield what it was."""
        refs = [ref for slot in self._slots for ref in slot.refs]
        if refs:
            ended, _ = self._ray.wait(refs, num_returns=1, timeout=patience_s)
        else:
            time.sleep(patience_s)
            ended = []
        self._tell_if_waiting()
        if not ended:
            yield Tick()
            return
        ended, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        for slot in list(self._slots):
            yield from self._taken(slot, [ref for ref in slot.refs if ref in set(ended)])

    def _taken(self, slot: Slot, ended: list[Any]) -> Iterator[Event]:
        for ref in ended:
            try:
                answer = self._ray.get(ref)
            except self._ray.exceptions.RayError as error:
                # Of a lost machine another is raised than of a lost process.
                yield from self._bury(slot, error)
                return
            if slot.greeting is not None:
                self._greeted(slot, answer)
                return
            yield from _believed(opened(answer), slot.work.pop(ref).job)

    def _greeted(self, slot: Slot, greeting: Greeting | Refusal) -> None:
        if isinstance(greeting, Refusal):
            raise SetupError(greeting.message, greeting.hint)
        if greeting.version != __version__:
            raise SetupError(
                f"{greeting.host} has docextract {greeting.version}, this machine {__version__}",
                "Install the same one on every machine of the cluster.",
            )
        misfit = "" if self._desk is None else self._desk.misfit(greeting.said)
        if misfit:
            raise SetupError(
                f"the model of {greeting.host} has {misfit}",
                "Put the same weights under the same path on every machine of the cluster, and "
                "name --quantization where some have a GPU that cannot be used.",
            )
        slot.greeting = None
        self._num_failed_starts = 0

    def _bury(self, slot: Slot, error: Exception) -> Iterator[Event]:
        """Replace a lost actor; what it held may be what it died of."""
        if slot.greeting is not None:
            self._check_start(error)
        lost = list(slot.work.values())
        self._replace(slot)
        for sent in lost:
            num_losses = sent.num_losses + 1
            if num_losses >= _MAX_LOSSES:
                hint = HINTS[Reason.WORKER_CRASH]
                yield Failed(sent.job.key, Reason.WORKER_CRASH, _LOST, hint=hint)
            else:
                self._again.append(Sent(sent.job, num_losses))

    def _check_start(self, error: Exception) -> None:
        self._num_failed_starts += 1
        is_ours = isinstance(error, self._ray.exceptions.RayTaskError)
        is_broken = is_ours or getattr(error, "actor_init_failed", False)
        if is_broken or self._num_failed_starts >= _MAX_FAILED_STARTS * len(self._slots):
            told = str(error).strip().rpartition("\n")[2]
            raise SetupError(
                f"nothing can run in the cluster: {told}",
                "docextract with the extra [ray] must be installed on every machine of it.",
            ) from error

    def _tell_if_waiting(self) -> None:
        now_s = time.monotonic()
        if any(slot.greeting is None for slot in self._slots) or self._waits_since_s is None:
            self._waits_since_s = now_s
        elif now_s - self._waits_since_s >= _LONG_WAIT_S:
            self._waits_since_s = float("inf")
            loading = " or has loaded its model yet" if self._desk is not None else ""
            self._tell(_WAITING.format(loading=loading))

    def _new_slot(self) -> Slot:
        actor = self._make()
        return Slot(actor, actor.greet.remote(), self._max_in_flight)

    def _replace(self, slot: Slot) -> None:
        self._kill(slot)
        self._slots[self._slots.index(slot)] = self._new_slot()

    def _kill(self, slot: Slot) -> None:
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(slot.actor)

    def _kill_all(self) -> None:
        for slot in self._slots:
            self._kill(slot)
        self._slots.clear()


def _believed(told: list[Said] | Refusal, job: Job) -> Iterator[Event]:
    """Yield what came of a job, up to what no sound worker says of its document."""
    if isinstance(told, Refusal):
        raise SetupError(told.message, told.hint)
    for event in told:
        wrong = job.doubt(event.payload) if job.doubt and isinstance(event, Message) else ""
        if wrong:
            hint = HINTS[Reason.WORKER_CRASH]
            yield Failed(job.key, Reason.WORKER_CRASH, f"A worker sent {wrong}.", hint=hint)
            return
        yield replace(event, key=job.key)
