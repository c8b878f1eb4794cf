"""Who comes while exports are written waits for that; who comes while a run goes on does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import invoke
from support.pdfs import write_invoices

from docextract.core import OutputBusyError
from docextract.store import FOLDER, OutputLock, Store
from docextract.store.upkeep.pruning import PrunedStore

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from docextract.store import Store
with Store.read_only(Path(sys.argv[1]), is_locked=True):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def out(tmp_path):
    Store.open(tmp_path / "out").close()
    return tmp_path / "out"


@pytest.fixture
def exporting(out):
    """Another process that holds the folder as one does that writes exports."""
    words = [sys.executable, "-c", HOLD, str(out), str(ROOT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def let_go(process):
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.wait(60)


def kill(process):
    process.kill()
    process.wait(60)


@pytest.mark.parametrize("end", [let_go, kill])
def test_a_run_waits_for_exports_that_are_being_written(out, exporting, end, tmp_path, monkeypatch):
    waited: list[float] = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            end(exporting)

    monkeypatch.setattr("docextract.store.lock.sleep", sleep)
    write_invoices(tmp_path / "in", 1)
    done = invoke("run", tmp_path / "in", "--schema", "total: money", "--out", out, "-q")
    assert (done.exit_code, len(waited)) == (0, 3), done.stderr


def test_it_does_not_wait_for_ever(out, exporting, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr("docextract.store.lock.sleep", waited.append)
    with pytest.raises(OutputBusyError, match=f"in use by process {exporting.pid}"):
        Store.open(out)
    assert 30 <= sum(waited) <= 120


@pytest.mark.parametrize("brief", [Store.read_only, PrunedStore.open])
def test_exports_wait_for_one_another_and_not_for_a_run(out, brief, monkeypatch):
    more = {"is_locked": True} if brief == Store.read_only else {"is_brief": True}
    held = [brief(out, **more)]
    monkeypatch.setattr("docextract.store.lock.sleep", lambda seconds: held.pop().close())
    with Store.read_only(out, is_locked=True):
        assert held == []
    with Store.open(out), pytest.raises(OutputBusyError):
        brief(out, **more)


def test_a_holder_that_has_not_said_its_name_yet_is_seen_again(out, monkeypatch):
    held = OutputLock.acquire(out / FOLDER)
    (out / FOLDER / "lock").write_bytes(b"")
    monkeypatch.setattr(
        "docextract.store.lock.sleep",
        lambda seconds: held._write('{"pid": 1, "host": "another"}'),
    )
    with pytest.raises(OutputBusyError, match="process 1 on another"):
        Store.open(out)
    held.release()
