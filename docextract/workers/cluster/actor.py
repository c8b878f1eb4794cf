"""Runs jobs on a machine of the cluster, in worker processes under limits.

Knows nothing of Ray, whose process it lives in, nor of the other machines. A document that kills
its worker kills no actor. Where a ``Desk`` stands beside the workers, jobs come side by side.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import pkgutil
import platform
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

from docextract.core import Document, ReadOptions, Scratch, SetupError, __version__
from docextract.workers.cluster.freight import home_of, located, unload
from docextract.workers.events import Failed, Finished, Job, Message, Tick
from docextract.workers.pool import WorkerPool

Said = Message | Finished | Failed
_FASTEST = 1
"""Level of zlib: a record of 40 KB becomes 6 in a third of a millisecond."""


class Desk(Protocol):
    """Does more within an actor with what its workers read, such as asking a model.

    Attributes:
        said: what it is, as ``DeskPlan.said``.
    """

    @property
    def said(self) -> Any:
        """What it is."""

    def run(self, job: Job) -> list[Said]:
        """Return all that comes of a job; several threads may call it."""

    def close(self) -> None:
        """Leave what is at work."""


_JOBS_OF_DESK = 16
"""About as many documents as a GPU answers about at once."""


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """The desk that every actor of a run has.

    Attributes:
        made_by: what returns it, as ``package.module:name``; called with the actor's pool and
            ``args``.
        args: paths of a ``Freight`` among them are put right.
        said: what every one of them must say that it is: a dataclass.
        num_jobs: how many jobs it holds side by side.
    """

    made_by: str
    args: tuple[Any, ...]
    said: Any
    num_jobs: int = _JOBS_OF_DESK

    def misfit(self, said: Any) -> str:
        """Return in what a desk is another one than it should be; empty if in nothing."""
        other = {it.name: getattr(said, it.name, None) for it in fields(self.said)}
        return ", ".join(
            f"{name} {found} instead of {wanted}"
            for name, found in other.items()
            if found != (wanted := getattr(self.said, name))
        )


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a machine says of itself before it gets work."""

    version: str
    host: str
    said: Any = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing can run on a machine, or it lacks a dependency."""

    message: str
    hint: str


class JobActor:
    """One place where jobs run.

    Args:
        limits: of its workers.
        files: what all jobs need; see ``Freight``.
        num_workers: of them.
        plan: of its desk; None where what workers say is all.
    """

    def __init__(
        self,
        limits: ReadOptions,
        files: Mapping[str, bytes],
        num_workers: int = 1,
        plan: DeskPlan | None = None,
    ) -> None:
        self._pool = WorkerPool(num_workers, limits)
        self._scratch = Scratch()
        unload(files, self._scratch.path)
        self._desk: Desk | None = None
        self._refusal: Refusal | None = None
        try:
            self._desk = None if plan is None else self._made(plan)
        except SetupError as error:
            self._refusal = Refusal(f"{platform.node()}: {error}", error.hint)

    def close(self) -> None:
        """End its workers and remove its files; a killed actor's workers die with it."""
        if self._desk is not None:
            self._desk.close()
        self._pool.close()
        self._scratch.remove()

    def greet(self) -> Greeting | Refusal:
        """Say that work can come, or why it cannot."""
        said = None if self._desk is None else self._desk.said
        return self._refusal or Greeting(__version__, platform.node(), said)

    def run(self, job: Job) -> bytes:
        """Return all events of a job, or why nothing can run here; see ``opened``."""
        own = self._located(job)
        try:
            told = self._desk.run(own) if self._desk else list(self._pool.run([own]))
        except SetupError as error:
            return _closed(Refusal(str(error), error.hint))
        events = [event for event in told if not isinstance(event, Tick)]
        return _closed(events, home_of(job))

    def _made(self, plan: DeskPlan) -> Desk:
        desk: Desk = pkgutil.resolve_name(plan.made_by)(
            self._pool, *located(plan.args, self._scratch.path)
        )
        return desk

    def _located(self, job: Job) -> Job:
        otherwise = job.otherwise and self._located(job.otherwise)
        trial = job.trial and self._located(job.trial)
        args = located(job.args, self._scratch.path)
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
