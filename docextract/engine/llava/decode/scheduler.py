"""Runs requests through slots: how many at once, and fewer when the device runs out of memory.

Knows nothing of schemas or JSON; requests in, finished rows out.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from docextract.core import EngineError, Reason
from docextract.engine.llava.decode.batch import Batch, Request
from docextract.engine.llava.decode.sequence import Row
from docextract.engine.llava.forward.captured_step import CapturedSteps
from docextract.engine.llava.forward.kv_cache import CacheShape
from docextract.engine.llava.forward.model_runner import LanguageModel
from docextract.engine.llava.forward.prefix_cache import PrefixStore

_LOG = logging.getLogger(__name__)
_MAX_SLOTS = 32
"""Twice as many would give 14 % more pages of a 7B model in 16 bit, by arithmetic on one H200."""
_CPU_SLOTS = 4
_SHARE_FOR_SLOTS = 0.7
"""Of free memory, at most."""
_SHARE_IN_ALL = 0.8
"""What slots leave of it is for pages read before: a closer look comes when about as many pages
were read after its own as there are slots."""
_CPU_PREFIX_BYTES = 3 * 2**29
"""Five A4 pages of a 7B model in 16 bit, one more than slots."""


class Scheduler:
    """Makes room for requests on one model's device.

    Attributes:
        num_halvings: how often the slots were halved because memory ran out.
        num_slots: answers at once, None until memory decides or where it was given.
    """

    def __init__(
        self, model: Any, num_slots: int | None = None, captured: CapturedSteps | None = None
    ) -> None:
        """Take a transformers model.

        Args:
            model: an image-text-to-text model in eval mode.
            num_slots: answers decoded at once; by default what fits into free memory.
            captured: takes recordings of steps; None runs each step by Python.
        """
        self.model = LanguageModel(model, captured)
        self.num_slots = num_slots
        self.num_halvings = 0
        self._prefixes = PrefixStore(_CPU_PREFIX_BYTES)

    def begin(self, most: int | None = None) -> Decoding:
        """Return a place where requests are decoded.

        Args:
            most: how many there will be, where that is known.
        """
        return Decoding(self, partial(self._begin_batch, most))

    def close(self) -> None:
        """Drop what was kept of pages."""
        self._prefixes.clear()

    def halve(self, num_slots: int) -> None:
        """Go on with half the slots, one at least, and nothing kept of pages."""
        import torch

        self._prefixes.clear()
        self._prefixes.max_bytes //= 2
        if self.model.captured is not None:
            self.model.captured.forget()
        # Only after the failed pass is left do its tensors count as free.
        torch.cuda.empty_cache()
        if num_slots <= 1:
            return
        self.num_slots = num_slots // 2
        self.num_halvings += 1
        _LOG.warning(
            "out of memory with %d pages at once; going on with %d", num_slots, self.num_slots
        )

    def _begin_batch(self, most: int | None) -> Batch:
        return Batch(self.model, self._prefixes, partial(self._fit_slots, most or _MAX_SLOTS))

    def _fit_slots(self, most: int, shape: CacheShape, length: int) -> int:
        """Return how many slots of a length to make for so many requests."""
        if not self.model.has_static_shapes:
            return min(self.num_slots or _CPU_SLOTS, most)
        slot_bytes = shape.token_bytes * length
        free = _free_bytes(self.model.device) + self._prefixes.num_bytes
        fitting = min(_MAX_SLOTS, int(free * _SHARE_FOR_SLOTS / slot_bytes))
        num_slots = max(1, min(self.num_slots or fitting, most))
        if not self.num_halvings:
            self._prefixes.max_bytes = max(0, int(free * _SHARE_IN_ALL) - num_slots * slot_bytes)
        return num_slots


class Decoding:
    """Requests decoded side by side; more may be added between steps.

    Args:
        scheduler: is told when memory runs out.
        begin_batch: returns empty slots.
    """

    def __init__(self, scheduler: Scheduler, begin_batch: Callable[[], Batch]) -> None:
        self._scheduler = scheduler
        self._begin_batch = begin_batch
        self._batch: Batch | None = None
        self._open: dict[int, Request] = {}
        self._waiting: deque[int] = deque()
        self._num_added = 0

    @property
    def num_open(self) -> int:
        """How many requests have no row yet."""
        return len(self._open)

    @property
    def num_waiting(self) -> int:
        """How many of them have no slot yet."""
        return len(self._waiting)

    def add(self, request: Request, *, is_next: bool = False) -> int:
        """Let a request wait for a slot, perhaps for the next one, and return its index."""
        index, self._num_added = self._num_added, self._num_added + 1
        self._open[index] = request
        if is_next:
            self._waiting.appendleft(index)
        else:
            self._waiting.append(index)
        return index

    def step(self) -> dict[int, Row | EngineError]:
        """Fill free slots, feed all rows once, and return what ended, by index."""
        import torch

        batch = self._batch = self._batch or self._begin_batch()
        told = None
        with torch.inference_mode():
            try:
                batch.step(self._open, self._waiting)
            except torch.OutOfMemoryError as error:
                told = str(error)
        done = batch.take_done()
        if told is not None:
            num_slots, at_work = batch.num_slots, batch.last_admitted
            self._batch = None
            del batch
            if num_slots <= 1 and at_work is not None:
                done[at_work] = EngineError(Reason.OUT_OF_MEMORY, told)
            self._scheduler.halve(num_slots)
            self._waiting = deque(index for index in self._open if index not in done)
        for index in done:
            del self._open[index]
        return done


def _free_bytes(device: Any) -> int:
    """Return what a CUDA device has left, counting what torch holds but does not use."""
    import torch

    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + int(held)
