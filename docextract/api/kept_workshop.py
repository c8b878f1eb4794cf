"""Keeps the workers of one call of ``extract`` warm for the next, for a few seconds.

Knows nothing of documents. One workshop is kept a process; threads share it, a forked process has
none of its parent's.
"""

from __future__ import annotations

import atexit
import os
import sys
from dataclasses import replace
from functools import cache
from threading import Lock
from typing import Any

from docextract.api.reading_plan import ReadingPlan
from docextract.api.workshop import Workshop
from docextract.core import PageSelection, ReadOptions
from docextract.schema.packing import goes_by_name

_IDLE_S = 10.0
"""For longer nobody pays with a process that waits: starting one takes about a second."""


class KeptWorkshop:
    """The workshop that was used last, while it fits and is open."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._fit: tuple[Any, ...] = ()
        self._classes: dict[str, type] = {}
        self._workshop: Workshop | None = None
        self._of_parent: list[Workshop] = []

    def take(self, plan: ReadingPlan, num_workers: int) -> Workshop:
        """Return the workshop for a plan: the one that is there, or a new one in its place.

        Args:
            plan: whose documents are read in the workers to their end.
            num_workers: most worker processes.
        """
        limits = replace(plan.read, pages=PageSelection(), password=None)
        with self._lock:
            there = self._workshop
            if there is None or not self._fits(plan, limits) or not there.stays_open():
                self._replace(Workshop(plan.engine, limits, num_workers, _IDLE_S))
                self._fit, self._classes = _fit(limits), {}
                self._fits(plan, limits)
            assert self._workshop is not None
            return self._workshop

    def _fits(self, plan: ReadingPlan, limits: ReadOptions) -> bool:
        """Whether the workers read as new ones would: where they look for modules, and what for.

        A class that goes by name may have been written anew since they loaded it.
        """
        model = plan.schema.model
        name = f"{model.__module__}.{model.__qualname__}"
        known = self._classes.setdefault(name, model) if goes_by_name(plan.schema) else model
        return known is model and self._fit == _fit(limits)

    def _replace(self, workshop: Workshop | None) -> None:
        if self._workshop is not None:
            self._workshop.close()
        self._workshop = workshop

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            self._replace(None)

    def forget(self) -> None:
        """Leave the workers to the process that this one was forked from."""
        self._lock = Lock()
        if self._workshop is not None:
            # Kept, so that nothing of it is closed here.
            self._of_parent.append(self._workshop)
        self._workshop = None


def _fit(limits: ReadOptions) -> tuple[Any, ...]:
    return (limits, *sys.path)


@cache
def kept_workshop() -> KeptWorkshop:
    """Return what this process keeps."""
    kept = KeptWorkshop()
    atexit.register(kept.close)
    os.register_at_fork(after_in_child=kept.forget)
    return kept
