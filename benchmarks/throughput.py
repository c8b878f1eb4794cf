"""Measures documents per second and peak memory over copies-with-changes of small PDFs.

Knows nothing of what the records say. Run: ``python benchmarks/throughput.py [--count 1000]``.
Baselines in the same run: opening alone (no engine), and one worker instead of two.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

FIXTURES = Path(__file__).parent.parent / "fixtures" / "invoices"


@dataclass(frozen=True)
class Measured:
    """One run: documents per second and resident memory in MiB over time."""

    docs_per_s: float
    parent_mib: list[float]
    total_mib: list[float]
    exit_code: int


def write_copies(folder: Path, count: int) -> None:
    """Write ``count`` PDFs of different bytes and equal pages."""
    sources = [path.read_bytes() for path in sorted(FIXTURES.glob("*.pdf"))]
    small = sorted(sources, key=len)[: max(1, len(sources) // 2)]
    folder.mkdir(parents=True)
    for i in range(count):
        path = folder / f"{i:05d}.pdf"
        path.write_bytes(small[i % len(small)] + f"\n% copy {i}\n".encode())


def measure(folder: Path, out: Path, *options: str) -> Measured:
    """Run the command once and watch its memory."""
    command = [sys.executable, "-m", "docextract", "run", str(folder), "--schema", "invoice"]
    start = time.monotonic()
    process = subprocess.Popen([*command, "--out", str(out), "-q", *options])
    parent, total = [], []

    def watch() -> None:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                own = watched.memory_info().rss
                children = [c.memory_info().rss for c in watched.children(recursive=True)]
            except psutil.Error:
                break
            parent.append(own / 2**20)
            total.append((own + sum(children)) / 2**20)
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    watcher.join()
    seconds = time.monotonic() - start
    num_found = json.loads((out / "run.json").read_text(encoding="utf-8"))["num_found"]
    return Measured(num_found / seconds, parent, total, process.returncode)


def report(name: str, found: Measured) -> None:
    """Print one row: speed, memory in the first and last quarter, peak."""
    quarter = max(1, len(found.total_mib) // 4)
    early = max(found.total_mib[quarter : 2 * quarter] or [0])
    late = max(found.total_mib[-quarter:] or [0])
    print(
        f"{name:28} {found.docs_per_s:7.1f} docs/s   RSS of all processes: second quarter "
        f"{early:.0f}, last quarter {late:.0f}, peak {max(found.total_mib):.0f} MiB; "
        f"parent peak {max(found.parent_mib):.0f} MiB; exit {found.exit_code}"
    )


def main() -> None:
    """Measure default workers, one worker, and a second run that has nothing to do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        write_copies(folder, count)
        report("one worker (baseline)", measure(folder, Path(name) / "one", "-j", "1"))
        report("default workers", measure(folder, Path(name) / "out"))
        report("second run, nothing to do", measure(folder, Path(name) / "out"))


if __name__ == "__main__":
    main()
