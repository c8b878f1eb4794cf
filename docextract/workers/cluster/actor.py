"""Runs jobs on a machine of the cluster, one at a time, in a worker process under limits.

Knows nothing of Ray, whose process it lives in, nor of the other machines. A document that kills
its worker kills no actor.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import platform
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from docextract.core import Document, ReadOptions, SetupError, __version__
from docextract.workers.border.scratch import Scratch
from docextract.workers.cluster.freight import home_of, located, unload
from docextract.workers.events import Failed, Finished, Job, Message, Tick
from docextract.workers.pool import WorkerPool

Said = Message | Finished | Failed
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
        self._holder = Scratch()
        self._folder = self._holder.path
        unload(files, self._folder)

    def close(self) -> None:
        """End its worker and remove its files; a killed actor's worker dies with it."""
        self._pool.close()
        self._holder.remove()

    def greet(self) -> Greeting:
        """Say that work can come."""
        return Greeting(__version__, platform.node())

    def run(self, job: Job) -> bytes:
        """Return all events of a job, or why nothing can run here; see ``opened``."""
        try:
            told = list(self._pool.run([self._located(job)]))
        except SetupError as error:
            return _closed(Refusal(str(error), error.hint))
        events = [event for event in told if not isinstance(event, Tick)]
        return _closed(events, home_of(job))

    def _located(self, job: Job) -> Job:
        otherwise = job.otherwise and self._located(job.otherwise)
        trial = job.trial and self._located(job.trial)
        args = located(job.args, self._folder)
        return replace(job, args=args, otherwise=otherwise, trial=trial)


def _closed(told: list[Said] | Refusal, home: bytes = b"") -> bytes:
    """Return an answer in which each document lies where it lay before it was sent."""

    def at_home(document: Document) -> tuple[type[Document], tuple[Any, ...]]:
        values = {field.name: getattr(document, field.name) for field in fields(document)}
        return Document, tuple((values | {"spooled": home}).values())

    body = io.BytesIO()
    pickler = pickle.Pickler(body, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {**copyreg.dispatch_table, Document: at_home}
    pickler.dump(told)
    return zlib.compress(body.getbuffer(), _FASTEST)


def opened(answer: bytes) -> list[Said] | Refusal:
    """Return what ``JobActor.run`` had to say; the cluster is trusted, as its machines are ours."""
    told: list[Said] | Refusal = pickle.loads(zlib.decompress(answer))
    return told
