"""Measures the page of a review: a queue of many documents, and a file of many pages.

Knows nothing of how either is done. Run: ``python benchmarks/review.py [--documents 5000]
[--pages 2000]``. Of what is asked for several times it tells the best and the median, by the
clock and of the processor: on a busy machine the clock tells how busy. The store is played: a few
drawn documents are read, and their records stand there once more for each of the others, under
other names and hashes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from scale import pdf

from docextract.core import ReadOptions, Record, to_json
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine import EngineChoice, load_engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema
from docextract.store import Store

_COMMAND = (sys.executable, "-m", "docextract")
_MIB = 2**20
_TODAY = dt.date(2026, 3, 10)


def drawn(folder: Path, num_pages: int) -> None:
    """Draw three invoices that leave something in doubt, and one of many pages."""
    folder.mkdir()
    for number in range(3):
        lines = (
            f"Harbour Rope Works {number}",
            f"Invoice number: HR-{number}",
            "Invoice date: 3 March 2026",
            "Net 100.00",
            "VAT 20.00",
            "Total due 125.00",
        )
        (folder / f"short{number}.pdf").write_bytes(pdf(lines))
    rows = [f"{row} Coil of rope {row}.00" for row in range(40)]
    pages = [("Invoice number: HR-L", "Invoice date: 3 March 2026", "Total due 125.00", *rows)]
    pages += [(f"Page {number}", *rows) for number in range(2, num_pages + 1)]
    (folder / "long.pdf").write_bytes(pdf(*pages))


def played(out: Path, number: int) -> None:
    """Put records into a store until it has so many documents."""
    with Store.open(out) as store:
        last = store.last_run()
        assert last is not None
        details = last["options"]
        run_id = store.begin_run(details)
        known = list(_records(out.parent / "in", details["fingerprint"]))
        for first in range(0, number, 500):
            copies = (
                _copy(known[n % len(known)], n) for n in range(first, min(first + 500, number))
            )
            store.save(run_id, *copies)
        store.end_run(run_id, json.loads(to_json(last["summary"])))


def _records(folder: Path, mark: str) -> Iterator[Record]:
    job = DocumentJob(load_schema("invoice"), load_engine(EngineChoice("text")), mark, _TODAY)
    for name in sorted(folder.glob("short*.pdf")):
        (found,) = Discovery([str(name)])
        assembly = Assembly(job)
        for part in open_document(found.document, ReadOptions(), with_images=False):
            assembly.add(part)
        yield assembly.record()


def _copy(record: Record, number: int) -> Record:
    document, name = record.document, f"-{number:05}.pdf"
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    raw = document.raw_path + name.encode()
    new = replace(document, path=document.path + name, raw_path=raw, sha256=sha256)
    return replace(record, document=new)


class Taken(NamedTuple):
    """What an answer took, by the clock and of the processor."""

    seconds: float
    cpu_s: float

    @property
    def told(self) -> str:
        """The same for people."""
        return f"{self.seconds:.2f} s, {self.cpu_s:.2f} CPU-s"


class Browser:
    """Asks the page what a browser asks, and takes the time.

    Args:
        address: that the command printed, with its token.
        server: the process that answers.
    """

    def __init__(self, address: str, server: psutil.Process) -> None:
        self._root, _, self._token = address.partition("#")
        self.server = server

    @property
    def processes(self) -> list[psutil.Process]:
        """The server and its workers."""
        return [self.server, *self.server.children(recursive=True)]

    def cpu_s(self) -> float:
        """Return the processor's seconds that went into the server and its workers."""
        return float(sum(sum(it.cpu_times()[:2]) for it in self.processes))

    def get(self, path: str) -> tuple[Taken, bytes]:
        """Return what it took, and what came."""
        asked = urllib.request.Request(self._root + path, headers={"X-Token": self._token})
        start, cpu_s = time.perf_counter(), self.cpu_s()
        with urllib.request.urlopen(asked, timeout=120) as found:
            data: bytes = found.read()
        seconds = time.perf_counter() - start
        return Taken(seconds, self.cpu_s() - cpu_s), data

    def queue(self) -> tuple[str, dict[str, Any]]:
        """Return what it took, and the queue as it is now."""
        taken, data = self.get("api/queue")
        return taken.told, {**json.loads(data), "num_bytes": len(data)}


def measure(out: Path, num_pages: int, num_times: int) -> Iterator[tuple[str, str]]:
    """Yield what was measured, and the figure."""
    with subprocess.Popen(
        [*_COMMAND, "review", str(out)], stdout=subprocess.PIPE, text=True
    ) as process:
        start = time.perf_counter()
        assert process.stdout is not None
        browser = Browser(_address(process.stdout), psutil.Process(process.pid))
        yield "until the address is printed", _so_far(browser, start)
        yield from _queue(browser, start)
        yield from _pictures(browser, num_pages, num_times)
        server, *workers = (it.memory_info().rss / _MIB for it in browser.processes)
        yield "memory", f"server {server:.0f} MiB, worker {sum(workers):.0f} MiB"
        process.terminate()


def _address(lines: Any) -> str:
    for line in lines:
        found = re.search(r"http://\S+", line)
        if found:
            return found[0]
    raise SystemExit("no address was printed")


def _so_far(browser: Browser, start: float) -> str:
    return f"{time.perf_counter() - start:.1f} s, {browser.cpu_s():.1f} CPU-s"


def _queue(browser: Browser, start: float) -> Iterator[tuple[str, str]]:
    told, queue = browser.queue()
    yield "first answer of the queue", f"{told}, {len(queue['items'])} documents"
    while not queue["is_complete"]:
        time.sleep(0.4)
        told, queue = browser.queue()
    yield "until the queue is complete", _so_far(browser, start)
    told, queue = browser.queue()
    size = queue["num_bytes"] / _MIB
    yield f"the whole queue, {len(queue['items'])} documents", f"{told}, {size:.1f} MiB"
    chosen = next(item["sha256"] for item in queue["items"] if "long" not in item["path"])
    yield "one document's fields", browser.get(f"api/sheet/{chosen}")[0].told


def _pictures(browser: Browser, num_pages: int, num_times: int) -> Iterator[tuple[str, str]]:
    _, queue = browser.queue()
    long = next(item["sha256"] for item in queue["items"] if "long" in item["path"])
    yield "first picture", browser.get(f"api/picture/{long}/1")[0].told
    # Each of another page, as what was drawn is kept.
    others = [2 + number * (num_pages - 3) // num_times for number in range(num_times)]
    taken = [browser.get(f"api/picture/{long}/{number}")[0] for number in others]
    yield f"pictures of {num_times} other pages", _spread(taken)
    taken = [browser.get(f"api/picture/{long}/1")[0] for _ in range(num_times)]
    yield "the first page again", _spread(taken)
    taken = [browser.get(f"api/words/{long}/{number}")[0] for number in others]
    yield "words of a page", _spread(taken)


def _spread(taken: Sequence[Taken]) -> str:
    """Return the best and the median: what else the machine does is in the second alone."""
    seconds, cpu_s = (sorted(it) for it in zip(*taken, strict=True))
    middle = len(taken) // 2
    return (
        f"best {seconds[0]:.2f}, median {seconds[middle]:.2f} s; "
        f"best {cpu_s[0]:.2f}, median {cpu_s[middle]:.2f} CPU-s"
    )


def main() -> None:
    """Draw, play and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--times", type=int, default=9, help="each picture is asked for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        inputs, out = Path(folder, "in"), Path(folder, "out")
        drawn(inputs, options.pages)
        run = ["run", str(inputs), "--schema", "invoice", "--out", str(out), "--pages", "1-2"]
        subprocess.run([*_COMMAND, *run, "--quiet"], check=True)
        played(out, options.documents)
        for what, figure in measure(out, options.pages, options.times):
            print(f"| {what} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
