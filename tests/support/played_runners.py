"""Runners in the worker pool's place: events as they are given, and a small cluster."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from docextract.core import ReadOptions
from docextract.workers import Event, Failed, Finished, Job, Tick, WorkerPool


class Played:
    """Yields given events; exceptions among them are raised, and calls made.

    Attributes:
        hurries: what ``is_hurried`` said before each event.
        is_left: whether the generator was closed or came to its end.
    """

    def __init__(self, *events: Event | Exception | Callable[[], object]) -> None:
        self._events = events
        self.hurries: list[bool] = []
        self.is_left = False

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool]
    ) -> Generator[Event, None, None]:
        deque(jobs, maxlen=0)
        try:
            for event in self._events:
                self.hurries.append(is_hurried())
                if isinstance(event, Exception):
                    raise event
                if callable(event):
                    event()
                else:
                    yield event
        finally:
            self.is_left = True


class PlayedCluster:
    """Nodes that each work through jobs in a thread, with a worker process of their own.

    What a node says arrives whenever it arrives. The first job's events come last, when there is
    nothing else to do for now, as from a node that everybody had given up.

    Args:
        num_nodes: how many jobs run at a time.
        limits: of each node's worker.

    Attributes:
        ended: keys, in the order in which their last events came.
    """

    def __init__(self, num_nodes: int, limits: ReadOptions) -> None:
        self._num_nodes = max(2, num_nodes)
        self._limits = limits
        self._is_left = threading.Event()
        self._first: Job | None = None
        self._num_running = 0
        self.ended: list[Any] = []

    def __enter__(self) -> PlayedCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_left.set()

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool] = lambda: False
    ) -> Generator[Event, None, None]:
        """Yield what a ``WorkerPool`` yields, in another order."""
        told: queue.SimpleQueue[Event] = queue.SimpleQueue()
        with ThreadPoolExecutor(self._num_nodes) as nodes:
            try:
                for event in self._first_last(self._gathered(iter(jobs), nodes, told, is_hurried)):
                    if isinstance(event, Finished | Failed):
                        self.ended.append(event.key)
                    yield event
            finally:
                self._is_left.set()

    def _gathered(
        self,
        feed: Iterator[Job | None],
        nodes: ThreadPoolExecutor,
        told: queue.SimpleQueue[Event],
        is_hurried: Callable[[], bool],
    ) -> Iterator[Event]:
        is_fed_up = False
        while self._num_running or not is_fed_up:
            while self._num_running < self._num_nodes and not is_fed_up:
                job = next(feed, self)
                is_fed_up = job is self
                if not isinstance(job, Job):
                    break
                self._first = self._first or job
                nodes.submit(self._work, job, told)
                self._num_running += 1
            try:
                event = told.get(timeout=0.01 if is_hurried() else 0.2)
            except queue.Empty:
                event = Tick()
            self._num_running -= isinstance(event, Finished | Failed)
            yield event

    def _first_last(self, events: Iterator[Event]) -> Iterator[Event]:
        """Yield events, those of the first job when all others have come."""
        held: list[Event] = []
        for event in events:
            is_first = self._first is not None and getattr(event, "key", None) is self._first.key
            if is_first:
                held.append(event)
            else:
                yield event
            if isinstance(event, Tick) and not self._num_running:
                yield from held
                held.clear()
        yield from held

    def _work(self, job: Job, told: queue.SimpleQueue[Event]) -> None:
        with WorkerPool(1, self._limits) as pool:
            for event in pool.run([job]):
                if self._is_left.is_set():
                    return
                if not isinstance(event, Tick):
                    told.put(event)
