"""Measures what it costs to read documents in worker processes instead of in this one.

Knows nothing of engines or stores: pages are opened, drawn and handed over, nothing is asked.
Run: ``python benchmarks/isolation.py [FILES...] [--rounds 5]``. Both arms read the same healthy
files with pixels, in turn, so that a busy machine slows both; the best round of each counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from docextract.batch.summary import peak_memory_mib
from docextract.core import Document, Page, ReadOptions
from docextract.documents.opening import open_document
from docextract.workers import Failed, Job, Message, WorkerPool

FIXTURES = Path(__file__).parent.parent / "fixtures"
OPTIONS = ReadOptions()
OPEN = "docextract.documents.opening:open_job"


UNREAD = frozenset({"broken", "scans"})
"""Folders left out: damaged files, and scans, whose OCR takes seconds in both arms alike."""


def find_documents(paths: Sequence[str]) -> list[Document]:
    """Return the PDFs named, or those of the fixtures that are whole."""
    files = [Path(path) for path in paths] or [
        path for path in sorted(FIXTURES.rglob("*.pdf")) if path.parent.name not in UNREAD
    ]
    return [
        Document(str(path), os.fsencode(path), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in files
    ]


def read_here(documents: Sequence[Document]) -> Iterator[Page]:
    """Yield the pages, read in this process."""
    for document in documents:
        for part in open_document(document, OPTIONS, with_images=True):
            if isinstance(part, Page):
                yield part


def read_in(pool: WorkerPool, documents: Sequence[Document]) -> Iterator[Page]:
    """Yield the pages, read in a worker."""
    for event in pool.run(Job(OPEN, (item, OPTIONS, True), item.path) for item in documents):
        if isinstance(event, Failed):
            raise SystemExit(f"{event.key}: {event.message}")
        if isinstance(event, Message) and isinstance(event.payload, Page):
            yield event.payload


class Measured(NamedTuple):
    """One round of one arm; CPU seconds are those of this process and its workers."""

    wall_s: float
    cpu_s: float
    num_pages: int
    num_bytes: int


def measure(read: Callable[[], Iterator[Page]]) -> Measured:
    """Read everything once."""
    start_s, cpu_s, num_pages, num_bytes = time.perf_counter(), used_cpu_s(), 0, 0
    for page in read():
        num_pages += 1
        num_bytes += len(page.image or b"")
    return Measured(time.perf_counter() - start_s, used_cpu_s() - cpu_s, num_pages, num_bytes)


def used_cpu_s() -> float:
    """Return the CPU seconds of this process and of the workers alive."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return float(sum(item.user + item.system for item in times))


def main() -> None:
    """Measure both arms in turn and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    documents = find_documents(options.files)
    here, there = [], []
    with WorkerPool(1, OPTIONS) as pool:
        start = measure(lambda: read_in(pool, documents[:1]))
        measure(lambda: read_here(documents[:1]))
        for _ in range(options.rounds):
            here.append(measure(lambda: read_here(documents)))
            there.append(measure(lambda: read_in(pool, documents)))
    assert here[0][2:] == there[0][2:], "both arms must read the same pages"
    print(json.dumps(summary(len(documents), here, there) | {"start_s": round(start.wall_s, 2)}))


def summary(num_documents: int, here: list[Measured], there: list[Measured]) -> dict[str, object]:
    """Return the best round of each arm, by wall clock and by CPU time."""
    num_pages = here[0].num_pages
    found: dict[str, object] = {
        "documents": num_documents,
        "pages": num_pages,
        "mib_of_pixels": round(here[0].num_bytes / 2**20),
    }
    for clock in ("wall_s", "cpu_s"):
        in_process, isolated = (min(getattr(row, clock) for row in arm) for arm in (here, there))
        found |= {
            f"in_process_{clock[:-2]}_ms_per_page": round(1000 * in_process / num_pages, 1),
            f"isolated_{clock[:-2]}_ms_per_page": round(1000 * isolated / num_pages, 1),
            f"{clock[:-2]}_ratio": round(isolated / in_process, 2),
        }
    found["peak_memory_mib"] = peak_memory_mib()
    return found


if __name__ == "__main__":
    main()
