"""Which stored outcomes are final, and which the next run tries again, on a real store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.sample_records import FINGERPRINT, OPTIONS, document, record

from docextract.batch.claims import Claims, Need, Redo
from docextract.core import ErrorItem, RecordStatus
from docextract.documents.discovery.discover import Found
from docextract.store import Store

CASES = [
    ("failed", "open", "corrupt", Need.DONE, Need.WORK),
    ("failed", "open", "timeout", Need.DONE, Need.WORK),
    ("failed", "open", "out_of_memory", Need.DONE, Need.WORK),
    ("failed", "answer", "refused", Need.DONE, Need.WORK),
    ("failed", "answer", "too_large", Need.DONE, Need.WORK),
    ("review", "answer", "refused", Need.DONE, Need.WORK),
    ("review", "answer", "truncated_answer", Need.DONE, Need.DONE),
    ("failed", "open", "vanished", Need.WORK, Need.WORK),
    ("failed", "open", "changed", Need.WORK, Need.WORK),
    ("failed", "open", "interrupted", Need.WORK, Need.WORK),
    ("failed", "answer", "engine_unavailable", Need.WORK, Need.WORK),
    ("failed", "answer", "out_of_memory", Need.WORK, Need.WORK),
    ("failed", "answer", "timeout", Need.WORK, Need.WORK),
    ("review", "answer", "engine_unavailable", Need.WORK, Need.WORK),
]


def claimed(store, doc, **redo):
    return Claims(store, FINGERPRINT, Redo(**redo)).claim(Found(doc)).need


def stored(store, status, stage, reason, stopped_by=""):
    """Store how one document ended, in a run that ended so, and return the document."""
    doc = document("a.pdf")
    run_id = store.begin_run(OPTIONS)
    errors = (ErrorItem(stage, reason, "It went wrong.", "Mend it."),)
    store.save(run_id, replace(record(doc), status=RecordStatus(status), errors=errors))
    store.end_run(run_id, {"stopped_by": stopped_by})
    return doc


@pytest.mark.parametrize(("status", "stage", "reason", "next_run", "on_demand"), CASES)
def test_what_the_next_run_tries_again(tmp_path, status, stage, reason, next_run, on_demand):
    with Store.open(tmp_path) as store:
        doc = stored(store, status, stage, reason)
        assert claimed(store, doc) is next_run
        assert claimed(store, doc, is_retrying=True) is on_demand
        assert claimed(store, doc, is_forced=True) is Need.WORK


@pytest.mark.parametrize(
    ("stage", "stopped_by", "need"),
    [("answer", "engine", Need.WORK), ("answer", "max_minutes", Need.DONE),
     ("open", "engine", Need.DONE)],
)  # fmt: skip
def test_what_a_broken_engine_refused_is_asked_again(tmp_path, stage, stopped_by, need):
    with Store.open(tmp_path) as store:
        doc = stored(store, "failed", stage, "refused", stopped_by)
        assert claimed(store, doc) is need


def test_demands_are_met_as_often_as_allowed(tmp_path):
    with Store.open(tmp_path) as store:
        for _ in range(3):
            doc = stored(store, "failed", "answer", "refused")
        assert claimed(store, doc, is_retrying=True) is Need.DONE
        assert claimed(store, doc, is_retrying=True, max_attempts=4) is Need.WORK
