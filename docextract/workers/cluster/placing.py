"""How many actors a cluster gets, what each holds of a machine, and what each is doing.

Knows nothing of how jobs are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docextract.workers.events import Job

_MAX_CORES = 8
"""Of a machine with GPUs, beside each: more workers read more than a model answers about."""


@dataclass(slots=True)
class Sent:
    """A job that is to be done, and how many actors died while they held it."""

    job: Job
    num_losses: int = 0


@dataclass(slots=True, eq=False)
class Slot:
    """An actor, the greeting it owes before it gets work, and that work, oldest first.

    Attributes:
        max_jobs: that it holds.
    """

    actor: Any
    greeting: Any
    max_jobs: int
    work: dict[Any, Sent] = field(default_factory=dict)

    @property
    def refs(self) -> list[Any]:
        """What is waited for."""
        return list(self.work) if self.greeting is None else [self.greeting]

    @property
    def has_room(self) -> bool:
        """Whether it may get a job: an actor without a machine would keep it for ever.

        What was at work when an actor died is done alone: only so the one that killed it is known.
        """
        is_shared = not any(sent.num_losses for sent in self.work.values())
        return self.greeting is None and is_shared and len(self.work) < self.max_jobs


@dataclass(frozen=True, slots=True)
class Shape:
    """What one actor holds of its machine, and how many fill the cluster as it is."""

    num_cores: int
    num_gpus: int
    num_actors: int

    def __str__(self) -> str:
        cores = f"{self.num_cores} core{'s' * (self.num_cores > 1)}"
        return f"a GPU and {cores}" if self.num_gpus else cores


def shape_of(nodes: Iterable[Mapping[str, Any]], has_model: bool) -> Shape:
    """Return what actors hold: a core each, or a GPU each with its share of the cores beside it.

    Args:
        nodes: of the cluster, as Ray lists them.
        has_model: whether an actor holds a model; one without leaves GPUs alone.
    """
    living = [node["Resources"] for node in nodes if node["Alive"]]
    with_gpu = [it for it in living if it.get("GPU", 0) >= 1] if has_model else []
    if not with_gpu:
        return Shape(1, 0, max(1, sum(int(it.get("CPU", 0)) for it in living)))
    cores = min(int(it.get("CPU", 0) // it["GPU"]) for it in with_gpu)
    num_cores = max(1, min(_MAX_CORES, cores))
    return Shape(num_cores, 1, sum(int(it["GPU"]) for it in with_gpu))
