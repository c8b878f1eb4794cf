"""SIGKILL at several points of a run, then the same command: nothing lost, nothing twice."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time

import pytest
from support.pdfs import write_invoices

COMMAND = [sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "-q"]


def num_lines(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture
def kill(root, monkeypatch):
    """The benchmark that kills, which the test calls with less to do."""
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    return importlib.import_module("kill")


def test_killed_at_10_random_moments(kill, tmp_path):
    victim = kill.Victim(tmp_path, "invoice_number, total: money", num_workers=1)
    victim.write_until(24)
    kills = kill.kill_and_resume(victim, 10, seed=5)
    assert kills.total() - kills["survived"] == 10
    assert kills["start"] and kills["work"]
    assert victim.num_new_exports >= 1
    assert victim.num_documents > 24


def test_workers_die_with_the_run(tmp_path):
    psutil = pytest.importorskip("psutil")
    write_invoices(tmp_path / "in", 100)
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while num_lines(tmp_path / "out/results.jsonl") < 3 and process.poll() is None:
        time.sleep(0.01)
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []


@pytest.mark.slow
def test_killed_with_mails_zips_packets_and_somebody_who_corrects_meanwhile(kill, tmp_path):
    """``python benchmarks/kill.py`` does it a hundred times."""
    victim = importlib.import_module("kill_mixed").MixedVictim(tmp_path, "invoice", num_workers=1)
    victim.prepare()
    victim.write_until(victim.num_documents + 12)
    kill.kill_and_resume(victim, 4, seed=7)
    assert victim.said
    assert victim.num_killed_sayings >= 4
