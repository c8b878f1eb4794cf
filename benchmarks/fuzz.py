"""Changes good files until a run does what it must not, and makes each find as small as it can.

Knows nothing of formats: ``fuzz_mutations`` does. Run: ``python benchmarks/fuzz.py WORK
[--minutes 60] [--only pdf,store]``; the same command goes on where it stopped. Seeds are the
project's own fixtures. A run must end (within ten minutes a batch) with an exit code that is no
bug's, must name no reason ``internal`` and must account for each file and for all pages of one
that it cuts. Finds lie
in ``WORK/finds`` with a line each in ``WORK/finds.jsonl``; ``WORK/state.json`` counts what was
tried.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from fuzz_frames import forge
from fuzz_mutations import mutate
from fuzz_seeds import seeds
from fuzz_stores import spoil

ROOT = Path(__file__).parents[1]
_BATCH = {
    "pdf": 40,
    "packet": 20,
    "image": 30,
    "xml": 60,
    "container": 40,
    "answers": 1,
    "store": 1,
    "frames": 500,
}
KINDS = tuple(_BATCH)
_SUFFIXES = {"pdf": "pdf", "packet": "pdf", "image": "png", "xml": "xml", "container": "eml"}
_GOOD_CODES = {0, 5, 6, 7, 9}
_STORE_CODES = _GOOD_CODES | {2, 4}
_BATCH_LIMIT_S = 600.0
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
    return lost_files(inputs, out) + lost_pages(out)


def lost_files(inputs: Path, out: Path) -> list[tuple[str, str]]:
    """Return the files that a run says nothing of, but for copies of others."""
    run_json = out / "run.json"
    summary = json.loads(run_json.read_text()) if run_json.exists() else {}
    told = [row["document"]["path"] for row in _records(out)]
    told += [item["path"] for item in summary.get("passed_over_files", ())]
    # Neither mark is in the names that are given to files here.
    names = {Path(re.split("[!#]", path)[0]).name for path in told}
    contents = {(inputs / name).read_bytes() for name in names}
    lost = [path for path in sorted(inputs.iterdir()) if path.read_bytes() not in contents]
    return [("no word of a file", path.name) for path in lost]


def lost_pages(out: Path) -> list[tuple[str, str]]:
    """Return the files that were cut so that a page between two parts belongs to none."""
    parts: dict[str, set[int]] = {}
    for row in _records(out):
        path, _, pages = row["document"]["path"].rpartition("#p")
        if path:
            first, _, last = pages.partition("-")
            parts.setdefault(path, set()).update(range(int(first), int(last or first) + 1))
    gaps = [path for path, pages in parts.items() if pages != set(range(1, max(pages) + 1))]
    return [("pages between parts are lost", Path(path).name) for path in gaps]


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
        alone = {"answers": self._answers, "store": self._store, "frames": self._frames}
        alone.get(kind, self._files)(kind)
        self.tried[kind] += _BATCH[kind]
        self._state.write_text(json.dumps(self.tried))

    def _of(self, kind: str) -> list[bytes]:
        return self._seeds.setdefault(kind, seeds(kind))

    def _files(self, kind: str) -> None:
        for number in range(self.tried[kind], self.tried[kind] + _BATCH[kind]):
            rng = Random(f"{kind} {number}")
            good, other = rng.sample(self._of(kind), 2)
            data = mutate(kind, good, other, rng)
            (self.scratch / "in" / f"{number}.{_suffix(kind, good)}").write_bytes(data)
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
        if kind in _SUFFIXES:
            data = smaller(data, is_still)
        self._write(kind, symptom, f"{kind}-{path.name}", data)

    def _write(self, kind: str, symptom: str, name: str, data: bytes) -> None:
        (self.work / "finds" / name).write_bytes(data)
        row = Find(kind, self.tried[kind], symptom, name, len(data))
        with (self.work / "finds.jsonl").open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")
        print(f"find: {row}", flush=True)

    def _frames(self, kind: str) -> None:
        for number in range(self.tried[kind], self.tried[kind] + _BATCH[kind]):
            symptom = forge(Random(f"{kind} {number}"))
            if symptom and symptom not in self.symptoms:
                self.symptoms.add(symptom)
                self._write(kind, symptom, f"frames-{number}.txt", symptom.encode())

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
        spoil(path, rng)
        data = path.read_bytes()
        again = ["run", str(self.work / "good-in"), "-s", "invoice", "-o", str(out), "-q"]
        commands = (["status", str(out)], ["export", str(out), "--to", "-"], again)
        for command in commands:
            code, told = run(command)
            symptom = f"{command[0]}: exit {code}: {told.strip().splitlines()[:1]}"
            if code not in _STORE_CODES and symptom not in self.symptoms:
                self.symptoms.add(symptom)
                self._write(kind, symptom, f"store-{self.tried[kind]}.sqlite", data)


def _suffix(kind: str, data: bytes) -> str:
    return "zip" if data.startswith(b"PK") else _SUFFIXES[kind]


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
