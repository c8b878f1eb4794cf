"""Writes a hash for each record of a fixed set of documents, and says which differ from before.

Knows nothing of how a record comes to be: it runs documents as a user would and reads
``results.jsonl``. Run: ``python benchmarks/golden.py new.jsonl [--compare old.jsonl]``, with
``DOCEXTRACT_TEST_DATA`` for more than the fixtures. What depends on the clock is left out, except
that a date is judged by the day of the run, which the first line therefore names. Compare hashes
made with equal versions of all packages on one machine only.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import importlib
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docextract import __version__
from docextract.batch.runner import run_batch
from docextract.cli.progress.reporters import QuietReporter
from docextract.core import ModelOptions, ReadOptions, RunOptions

ROOT = Path(__file__).parent.parent
TIMED = ("timings_ms",)
"""Parts of a record that another run has otherwise."""

READ = ReadOptions(page_cpu_s=3600, page_timeout_s=3600.0, document_timeout_s=7200.0)
"""A busy machine takes longer; it must not give other records."""

EMBEDDED = ("fixtures", "facturx_conflict", "fresh_invoices", "orderx", "zugferd")
"""Sets with e-invoices, read twice: by their XML, and as printed."""

BORN_DIGITAL = (
    "fixtures", "zugferd", "orderx", "facturx_conflict", "invoice2data", "fresh_invoices",
    "fresh_orders", "fresh_statements", "fresh_others", "kleister_nda", "adbuy_fcc",
)  # fmt: skip
"""Read first, because they cost little OCR."""

UNSTEADY = ("us_tax_forms",)
"""Read by one worker: PDFium measures a form's text by which forms its process saw before."""

SHOWN_SCHEMA = "vendor, total: money, lines: [description, net: money]"
SHOWN = ("invoices/alder-finch.pdf", "invoices/luminosa.pdf", "receipts/boulangerie.jpg")
"""Fixtures of one page that a tiny model of random weights is shown, one a run."""


@dataclass(frozen=True)
class Batch:
    """Documents that one run reads.

    Attributes:
        name: of the set, and of how it is read.
        folder: of the set; keys and records name files below it.
        files: below ``folder``.
        schema: what ``--schema`` says.
        read: how they are opened.
        model: folder of a model that is shown them; None for the text engine.
    """

    name: str
    folder: Path
    files: tuple[str, ...]
    schema: str
    read: ReadOptions = READ
    model: Path | None = None


def schema_line(rows: Iterable[dict[str, Any]]) -> str:
    """Return a one-line schema of the names that somebody labelled."""
    kinds: dict[str, str] = {}
    for row in rows:
        for name, value in row["fields"].items():
            kinds[name] = _entry(name, value) or kinds.get(name, name)
    return ", ".join(kinds[name] for name in sorted(kinds)) + ","


def _entry(name: str, value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{name}: [{', '.join(value[0])}]"
    return f"{name}: [text]" if isinstance(value, list) else ""


def set_batches(folder: Path, name: str, sample: int) -> Iterator[Batch]:
    """Yield a set's documents by schema, every ``sample``-th of them."""
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    for schema in sorted({row["schema"] for row in rows}):
        own = [row for row in rows if row["schema"] == schema]
        is_known = (ROOT / "schemas" / f"{schema}.py").exists()
        spec = schema if is_known else schema_line(own)
        files = tuple(row["file"] for row in own[::sample])
        batch = Batch(f"{name}:{schema}", folder, files, spec)
        yield batch
        if name in EMBEDDED:
            printed = replace(READ, use_embedded=False)
            yield replace(batch, name=f"{name}:{schema}:printed", read=printed)


def shown_batches(folder: Path) -> Iterator[Batch]:
    """Yield the fixtures that a model is shown; builds the model in ``folder``."""
    sys.path.append(str(ROOT / "tests"))
    build = importlib.import_module("support.tiny_llava").build_tiny_llava
    importlib.import_module("torch").set_num_threads(1)
    model = build(folder / "tiny_llava")
    for file in SHOWN:
        yield Batch(f"shown:{file}", ROOT / "fixtures", (file,), SHOWN_SCHEMA, READ, model)


def all_batches(data: Path | None, only: set[str], sample: int, work: Path) -> Iterator[Batch]:
    """Yield what is read, from quick to slow."""
    folders = {"fixtures": ROOT / "fixtures"}
    if data is not None:
        folders |= {path.parent.name: path.parent for path in data.glob("dev/*/truth.jsonl")}
    rank = {name: number for number, name in enumerate(BORN_DIGITAL)}
    names = sorted(folders, key=lambda name: (rank.get(name, len(rank)), name))
    if not only or "shown" in only:
        yield from shown_batches(work)
    for name in names:
        if not only or name in only:
            yield from set_batches(folders[name], name, 1 if name == "fixtures" else sample)


def forget(out: Path) -> None:
    """Forget the records of an output folder; the words that OCR found stay."""
    store = out / ".docextract" / "store.sqlite"
    if store.exists():
        with contextlib.closing(sqlite3.connect(store)) as database, database:
            for table in ("documents", "records", "attempts"):
                database.execute(f"DELETE FROM {table}")


def run(batch: Batch, out: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a run over a batch, as ``results.jsonl`` has them."""
    forget(out)
    options = RunOptions(
        tuple(str(batch.folder / file) for file in batch.files),
        batch.schema,
        out,
        engine="text" if batch.model is None else "llava",
        model=ModelOptions(None if batch.model is None else str(batch.model)),
        read=batch.read,
        num_workers=1 if batch.folder.name in UNSTEADY else None,
        formats=("jsonl",),
    )
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        run_batch(options, QuietReporter(nowhere))
    text = (out / "results.jsonl").read_text("utf-8").replace(f"{batch.folder}/", "")
    yield from map(json.loads, text.splitlines())


def digest(tree: Any) -> str:
    """Return the SHA-256 of a tree of values."""
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def line_of(batch: Batch, record: dict[str, Any]) -> dict[str, Any]:
    """Return what is written of a record: which it is, and hashes of it and of its parts."""
    kept = {name: part for name, part in record.items() if name not in TIMED}
    return {
        "key": f"{batch.name} {record['document']['path']}",
        "status": record.get("status"),
        "sha256": digest(kept),
        "parts": {name: digest(part)[:12] for name, part in sorted(kept.items())},
    }


def write_all(batches: Iterable[Batch], path: Path, work: Path) -> None:
    """Write the lines of all batches, and say on stderr how long each took."""
    with path.open("w", encoding="utf-8") as file:
        head = {"day": dt.datetime.now(dt.UTC).date().isoformat(), "version": __version__}
        file.write(json.dumps(head) + "\n")
        for batch in batches:
            start_s = time.monotonic()
            out = work / batch.name.partition(":")[0]
            lines = sorted((line_of(batch, it) for it in run(batch, out)), key=_key)
            file.writelines(json.dumps(line) + "\n" for line in lines)
            file.flush()
            seconds = time.monotonic() - start_s
            print(f"{batch.name:40} {len(lines):4} records {seconds:7.1f} s", file=sys.stderr)


def _key(line: dict[str, Any]) -> str:
    return str(line["key"])


def read_lines(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the first line of a file of hashes, and the others by their key."""
    head, *lines = map(json.loads, path.read_text("utf-8").splitlines())
    return head, {line["key"]: line for line in lines}


def differences(old: Path, new: Path, *, is_whole: bool) -> Iterator[str]:
    """Yield a line for each record that is not as before.

    Args:
        old: hashes from before.
        new: hashes from now.
        is_whole: whether a record that is missing now is a difference.
    """
    (old_head, before), (new_head, now) = read_lines(old), read_lines(new)
    if old_head != new_head:
        print(f"note: {old_head} before, {new_head} now", file=sys.stderr)
    for key in sorted(before.keys() | now.keys()):
        if key not in before:
            yield f"new      {key}"
        elif key not in now:
            if is_whole:
                yield f"missing  {key}"
        elif before[key]["sha256"] != now[key]["sha256"]:
            yield f"differs  {key}: {', '.join(_changed(before[key], now[key]))}"


def _changed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    old, new = before["parts"], now["parts"]
    return [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]


def compare(old: Path, new: Path, *, is_whole: bool) -> int:
    """Print what differs, and return the exit code: 1 if anything does."""
    lines = list(differences(old, new, is_whole=is_whole))
    print("\n".join([*lines, f"{len(read_lines(new)[1])} records, {len(lines)} not as before"]))
    return 1 if lines else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="where the hashes are written")
    parser.add_argument("--compare", type=Path, metavar="OLD", help="hashes from before")
    parser.add_argument("--only", default="", help="sets, parted by commas")
    parser.add_argument("--sample", type=int, default=1, help="every n-th document of a set")
    parser.add_argument("--work", type=Path, help="keep outputs, and the words of OCR, here")
    parser.add_argument("--written", action="store_true", help="compare what is written already")
    return parser.parse_args()


def main() -> int:
    """Write hashes of all records, and compare them."""
    options = _options()
    only = set(options.only.split(",")) - {""}
    data = os.environ.get("DOCEXTRACT_TEST_DATA")
    if not options.written:
        with tempfile.TemporaryDirectory() as folder:
            work = options.work or Path(folder)
            work.mkdir(parents=True, exist_ok=True)
            batches = all_batches(Path(data) if data else None, only, options.sample, work)
            write_all(batches, options.file, work)
    if options.compare is None:
        return 0
    is_whole = not only and options.sample == 1
    return compare(options.compare, options.file, is_whole=is_whole)


if __name__ == "__main__":
    sys.exit(main())
