"""Kills a run at random moments, starts it again each time, and looks for what went wrong.

Knows nothing of how a run is made safe. Run: ``python benchmarks/kill.py [--kills 100]``.
The signal is SIGKILL and goes to the run and its workers at once, as a power cut would, and to
somebody who corrects values meanwhile; ``--plain`` leaves out people, mails, zips and packets.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scale import bill, pdf

from docextract.store import Store

_TABLES = ("*.csv", "*.xlsx", "*.parquet", "*.sqlite")
_MIN_OPEN = 12
"""Documents that wait for each run: more arrive where fewer are left."""

_AIMS = ("start", "work", "work", "work", "end")
_MAX_WAIT_S = {"start": 1.0, "work": 0.03, "end": 0.6}


@dataclass
class Victim:
    """A run that is killed again and again, and what it had reached when last looked at.

    Attributes:
        folder: holds ``in`` and ``out``.
        schema: what ``--schema`` says.
        num_workers: of each run.
        num_documents: that the files written so far hold.
        done: key of each document with a record.
        paths: of those that the newest ``documents.csv`` could have shown.
        csv: content of ``documents.csv``.
        num_new_exports: kills after which the new exports stood there.
    """

    folder: Path
    schema: str
    num_workers: int = 2
    num_documents: int = 0
    done: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    csv: bytes = b""
    num_new_exports: int = 0

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.folder / "out"

    def command(self, out: str = "out") -> list[str]:
        """Return the command that is killed and repeated."""
        run = [sys.executable, "-m", "docextract", "run", "in", "--schema", self.schema]
        formats = "jsonl,csv,xlsx,parquet,sqlite"
        return [*run, "--out", out, "-q", "--jobs", str(self.num_workers), "--format", formats]

    def write_until(self, count: int) -> None:
        """Let documents arrive until there are so many."""
        (self.folder / "in").mkdir(exist_ok=True)
        while self.num_documents < count:
            self.num_documents += self.write(self.num_documents)

    def told(self) -> str:
        """Return what else was seen to hold."""
        return ""

    def prepare(self) -> None:
        """Do what is done before any kill."""

    def write(self, number: int) -> int:
        """Let one file arrive and return how many documents it holds."""
        (self.folder / "in" / f"{number:05}.pdf").write_bytes(pdf(bill(number)))
        return 1

    def is_new(self, shown: set[str], stored: set[str]) -> bool:
        """Return whether exports that have changed show what they should."""
        return shown == stored

    def begin_beside(self) -> list[subprocess.Popen[bytes]]:
        """Begin what goes on beside a run and dies with it."""
        return []

    def end_undisturbed(self, out: Path) -> None:
        """Do in another folder what was done beside the runs."""

    def num_lines(self) -> int:
        """Return how many lines the results have."""
        path = self.out / "results.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def check(self) -> None:
        """Compare what stands there with what stood there before.

        Raises:
            AssertionError: something was lost, done twice, or is there by half.
        """
        if not (self.out / ".docextract/store.sqlite").exists():
            return
        rows = self._whole_rows()
        with Store.read_only(self.out) as store:
            stored = list(store.documents())
            attempts = [store.num_attempts(d.tree["document"]["sha256"], d.tree["fingerprint"])
                        for d in stored]  # fmt: skip
        done = {item.tree["document"]["sha256"] for item in stored}
        assert self.done <= done, "a stored record was lost"
        assert attempts == [1] * len(stored), "a document was done twice"
        assert len(rows) == len(set(rows)), "a line stands twice in results.jsonl"
        assert done.issuperset(rows), "results.jsonl tells of what is not stored"
        self.done = done
        self._check_csv({item.tree["document"]["path"] for item in stored})

    def _whole_rows(self) -> list[str]:
        path = self.out / "results.jsonl"
        data = path.read_bytes() if path.exists() else b""
        assert not data or data.endswith(b"\n"), "results.jsonl ends with half a line"
        return [json.loads(line)["document"]["sha256"] for line in data.splitlines()]

    def _check_csv(self, paths: set[str]) -> None:
        path = self.out / "documents.csv"
        data = path.read_bytes() if path.exists() else b""
        if data == self.csv:
            return
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        assert data.endswith(b"\r\n"), "documents.csv is cut"
        shown = {row["path"] for row in rows}
        assert self.is_new(shown, paths), "documents.csv is neither old nor new"
        self.paths = paths
        self.csv = data
        self.num_new_exports += 1


def kill_once(victim: Victim, aim: str, rng: random.Random) -> bool:
    """Start the run, kill it, and return whether it was still going on.

    Args:
        victim: whose run.
        aim: ``start`` (within the first second), ``work`` (after a few documents) or
            ``end`` (after the last, while the exports are written).
        rng: source of the moment.
    """
    num_open = victim.num_documents - victim.num_lines()
    goal = {"start": 0, "work": rng.randint(1, num_open - 1), "end": num_open}[aim]
    wanted = victim.num_lines() + goal
    process = subprocess.Popen(
        victim.command(), cwd=victim.folder, stderr=subprocess.DEVNULL, start_new_session=True
    )
    beside = victim.begin_beside()
    if goal:
        _wait(lambda: process.poll() is not None or victim.num_lines() >= wanted)
    time.sleep(rng.uniform(0, _MAX_WAIT_S[aim]))
    was_going_on = process.poll() is None
    if was_going_on:
        os.killpg(process.pid, signal.SIGKILL)
    for other in beside:
        other.kill()
        other.wait()
    process.wait()
    return was_going_on


def _wait(is_there: Callable[[], bool]) -> None:
    while not is_there():
        time.sleep(0.002)


def kill_and_resume(victim: Victim, num_kills: int, seed: int) -> Counter[str]:
    """Kill a run so many times, check after each, then let it end and check it all.

    Returns:
        kills by what they were aimed at; ``survived`` counts runs that ended before.

    Raises:
        AssertionError: something was lost, done twice, or is there by half.
    """
    rng, aims = random.Random(seed), Counter[str]()
    while aims.total() - aims["survived"] < num_kills:
        victim.write_until(victim.num_lines() + _MIN_OPEN)
        aim = rng.choice(_AIMS)
        aims[aim if kill_once(victim, aim, rng) else "survived"] += 1
        victim.check()
    subprocess.run(victim.command(), cwd=victim.folder, check=True)
    victim.check()
    assert len(victim.done) == victim.num_documents, "a document is missing"
    victim.end_undisturbed(victim.out)
    _compare_with_undisturbed(victim)
    return aims


def _compare_with_undisturbed(victim: Victim) -> None:
    subprocess.run(victim.command("undisturbed"), cwd=victim.folder, check=True)
    undisturbed = victim.folder / "undisturbed"
    victim.end_undisturbed(undisturbed)
    tables = [path for kind in _TABLES for path in sorted(undisturbed.glob(kind))]
    for path in [undisturbed / "results.jsonl", *tables]:
        assert path.read_bytes() == (victim.out / path.name).read_bytes(), path.name


def main() -> None:
    """Kill, and print what it was good for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--documents", type=int, default=200, help="at least so many")
    parser.add_argument("--schema", default="invoice")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="PDFs of one document alone")
    args = parser.parse_args()
    # Here, as it is a kind of what stands above.
    from kill_mixed import MixedVictim

    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        victim = (Victim if args.plain else MixedVictim)(Path(name), args.schema)
        victim.prepare()
        victim.write_until(args.documents)
        aims = kill_and_resume(victim, args.kills, args.seed)
    print(
        f"{args.kills} kills ({dict(sorted(aims.items()))}) over {victim.num_documents} documents: "
        f"none lost, none done twice, results.jsonl whole lines each time, exports whole each "
        f"time ({victim.num_new_exports} times new), equal to an undisturbed run at the end; "
        f"{victim.told()}{time.monotonic() - start:.0f} s"
    )


if __name__ == "__main__":
    main()
