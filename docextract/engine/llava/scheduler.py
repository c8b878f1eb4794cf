"""Runs requests through slots: how many at once, and fewer when the device runs out of memory.

Knows nothing of schemas or JSON; requests in, finished rows out, in order.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from docextract.engine.llava.batch import Batch, Request
from docextract.engine.llava.forward import LanguageModel
from docextract.engine.llava.prefixes import PrefixStore
from docextract.engine.llava.row import Row
from docextract.engine.llava.slots import CacheShape
from docextract.errors import EngineError, Reason

_LOG = logging.getLogger(__name__)
_MAX_SLOTS = 32
"""Twice as many would give 14 % more pages of a 7B model in 16 bit, by arithmetic on one H200."""
_CPU_SLOTS = 4
_SHARE_FOR_SLOTS = 0.7
_SHARE_FOR_PREFIXES = 0.1
_CPU_PREFIX_BYTES = 256 * 2**20


class Scheduler:
    """Answers requests, several at once.

    Attributes:
        num_halvings: how often the slots were halved because memory ran out.
        num_slots: answers at once, None until memory decides or where it was given.
    """

    def __init__(self, model: Any, num_slots: int | None = None) -> None:
        """Take a transformers model.

        Args:
            model: an image-text-to-text model in eval mode.
            num_slots: answers decoded at once; by default what fits into free memory.
        """
        self.model = LanguageModel(model)
        self.num_slots = num_slots
        self.num_halvings = 0
        self._prefixes = PrefixStore(self._prefix_bytes())

    def run(self, requests: Sequence[Request]) -> list[Row | EngineError]:
        """Return the finished row of each request, in order, or why there is none."""
        import torch

        done: dict[int, Row | EngineError] = {}
        with torch.inference_mode():
            while len(done) < len(requests):
                waiting = [index for index in range(len(requests)) if index not in done]
                batch = Batch(self.model, self._prefixes, partial(self._fit_slots, len(waiting)))
                told = None
                try:
                    batch.run(requests, waiting)
                except torch.OutOfMemoryError as error:
                    told = str(error)
                done |= batch.done
                if told is not None:
                    num_slots, at_work = batch.num_slots, batch.last_admitted
                    del batch
                    if num_slots <= 1 and at_work is not None:
                        done[at_work] = EngineError(Reason.OUT_OF_MEMORY, told)
                    self._halve(num_slots)
        return [done[index] for index in range(len(requests))]

    def close(self) -> None:
        """Drop what was kept of pages."""
        self._prefixes.clear()

    def _halve(self, num_slots: int) -> None:
        """Go on with half the slots, one at least, and nothing kept of pages."""
        import torch

        self._prefixes.clear()
        # Only after the failed pass is left do its tensors count as free.
        torch.cuda.empty_cache()
        if num_slots <= 1:
            return
        self.num_slots = num_slots // 2
        self.num_halvings += 1
        _LOG.warning(
            "out of memory with %d pages at once; going on with %d", num_slots, self.num_slots
        )

    def _fit_slots(self, num_waiting: int, shape: CacheShape, length: int) -> int:
        """Return how many slots of a length to make for so many requests."""
        if self.num_slots is not None:
            return min(self.num_slots, num_waiting)
        if not self.model.has_static_shapes:
            return min(_CPU_SLOTS, num_waiting)
        room = _free_bytes(self.model.device) * _SHARE_FOR_SLOTS
        return max(1, min(_MAX_SLOTS, num_waiting, int(room / (shape.token_bytes * length))))

    def _prefix_bytes(self) -> int:
        if not self.model.has_static_shapes:
            return _CPU_PREFIX_BYTES
        return int(_free_bytes(self.model.device) * _SHARE_FOR_PREFIXES)


def _free_bytes(device: Any) -> int:
    """Return what a CUDA device has left, counting what torch holds but does not use."""
    import torch

    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(torch.cuda.mem_get_info(device)[0]) + int(held)
