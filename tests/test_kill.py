"""SIGKILL at several points of a run, then the same command: nothing lost, nothing twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time

import pytest
from pdfs import write_invoices

from docextract.store import Store

NUM_DOCUMENTS = 60
COMMAND = [sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "-q"]


def num_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def kill_after(tmp_path, num_done):
    """Start the run, wait until it has finished so many documents, and kill it."""
    results = tmp_path / "out/results.jsonl"
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=subprocess.PIPE)
    while num_lines(results) < num_done and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_points(tmp_path, seed):
    write_invoices(tmp_path / "in", NUM_DOCUMENTS)
    points = sorted(random.Random(seed).sample(range(1, NUM_DOCUMENTS - 5), 3))
    for point in points:
        kill_after(tmp_path, point)
    done = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_bytes().splitlines()]
    numbers = [row["values"]["invoice_number"] for row in rows]
    assert numbers == [f"INV-{i:05d}" for i in range(1, NUM_DOCUMENTS + 1)]
    with Store.read_only(tmp_path / "out") as store:
        attempts = [
            store.num_attempts(stored.tree["document"]["sha256"], stored.tree["fingerprint"])
            for stored in store.documents()
        ]
    assert attempts == [1] * NUM_DOCUMENTS


def test_workers_die_with_the_run(tmp_path):
    psutil = pytest.importorskip("psutil")
    write_invoices(tmp_path / "in", 300)
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while num_lines(tmp_path / "out/results.jsonl") < 3 and process.poll() is None:
        time.sleep(0.01)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
