"""The disk is full at every write in turn: old exports stay whole, nothing stored is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.inline_pool import InlinePool
from support.pdfs import write_invoices

from docextract.batch import runner as run_module
from docextract.core import ExitCode, RunOptions, StoreError
from docextract.store import Store
from docextract.store import connection as connection_module

SCHEMA = "invoice_number, total: money"
FILES = ("documents.csv", "results.jsonl", "failures.jsonl")


class Quiet:
    """A reporter that keeps nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Disk:
    """Takes so many writes, then none; with ``None`` it takes all.

    A write is whatever can meet a full disk: a statement of SQLite, opening a file for
    writing, writing to it, syncing it, or giving it its name.
    """

    def __init__(self):
        self.num_left = None
        self.is_full = False

    def write(self):
        """Count one write."""
        if self.num_left is not None:
            self.num_left -= 1
            self.is_full = self.is_full or self.num_left < 0
        return self.is_full

    def fail_if_full(self, function):
        """Return a function that raises ENOSPC once the disk is full."""

        def guarded(*args, **kwargs):
            if self.write():
                raise OSError(errno.ENOSPC, "No space left on device")
            return function(*args, **kwargs)

        return guarded

    def connection_class(disk):
        """Return a class of connections that meet the full disk as SQLite tells it."""

        class Connection(sqlite3.Connection):
            def execute(self, sql, *args):
                is_write = sql.startswith(("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT"))
                if is_write and disk.write():
                    error = sqlite3.OperationalError("database or disk is full")
                    error.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise error
                return super().execute(sql, *args)

        return Connection


@pytest.fixture
def disk(monkeypatch):
    found = Disk()

    def opened(self, mode="r", *args, **kwargs):
        file = open_path(self, mode, *args, **kwargs)
        if "b" in mode and mode != "rb" and found.write():
            file.close()
            raise OSError(errno.ENOSPC, "No space left on device")
        return file

    class Sqlite:
        def __getattr__(self, name):
            return getattr(sqlite3, name)

        def connect(self, *args, **kwargs):
            return sqlite3.connect(*args, factory=found.connection_class(), **kwargs)

    open_path = Path.open
    monkeypatch.setattr(connection_module, "sqlite3", Sqlite())
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "replace", found.fail_if_full(Path.replace))
    monkeypatch.setattr(os, "fsync", found.fail_if_full(os.fsync))
    monkeypatch.setattr(run_module, "WorkerPool", InlinePool)
    return found


def run(folder, out):
    options = RunOptions((str(folder / "in"),), SCHEMA, out, "text")
    return run_module.run_batch(options, Quiet())


def contents(out):
    return {name: (out / name).read_bytes() for name in FILES}


def check_whole(out, old, new):
    """Every export is the old one or the new; a growing results file has whole lines."""
    found = contents(out)
    assert found["documents.csv"] in (old["documents.csv"], new["documents.csv"])
    assert found["failures.jsonl"] in (old["failures.jsonl"], new["failures.jsonl"])
    assert found["results.jsonl"].endswith(b"\n")
    paths = [
        row["document"]["path"] for row in map(json.loads, found["results.jsonl"].splitlines())
    ]
    assert len(paths) == len(set(paths)) >= 2


def check_resumed(out, new):
    assert contents(out) == new
    with Store.read_only(out) as store:
        for stored in store.documents():
            key, fingerprint = stored.tree["document"]["sha256"], stored.tree["fingerprint"]
            assert store.num_attempts(key, fingerprint) == 1
    assert not list(out.glob(".docextract-*.tmp"))


def prepare(folder):
    """Return exports of two documents and of four; the folder ``old`` holds the first."""
    write_invoices(folder / "in", 2)
    run(folder, folder / "old")
    write_invoices(folder / "in", 2, start=3)
    shutil.copytree(folder / "old", folder / "new")
    run(folder, folder / "new")
    return contents(folder / "old"), contents(folder / "new")


def test_every_write_in_turn_may_fail(tmp_path, disk):
    old, new = prepare(tmp_path)
    assert old != new
    for num_writes in range(1000):
        out = tmp_path / "out"
        shutil.copytree(tmp_path / "old", out)
        disk.num_left = num_writes
        try:
            run(tmp_path, out)
        except StoreError as error:
            assert error.exit_code is ExitCode.STORE
            assert error.hint
        finally:
            disk.num_left, was_full, disk.is_full = None, disk.is_full, False
        check_whole(out, old, new)
        assert run(tmp_path, out).exit_code is ExitCode.OK
        check_resumed(out, new)
        shutil.rmtree(out)
        if not was_full:
            break
    assert num_writes > 30


ON_A_SMALL_DISK = """
import os, shutil, subprocess, sys
from pathlib import Path
import test_full_disk as t
from support.inline_pool import InlinePool
t.run_module.WorkerPool = InlinePool
folder = Path(sys.argv[1])
small = folder / "small"
small.mkdir()
old, new = t.prepare(folder)
needed = sum(p.stat().st_size for p in (folder / "new").rglob("*") if p.is_file())
num_full = 0
for size in range(needed // 8, needed * 4, 24 << 10):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], check=True)
    try:
        shutil.copytree(folder / "old", small / "out")
    except OSError:
        subprocess.run(["umount", small], check=True)
        continue
    is_full = False
    try:
        t.run(folder, small / "out")
    except t.StoreError as error:
        is_full = True
        assert int(error.exit_code) == 4, error
        t.check_whole(small / "out", old, new)
    # A run that just fitted leaves no room for the next one's row.
    subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
    t.run(folder, small / "out")
    t.check_resumed(small / "out", new)
    subprocess.run(["umount", small], check=True)
    num_full += is_full
    if not is_full:
        break
print(num_full)
"""


def test_a_small_disk_of_every_size(tmp_path):
    """The same with a file system that is really full, where one may be mounted."""
    tool = shutil.which("unshare")
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if tool is None or subprocess.run([tool, "-Urm", *mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    command = [tool, "-Urm", sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 3


ON_A_READ_ONLY_DISK = """
set -e
mount -t tmpfs tmpfs disk
"$@" --out disk/out
mount -o remount,ro disk
set +e
"$@" --out disk/out || echo $?
"$@" --out disk/new || echo $?
"$0" -m docextract status disk/out
"$0" -m docextract export disk/out --to - --format csv
"""


def test_a_read_only_disk(tmp_path):
    """A run ends with 4 and says why; what is stored can still be looked at."""
    tool = shutil.which("unshare")
    (tmp_path / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    if tool is None or subprocess.run([tool, "-Urm", *mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    write_invoices(tmp_path / "in", 1)
    run = [sys.executable, "-m", "docextract", "run", "in", "--schema", SCHEMA, "-q"]
    done = subprocess.run(
        [tool, "-Urm", "sh", "-c", ON_A_READ_ONLY_DISK, sys.executable, *run],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("4\n4\n")
    assert "1 document" in done.stdout
    assert "invoice-00001.pdf,ok" in done.stdout
    assert done.stderr.count("read-only") == 2
    assert "Traceback" not in done.stderr
