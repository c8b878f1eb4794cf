"""Runs jobs on a machine of the cluster, one at a time, in a worker process under limits.

Knows nothing of Ray, whose process it lives in, nor of the other machines. A document that kills
its worker kills no actor.
"""

from __future__ import annotations

import pickle
import platform
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from docextract.core import ReadOptions, SetupError, __version__
from docextract.workers.cluster.freight import located, unload
from docextract.workers.events import Event, Job, Tick
from docextract.workers.pool import WorkerPool

_FASTEST = 1
"""Level of zlib: a record of 40 KB becomes 6 in a third of a millisecond."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a machine says of itself before it gets work."""

    version: str
    host: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing can run on a machine, or it lacks a dependency."""

    message: str
    hint: str


class JobActor:
    """One place where jobs run.

    Args:
        limits: of its worker.
        files: what all jobs need; see ``Freight``.
    """

    def __init__(self, limits: ReadOptions, files: Mapping[str, bytes]) -> None:
        self._pool = WorkerPool(1, limits)
        self._holder = TemporaryDirectory(prefix="docextract-")
        self._folder = Path(self._holder.name)
        unload(files, self._folder)

    def greet(self) -> Greeting:
        """Say that work can come."""
        return Greeting(__version__, platform.node())

    def run(self, job: Job) -> bytes:
        """Return all events of a job, or why nothing can run here; see ``opened``."""
        try:
            told = list(self._pool.run([self._located(job)]))
        except SetupError as error:
            return _closed(Refusal(str(error), error.hint))
        return _closed([event for event in told if not isinstance(event, Tick)])

    def _located(self, job: Job) -> Job:
        otherwise = job.otherwise and self._located(job.otherwise)
        return replace(job, args=located(job.args, self._folder), otherwise=otherwise)


def _closed(told: list[Event] | Refusal) -> bytes:
    return zlib.compress(pickle.dumps(told, pickle.HIGHEST_PROTOCOL), _FASTEST)


def opened(answer: bytes) -> list[Event] | Refusal:
    """Return what ``JobActor.run`` had to say; the cluster is trusted, as its machines are ours."""
    told: list[Event] | Refusal = pickle.loads(zlib.decompress(answer))
    return told
