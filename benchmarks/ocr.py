"""Measures OCR against RapidOCR's own call and Tesseract 5: pages/s, CPU, memory, what each finds.

Knows nothing of how any of them reads. Run:
``python benchmarks/ocr.py FOLDER_OF_DATASETS [--count 40] [--only sroie,zugferd_scan]``.
A dataset is a folder with ``truth.jsonl`` and its documents. All readers are given the same
pixels, a few pages in turn, so that what else the machine does falls on each alike. CPU seconds
are user and system time, those of child processes included.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import re
import resource
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from docextract.core import DocumentError, ReadOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.ocr import page_words
from docextract.documents.ocr.recognition import OcrEngine, ReadPage
from docextract.documents.ocr.text_lines import Pixels
from docextract.documents.opening import open_document
from docextract.workers import num_usable_cores

NUM_IN_TURN = 8
DATASETS = "sroie,wildreceipt,receipts_softmatic,receipts_cc0,invoices_fr_synth,zugferd_scan"
ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
TESSERACT_LANGUAGES = "eng+deu+fra"

Reader = Callable[[Pixels], str]


@dataclass(frozen=True)
class Sample:
    """The first page of a document that needs OCR, and what should be found on it.

    ``strings`` holds, for each piece of the truth, the ways it may be printed, without
    white space and punctuation.
    """

    name: str
    pixels: Pixels
    strings: list[list[str]]


@dataclass
class Measured:
    """What one reader took, summed over pages."""

    pool: ProcessPoolExecutor
    wall_s: float = 0.0
    cpu_s: float = 0.0
    num_pages: int = 0
    peak_mib: dict[int, float] = field(default_factory=dict)
    found: dict[str, list[bool]] = field(default_factory=dict)


def choose(folder: Path, datasets: list[str], count: int) -> list[Sample]:
    """Return pages of the datasets in turn, in an order that hashes decide."""
    queues = [samples_of(folder / name) for name in datasets if (folder / name).is_dir()]
    in_turn = itertools.chain.from_iterable(itertools.zip_longest(*queues))
    return list(itertools.islice((sample for sample in in_turn if sample), count))


def samples_of(dataset: Path) -> Iterator[Sample]:
    """Yield the documents of a dataset that have a page without usable words."""
    lines = (dataset / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = sorted(map(json.loads, lines), key=lambda row: hashlib.sha1(row["id"].encode()).digest())
    for row in rows:
        pixels = pixels_for_ocr(dataset / row["file"])
        if pixels is not None and not row.get("password"):
            yield Sample(row["id"], pixels, list(pieces(row["fields"])))


def pixels_for_ocr(path: Path) -> Pixels | None:
    """Return what OCR would be given of the first page that needs it."""
    given: list[Pixels] = []

    class Recorder:
        def read(self, pixels: Pixels) -> ReadPage:
            given.append(pixels)
            return ReadPage((), 0, pixels)

    (found,) = Discovery([os.fspath(path)])
    with suppress(DocumentError), mock.patch.object(page_words, "ocr_engine", Recorder):
        for _ in open_document(found.document, ReadOptions(use_embedded=False)):
            if given:
                break
    return given[0] if given else None


def pieces(truth: Any) -> Iterator[list[str]]:
    """Yield each piece of a truth tree: an amount, a date, or one word of a text."""
    if isinstance(truth, dict | list):
        for child in truth.values() if isinstance(truth, dict) else truth:
            yield from pieces(child)
    elif truth is not None and re.fullmatch(r"\d{4}-\d\d-\d\d", str(truth)):
        year, month, day = str(truth).split("-")
        orders = [(day, month), (month, day), (str(int(day)), str(int(month)))]
        yield [*(a + b + y for a, b in orders for y in (year, year[2:])), year + month + day]
    elif truth is not None and re.fullmatch(r"-?\d+\.\d+", str(truth)):
        yield [squeezed(str(truth))]
    elif truth is not None:
        yield from ([word] for word in re.findall(r"\w{3,}", str(truth).casefold()))


def squeezed(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text.casefold()))


def load_stock(params: dict[str, Any]) -> Reader:
    """Return the call that RapidOCR's README shows."""
    import cv2
    from rapidocr import RapidOCR

    if params:
        cv2.setNumThreads(1)
    engine = RapidOCR(params={"Global.log_level": "critical", **params})
    return lambda pixels: "\n".join(engine(np.ascontiguousarray(pixels[:, :, ::-1])).txts or ())


def load_ours() -> Reader:
    """Return what a worker process reads pages with."""
    engine = OcrEngine()
    return lambda pixels: " ".join(word.text for word in engine.read(pixels).words)


def why_no_tesseract() -> str:
    """Return why Tesseract is left out; empty if it can be measured."""
    if shutil.which("tesseract") is None:
        return "not installed: apt-get install tesseract-ocr tesseract-ocr-deu tesseract-ocr-fra"
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True)
    missing = set(TESSERACT_LANGUAGES.split("+")) - set(listed.stdout.split())
    return f"no data for {', '.join(sorted(missing))}" if missing else ""


def load_tesseract() -> Reader:
    """Return the command as its manual shows it, on one thread; it loads its data for each page."""
    command = ["tesseract", "stdin", "stdout", "-l", TESSERACT_LANGUAGES]
    environment = os.environ | {"OMP_THREAD_LIMIT": "1"}

    def read_page(pixels: Pixels) -> str:
        height, width = pixels.shape[:2]
        image = b"P6 %d %d 255\n" % (width, height) + pixels.tobytes()
        done = subprocess.run(
            command, input=image, capture_output=True, env=environment, check=True
        )
        return done.stdout.decode()

    return read_page


_LOADED: list[Reader] = []
"""The reader of a measuring process."""


def begin(load: Callable[[], Reader]) -> None:
    """Load a process's reader and let it read once."""
    _LOADED.append(load())
    _LOADED[0](np.full((320, 320, 3), 255, np.uint8))


def read(pixels: Pixels) -> tuple[str, float, int, float]:
    """Return the text of a page, CPU seconds, and the process with its peak MiB."""
    before = used()[0]
    text = _LOADED[0](pixels)
    after, peak_kib = used()
    return text, after - before, os.getpid(), peak_kib / 1024


def used() -> tuple[float, float]:
    """Return CPU seconds and peak KiB of this process and of its ended children."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return cpu_s, max(own.ru_maxrss, children.ru_maxrss)


def measure(reader: Measured, samples: list[Sample]) -> None:
    """Let one reader read a few pages."""
    start = time.monotonic()
    answers = list(reader.pool.map(read, [sample.pixels for sample in samples]))
    reader.wall_s += time.monotonic() - start
    for sample, (text, cpu_s, pid, peak_mib) in zip(samples, answers, strict=True):
        reader.cpu_s += cpu_s
        reader.num_pages += 1
        reader.peak_mib[pid] = peak_mib
        flat = squeezed(text)
        reader.found[sample.name] = [any(s in flat for s in forms) for forms in sample.strings]


def loads_of(num_cores: int) -> dict[str, tuple[int, Callable[[], Reader]]]:
    """Return for each reader how many processes read, and what loads it."""
    loads: dict[str, tuple[int, Callable[[], Reader]]] = {
        "stock RapidOCR()": (1, partial(load_stock, {})),
        "stock, one thread": (1, partial(load_stock, ONE_THREAD)),
        "docextract, one process": (1, load_ours),
        f"docextract, {num_cores} processes": (num_cores, load_ours),
    }
    if reason := why_no_tesseract():
        print(f"Tesseract is left out ({reason})")
    else:
        loads["Tesseract, one thread"] = (1, load_tesseract)
    return loads


def main() -> None:
    """Measure all readers over the same pages and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--only", default=DATASETS)
    arguments = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a worker process
    samples = choose(arguments.folder, arguments.only.split(","), arguments.count)
    loads = loads_of(num_usable_cores())
    context = get_context("spawn")
    readers = {
        name: Measured(ProcessPoolExecutor(num, context, begin, (load,)))
        for name, (num, load) in loads.items()
    }
    for reader in readers.values():
        list(reader.pool.map(read, [np.full((320, 320, 3), 255, np.uint8)] * num_usable_cores()))
    for start in range(0, len(samples), NUM_IN_TURN):
        for reader in readers.values():
            measure(reader, samples[start : start + NUM_IN_TURN])
    report(readers, samples)


def report(readers: dict[str, Measured], samples: list[Sample]) -> None:
    """Print speed, cost and recall; ratios are to the first reader."""
    sizes: dict[str, int] = defaultdict(int)
    for sample in samples:
        sizes["large" if max(sample.pixels.shape) > 1600 else "small"] += 1
    num_strings = sum(len(sample.strings) for sample in samples)
    print(f"{len(samples)} pages ({dict(sizes)}), {num_strings} strings of their truth")
    stock = next(iter(readers.values()))
    for name, reader in readers.items():
        reader.pool.shutdown()
        num_found = sum(map(sum, reader.found.values()))
        speed = reader.num_pages / reader.wall_s
        print(
            f"{name:25} {speed:5.2f} pages/s ({speed * stock.wall_s / stock.num_pages:.2f} x)"
            f"   {reader.cpu_s / reader.num_pages:5.2f} CPU-s/page"
            f" ({stock.cpu_s / reader.cpu_s:.2f} x less)"
            f"   peak {sum(reader.peak_mib.values()):5.0f} MiB"
            f"   found {num_found} ({100 * num_found / num_strings:.1f} %)"
        )


if __name__ == "__main__":
    main()
