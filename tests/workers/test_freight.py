"""What is sent to other machines arrives, and without Ray nothing asks for it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.pdfs import write_invoices
from support.processes import own_process

from docextract.core import Document, ReadOptions
from docextract.workers import Finished, Job, Message
from docextract.workers.cluster.actor import Greeting, JobActor, opened
from docextract.workers.cluster.freight import Freight, loaded, located, unload

LIMITS = ReadOptions()


@dataclass(frozen=True)
class Task:
    schema: str
    memory: Path | None
    engine: Task | None = None


def test_files_are_where_their_jobs_look_for_them(tmp_path):
    schema = tmp_path / "mine.py"
    schema.write_text("there", "utf-8")
    freight = Freight()
    place, absent = freight.add(schema), freight.add(tmp_path / "absent")
    schema.write_text("changed since", "utf-8")
    task = Task(f"{place}:Mine", absent, Task("invoice", place))
    unload(freight.files, tmp_path / "far")
    found = located((task, {}), tmp_path / "far")[0]
    assert Path(found.schema.removesuffix(":Mine")).read_text("utf-8") == "there"
    assert found.engine.memory == Path(found.schema.removesuffix(":Mine"))
    assert (found.memory, found.engine.schema) == (tmp_path / "absent", "invoice")


def test_an_actor_reads_bytes_that_are_no_file_and_answers_with_the_document_as_it_was():
    document = Document("in/a.pdf", b"/nowhere/a.pdf", spooled=b"/spool/7")
    job = Job("support.deadly_jobs:weighed", (document,), "key")
    actor = JobActor(LIMITS, {})
    try:
        told = opened(actor.run(loaded(job, lambda it: b"12345")))
    finally:
        actor.close()
    assert told == [Message(None, replace(document, num_bytes=5)), Finished(None)]
    assert isinstance(actor.greet(), Greeting)


def test_a_document_is_not_read_where_it_lies():
    document = Document("in/a.pdf", b"/nowhere/a.pdf")
    job = Job("support.deadly_jobs:size", (document,), "key", otherwise=None)
    again = replace(job, otherwise=job)
    sent = loaded(again, lambda it: b"content")
    assert sent.otherwise is not None
    assert sent.args[2] is sent.otherwise.args[2]
    assert sent.key is None


def test_without_a_cluster_nothing_imports_ray(tmp_path):
    write_invoices(tmp_path / "in", 1)
    code = (
        "import sys; sys.argv = 'docextract run in --schema invoice -q'.split()\n"
        "from docextract.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'ray']"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_where_ray_is_not_installed_a_run_says_what_to_install(tmp_path):
    write_invoices(tmp_path / "in", 1)
    (tmp_path / "ray.py").write_text("raise ImportError('no ray')", "utf-8")
    run = "run", "in", "--schema", "invoice", "--runner", "ray"
    done = own_process(*run, cwd=tmp_path, check=3, environment={"PYTHONPATH": str(tmp_path)})
    assert "docextract[ray]" in done.stderr


@pytest.mark.parametrize("address", ["slurm", "ray://", "ray://a b"])
def test_a_runner_that_there_is_not_is_told(tmp_path, address):
    run = "run", ".", "--schema", "invoice", "--runner", address
    assert "ray://HOST" in own_process(*run, cwd=tmp_path, check=2).stderr


def test_a_cluster_that_does_not_answer_is_told_soon(tmp_path):
    pytest.importorskip("ray", reason="the extra [ray] is not installed")
    write_invoices(tmp_path / "in", 1)
    run = "run", "in", "--schema", "invoice", "--runner", "ray://127.0.0.1:1"
    assert "does not answer" in own_process(*run, cwd=tmp_path, check=3).stderr
