"""Measures a run over very many tiny PDFs: speed, memory as it goes on, and the second run.

Knows nothing of what the records say. Run: ``python benchmarks/scale.py [--count 100000]``,
or ``--pages 2000`` for one PDF of so many pages. ``--folder`` needs 20 kB of room a document.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_FILES_PER_FOLDER = 1000
_SAMPLE_EVERY_S = 0.5


@dataclass
class Watched:
    """A run of the command, looked at while it goes on.

    Attributes:
        seconds: wall-clock time.
        exit_code: of the process.
        first_s: seconds until the first record was in ``results.jsonl``.
        samples: (documents done, MiB of the parent, MiB of the largest worker).
    """

    seconds: float = 0.0
    exit_code: int = -1
    first_s: float | None = None
    samples: list[tuple[int, float, float]] = field(default_factory=list)

    def parent_mib(self, first: int, last: int | None = None) -> float:
        """Return the peak of the parent between two numbers of documents done."""
        return max(
            (
                mib
                for done, mib, _ in self.samples
                if first <= done and (last is None or done < last)
            ),
            default=0.0,
        )


def pdf(*pages: Sequence[str]) -> bytes:
    """Return a PDF whose pages are lines of text, without any library."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for lines in pages:
        text = "\n".join(
            f"BT /F1 10 Tf 40 {790 - 15 * i} Td ({line}) Tj ET" for i, line in enumerate(lines)
        )
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    return _with_table(objects)


def _with_table(objects: Sequence[str]) -> bytes:
    data, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode()
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(data) + tail.encode()


def bill(number: int) -> list[str]:
    """Return the lines of a tiny invoice."""
    return [
        "INVOICE",
        f"Invoice number: INV-{number:06}",
        "Invoice date: 14 March 2024",
        f"Total GBP {100 + number / 100:.2f}",
    ]


def write_bills(folder: Path, count: int) -> None:
    """Write ``count`` different PDFs, a thousand a folder."""
    for number in range(count):
        path = folder / f"{number // _FILES_PER_FOLDER:03}" / f"{number:06}.pdf"
        if number % _FILES_PER_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(pdf(bill(number)))


def watched_run(inputs: Path, out: Path, *options: str) -> Watched:
    """Run the command once and watch its memory and its results."""
    command = [sys.executable, "-m", "docextract", "run", str(inputs), "--out", str(out), "-q"]
    found, start = Watched(), time.monotonic()
    process = subprocess.Popen([*command, *options])
    watcher = threading.Thread(target=_watch, args=(process, out / "results.jsonl", found))
    watcher.start()
    found.exit_code = process.wait()
    watcher.join()
    found.seconds = time.monotonic() - start
    return found


def _watch(process: subprocess.Popen[bytes], results: Path, found: Watched) -> None:
    parent, num_done, start = psutil.Process(process.pid), 0, time.monotonic()
    offset = results.stat().st_size if results.exists() else 0
    while process.poll() is None:
        try:
            own = parent.memory_info().rss
            workers = [child.memory_info().rss for child in parent.children(recursive=True)]
        except psutil.Error:
            break
        if results.exists():
            # The finished file, sorted, takes the place of the growing one at the end.
            num_new, offset = _lines_from(results, offset)
            num_done += num_new
            if num_done and found.first_s is None:
                found.first_s = time.monotonic() - start
        found.samples.append((num_done, own / 2**20, max(workers, default=0) / 2**20))
        time.sleep(_SAMPLE_EVERY_S)


def _lines_from(path: Path, offset: int) -> tuple[int, int]:
    with path.open("rb") as file:
        file.seek(offset)
        num_lines = 0
        while chunk := file.read(1 << 20):
            num_lines += chunk.count(b"\n")
        return num_lines, file.tell()


def tell(name: str, found: Watched, num_documents: int) -> None:
    """Print how a run went."""
    first = "-" if found.first_s is None else f"{found.first_s:.1f} s"
    print(
        f"{name}: {found.seconds:.0f} s, {num_documents / found.seconds:.1f} documents/s, "
        f"first record after {first}, exit {found.exit_code}; parent peak "
        f"{found.parent_mib(0):.0f} MiB, largest worker "
        f"{max((mib for *_, mib in found.samples), default=0):.0f} MiB",
        flush=True,
    )


def main() -> None:
    """Run once, tell the parent's memory by tenths, and run again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--pages", type=int, help="one PDF of so many pages instead")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--schema", default="invoice")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder if not said")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        inputs, out = Path(name) / "in", Path(name) / "out"
        options = ("--schema", args.schema, "--jobs", args.jobs)
        if args.pages:
            inputs.mkdir()
            (inputs / "long.pdf").write_bytes(pdf(*map(bill, range(args.pages))))
            tell(f"one PDF of {args.pages} pages", watched_run(inputs, out, *options), 1)
            return
        write_bills(inputs, args.count)
        first = watched_run(inputs, out, *options)
        tell("first run", first, args.count)
        step = args.count // 10
        peaks = [first.parent_mib(i * step, (i + 1) * step) for i in range(10)]
        print("parent MiB by tenths of the run:", *(f"{mib:.0f}" for mib in peaks), flush=True)
        tell("second run, nothing to do", watched_run(inputs, out, *options), args.count)
        summary = json.loads((out / "run.json").read_text(encoding="utf-8"))
        sizes = {path.name: path.stat().st_size >> 20 for path in out.iterdir() if path.is_file()}
        store = out / ".docextract" / "store.sqlite"
        print(f"counts {summary['counts']}, unchanged {summary['num_unchanged']}")
        print(f"MiB: {sizes}, store {store.stat().st_size >> 20}")


if __name__ == "__main__":
    main()
