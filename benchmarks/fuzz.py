"""Changes good files until a run does what it must not, and makes each find as small as it can.

Knows nothing of formats: ``fuzz_mutations`` does. Run: ``python benchmarks/fuzz.py WORK
[--minutes 60] [--only pdf,image,xml,answers,store]``; the same command goes on where it stopped.
Seeds are the project's own fixtures. A run must end (within three minutes a batch) with an exit
code that is no bug's, must name no reason ``internal`` and must account for each file. Finds lie
in ``WORK/finds`` with a line each in ``WORK/finds.jsonl``; ``WORK/state.json`` counts what was
tried.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
from fuzz_mutations import mutate

ROOT = Path(__file__).parents[1]
KINDS = ("pdf", "image", "xml", "answers", "store")
_BATCH = {"pdf": 40, "image": 30, "xml": 60, "answers": 1, "store": 1}
_GOOD_CODES = {0, 5, 6, 7, 9}
_STORE_CODES = _GOOD_CODES | {2, 4}
_BATCH_LIMIT_S = 180.0
_MAX_TRIES = 60
"""Runs that making one find smaller may take."""


@dataclass(frozen=True)
class Find:
    """What went wrong, and with what."""

    kind: str
    number: int
    symptom: str
    file: str
    num_bytes: int


def seeds(kind: str) -> list[bytes]:
    """Return the good files of a kind."""
    fixtures = ROOT / "fixtures"
    if kind == "image":
        found = [p for p in fixtures.rglob("*") if p.suffix in {".png", ".jpg", ".webp", ".tif"}]
        return [p.read_bytes() for p in sorted(found) if p.parent.name != "broken"]
    pdfs = [p for p in sorted(fixtures.rglob("*.pdf")) if p.parent.name != "broken"]
    if kind == "xml":
        return [xml for p in pdfs for xml in _attached(p)]
    return [p.read_bytes() for p in pdfs if p.stat().st_size < 200_000]


def _attached(path: Path) -> Iterator[bytes]:
    with pypdfium2.PdfDocument(path) as pdf:
        for number in range(pdf.count_attachments()):
            yield bytes(pdf.get_attachment(number).get_data())


def run(arguments: list[str], limit_s: float = _BATCH_LIMIT_S) -> tuple[int, str]:
    """Return the exit code and stderr of a command; -99 where it had to be ended."""
    command = [sys.executable, "-m", "docextract", *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=limit_s, errors="replace"
        )
    except subprocess.TimeoutExpired:
        return -99, "it did not end"
    return done.returncode, done.stderr


def judge(inputs: Path, out: Path, more: list[str]) -> list[tuple[str, str]]:
    """Run over a folder; return what went wrong, with the file's name where it is known."""
    shutil.rmtree(out, ignore_errors=True)
    arguments = ["run", str(inputs), "-s", "invoice", "-o", str(out), "-j", "2", "-q", *more]
    code, told = run([*arguments, "--format", "jsonl"])
    if code not in _GOOD_CODES:
        rows = _records(out)
        internal = [row for row in rows if _has_bug(row)]
        if internal:
            return [(_bug_of(row), Path(row["document"]["path"]).name) for row in internal]
        return [(f"exit {code}: {told.strip()[-300:]}", "")]
    summary = json.loads((out / "run.json").read_text()) if (out / "run.json").exists() else {}
    passed = sum(summary.get("passed_over", {}).values())
    num_files = sum(1 for path in inputs.iterdir())
    if len(_records(out)) + passed < num_files - _num_duplicates(inputs):
        return [(f"{num_files} files, {len(_records(out))} records, {passed} passed over", "")]
    return []


def _num_duplicates(folder: Path) -> int:
    contents = [path.read_bytes() for path in folder.iterdir()]
    return len(contents) - len(set(contents))


def _records(out: Path) -> list[dict[str, Any]]:
    path = out / "results.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _has_bug(row: dict[str, Any]) -> bool:
    return any(error["reason"] == "internal" for error in row["errors"])


def _bug_of(row: dict[str, Any]) -> str:
    error = next(error for error in row["errors"] if error["reason"] == "internal")
    return f"internal: {error['message'][:200]}"


def smaller(data: bytes, is_still: Callable[[bytes], bool]) -> bytes:
    """Return a file from which pieces were taken as long as it is still a find (ddmin)."""
    tries, size = 0, max(len(data) // 2, 1)
    while size >= 1 and tries < _MAX_TRIES:
        at = 0
        while at < len(data) and tries < _MAX_TRIES:
            shorter = data[:at] + data[at + size :]
            tries += 1
            if is_still(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


class Fuzzer:
    """Goes round the kinds, batch by batch, and keeps what it has tried."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.scratch = work / "scratch"
        (work / "finds").mkdir(parents=True, exist_ok=True)
        self._state = work / "state.json"
        self.tried: dict[str, int] = dict.fromkeys(KINDS, 0)
        if self._state.exists():
            self.tried |= json.loads(self._state.read_text())
        self.symptoms = {find["symptom"] for find in self._finds()}
        self._seeds: dict[str, list[bytes]] = {}

    def _finds(self) -> list[dict[str, Any]]:
        path = self.work / "finds.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def step(self, kind: str) -> None:
        """Try one batch of a kind and note that it was tried."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        (self.scratch / "in").mkdir(parents=True)
        {"answers": self._answers, "store": self._store}.get(kind, self._files)(kind)
        self.tried[kind] += _BATCH[kind]
        self._state.write_text(json.dumps(self.tried))

    def _of(self, kind: str) -> list[bytes]:
        return self._seeds.setdefault(kind, seeds(kind))

    def _files(self, kind: str) -> None:
        names = {"pdf": "pdf", "image": "png", "xml": "xml"}
        for number in range(self.tried[kind], self.tried[kind] + _BATCH[kind]):
            rng = Random(f"{kind} {number}")
            good, other = rng.sample(self._of(kind), 2)
            data = mutate(kind, good, other, rng)
            (self.scratch / "in" / f"{number}.{names[kind]}").write_bytes(data)
        for symptom, name in judge(self.scratch / "in", self.scratch / "out", []):
            self._keep(kind, symptom, name)

    def _keep(self, kind: str, symptom: str, name: str) -> None:
        folder = self.scratch / "in"
        suspects = [folder / name] if name else sorted(folder.iterdir())
        for path in suspects:
            alone = [(symptom, path.name)] if name else self._alone(path.read_bytes(), path.suffix)
            for told, _ in alone[:1]:
                self._note(kind, told, path)

    def _alone(self, data: bytes, suffix: str) -> list[tuple[str, str]]:
        folder = self.scratch / "one"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / f"x{suffix}").write_bytes(data)
        return judge(folder, self.scratch / "out-one", [])

    def _note(self, kind: str, symptom: str, path: Path) -> None:
        if symptom in self.symptoms:
            return
        self.symptoms.add(symptom)

        def is_still(data: bytes) -> bool:
            return any(told == symptom for told, _ in self._alone(data, path.suffix))

        data = path.read_bytes()
        if kind in {"pdf", "image", "xml"}:
            data = smaller(data, is_still)
        self._write(kind, symptom, f"{kind}-{path.name}", data)

    def _write(self, kind: str, symptom: str, name: str, data: bytes) -> None:
        (self.work / "finds" / name).write_bytes(data)
        row = Find(kind, self.tried[kind], symptom, name, len(data))
        with (self.work / "finds.jsonl").open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")
        print(f"find: {row}", flush=True)

    def _answers(self, kind: str) -> None:
        good = self._good_run()
        rng = Random(f"answers {self.tried[kind]}")
        data = (good / "results.jsonl").read_bytes()
        for _ in range(60):
            data = mutate("answers", data, data, rng)
        answers = self.scratch / "answers.jsonl"
        answers.write_bytes(data)
        more = ["--engine", "replay", "--answers", str(answers)]
        for symptom, _ in judge(self.work / "good-in", self.scratch / "out", more):
            if "exit 2" not in symptom and symptom not in self.symptoms:
                self.symptoms.add(symptom)
                self._write(kind, symptom, f"answers-{self.tried[kind]}.jsonl", data)

    def _good_run(self) -> Path:
        """Return what a run over some fixtures wrote, made once."""
        out, inputs = self.work / "good", self.work / "good-in"
        if not out.exists():
            inputs.mkdir(exist_ok=True)
            for path in sorted((ROOT / "fixtures" / "invoices").glob("*.pdf"))[:12]:
                shutil.copy(path, inputs)
            run(["run", str(inputs), "-s", "invoice", "-o", str(out), "-q"])
        return out

    def _store(self, kind: str) -> None:
        out = self.scratch / "out"
        shutil.copytree(self._good_run(), out)
        rng = Random(f"store {self.tried[kind]}")
        path = out / ".docextract" / "store.sqlite"
        rng.choice((_odd_bytes, _odd_rows, _odd_rows))(path, rng)
        data = path.read_bytes()
        again = ["run", str(self.work / "good-in"), "-s", "invoice", "-o", str(out), "-q"]
        commands = (["status", str(out)], ["export", str(out), "--to", "-"], again)
        for command in commands:
            code, told = run(command)
            symptom = f"{command[0]}: exit {code}: {told.strip().splitlines()[:1]}"
            if code not in _STORE_CODES and symptom not in self.symptoms:
                self.symptoms.add(symptom)
                self._write(kind, symptom, f"store-{self.tried[kind]}.sqlite", data)


def _odd_bytes(path: Path, rng: Random) -> None:
    data = path.read_bytes()
    other = io.BytesIO(data).read()
    path.write_bytes(mutate("xml" if rng.random() < 0.1 else "image", data, other, rng))


def _odd_rows(path: Path, rng: Random) -> None:
    """Put something odd into one cell, where the table allows it."""
    with sqlite3.connect(path) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        table = rng.choice(sorted(name for (name,) in database.execute(query)))
        column = rng.choice([row[1] for row in database.execute(f"PRAGMA table_info({table})")])
        odd = rng.choice(
            (None, "", -1, 2**62, "{", "[]", '{"a": 1}', b"\xff\x00", 1e308, "x" * 9999)
        )
        try:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE rowid % 3 = 0", (odd,))
        except sqlite3.Error:
            database.rollback()


def main() -> int:
    """Fuzz until the time is up; return 1 if there are finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--only", default=",".join(KINDS))
    asked = parser.parse_args()
    fuzzer = Fuzzer(asked.work.resolve())
    end_s = time.monotonic() + 60 * asked.minutes
    while time.monotonic() < end_s:
        for kind in asked.only.split(","):
            fuzzer.step(kind)
    print(f"tried: {fuzzer.tried}; finds: {len(fuzzer.symptoms)}")
    return int(bool(fuzzer.symptoms))


if __name__ == "__main__":
    sys.exit(main())
