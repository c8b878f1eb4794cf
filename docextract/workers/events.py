"""What a worker pool is given and what it tells back: jobs, and the events of each.

Knows nothing of processes, nor of what a job does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docextract.errors import Reason


@dataclass(frozen=True, slots=True)
class Job:
    """A call that runs in a worker: a generator function named ``package.module:name``.

    Attributes:
        function: what is called.
        args: with what.
        key: comes back with every event; it never leaves this process.
        otherwise: what is tried once in its place if it crashes, hangs or runs out of memory;
            its messages then begin anew.
        failed: how the job failed that this one is tried in the place of.
        is_repeated: whether it was interrupted from outside once already.
    """

    function: str
    args: tuple[Any, ...]
    key: Any
    otherwise: Job | None = None
    failed: Failed | None = None
    is_repeated: bool = False


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
