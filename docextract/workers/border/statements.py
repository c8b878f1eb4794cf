"""What a worker's frames mean for the job it does, where they mean anything at all.

Knows nothing of processes or deadlines. A worker may have been taken over by the file it reads:
what it says must name this job, be of the types that the job's function announces, and pass the
job's own test; anything else costs that worker and its document.
"""

from __future__ import annotations

import importlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from docextract.core import HINTS, Reason
from docextract.workers.border.frames import Frame
from docextract.workers.border.leaves import Plan, ProtocolError
from docextract.workers.border.plain import plan_of
from docextract.workers.events import Event, Failed, Finished, Job, Message

READY = "ready"
"""Said once, before any job."""

_MAX_TEXT = 20_000
_KINDS = frozenset({"message", "finished", "failed", "setup"})
_NOT_FOR_WORKERS = frozenset({Reason.DUPLICATE, Reason.INTERRUPTED})
"""Reasons that are the run's to find."""


@dataclass(frozen=True, slots=True)
class SetupClaim:
    """A worker says that this machine lacks something, so that no document can be read."""

    message: str
    hint: str


class Hearing:
    """Understands what is said of one job.

    Args:
        job: what is being done.
        max_messages: more of them are a flood.

    Attributes:
        token: names the job to the worker; nobody can know it before the job is given.
    """

    def __init__(self, job: Job, max_messages: int) -> None:
        self.token = secrets.token_hex(8)
        self._job = job
        self._num_left = max_messages
        self.is_over = False

    def understand(self, frame: Frame) -> Event | SetupClaim:
        """Return what a frame says.

        Raises:
            ProtocolError: nothing that this job could say.
        """
        tree = frame.tree
        if not isinstance(tree, list) or len(tree) < 2 or tree[0] != self.token:
            raise ProtocolError("a worker spoke of another job")
        kind, said = tree[1], tree[2:]
        if type(kind) is not str or kind not in _KINDS or self.is_over:
            raise ProtocolError("a worker made a statement of no known kind")
        if kind == "message":
            return self._message(said, frame)
        self.is_over = True
        if kind == "finished":
            _require_length(said, 0)
            return Finished(self._job.key)
        return self._failed(said) if kind == "failed" else _claim(said)

    def _message(self, said: list[Any], frame: Frame) -> Message:
        self._num_left -= 1
        if self._num_left < 0:
            raise ProtocolError("a worker does not stop talking")
        _require_length(said, 1)
        payload = _plan(self._job.yields or self._job.function)(said[0], frame.buffers)
        wrong = self._job.doubt(payload) if self._job.doubt else ""
        if wrong:
            raise ProtocolError(f"a worker sent {wrong}")
        return Message(self._job.key, payload)

    def _failed(self, said: list[Any]) -> Failed:
        kinds = tuple[Reason, str, str, int | None, str | None]
        reason, message, detail, page, hint = plan_of(kinds)(said, ())
        if reason in _NOT_FOR_WORKERS:
            raise ProtocolError(f"a worker said {reason}")
        texts = (message[:_MAX_TEXT], detail[:_MAX_TEXT])
        hint = (hint or HINTS[reason])[:_MAX_TEXT]
        return Failed(self._job.key, reason, *texts, page, hint)


def is_ready(frame: Frame) -> bool:
    """Return whether a worker says that it has started."""
    return bool(frame.tree == [READY])


def _claim(said: list[Any]) -> SetupClaim:
    message, hint = plan_of(tuple[str, str])(said, ())
    return SetupClaim(message[:_MAX_TEXT], hint[:_MAX_TEXT])


def _require_length(said: list[Any], length: int) -> None:
    if len(said) != length:
        raise ProtocolError(f"a worker said {len(said)} things where {length} are said")


@lru_cache(maxsize=64)
def _plan(function: str) -> Plan:
    """Return the plan of what a job's function announces that it yields."""
    module, _, name = function.partition(":")
    announced = get_type_hints(getattr(importlib.import_module(module), name))["return"]
    (kind,) = get_args(announced)[:1]
    return plan_of(kind)
