"""Stops the processes of a run for longer than its limits, lets it go on, and looks for losses.

Knows nothing of limits. Run: ``python benchmarks/freeze.py [--seconds 150] [--who all]``; or
``workers`` or ``run`` alone. Over invoices, mails, zips and packets.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from kill_mixed import MixedVictim

_WHO = ("all", "workers", "run")


def stopped(process: subprocess.Popen[bytes], who: str) -> list[psutil.Process]:
    """Stop a run, its workers or both, as a machine that is put to sleep would."""
    run = psutil.Process(process.pid)
    found = {"all": [run, *run.children(recursive=True)], "run": [run]}
    held: list[psutil.Process] = found.get(who) or run.children(recursive=True)
    for item in held:
        item.suspend()
    return held


def freeze(victim: MixedVictim, who: str, seconds: float) -> dict[str, Any]:
    """Run, stop in the middle, go on, and return how it ended."""
    process = subprocess.Popen(victim.command(), cwd=victim.folder)
    while victim.num_lines() < victim.num_documents // 3 and process.poll() is None:
        time.sleep(0.01)
    held = stopped(process, who)
    time.sleep(seconds)
    for item in held:
        with suppress(psutil.NoSuchProcess):
            item.resume()
    code = process.wait()
    rows = map(json.loads, (victim.out / "results.jsonl").read_text().splitlines())
    statuses = Counter(row["status"] for row in rows)
    victim.check()
    return {"who": who, "stopped": len(held), "exit": code, "statuses": dict(statuses)}


def main() -> None:
    """Freeze once for each who, and fail if a document was lost or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=150.0)
    parser.add_argument("--who", choices=_WHO, action="append")
    parser.add_argument("--documents", type=int, default=60)
    args = parser.parse_args()
    for who in args.who or _WHO:
        with tempfile.TemporaryDirectory() as name:
            victim = MixedVictim(Path(name), "invoice")
            victim.write_until(args.documents)
            found = freeze(victim, who, args.seconds)
            print(json.dumps({"documents": victim.num_documents, **found}), flush=True)
            assert len(victim.done) == victim.num_documents, "a document is missing"
            assert "failed" not in found["statuses"], "a document failed for it"


if __name__ == "__main__":
    main()
