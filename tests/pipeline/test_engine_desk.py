"""An engine beside workers brings documents to the records that a worker alone makes of them."""

from __future__ import annotations

import datetime as dt
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.pdfs import write_invoices

from docextract.core import EngineError, EngineInfo, ReadOptions, Reason, Record, SetupError
from docextract.documents.discovery.discover import Discovery
from docextract.engine import EngineChoice
from docextract.engine.base import Answer
from docextract.engine.text import TextEngine
from docextract.pipeline.engine_desk import EngineDesk
from docextract.pipeline.worker_task import Task, document_job, open_job, record_job
from docextract.workers import Failed, Finished, Message, WorkerPool
from docextract.workers.cluster import DeskPlan
from docextract.workers.cluster.actor import Greeting, JobActor, Refusal, opened
from docextract.workers.cluster.freight import loaded

READ = ReadOptions()
TASK = Task(
    "invoice", EngineChoice("text"), READ, "f" * 16, dt.date(2026, 1, 1), info=EngineInfo("text")
)
PLAN = DeskPlan("docextract.pipeline.engine_desk:EngineDesk", (TASK,), EngineInfo("text"))


@pytest.fixture
def documents(tmp_path):
    write_invoices(tmp_path, 3)
    return [found.document for found in Discovery([str(tmp_path)])]


def sent(document):
    job = open_job(document, READ, with_images=True, may_be_cut=True, fingerprint="f" * 16)
    return loaded(job, lambda it: Path(os.fsdecode(it.raw_path)).read_bytes())


def record_of(told):
    (record,) = [it.payload for it in told if isinstance(it, Message) and is_record(it.payload)]
    return record.to_json() | {"timings_ms": {}}


def all_of(packed):
    """Return the events an actor tells, which refuses nothing here."""
    events = opened(packed)
    assert not isinstance(events, Refusal)
    return events


def is_record(payload):
    return isinstance(payload, Record)


def test_documents_of_several_threads_come_to_the_records_of_a_worker_alone(documents):
    with closing(JobActor(READ, {}, 1, PLAN)) as actor:
        greeting = actor.greet()
        assert isinstance(greeting, Greeting)
        assert greeting == Greeting(greeting.version, greeting.host, PLAN.said)
        with ThreadPoolExecutor(3) as threads:
            answers = list(threads.map(actor.run, map(sent, documents)))
    with WorkerPool(1, READ) as pool:
        alone = [list(pool.run([record_job(it, TASK)])) for it in documents]
    assert [record_of(all_of(it)) for it in answers] == [record_of(told) for told in alone]
    assert all(isinstance(all_of(it)[-1], Finished) for it in answers)


def test_a_document_that_cannot_be_read_says_so(documents, tmp_path):
    job = sent(documents[0])
    broken = loaded(open_job(documents[0], READ, with_images=True), lambda it: b"%PDF-1.7 no")
    with closing(JobActor(READ, {}, 1, PLAN)) as actor:
        assert isinstance(all_of(actor.run(broken))[-1], Failed)
        assert isinstance(all_of(actor.run(job))[-1], Finished)


def test_what_is_in_hand_when_an_engine_is_lost_is_for_others_to_read(documents, monkeypatch):
    def lost(self, questions):
        error = EngineError(Reason.ENGINE_UNAVAILABLE, "CUDA error: unspecified launch failure")
        return [Answer({}, error=error) for _ in questions]

    monkeypatch.setattr(TextEngine, "answer", lost)
    with closing(JobActor(READ, {}, 1, PLAN)) as actor:
        with pytest.raises(EngineError, match="CUDA"):
            actor.run(sent(documents[0]))
        with pytest.raises(EngineError, match="CUDA"):
            actor.run(sent(documents[1]))


def test_a_machine_that_lacks_the_weights_says_so_before_it_gets_work(monkeypatch):
    def lacking(*args, **settings):
        raise SetupError("there is no model in /weights", "Fetch it.")

    document_job.cache_clear()
    monkeypatch.setattr(TextEngine, "__init__", lacking)
    with closing(JobActor(READ, {}, 1, PLAN)) as actor:
        told = actor.greet()
    assert isinstance(told, Refusal)
    assert "no model in /weights" in told.message


def test_weights_that_are_others_are_told_by_what_they_differ_in():
    plan = replace(PLAN, said=EngineInfo("llava", "reader", "c0ffee", "nf4"))
    assert plan.misfit(plan.said) == ""
    told = plan.misfit(EngineInfo("llava", "reader", "c0ffee", "none"))
    assert told == "quantization none instead of nf4"


def test_a_closed_desk_takes_nothing_more(documents):
    with WorkerPool(1, READ) as pool:
        desk = EngineDesk(pool, TASK)
        desk.close()
        with pytest.raises(SetupError):
            desk.run(sent(documents[0]))
