"""A watched folder: files are taken once they are settled, once each; a signal ends it well."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from support.pdfs import write_invoices

from docextract.core import ExitCode, OptionError, RecordStatus, RunOptions
from docextract.documents.discovery.quiet_period import SettledFiles
from docextract.export import write_metrics
from docextract.store.run_summary import RunSummary

LINE = re.compile(r'^docextract_run_[a-z_]+\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)*\} -?[\d.]+$')


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Folder:
    """Looks at files as the intake does."""

    def __init__(self, paths, settle_s=10.0):
        self.clock = Clock()
        self.files = SettledFiles(settle_s, self.clock)
        self.paths = paths

    def look(self, after_s=0.0):
        self.clock.now += after_s
        self.files.begin()
        taken = [path.name for path in self.paths if self.files.take(os.fsencode(path))]
        self.files.end()
        return taken


def test_a_file_is_taken_once_it_is_settled(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"1")
    folder = Folder([path, tmp_path / "missing.pdf", tmp_path])
    assert folder.look() == []
    assert folder.look(9) == []
    path.write_bytes(b"12")
    assert folder.look(2) == []
    assert folder.look(9) == []
    assert folder.look(1) == ["a.pdf"]
    assert folder.look(100) == []


def test_a_file_that_changes_is_taken_again_and_one_with_an_odd_clock_too(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"1")
    os.utime(path, (4e9, 4e9))
    folder = Folder([path])
    folder.look()
    assert folder.look(10) == ["a.pdf"]
    os.utime(path, (1, 1))
    assert folder.look(10) == []
    assert folder.look(10) == ["a.pdf"]


def test_looking_leaves_time_for_work(tmp_path):
    folder = Folder([], settle_s=2.0)
    assert folder.files.is_due()
    folder.look()
    assert not folder.files.is_due()
    folder.clock.now += 0.5
    assert folder.files.is_due()
    folder.files.begin()
    folder.clock.now += 3.0
    folder.files.end()
    folder.clock.now += 29.0
    assert not folder.files.is_due()


def test_reading_what_was_taken_does_not_put_off_the_next_look(tmp_path):
    folder = Folder([], settle_s=2.0)
    folder.files.begin()
    with folder.files.aside():
        folder.clock.now += 600.0
    folder.files.end()
    folder.clock.now += 0.5
    assert folder.files.is_due()


def test_a_list_on_stdin_cannot_be_watched():
    with pytest.raises(OptionError, match="--watch"):
        RunOptions(("-",), "invoice", settle_s=1.0)


def wait_for(is_met, process):
    end_s = time.monotonic() + 90
    while not is_met():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_watching_reads_what_comes_and_ends_well(tmp_path):
    write_invoices(tmp_path / "in", 2)
    command = [
        sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "--watch",
        "--settle", "0.3", "--log-format", "json", "--metrics", "night.prom",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    results = tmp_path / "out/results.jsonl"

    def num_lines():
        return len(results.read_bytes().splitlines()) if results.exists() else 0

    wait_for(lambda: num_lines() == 2, process)
    write_invoices(tmp_path / "in/late", 1, start=7)
    os.utime(tmp_path / "in/invoice-00001.pdf", (1, 1))  # touched, with the same bytes
    wait_for(lambda: num_lines() == 3, process)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=300)
    events = [json.loads(line) for line in told.splitlines()]
    assert process.returncode == 0, told
    assert num_lines() == 3
    assert [event["status"] for event in events if event["event"] == "document"] == ["ok"] * 3
    summary = json.loads((tmp_path / "out/run.json").read_bytes())
    assert (summary["num_found"], summary["exit_code"]) == (3, 0)
    assert summary["stopped_by"] == "SIGTERM"
    assert len((tmp_path / "out/documents.csv").read_text("utf-8").splitlines()) == 4
    assert 'docextract_run_documents{out="' in (tmp_path / "night.prom").read_text("utf-8")


def test_watching_that_is_cut_off_says_so_and_goes_on(tmp_path):
    write_invoices(tmp_path / "in", 80)
    command = [
        sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "-q", "--watch",
        "--settle", "0.2",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    results = tmp_path / "out/results.jsonl"
    wait_for(lambda: results.exists() and results.stat().st_size, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=300)
    assert process.returncode == 143
    num_done = len(results.read_bytes().splitlines())
    assert 0 < num_done < 80
    subprocess.run(command[:8], cwd=tmp_path, check=True, capture_output=True)
    assert len(results.read_bytes().splitlines()) == 80


def test_watching_ends_at_its_minutes_with_8(tmp_path):
    (tmp_path / "in").mkdir()
    command = [
        sys.executable, "-m", "docextract", "run", "in", "--schema", "invoice", "--watch",
        "--max-minutes", "0.01", "-q",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=300, check=False)
    assert done.returncode == 8, done.stderr


def test_figures_for_prometheus_are_well_formed(tmp_path):
    path = tmp_path / "x.prom"
    counts = {RecordStatus.OK: 5, RecordStatus.FAILED: 1}
    summary = RunSummary(ExitCode.SOME_FAILED, counts, 6, 0, 9, 1.5, "deadline")
    write_metrics(path, {"out": 'a"b\\c\nd\udcff'}, ExitCode.SOME_FAILED, summary)
    lines = path.read_text("utf-8").splitlines()
    assert path.stat().st_mode & 0o777 == 0o644
    named = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert all(line.split()[3] == "gauge" for line in lines if line.startswith("# TYPE"))
    values = [line for line in lines if not line.startswith("#")]
    assert all(LINE.match(line) for line in values), values
    assert {line.partition("{")[0] for line in values} == named
    assert any('status="failed"} 1' in line for line in values)
    assert any('by="deadline"} 1' in line for line in values)
    assert list(tmp_path.iterdir()) == [path]
    write_metrics(path, {"out": "x"}, ExitCode.SETUP, None)
    assert 'docextract_run_exit_code{out="x"} 3' in path.read_text("utf-8")
    assert "documents" not in path.read_text("utf-8")
