"""Measures the ``Extractor`` against the command line over the same files, and its memory.

Knows nothing of what the records say. Run: ``python benchmarks/service.py [--times 3]
[--documents 5000]``. Both sides have as many workers and read the 16 invoices of fixtures; each is
timed from its process's start to its end, by turns, and the best time of each counts. Then one
``Extractor`` reads many copies of small PDFs, and the resident memory of its process is shown.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from docextract import Extractor

ROOT = Path(__file__).parent.parent
INVOICES = ROOT / "fixtures" / "invoices"
_LOOP = """
import sys
from pathlib import Path
from pydantic import BaseModel
from docextract import Extractor, load_schema

with Extractor(load_schema("invoice").model, workers=int(sys.argv[2])) as extractor:
    found = list(extractor.extract_many(sorted(Path(sys.argv[1]).iterdir())))
assert sum(result.status == "ok" for result in found) == 16
"""


def seconds(command: list[str]) -> float:
    """Return how long a command takes."""
    start = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.monotonic() - start


def by_turns(times: int, workers: int) -> tuple[float, float]:
    """Return the best seconds of the command line, and of a loop over an ``Extractor``."""
    line, loop = [], []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as out:
            run = [sys.executable, "-m", "docextract", "run", str(INVOICES), "-s", "invoice"]
            line.append(seconds([*run, "-q", "-j", str(workers), "--out", out]))
        loop.append(seconds([sys.executable, "-c", _LOOP, str(INVOICES), str(workers)]))
    return min(line), min(loop)


def copies(count: int) -> Iterator[bytes]:
    """Yield the bytes of small PDFs, each another file."""
    small = sorted((path.read_bytes() for path in INVOICES.glob("*.pdf")), key=len)[:7]
    for number, data in enumerate(itertools.islice(itertools.cycle(small), count)):
        yield data + f"\n% copy {number}\n".encode()


def memory(count: int, workers: int) -> Iterator[tuple[int, float, float, float]]:
    """Yield now and then how many documents were read, MiB here, most in workers, and seconds.

    Workers make room for new ones every few hundred documents, so their most since the last time
    counts.
    """
    process, start, every = psutil.Process(), time.monotonic(), max(1, count // 10)
    most = 0.0
    with Extractor("invoice", workers=workers) as extractor:
        for number, _ in enumerate(extractor.extract_many(copies(count)), start=1):
            most = max(most, sum(map(held, process.children(recursive=True))))
            if number % every == 0:
                yield number, held(process), most, time.monotonic() - start
                most = 0.0


def held(process: psutil.Process) -> float:
    """Return the MiB of memory a process holds; 0 of one that has just ended."""
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--documents", type=int, default=0, help="for memory; 0 leaves it out")
    options = parser.parse_args()
    if options.times:
        line, loop = by_turns(options.times, options.workers)
        print(f"16 invoices, {options.workers} workers: command line {line:.2f} s, "
              f"Extractor {loop:.2f} s, ratio {loop / line:.2f}")  # fmt: skip
    for number, here, there, spent in memory(options.documents, options.workers):
        told = f"{here:6.1f} MiB here, {there:6.1f} MiB in workers"
        print(f"{number:>6} documents  {told}  {number / spent:5.1f} documents/s", flush=True)


if __name__ == "__main__":
    main()
