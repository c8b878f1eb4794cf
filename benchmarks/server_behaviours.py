"""Measures what a run makes of servers that behave oddly: status, reason, seconds and memory.

Knows nothing of how replies are read. Run: ``python benchmarks/server_behaviours.py [NAME ...]``.
Each behaviour of ``odd_server`` answers about one invoice, in a run of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odd_server import BEHAVIOURS, Behaviour, serving
from scale import bill, pdf

_TIMEOUT_S = 5
_MAX_MINUTES = 1
_LOOK_EVERY_S = 0.02
_LIMIT_S = 90
"""A run that takes longer is killed, and shows as one that hung."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run.

    Attributes:
        behaviour: of the server.
        status: of the document; of a run that ended without it, its exit code.
        reason: why it failed, if it did.
        message: what the user is told.
        hint: what the user is told to do.
        values: that were taken over.
        seconds: that the command took, its start included.
        parent_mib: most that the run's own process held.
    """

    behaviour: Behaviour
    status: str
    reason: str
    message: str
    hint: str
    values: Any
    seconds: float
    parent_mib: int


def measure(behaviour: Behaviour, more: tuple[str, ...] = ()) -> Outcome:
    """Return what a run makes of a server."""
    with tempfile.TemporaryDirectory() as folder, serving(behaviour) as url:
        path = Path(folder)
        (path / "one.pdf").write_bytes(pdf(bill(1)))
        start_s = time.monotonic()
        code, peak_mib, stderr = _run(path, url, more)
        return _outcome(behaviour, path, code, peak_mib, stderr, time.monotonic() - start_s)


def _run(folder: Path, url: str, more: tuple[str, ...]) -> tuple[int, int, str]:
    args = ["run", "one.pdf", "--schema", "invoice_number, total: money", "--url", url]
    limits = ["--timeout", str(_TIMEOUT_S), "--max-minutes", str(_MAX_MINUTES), "--jobs", "1"]
    command = [sys.executable, "-m", "docextract", *args, *limits, *more, "--log-format", "json"]
    with (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, cwd=folder, stderr=stderr, stdout=subprocess.DEVNULL)
        peak_mib = _watched(process)
    told = (folder / "stderr").read_text(encoding="utf-8", errors="replace")
    return process.wait(), peak_mib, told


def _watched(process: subprocess.Popen[bytes]) -> int:
    """Return the most MiB that a process held; it is killed if it hangs.

    Not what getrusage tells: that begins with the memory of who started the process.
    """
    ends_s, peak_mib = time.monotonic() + _LIMIT_S, 0
    while process.poll() is None:
        peak_mib = max(peak_mib, _high_water_mib(process.pid))
        if time.monotonic() > ends_s:
            process.kill()
        time.sleep(_LOOK_EVERY_S)
    return peak_mib


def _high_water_mib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(next(found, "0")) // 1024


def _outcome(
    behaviour: Behaviour, folder: Path, code: int, peak_mib: int, stderr: str, seconds: float
) -> Outcome:
    results = folder / "out/results.jsonl"
    if results.exists() and results.stat().st_size:
        row = json.loads(results.read_text(encoding="utf-8").splitlines()[0])
        error = next(iter(row["errors"]), {"reason": "", "message": "", "hint": ""})
        told = (error["reason"], error["message"], error["hint"])
        return Outcome(behaviour, row["status"], *told, row["values"], seconds, peak_mib)
    last = _last_line(stderr)
    message, hint = last.get("message", ""), last.get("hint", "")
    return Outcome(behaviour, f"exit {code}", "", message, hint, None, seconds, peak_mib)


def _last_line(stderr: str) -> dict[str, Any]:
    lines = [line for line in stderr.splitlines() if line.startswith("{")]
    return dict(json.loads(lines[-1])) if lines else {"message": stderr[-300:]}


def show(outcome: Outcome, *, is_long: bool) -> str:
    """Return an outcome as a row of a table."""
    reason = f"`{outcome.reason}`" if outcome.reason else "–"
    cells = [outcome.behaviour.what, outcome.status, reason]
    if is_long:
        cells += [outcome.message, str(outcome.values)[:80]]
    cells += [outcome.hint or "–", f"{outcome.seconds:.1f}", str(outcome.parent_mib)]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of behaviours; all if none is given")
    parser.add_argument("--long", action="store_true", help="show messages and values too")
    options = parser.parse_args()
    wanted = [it for it in BEHAVIOURS if not options.names or it.name in options.names]
    more = "message | values | " if options.long else ""
    sys.stdout.write(
        f"| the server | status | reason | {more}what to do | seconds | parent MiB |\n"
    )
    sys.stdout.write(f"|{'---|' * (8 if options.long else 6)}\n")
    for behaviour in wanted:
        sys.stdout.write(f"{show(measure(behaviour), is_long=options.long)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
