"""Plays steps of one cache from recordings: a graph of kernels for each shape, without Python.

Knows nothing of what is decoded, nor of how a step is computed. A recording reads and writes the
same memory each time it is played: what differs from step to step is copied into its inputs first.
Where recording fails, or its first play differs from the step itself, steps are run as ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import Any

_LOG = logging.getLogger(__name__)
_NUM_WARM_UPS = 2
"""Runs before a recording, in which libraries choose and load their kernels (pytorch.org, "CUDA
semantics", CUDA graphs)."""
_TOLERANCE = 0.05
"""Of the largest score, most that a play may differ from the step: 16 bits and other kernels."""

Run = Callable[[Any], Any]
"""Computes a step from one tensor of whole numbers; what it returns is a tensor."""
Record = Callable[[Run, Any], Callable[[], Any]]
"""Records a run over an input that stays where it is, and returns what plays it again."""


class CapturedSteps:
    """Recordings by shape, all over the same cache.

    Attributes:
        is_on: whether recordings are still made; a failure ends it for good.
        num_recorded: how many shapes have one.
    """

    def __init__(self, record: Record | None = None) -> None:
        """Take what records; CUDA graphs if None."""
        self.is_on = True
        self.num_recorded = 0
        self._record = record or _CudaGraphs().record
        self._owner: object = None
        self._known: dict[Hashable, tuple[Any, Callable[[], Any]]] = {}

    def run(self, owner: object, key: Hashable, run: Run, given: Any) -> Any:
        """Return what a step returns; the next one overwrites it.

        Args:
            owner: the memory that recordings read beside their input; another one ends them.
            key: all that changes which kernels run, or their sizes.
            run: the step.
            given: [n] whole numbers, all that differs between steps of a key.
        """
        if owner is not self._owner:
            self.forget()
            self._owner = owner
        if self.is_on and key not in self._known:
            return self._recorded(key, run, given)
        if key not in self._known:
            return run(given)
        held, play = self._known[key]
        held.copy_(given)
        return play()

    def forget(self) -> None:
        """Drop all recordings, and the memory they hold."""
        self._known.clear()
        self._owner = None

    def _recorded(self, key: Hashable, run: Run, given: Any) -> Any:
        """Return the first result of a new recording, or of the step where there is none.

        A step may be run again: it writes the same keys and values to the same places.
        """
        expected = run(given).clone()
        held = given.clone()
        try:
            play = self._record(run, held)
            found = play()
            _check_same(found, expected)
        except (RuntimeError, ValueError) as error:
            _LOG.warning("steps are not recorded: %s", str(error).partition("\n")[0])
            self.is_on = False
            self._known.clear()
            return expected
        self._known[key] = held, play
        self.num_recorded += 1
        return found


def _check_same(found: Any, expected: Any) -> None:
    """Raise where a play gives other scores than the step.

    Raises:
        ValueError: it does.
    """
    most = float(expected.abs().max()) * _TOLERANCE
    if not float((found - expected).abs().max()) <= most:
        raise ValueError("a recording gave other scores than the step itself")


class _CudaGraphs:
    """Records on the current CUDA device; all graphs share one pool of memory."""

    def __init__(self) -> None:
        self._pool: Any = None

    def record(self, run: Run, held: Any) -> Callable[[], Any]:
        """Return what plays a run over ``held``.

        Raises:
            RuntimeError: something in it cannot be recorded.
        """
        import torch

        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for _ in range(_NUM_WARM_UPS):
                run(held)
        torch.cuda.current_stream().wait_stream(beside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            result = run(held)
        self._pool = self._pool or graph.pool()

        def play() -> Any:
            graph.replay()
            return result

        return play
