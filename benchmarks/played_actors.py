"""Measures the driver's own ceiling: very many documents through it, with played workers.

Knows nothing of reading: a worker gives back at once one real record, as pickled, under the name
of each document. What is left is a run's own work: discovery, hashing, claims, the loop, the store,
the exports. Run: ``python benchmarks/played_actors.py [--count 100000] [--schema invoice]``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import pickle
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import psutil
from scale import write_bills

import docextract.batch.runner as run_room
from docextract.core import Document, EngineInfo, ReadOptions, Record, RunOptions
from docextract.documents.discovery.discover import Discovery
from docextract.engine import EngineChoice
from docextract.pipeline.worker_task import Task, record
from docextract.workers import Event, Finished, Job, Message, Tick

_NUM_SAMPLES = 10


class PlayedActors:
    """Stands in the worker pool's place and answers each job at once.

    Attributes:
        samples: (records given, MiB of this process), ten of them.
        ended_s: when the last was given.
    """

    def __init__(self, packed: bytes, count: int) -> None:
        self._packed = packed
        self._every = max(1, count // _NUM_SAMPLES)
        self._process = psutil.Process()
        self.samples: list[tuple[int, float]] = []
        self.begun_s = self.ended_s = time.monotonic()

    def __call__(self, num_workers: int, limits: ReadOptions) -> Self:
        """Be made as a pool is."""
        return self

    def __enter__(self) -> Self:
        self.begun_s = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended_s = time.monotonic()

    def run(
        self, jobs: Iterable[Job | None], is_hurried: Callable[[], bool] = lambda: False
    ) -> Generator[Event, None, None]:
        """Yield for each job its record, unpickled as from a worker, and its end."""
        num_given = 0
        for job in jobs:
            if job is None:
                yield Tick()
                continue
            found: Record = pickle.loads(self._packed)
            yield Message(job.key, replace(found, document=job.key))
            yield Finished(job.key)
            num_given += 1
            if num_given % self._every == 0:
                self.samples.append((num_given, self._process.memory_info().rss / 2**20))


class Quiet:
    """A reporter that tells nobody."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **kwargs: None


def real_record(schema: str, document: Document) -> Record:
    """Return what the text engine says of a document."""
    choice = EngineChoice("text")
    today = dt.datetime.now(dt.UTC).date()
    task = Task(schema, choice, ReadOptions(), "0" * 16, today, info=EngineInfo("text"))
    return next(it for it in record(document, task, {}) if isinstance(it, Record))


def main() -> None:
    """Run once with played workers and print records a second and memory by tenths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--schema", default="invoice_number, total: money")
    parser.add_argument("--like", type=Path, help="give the record of this document for each")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder if not said")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        inputs, out = Path(name) / "in", Path(name) / "out"
        write_bills(inputs, args.count)
        like = args.like or next(inputs.rglob("*.pdf"))
        found = next(iter(Discovery([str(like)]))).document
        packed = pickle.dumps(real_record(args.schema, found), pickle.HIGHEST_PROTOCOL)
        actors: Any = PlayedActors(packed, args.count)
        quiet: Any = Quiet()
        vars(run_room)["WorkerPool"] = actors
        options = RunOptions((str(inputs),), args.schema, out, "text", num_workers=1)
        start_s, cpu_s = time.monotonic(), time.process_time()
        summary = run_room.run_batch(options, quiet)
        whole_s, cpu_s = time.monotonic() - start_s, time.process_time() - cpu_s
        store = out / ".docextract" / "store.sqlite"
        loop_s = actors.ended_s - actors.begun_s
        print(
            f"{args.count} records of {len(packed)} B pickled: {args.count / loop_s:.0f} records/s "
            f"in the loop, {args.count / whole_s:.0f}/s with the exports, "
            f"{1000 * cpu_s / args.count:.2f} ms CPU a record; counts {dict(summary.counts)}"
        )
        print("MiB by tenths:", *(f"{mib:.0f}" for _, mib in actors.samples))
        print(f"store {store.stat().st_size / args.count:.0f} B a record")


if __name__ == "__main__":
    main()
