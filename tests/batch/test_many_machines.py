"""A run on the machines of a Ray cluster: lost actors, nodes and drivers cost no record."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support.pdfs import write_invoices
from support.processes import docextract

pytest.importorskip("ray", reason="the extra [ray] is not installed")
pytest.importorskip("psutil")
from support.ray_cluster import ENVIRONMENT, Machines, running, until
from support.slips import READER, SCHEMA, copy_slips

NUM_DOCUMENTS = int(os.environ.get("DOCEXTRACT_RAY_DOCUMENTS", "24"))


@pytest.fixture(scope="module")
def machines(request):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        # Nodes know each other by this machine's own address, which the guard takes for another.
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        found = Machines()
        try:
            patch.setenv("RAY_ADDRESS", found.address)
            yield found
        finally:
            found.close()


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Return the records of a run without a cluster."""
    folder = tmp_path_factory.mktemp("local")
    write_invoices(folder / "in", NUM_DOCUMENTS)
    docextract("run", "in", "--schema", "invoice", "-q", cwd=folder, check=0)
    return records(folder / "out")


@pytest.fixture
def folder(tmp_path, local):
    write_invoices(tmp_path / "in", NUM_DOCUMENTS)
    return tmp_path


def records(out):
    """Return what was said of each document, by its path; each once."""
    rows = [json.loads(row) for row in (out / "results.jsonl").read_bytes().splitlines()]
    found = {row["document"]["path"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def num_attempts(out):
    with closing(sqlite3.connect(out / ".docextract" / "store.sqlite")) as store:
        return store.execute("SELECT count(*) FROM attempts").fetchone()[0]


@pytest.mark.slow
def test_where_no_machine_is_free_a_run_waits_and_goes_on_another_day(machines, folder, local):
    machines.have(0)
    with running(folder, machines.address, "-j", "2") as run:
        until(lambda: "no machine of the cluster is free" in run.said)
        assert run.send(signal.SIGINT) == 130
        assert run.num_done() == 0
    machines.have(2)
    with running(folder, machines.address, "-j", "2") as run:
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


def test_an_actor_is_lost_and_then_a_node(machines, folder, local):
    machines.have(2)
    with running(folder, machines.address) as run:
        run.until_done(NUM_DOCUMENTS // 4)
        machines.actors()[0].kill()
        run.until_done(NUM_DOCUMENTS // 2)
        machines.lose()
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


@pytest.mark.slow
def test_an_actor_is_lost(machines, folder, local):
    machines.have(2)
    with running(folder, machines.address) as run:
        run.until_done(NUM_DOCUMENTS // 4)
        machines.actors()[0].kill()
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


@pytest.mark.slow
def test_a_node_is_lost(machines, folder, local):
    machines.have(2)
    with running(folder, machines.address) as run:
        run.until_done(NUM_DOCUMENTS // 4)
        machines.lose()
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


@pytest.mark.slow
def test_the_driver_is_killed_and_the_same_command_goes_on(machines, folder, local):
    machines.have(2)
    with running(folder, machines.address) as run:
        run.until_done(NUM_DOCUMENTS // 4)
        run.send(signal.SIGKILL)
        num_before = run.num_done()
    assert num_before < NUM_DOCUMENTS
    until(lambda: not machines.actors())
    with running(folder, machines.address) as run:
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


@pytest.mark.slow
def test_a_cluster_is_reached_from_outside_of_it(machines, folder, local):
    pytest.importorskip("grpc", reason="Ray's own server needs it: ray[client]")
    machines.have(2)
    with machines.open_to_others() as address, running(folder, "", "--runner", address) as run:
        run.until_done(NUM_DOCUMENTS // 4)
        machines.actors()[0].kill()
        assert run.code() == 0, run.said
    assert records(run.out) == local
    assert num_attempts(run.out) == NUM_DOCUMENTS


@pytest.mark.slow
@pytest.mark.model
def test_actors_that_own_a_model_answer_as_one_process_does(machines, tmp_path):
    machines.have(0)
    machines.have(2, num_gpus=1)
    copy_slips(tmp_path / "in", 12)
    model = ("--engine", "llava", "--model", READER, "--quantization", "none")
    asked = ("--schema", SCHEMA, *model)
    docextract("run", "in", *asked, "--out", "local", "-q", cwd=tmp_path, check=0)
    with running(tmp_path, machines.address, *asked) as run:
        run.until_done(2)
        machines.actors()[0].kill()
        assert run.code() == 0, run.said
    assert "each on a GPU and 1 core: 2" in run.said
    assert records(run.out) == records(tmp_path / "local")
    assert num_attempts(run.out) == 12


def test_a_document_that_kills_its_actor_three_times_fails_alone(machines):
    machines.have(2)
    code = [sys.executable, "-m", "support.deadly_run"]
    done = subprocess.run(code, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == {
        "failed": [["1.pdf", "worker_crash"]],
        "finished": ["0.pdf", "2.pdf", "3.pdf"],
        "payloads": [5, 5, 5],
    }
