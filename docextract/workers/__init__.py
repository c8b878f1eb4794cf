"""The sandbox: processes that do one job at a time under limits, and survive nothing.

Inside: the ``pool``, one ``process`` of it, what both sides say (``protocol``, ``events``), the
``worker``'s own side, the machine's ``cores`` and the ``signals`` that end a run. In flow jobs,
out flow their events. Knows nothing of documents; may import the floor alone.
"""

from __future__ import annotations

from docextract.workers.cores import num_usable_cores
from docextract.workers.events import Event, Failed, Finished, Job, Message, Tick
from docextract.workers.pool import WorkerPool
from docextract.workers.signals import Interrupted, Stop, noted_signals

__all__ = [
    "Event",
    "Failed",
    "Finished",
    "Interrupted",
    "Job",
    "Message",
    "Stop",
    "Tick",
    "WorkerPool",
    "noted_signals",
    "num_usable_cores",
]
