"""The sandbox: processes that do one job at a time under limits, and survive nothing.

Inside: jobs, their events and the one loop over them (``events``), the ``pool``, how one of its
processes is started (``processes``), the ``border`` between both sides, the ``worker``'s own side,
the machine's ``cores`` and the ``signals`` that end a run. In flow jobs and a sink, to which their
events are handed. Knows nothing of documents; may import ``core`` alone.
"""

from __future__ import annotations

from docextract.workers.events import (
    Event,
    EventSink,
    Failed,
    Finished,
    Job,
    Message,
    Runner,
    Tick,
    drive,
    messages_of,
)
from docextract.workers.host.cores import num_usable_cores
from docextract.workers.pool import WorkerPool
from docextract.workers.processes.nursery import peak_worker_bytes
from docextract.workers.signals import Interrupted, OutOfTimeError, Stop, noted_signals

__all__ = [
    "Event",
    "EventSink",
    "Failed",
    "Finished",
    "Interrupted",
    "Job",
    "Message",
    "OutOfTimeError",
    "Runner",
    "Stop",
    "Tick",
    "WorkerPool",
    "drive",
    "messages_of",
    "noted_signals",
    "num_usable_cores",
    "peak_worker_bytes",
]
