"""A worker pool that works in the test's own process, where faults can be planted."""

from __future__ import annotations

import importlib
from dataclasses import replace

from docextract.core import DocumentError
from docextract.workers.events import Failed, Finished, Message


def _received(payload):
    """Return a payload as the other process would: pixels cross the border as bytes."""
    image = getattr(payload, "image", None)
    return payload if image is None else replace(payload, image=bytes(image))


class InlinePool:
    """Runs each job to its end before the next is pulled, without limits."""

    def __init__(self, num_workers, limits):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, jobs, is_hurried=lambda: False):
        """Yield what a ``WorkerPool`` yields."""
        for job in jobs:
            module, _, name = job.function.partition(":")
            try:
                for payload in getattr(importlib.import_module(module), name)(*job.args):
                    yield Message(job.key, _received(payload))
            except DocumentError as error:
                yield Failed(job.key, error.reason, str(error), page=error.page)
            else:
                yield Finished(job.key)
